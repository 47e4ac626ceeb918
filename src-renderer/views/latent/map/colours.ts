import type { Clusters, LatentMap } from '../../../../src-main/contract/latent.ts'

/** Points of one colour: of a category, or whose values lie between two. */
export interface ColourGroup {
  /** Of a category; null of points without one. */
  name: string | null
  /** Of values: lowest and highest of the group. */
  range: [number, number] | null
  count: number
}

/** How the points are coloured. */
export interface Colouring {
  /** Column, or `clusters`. */
  id: string
  kind: 'category' | 'number'
  groups: ColourGroup[]
  /** Group of each point. */
  of: Uint16Array
}

/** Steps that a range of values is cut into: as many as can be told apart. */
const steps = 8
/** Shares of the points that lie below the first step's end and above the last one's beginning at least: a few far ones shall not take all colours. */
const tails = [0.01, 0.99] as const

export const clusterColumn = 'clusters'
/** One colour for all. */
export const plainColour = 'none'

/** What points can be coloured by: columns of the map, and clusters where they were looked for. */
export function colouringOf(map: LatentMap, clusters: Clusters | null, id: string | null): Colouring | null {
  if (id === clusterColumn && clusters !== null)
    return byCategory(
      clusterColumn,
      clusters.sizes.map((_, at) => String(at + 1)),
      clusters.of,
    )
  const column = map.columns.find((one) => one.id === id)
  if (column === undefined) return null
  return column.kind === 'category'
    ? byCategory(column.id, column.names, column.values)
    : byNumber(column.id, column.values)
}

/** A group for each name in order, and one for points that have none, if there are any. */
function byCategory(id: string, names: readonly string[], values: Int32Array): Colouring {
  const counts = new Array<number>(names.length + 1).fill(0)
  const of = Uint16Array.from(values, (value) => (value < 0 ? names.length : value))
  for (const group of of) counts[group]! += 1
  const groups = [...names, null].map((name, at) => ({ name, range: null, count: counts[at]! }))
  return { id, kind: 'category', groups: counts.at(-1) === 0 ? groups.slice(0, -1) : groups, of }
}

/** Steps of equal width over the values, without the far ones at either end, which go into the outermost steps. */
function byNumber(id: string, values: Float32Array): Colouring {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  if (sorted.length === 0) return byCategory(id, [], new Int32Array(values.length).fill(-1))
  const [low, high] = tails.map((share) => sorted[Math.floor(share * (sorted.length - 1))]!) as [
    number,
    number,
  ]
  const width = (high - low) / steps
  const count = width > 0 ? steps : 1
  const of = Uint16Array.from(values, (value) =>
    Number.isNaN(value)
      ? count
      : width > 0
        ? Math.min(Math.max(Math.floor((value - low) / width), 0), count - 1)
        : 0,
  )
  const counts = new Array<number>(count + 1).fill(0)
  for (const group of of) counts[group]! += 1
  const groups: ColourGroup[] = Array.from({ length: count }, (_, at) => ({
    name: null,
    range: [
      at === 0 ? sorted[0]! : low + at * width,
      at === count - 1 ? sorted.at(-1)! : low + (at + 1) * width,
    ],
    count: counts[at]!,
  }))
  if (counts[count]! > 0) groups.push({ name: null, range: null, count: counts[count]! })
  return { id, kind: 'number', groups, of }
}

/** Points of the groups that are shown, in order; null where none is hidden. */
export function shownItems({ of }: Colouring, hidden: ReadonlySet<number>): number[] | null {
  if (hidden.size === 0) return null
  const shown: number[] = []
  of.forEach((group, item) => {
    if (!hidden.has(group)) shown.push(item)
  })
  return shown
}

/**
 * Colours of categories, told apart with the usual kinds of colour blindness (after Okabe & Ito 2008) and by their lightness, on
 * the ground of each theme; of values, from one end to the other with lightness that only rises. With more categories than
 * colours they begin again: the legend, and the name of a point that is pointed at, tell them apart.
 */
const palettes = {
  light: {
    categories: [
      '#0072b2',
      '#c65000',
      '#00795b',
      '#a8327d',
      '#8a6500',
      '#2a8fd0',
      '#6a3fc9',
      '#8b1a3a',
      '#4a4a4a',
      '#5b7a00',
    ],
    ends: ['#12337a', '#c98200'],
    none: '#9a9a9a',
  },
  dark: {
    categories: [
      '#56b4e9',
      '#e69f00',
      '#2fc79a',
      '#f08cc4',
      '#f0e442',
      '#ff7a45',
      '#a595ff',
      '#c8c8c8',
      '#b5e07a',
      '#7fdbda',
    ],
    ends: ['#3f7fd6', '#ffe14d'],
    none: '#707070',
  },
} as const
export type PaletteName = keyof typeof palettes

/** One colour for each group, as #rrggbb; without colouring, one for all points. */
export function paletteOf(colouring: Colouring | null, name: PaletteName): string[] {
  const { categories, ends, none } = palettes[name]
  if (colouring === null) return [categories[0]]
  const valued = colouring.groups.filter((group) => group.range !== null || group.name !== null).length
  return colouring.groups.map((group, at) => {
    if (group.range === null && group.name === null) return none
    return colouring.kind === 'category'
      ? categories[at % categories.length]!
      : mixed(ends[0], ends[1], valued < 2 ? 1 : at / (valued - 1))
  })
}

function mixed(from: string, to: string, share: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((colour) => parseInt(colour.slice(at, at + 2), 16)) as [number, number]
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, '0')
  })
  return `#${channels.join('')}`
}
