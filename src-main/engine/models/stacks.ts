import type { DecoderLayer, EncoderLayer, LayerSummary } from '../../contract/architecture.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { createLayer, layerKind, layerWeights, sizeOf, type Layer, type LayerSpec } from './layers.ts'

/*
 * Layers one after the other: from a sample to a code or a verdict, and from a code or noise back to a sample of a given size.
 */

const refuse = (expected: string, received: string): DarkroomError =>
  new DarkroomError('recipe-invalid', { expected, received })

export const isMap = (shape: number[]): boolean => shape.length === 3
export const isDense = ({ spec }: Layer): boolean => spec.type === 'dense'
export const times = (shape: number[]): string => shape.join('×')

export const summary = (layer: Layer): LayerSummary => ({
  name: layer.name,
  kind: layerKind(layer),
  output: layer.output,
  parameters: Object.values(layerWeights(layer)).reduce((sum, shape) => sum + sizeOf(shape), 0),
})

export interface EncoderStackOptions {
  /** Of the stack: its layers are `<name>.0`, `<name>.1`, …, in the recipe `model.<name>.layers`. */
  name: string
  /** Shape of a sample. */
  input: number[]
  /** Whether a layer has biases. */
  bias: (layer: number) => boolean
}

/** Hidden layers from a sample on. @throws recipe-invalid naming the layer that does not fit. */
export function encoderStack(
  specs: readonly EncoderLayer[],
  { name, input, bias }: EncoderStackOptions,
): Layer[] {
  if (input.length === 2) throw refuse('samples [height, width, channels] or [columns]', times(input))
  const layers: Layer[] = []
  for (const [i, layer] of specs.entries()) {
    const before = layers.at(-1)
    if (layer.type === 'conv' && before !== undefined && isDense(before))
      throw refuse(
        `model.${name}.layers.${i}: dense layers after convolutions, not before`,
        'conv after dense',
      )
    const options = { name: `${name}.${i}`, input: before?.output ?? input, bias: bias(i) }
    layers.push(createLayer(layer, { ...options, oneDimensional: input.length === 1 }))
  }
  return layers
}

export interface DecoderStackOptions {
  /** Shape of what it begins with. */
  code: number[]
  /** Shape of a sample, where it ends. */
  input: number[]
  name: (layer: number) => string
  bias: (layer: number) => boolean
  /** The kernel that a layer uses transposed; its own where there is none. */
  tiedTo?: (layer: number) => string | undefined
  /** Fields of the recipe that hold its layers, and the size of its code. */
  path: string
  codePath: string
}

/** Layers to a sample, the output layer among them. @throws recipe-invalid naming the field that does not fit. */
export function decoderStack(specs: readonly DecoderLayer[], options: DecoderStackOptions): Layer[] {
  const { code, input, name, bias, tiedTo } = options
  const run = mapRun(specs, input)
  const layers: Layer[] = []
  for (const [i, layer] of specs.entries()) {
    const from = layers.at(-1)?.output ?? code
    layers.push(
      createLayer(layer, {
        name: name(i),
        input: i === run.first ? mapFor(run.start, from, i, options) : from,
        output: run.sizes[i],
        oneDimensional: input.length === 1,
        bias: bias(i),
        tiedTo: tiedTo?.(i),
      }),
    )
  }
  return layers
}

/**
 * The convolutions at the end, backwards from the sample's sides: what each must give, and what the first must get. A side of 7
 * was made from 13 or 14 by a stride of 2; so mirrored strides alone do not say how large an output is.
 */
function mapRun(
  specs: readonly LayerSpec[],
  input: number[],
): { first: number; start: number[]; sizes: number[][] } {
  const sizes: number[][] = []
  let sides = [input[0]!, input[1] ?? 1]
  let first = specs.length
  for (const layer of specs.toReversed()) {
    if (layer.type === 'dense') break
    first--
    sizes[first] = sides
    const { type, stride } = layer
    sides = sides.map((side, axis) => {
      if (axis === 1 && input.length === 1) return 1
      return type === 'conv' ? side * stride : Math.ceil(side / stride)
    })
  }
  return { first, start: sides, sizes }
}

/** What the first convolution of that run gets: the map itself, or a vector as a map. */
function mapFor(
  start: number[],
  from: number[],
  i: number,
  { input, path, codePath }: DecoderStackOptions,
): number[] {
  const cells = sizeOf(start)
  if (isMap(from)) {
    if (from[0] === start[0] && from[1] === start[1]) return from
    throw refuse(
      `${path}: strides that bring ${times(from.slice(0, 2))} back to ${times(input.slice(0, 2))}`,
      `such as go from ${times(start)} to it`,
    )
  }
  const units = sizeOf(from)
  if (units % cells === 0) return [...start, units / cells]
  const name = i === 0 ? codePath : `${path}.${i - 1}.units`
  throw refuse(`${name}: a multiple of ${cells}, for a map of ${times(start)}`, `${units}`)
}
