import type { GraphBuilder } from './emit-graph.ts'
import { sizeOf, type Operation, type TypedArray, type Value } from './ir.ts'

/*
 * The record is NHWC, ONNX's image operators are NCHW. Each value is held in whichever order it was made in and gets
 * another one only when an operator asks for it, once. Chains of convolutions and elementwise operators so stay NCHW
 * from end to end without a transpose.
 */

/** Axis i of the result is axis permutation[i] of the tfjs tensor. */
export type Order = readonly number[]
/** Images for ONNX's operators, from NHWC. */
export const nchw: Order = [0, 3, 1, 2]
/** Kernels of a convolution, from HWIO. */
export const oihw: Order = [3, 2, 0, 1]
/** Kernels of the flipped convolution and of depthwise ones (from HWCM). */
export const iohw: Order = [2, 3, 0, 1]

/**
 * Whether a value is best held as NCHW though it came about in NHWC: gray images are the same data in both layouts, and onnxruntime
 * broadcasts over an innermost axis of 1 element by element, fifty times slower.
 */
export const isGray = ({ shape }: Pick<Value, 'shape'>): boolean => shape.length === 4 && shape[3] === 1

/** Where an NHWC axis stands in NCHW. */
export const axisInNchw = (axis: number): number => [0, 2, 3, 1][axis]!

export interface Emitter {
  readonly graph: GraphBuilder
  /** Whether the graph is for these shapes alone, so that it may take the form that is fastest or smallest for them. */
  readonly fixed: boolean
  /** The name that holds the value in tfjs's own order. */
  plain(value: Value): string
  /** The name that holds the value with its axes in another order. */
  ordered(value: Value, order: Order): string
  /** Says which name holds the value, in tfjs's own order or another. */
  hold(value: Value, name: string, order?: Order): void
  /** Whether an image was made in NCHW, so that operators which take any order should take that one. */
  isNchw(value: Value): boolean
  /** Live values that use this one, once for each use; results of the graph count too. */
  uses(value: Value): number
}

/** Values whose data goes into the file, and the name it gets there. */
export type StoredWeights = Map<Value, { name: string; data: TypedArray }>

/** Calls that emit each operation. */
export type EmitterTable = {
  [Name in Operation['op']]: (e: Emitter, value: Value, operation: Extract<Operation, { op: Name }>) => void
}

function permuteData(data: TypedArray, shape: readonly number[], order: Order): TypedArray {
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  const out = data.slice()
  const sizes = order.map((axis) => shape[axis]!)
  const steps = order.map((axis) => strides[axis]!)
  const index = sizes.map(() => 0)
  let source = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = data[source]!
    // Count up like an odometer, moving the source along.
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      source += steps[axis]!
      index[axis]!++
      if (index[axis]! < sizes[axis]!) break
      source -= steps[axis]! * sizes[axis]!
      index[axis] = 0
    }
  }
  return out
}

const identityOrder = (rank: number): Order => Array.from({ length: rank }, (_, i) => i)

/**
 * @param uses how often each live value is used
 * @param weights stored under their own names in the order that is asked for first, under `<name>.1` in another
 */
export function createEmitter(
  graph: GraphBuilder,
  uses: ReadonlyMap<Value, number>,
  weights: StoredWeights,
  fixed: boolean,
): Emitter {
  const held = new Map<Value, Map<string, string>>()
  /** In how many orders each weight is in the file already. */
  const stores = new Map<string, number>()

  const formsOf = (value: Value): Map<string, string> => {
    let forms = held.get(value)
    if (forms === undefined) held.set(value, (forms = new Map<string, string>()))
    return forms
  }
  const hold: Emitter['hold'] = (value, name, order = identityOrder(value.shape.length)) => {
    formsOf(value).set(order.join(), name)
  }

  /** A constant or weight in the asked order, or undefined for a computed value. */
  const stored = (value: Value, order: Order): string | undefined => {
    const { operation, shape, dtype } = value
    const sizes = order.map((axis) => shape[axis]!)
    if (operation.op === 'uniform') {
      const one = graph.constant(toArray(operation.value, dtype), [], dtype)
      return shape.length === 0 ? one : graph.node('Expand', [one, graph.int64(sizes)])
    }
    if (operation.op === 'constant')
      return graph.constant(permuteData(operation.data, shape, order), sizes, dtype)
    const weight = weights.get(value)
    if (weight === undefined) return undefined
    const copies = stores.get(weight.name) ?? 0
    stores.set(weight.name, copies + 1)
    const name = copies === 0 ? weight.name : `${weight.name}.${copies}`
    return graph.initializer({
      name,
      shape: sizes,
      type: dtype,
      data: permuteData(weight.data, shape, order),
    })
  }

  const ordered: Emitter['ordered'] = (value, order) => {
    const forms = formsOf(value)
    const key = order.join()
    const known = forms.get(key)
    if (known !== undefined) return known
    const name = stored(value, order) ?? reorder(value, forms, order)
    forms.set(key, name)
    return name
  }
  const reorder = (value: Value, forms: Map<string, string>, order: Order): string => {
    const [entry] = forms
    if (entry === undefined)
      throw new Error(`value ${value.id} (${value.operation.op}) is used before it is made`)
    const [from, name] = [entry[0].split(',').map(Number), entry[1]]
    // Moving axes of size 1 moves no data: a gray image is the same in both layouts.
    const wide = (axes: Order) => axes.filter((axis) => value.shape[axis] !== 1).join()
    if (fixed && wide(from) === wide(order))
      return graph.node('Reshape', [name, graph.int64(order.map((axis) => value.shape[axis]!))])
    return graph.node('Transpose', [name], { perm: order.map((axis) => from.indexOf(axis)) })
  }

  return {
    graph,
    fixed,
    hold,
    ordered,
    plain: (value) => ordered(value, identityOrder(value.shape.length)),
    isNchw(value) {
      const [madeIn] = held.get(value)?.keys() ?? []
      return value.shape.length === 4 && madeIn === nchw.join()
    },
    uses: (value) => uses.get(value) ?? 0,
  }
}

const toArray = (value: number, dtype: Value['dtype']): TypedArray =>
  dtype === 'float32'
    ? Float32Array.of(value)
    : dtype === 'int32'
      ? Int32Array.of(value)
      : Uint8Array.of(value)
