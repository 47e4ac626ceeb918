import type { TensorMap } from '../../contract/tensors.ts'
import { emitConvolution, emitConvolutions, emitInputGradient } from './emit-convolution.ts'
import { emitElementwise } from './emit-elementwise.ts'
import { createGraph } from './emit-graph.ts'
import { emitImage } from './emit-image.ts'
import {
  createEmitter,
  isGray,
  nchw,
  type Emitter,
  type EmitterTable,
  type StoredWeights,
} from './emit-layout.ts'
import { emitProduct, emitShape } from './emit-shape.ts'
import { equalShapes, sizeOf, type Operation, type Value } from './ir.ts'
import type { OnnxModel } from './onnx.ts'
import type { Trace } from './trace.ts'

const stored = () => {
  // Constants and inputs are written when something asks for them.
}

const emitters: EmitterTable = {
  input: stored,
  constant: stored,
  uniform: stored,
  ...emitElementwise,
  ...emitShape,
  ...emitImage,
  ...emitConvolutions,
}

/** The values that the results depend on, in the order of recording, and how often each is used. */
function liveValues(results: Value[]): { live: Value[]; uses: Map<Value, number> } {
  const uses = new Map<Value, number>()
  const waiting = [...results]
  const live = new Set<Value>()
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    uses.set(value, (uses.get(value) ?? 0) + 1)
    if (live.has(value)) continue
    live.add(value)
    waiting.push(...value.inputs)
  }
  return { live: [...live].sort((a, b) => a.id - b.id), uses }
}

/** Whether the runtime's operator for this adds a bias to its channels by itself. */
const takesBias = ({ operation, shape }: Value): boolean =>
  operation.op === 'conv' ||
  operation.op === 'convInputGradient' ||
  (operation.op === 'matMul' && shape.length === 2)

/** A layer and the bias that is added to its channels, if `value` is that sum and the layer's result serves nothing else. */
function biasedLayer(e: Emitter, value: Value): { layer: Value; bias: Value } | undefined {
  const { operation } = value
  if (operation.op !== 'elementwise' || operation.name !== 'Add') return undefined
  const [a, b] = value.inputs as [Value, Value]
  for (const [layer, bias] of [
    [a, b],
    [b, a],
  ] as const) {
    const channels = value.shape.at(-1)!
    if (
      takesBias(layer) &&
      e.uses(layer) === 1 &&
      equalShapes(layer.shape, value.shape) &&
      sizeOf(bias.shape) === channels &&
      (bias.shape.length === 0 || bias.shape.at(-1) === channels)
    )
      return { layer, bias }
  }
  return undefined
}

function emitBiased(e: Emitter, value: Value, layer: Value, bias: Value): void {
  const { operation } = layer
  const vector =
    bias.shape.length === 1
      ? e.plain(bias)
      : e.graph.node('Reshape', [e.plain(bias), e.graph.int64([sizeOf(bias.shape)])])
  if (operation.op === 'matMul') e.hold(value, emitProduct(e, layer, operation, [vector]))
  if (operation.op === 'conv') e.hold(value, emitConvolution(e, layer, operation, [vector]), nchw)
  if (operation.op === 'convInputGradient')
    e.hold(value, emitInputGradient(e, layer, operation, [vector]), nchw)
}

/** Weights that are stored in the file, and reshapes of them, which are the same data under the same name. */
function storedWeights(weights: TensorMap, inputs: Record<string, Value>, live: Value[]): StoredWeights {
  const stored: StoredWeights = new Map(
    Object.entries(weights).map(([name, tensor]) => [inputs[name]!, { name, data: tensor.data }]),
  )
  for (const value of live) {
    const source = value.operation.op === 'reshape' ? stored.get(value.inputs[0]!) : undefined
    if (source) stored.set(value, source)
  }
  return stored
}

export interface EmitOptions {
  /** How rank 4 inputs and outputs of the file are laid out. Weights among them are not affected. */
  layout: 'NHWC' | 'NCHW'
  /** Inputs that are stored in the file instead, by input name. */
  weights?: TensorMap
  /** Whether the graph will run at these shapes only, and operators may take a form that suits them. */
  fixed?: boolean
}

/** The nodes, initializers, inputs and outputs of an ONNX graph that computes a trace's outputs. */
export function emit(
  { inputs, outputs }: Trace,
  { layout, weights = {}, fixed = false }: EmitOptions,
): Pick<OnnxModel, 'nodes' | 'initializers' | 'inputs' | 'outputs'> {
  const graph = createGraph()
  const { live, uses } = liveValues(Object.values(outputs))
  const storedInputs = storedWeights(weights, inputs, live)
  const e = createEmitter(graph, uses, storedInputs, fixed)
  const orderOf = (value: Value) => (layout === 'NCHW' && value.shape.length === 4 ? nchw : undefined)
  const declare = (name: string, value: Value) => {
    const order = orderOf(value)
    const shape = order === undefined ? value.shape : order.map((axis) => value.shape[axis]!)
    return { name, shape, type: value.dtype }
  }

  const given = Object.entries(inputs).filter(([, value]) => !storedInputs.has(value))
  for (const [name, value] of given) {
    // What it is held as first it stays.
    if (fixed && isGray(value)) {
      const shape = nchw.map((axis) => value.shape[axis]!)
      e.hold(value, graph.node('Reshape', [name, graph.int64(shape)]), nchw)
    }
    e.hold(value, name, orderOf(value))
  }

  // A layer that only feeds its bias is emitted together with it.
  const biased = new Map(live.map((value) => [value, biasedLayer(e, value)] as const))
  const fused = new Set([...biased.values()].map((pair) => pair?.layer))
  for (const value of live) {
    if (fused.has(value) || storedInputs.has(value)) continue
    const pair = biased.get(value)
    if (pair) emitBiased(e, value, pair.layer, pair.bias)
    else emitOperation(e, value)
  }
  for (const [name, value] of Object.entries(outputs)) {
    const order = orderOf(value)
    graph.output(name, order === undefined ? e.plain(value) : e.ordered(value, order))
  }
  return {
    ...graph.finish(),
    inputs: given.map(([name, value]) => declare(name, value)),
    outputs: Object.entries(outputs).map(([name, value]) => declare(name, value)),
  }
}

function emitOperation(e: Emitter, value: Value): void {
  const { operation } = value
  // The table's type pairs each emitter with its operation; TypeScript cannot follow the pairing through the lookup.
  const emitter = emitters[operation.op] as (e: Emitter, value: Value, operation: Operation) => void
  emitter(e, value, operation)
}
