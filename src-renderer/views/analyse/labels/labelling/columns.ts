import type { LatentMap, MapColumn } from '../../../../../src-main/contract/latent.ts'
import type { Given } from './given.ts'
import type { Said } from './labelling.svelte.ts'

/** What the map is coloured by while one labels. */
export const labelColours = ['predicted', 'confidence', 'given'] as const
export type LabelColour = (typeof labelColours)[number]

/**
 * The map with what its items are taken for, how sure that is, and what was given, in the place of its own columns: who labels shall not be
 * told by the data's own labels.
 * @param labelOf class of an item by hand; null for none
 */
export function withLabelColumns(
  map: LatentMap,
  { classes }: Pick<Given, 'classes'>,
  labelOf: (item: number) => number | null,
  said: Said | null,
): LatentMap {
  const names = classes.map(({ name }) => name)
  const given = Int32Array.from(map.names, (_, item) => labelOf(item) ?? -1)
  // Of classes as they were called when they were asked about, which may be others by now.
  const places = said?.names.map((name) => names.indexOf(name)) ?? []
  const predicted = given.map((own, item) => (own >= 0 ? own : (places[said?.predicted?.[item] ?? -1] ?? -1)))
  const columns: MapColumn[] = [
    { id: 'predicted', name: '', kind: 'category', names, values: predicted },
    {
      ...{ id: 'confidence', name: '', kind: 'number' },
      values: said?.confidence ?? new Float32Array(map.names.length).fill(NaN),
    },
    { id: 'given', name: '', kind: 'category', names, values: given },
  ]
  return { ...map, columns }
}
