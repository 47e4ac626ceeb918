import type { TensorMap, TensorSpec, TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from './backend.ts'
import { emit } from './emit.ts'
import { unsupported } from './fold.ts'
import { writeOnnx, type OnnxModel, type OnnxValue } from './onnx.ts'
import { trace } from './trace.ts'

/** An input of an exported network in tfjs's layout (images NHWC); a text is the name of a dimension of any size. */
export interface ExportInput {
  shape: (number | string)[]
  dtype: TensorSpec['dtype']
  /** What it holds, for people: range, unit. */
  description?: string
}

export interface ExportOptions {
  /** How the file's rank 4 inputs and outputs are laid out; the shapes given here are NHWC in any case. */
  layout: 'NCHW' | 'NHWC'
  metadata: Record<string, string>
  name: string
  producerVersion: string
  /** What each output holds, by name. */
  descriptions?: Record<string, string>
}

/**
 * The two sizes that the i-th free dimension is tried with: 64 times different primes. Networks that halve images several
 * times accept them, and no two dimensions, nor small multiples of them, look the same. Nothing is computed at this size.
 */
function trialSizes(i: number): [number, number] {
  const primes = [3, 5, 7, 11, 13, 17, 19, 23]
  const [first, second] = primes.slice(2 * i, 2 * i + 2)
  if (first === undefined || second === undefined) throw unsupported('up to 4 free dimensions', `${i + 1}`)
  return [64 * first, 64 * second]
}

type Graph = ReturnType<typeof emit>

/**
 * The shape of a value, from what it was in the two trials.
 * @param names of the free dimensions by their two trial sizes
 * @param what the value's name, for dimensions that depend on a free one, such as half of it: they are free as well
 */
const mergeShapes = (
  first: readonly (number | string)[],
  second: readonly (number | string)[],
  names: ReadonlyMap<string, string>,
  what: string,
): (number | string)[] =>
  first.map((size, axis) =>
    size === second[axis] ? size : (names.get(`${size}, ${second[axis]!}`) ?? `${what}_${axis}`),
  )

/** The first thing that two graphs of one network have different, in words; undefined where they are the same. */
function firstDifference(a: Graph, b: Graph): string | undefined {
  if (a.nodes.length !== b.nodes.length) return 'another number of operators'
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i]
    if (JSON.stringify(node) !== JSON.stringify(other))
      return `another ${node.operator} (${node.outputs.join()})`
  }
  for (const [i, constant] of a.initializers.entries()) {
    const other = b.initializers[i]
    const same =
      other !== undefined &&
      constant.shape.join() === other.shape.join() &&
      Buffer.from(constant.data.buffer, constant.data.byteOffset, constant.data.byteLength).equals(
        Buffer.from(other.data.buffer, other.data.byteOffset, other.data.byteLength),
      )
    if (same) continue
    const user = a.nodes.find(({ inputs }) => inputs.includes(constant.name))
    return `another constant in ${user?.operator ?? 'the graph'} (${user?.outputs.join() ?? constant.name})`
  }
  return undefined
}

/**
 * A forward pass as an ONNX model with its weights inside. Rank 4 inputs and outputs get the declared layout. Free
 * dimensions are proven: the pass is recorded at two sizes, and the graphs must be the same.
 * @param forward from weights and inputs to named outputs, in plain tfjs
 * @param weights become initializers of the same names
 * @throws DarkroomError trace-unsupported, see `trace`, and where a free dimension is not free (the operator is named)
 */
export function exportForward(
  forward: (weights: Tensors, inputs: Tensors) => Tensors,
  weights: TensorMap,
  inputs: Record<string, ExportInput>,
  options: ExportOptions,
): Uint8Array {
  const free = [
    ...new Set(Object.values(inputs).flatMap(({ shape }) => shape.filter((d) => typeof d === 'string'))),
  ]
  const record = (trial: 0 | 1): Graph => {
    const specs: TensorSpecs = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, dtype }]) => {
        const sizes = shape.map((d) => (typeof d === 'string' ? trialSizes(free.indexOf(d))[trial] : d))
        return [name, { shape: sizes, dtype }]
      }),
    )
    const pick = (names: Record<string, unknown>, tensors: Tensors): Tensors =>
      Object.fromEntries(Object.keys(names).map((name) => [name, tensors[name]!]))
    const recorded = trace({ ...weights, ...specs }, (all) => forward(pick(weights, all), pick(inputs, all)))
    return emit(recorded, { layout: options.layout, weights })
  }
  const [first, second] = [record(0), record(1)]
  const difference = firstDifference(first, second)
  if (difference !== undefined)
    throw unsupported(`a network for any ${free.join(', ')}`, `for each size ${difference}`)

  const freeNames = new Map(free.map((name, i) => [trialSizes(i).join(', '), name]))
  const declare = (
    values: OnnxValue[],
    others: OnnxValue[],
    describe: (name: string) => string | undefined,
  ) =>
    values.map((value, i): OnnxValue => {
      const description = describe(value.name)
      const shape = mergeShapes(value.shape, others[i]!.shape, freeNames, value.name)
      return { ...value, shape, ...(description === undefined ? {} : { description }) }
    })
  const model: OnnxModel = {
    ...first,
    inputs: declare(first.inputs, second.inputs, (name) => inputs[name]?.description),
    outputs: declare(first.outputs, second.outputs, (name) => options.descriptions?.[name]),
    name: options.name,
    producerVersion: options.producerVersion,
    metadata: options.metadata,
  }
  return writeOnnx(model)
}
