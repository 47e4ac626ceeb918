import type { AutoencoderSpec, DenoiserSpec, GanSpec } from '../../../../../src-main/contract/architecture.ts'
import type { Recipe } from '../../../../../src-main/contract/recipe.ts'

/** Room of a diagram, in the units of its view box. */
export const room = { width: 220, height: 76 }

/** A column of the drawing: one layer's output. */
export interface Column {
  /** A vector is a bar; feature maps are a stack of squares. */
  kind: 'vector' | 'maps'
  /** Left edge and vertical middle. */
  x: number
  y: number
  width: number
  height: number
  /** Squares of a stack, each a little further right and up. */
  sheets: number
  isCode: boolean
}

export interface Diagram {
  columns: Column[]
  /** Outlines, from the input to the code and on to the output; of GANs those of generator and discriminator. */
  funnels: string[]
  /** Connections past the middle: of a U-Net, or of weights that are shared. */
  arcs: string[]
  /** What goes in and what comes out. */
  input: 'picture' | 'noisy' | 'hidden' | 'holes' | 'coarse' | 'signal' | 'noise'
  output: 'picture' | 'signal' | 'verdict'
  /** Units of the code that are lit, of those drawn; null where all are alike. */
  sparse: boolean
  variational: boolean
}

/** A layer's output, before it has a place. */
interface Layer {
  kind: Column['kind']
  /** 0–1: how tall it is drawn. */
  share: number
  sheets: number
  isCode: boolean
  /** Where the first of two outlines ends and the second begins. */
  isTurn?: boolean
  /** Steps down from the top row, of a U-Net. */
  level?: number
}

/** Between the sheets of a stack. */
export const sheetOffset = 2.5
/** Side of the pictures at both ends. */
export const pictogram = 34
const margin = { left: pictogram + 12, right: pictogram + 12 }
const tallest = room.height - 16

export function diagramOf(recipe: Recipe): Diagram {
  const { model, penalties } = recipe
  const layers = layersOf(recipe)
  const columns = placed(layers)
  const turn = layers.findIndex(({ isTurn, isCode }) => isTurn ?? isCode)
  const isTied = model.type === 'autoencoder' && model.tied
  return {
    columns,
    funnels: model.type === 'denoiser' ? [] : funnelsOf(columns, turn),
    arcs: (model.type === 'denoiser' && model.widths.length > 1) || isTied ? arcsOf(columns, isTied) : [],
    ...endsOf(recipe),
    sparse: penalties.some(({ type }) => type === 'l1' || type === 'sparsity'),
    variational: model.type === 'autoencoder' && model.variational,
  }
}

function layersOf(recipe: Recipe): Layer[] {
  const { model } = recipe
  switch (model.type) {
    case 'denoiser':
      return uNetLayers(model)
    case 'autoencoder':
      return autoencoderLayers(model, recipe)
    case 'gan':
      return ganLayers(model)
  }
}

function endsOf(recipe: Recipe): Pick<Diagram, 'input' | 'output'> {
  if (recipe.model.type === 'gan') return { input: 'noise', output: 'verdict' }
  if (recipe.data.type === 'rows') return { input: 'signal', output: 'signal' }
  return { input: inputOf(recipe), output: 'picture' }
}

function inputOf({ corruption, supervision }: Recipe): Diagram['input'] {
  if (supervision.type !== 'clean') return supervision.type === 'noise2void' ? 'hidden' : 'noisy'
  const types = corruption.flatMap((one) =>
    one.type === 'oneOf'
      ? one.options.flatMap(({ corruptions }) => corruptions.map(({ type }) => type))
      : [one.type],
  )
  if (types.length === 0) return 'picture'
  if (types.includes('blocks')) return 'holes'
  return types.includes('downscale') ? 'coarse' : 'noisy'
}

/** Numbers of units over five orders of magnitude, in heights that can be told apart. */
const vectorShare = (units: number): number => Math.min(1, Math.max(0.14, Math.log2(units) / Math.log2(1500)))
const sheetsOf = (filters: number): number => Math.min(4, Math.max(2, Math.round(Math.log2(filters)) - 1))

const dense = (units: number): Layer => ({
  kind: 'vector',
  share: vectorShare(units),
  sheets: 1,
  isCode: false,
})

/** From the noise to a sample, which stands in the middle, and on to the verdict. */
function ganLayers({ latentDim, generator, discriminator }: GanSpec): Layer[] {
  const isDense = discriminator.layers.every(({ type }) => type === 'dense')
  const sample: Layer = isDense ? dense(1000) : { kind: 'maps', share: 1, sheets: 2, isCode: false }
  const maps = (filters: number, side: number): Layer => ({
    kind: 'maps',
    share: Math.max(0.2, side),
    sheets: sheetsOf(filters),
    isCode: false,
  })
  // A projection is drawn as the map that it makes.
  let side = 1 / generator.outputStride
  const made = [...generator.layers].reverse().map((layer) => {
    if (layer.type === 'dense') return isDense ? dense(layer.units) : maps(layer.units / 16, side)
    const drawn = maps(layer.filters, side)
    side /= layer.type === 'conv-transpose' ? layer.stride : 1
    return drawn
  })
  side = 1
  const judged = discriminator.layers.map((layer) => {
    if (layer.type === 'dense') return dense(layer.units)
    side /= layer.stride
    return maps(layer.filters, side)
  })
  const noise = { ...dense(latentDim), isCode: true, isTurn: false }
  return [noise, ...made.reverse(), { ...sample, isTurn: true }, ...judged, dense(1)]
}

