import type { LatentDirections } from '../../../../src-main/contract/latent.ts'

type Spread = Pick<LatentDirections, 'mean' | 'deviation'>

/** A place on the pad: shares of its width and height, from its upper left corner. */
export interface PadPlace {
  x: number
  y: number
}

/** Standard deviations of the codes from the middle of the pad to its edges. */
const reach = 3

/** The code at a place, kept on the pad; the second number grows upwards. */
export function codeOn({ mean, deviation }: Spread, { x, y }: PadPlace): number[] {
  const away = [2 * clamped(x) - 1, 1 - 2 * clamped(y)]
  return away.map((share, place) => mean[place]! + share * reach * deviation[place]!)
}

/** Where a code lies, at the edge where it lies beyond it. */
export function onPad({ mean, deviation }: Spread, code: readonly number[]): PadPlace {
  const [x = 0, y = 0] = code.map((value, place) => {
    const edge = reach * deviation[place]!
    return edge === 0 ? 0 : (value - mean[place]!) / edge
  })
  return { x: clamped((1 + x) / 2), y: clamped((1 - y) / 2) }
}

/** Codes in the middles of `side` × `side` cells, line by line. */
export function gridOf(spread: Spread, side: number): number[][] {
  const middles = Array.from({ length: side }, (_, cell) => (cell + 0.5) / side)
  return middles.flatMap((y) => middles.map((x) => codeOn(spread, { x, y })))
}

const clamped = (share: number): number => Math.min(1, Math.max(0, share))
