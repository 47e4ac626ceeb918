import { Anchor } from '../../../src-main/contract/latent.ts'

/** What is dragged from one part of the Latent view to another: anchors, as JSON. */
export const draggedType = 'application/x-darkroom-anchors'

export function setDragged(transfer: DataTransfer, anchors: readonly Anchor[]): void {
  transfer.setData(draggedType, JSON.stringify(anchors))
  transfer.effectAllowed = 'copy'
}

/** The anchors of a drop; none where it holds others' things. */
export function draggedAnchors(transfer: DataTransfer): Anchor[] {
  const text = transfer.getData(draggedType)
  if (text === '') return []
  const read = Anchor.array().safeParse(JSON.parse(text))
  return read.success ? read.data : []
}