function autoencoderLayers({ encoder, decoder }: AutoencoderSpec, { data }: Recipe): Layer[] {
  let side = 1
  const convolved = (filters: number, scale: number): Layer => {
    side *= scale
    return { kind: 'maps', share: Math.max(0.2, side), sheets: sheetsOf(filters), isCode: false }
  }
  const down = encoder.layers.map((layer) =>
    layer.type === 'dense' ? dense(layer.units) : convolved(layer.filters, 1 / layer.stride),
  )
  const code: Layer[] =
    encoder.latentDim === null ? [] : [{ ...dense(encoder.latentDim), share: vectorShare(encoder.latentDim) }]
  const up =
    decoder.layers === 'mirror'
      ? [...(encoder.latentDim === null ? down.slice(0, -1) : down)].reverse()
      : decoder.layers.map((layer) => {
          if (layer.type === 'dense') return dense(layer.units)
          return convolved(layer.filters, layer.type === 'conv-transpose' ? layer.stride : 1 / layer.stride)
        })
  const encoded = [...down, ...code]
  const ends = data.type === 'rows' || encoder.layers.every(({ type }) => type === 'dense')
  const end: Layer[] = ends ? [dense(1000)] : []
  return [
    ...end,
    ...encoded.map((layer, at) => ({ ...layer, isCode: at === encoded.length - 1 })),
    ...up,
    ...end,
  ]
}

function uNetLayers({ widths, blocks }: DenoiserSpec): Layer[] {
  // Without a second scale it is a row of blocks, with nothing that is narrower than the rest.
  if (widths.length === 1)
    return Array.from({ length: Math.min(5, blocks[0]! + 1) }, () => ({
      kind: 'maps',
      share: 0.62,
      sheets: sheetsOf(widths[0]! / 4),
      isCode: false,
    }))
  const down = widths.map((width, level) => ({
    kind: 'maps' as const,
    share: 0.62 * 0.62 ** level,
    sheets: sheetsOf(width / 4),
    isCode: level === widths.length - 1,
    level,
  }))
  return [...down, ...down.slice(0, -1).reverse()]
}

/** Columns side by side, equally far apart, in the middle between the two pictures. */
function placed(layers: readonly Layer[]): Column[] {
  const sizes = layers.map(({ kind, share, sheets }) => {
    const height = share * tallest
    // Narrower than they are tall: seen from the side, so that deep networks have room.
    return { height, width: kind === 'vector' ? 7 : Math.max(5, height * 0.42) + (sheets - 1) * sheetOffset }
  })
  const free = room.width - margin.left - margin.right
  const used = sizes.reduce((sum, { width }) => sum + width, 0)
  const scale = Math.min(1, (free - layers.length * 2) / used)
  const gap = Math.min(20, layers.length < 2 ? 0 : (free - used * scale) / (layers.length - 1))
  let x = (room.width - used * scale - gap * (layers.length - 1)) / 2
  return layers.map(({ kind, sheets, isCode, level = 0 }, at) => {
    const { width, height } = sizes[at]!
    const column = { kind, x, width: width * scale, height, sheets, isCode }
    x += width * scale + gap
    return { ...column, y: level === 0 ? room.height / 2 : room.height / 2 + level * 7 }
  })
}

const polygon = (points: [number, number][]): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') + 'Z'

/** @param middle the column where one ends and the next begins */
function funnelsOf(columns: readonly Column[], middle: number): string[] {
  const around = (part: readonly Column[]): string => {
    const above = part.flatMap(({ x, y, width, height }): [number, number][] => [
      [x, y - height / 2],
      [x + width, y - height / 2],
    ])
    const below = above.map(([x, y]): [number, number] => [x, room.height - y]).reverse()
    return polygon([...above, ...below])
  }
  return [around(columns.slice(0, middle + 1)), around(columns.slice(middle))]
}

/** From each column of the first half to its counterpart of the second. */
function arcsOf(columns: readonly Column[], isTied: boolean): string[] {
  const half = Math.floor(columns.length / 2)
  return columns.slice(0, half).map((from, at) => {
    const to = columns[columns.length - 1 - at]!
    const [x1, x2] = [from.x + from.width / 2, to.x + to.width / 2]
    if (!isTied) return `M${from.x + from.width} ${from.y - from.height / 2 + 2}H${to.x}`
    const y = from.y + from.height / 2
    return `M${x1} ${y}C${x1} ${room.height} ${x2} ${room.height} ${x2} ${y}`
  })
}
