import { axisInNchw, isGray, nchw, type Emitter, type EmitterTable } from './emit-layout.ts'
import type { Value } from './ir.ts'
import { elementType } from './onnx.ts'

/** ONNX's way to say "past the beginning" for a slice that runs backwards. */
const beforeStart = -2147483648

/** Whether an operation that has an NCHW form should take it: it is an image operation and its source is held so. */
const staysNchw = (e: Emitter, value: Value): boolean =>
  value.shape.length === 4 && value.inputs.some((x) => e.isNchw(x))

const inOrder = (e: Emitter, x: Value, inNchw: boolean): string => (inNchw ? e.ordered(x, nchw) : e.plain(x))

const orderOf = (inNchw: boolean) => (inNchw ? nchw : undefined)

/**
 * The axes to reduce when the image stays NCHW, or undefined where the result would have its axes in another order:
 * without kept axes it is the same as NHWC's only if channels go, or if nothing but batch and channels stays.
 */
function reducedInNchw(e: Emitter, x: Value, axes: number[], keepDims: boolean): number[] | undefined {
  if (!e.isNchw(x)) return undefined
  const remaining = [0, 1, 2, 3].filter((axis) => !axes.includes(axis))
  const sameOrder =
    keepDims ||
    axes.includes(3) ||
    remaining.length <= 1 ||
    remaining.every((axis) => axis === 0 || axis === 3)
  return sameOrder ? axes.map(axisInNchw).sort((a, b) => a - b) : undefined
}

export const emitShape = {
  reduce(e, value, { name, axes, keepDims }) {
    const [x] = value.inputs as [Value]
    const moved = reducedInNchw(e, x, axes, keepDims)
    const source = inOrder(e, x, moved !== undefined)
    const over = moved ?? axes
    const keepdims = Number(keepDims)
    // Operator set 13 moved the axes of ReduceSum, and of it alone, from an attribute to an input.
    const result =
      name === 'ReduceSum'
        ? e.graph.node(name, [source, e.graph.int64(over)], { keepdims })
        : e.graph.node(name, [source], { axes: over, keepdims })
    e.hold(value, result, orderOf(moved !== undefined && keepDims))
  },
  argReduce(e, value, { name, axis }) {
    const index = e.graph.node(name, [e.plain(value.inputs[0]!)], { axis, keepdims: 0 })
    e.hold(value, e.graph.node('Cast', [index], { to: elementType('int32') }))
  },
  cumsum(e, value, { axis, exclusive, reverse }) {
    const along = e.graph.constant(BigInt64Array.of(BigInt(axis)), [], 'int64')
    const attributes = { exclusive: Number(exclusive), reverse: Number(reverse) }
    e.hold(value, e.graph.node('CumSum', [e.plain(value.inputs[0]!), along], attributes))
  },
  softmax(e, value, { axis }) {
    e.hold(value, e.graph.node('Softmax', [e.plain(value.inputs[0]!)], { axis }))
  },
  reshape(e, value) {
    const [x] = value.inputs as [Value]
    if (e.fixed && isGray(value)) {
      const sizes = nchw.map((axis) => value.shape[axis]!)
      e.hold(value, e.graph.node('Reshape', [e.plain(x), e.graph.int64(sizes)]), nchw)
      return
    }
    // 0 stands for "as it is": leading axes that stay, such as that of a batch, may then have any size in an exported graph.
    const changed = value.shape.findIndex((size, axis) => size !== x.shape[axis])
    const shape = value.shape.map((size, axis) => (changed === -1 || axis < changed ? 0 : size))
    e.hold(value, e.graph.node('Reshape', [e.plain(x), e.graph.int64(shape)]))
  },
  expand(e, value) {
    const [x] = value.inputs as [Value]
    const inNchw = staysNchw(e, value)
    const shape = inNchw ? nchw.map((axis) => value.shape[axis]!) : value.shape
    e.hold(value, e.graph.node('Expand', [inOrder(e, x, inNchw), e.graph.int64(shape)]), orderOf(inNchw))
  },
  transpose(e, value, { permutation }) {
    e.hold(value, e.graph.node('Transpose', [e.plain(value.inputs[0]!)], { perm: permutation }))
  },
  concat(e, value, { axis }) {
    const inNchw = staysNchw(e, value)
    const parts = value.inputs.map((x) => inOrder(e, x, inNchw))
    const along = inNchw ? axisInNchw(axis) : axis
    e.hold(value, e.graph.node('Concat', parts, { axis: along }), orderOf(inNchw))
  },
  slice(e, value, { begin, strides }) {
    const [x] = value.inputs as [Value]
    const inNchw = staysNchw(e, value)
    const axes = begin.flatMap((_, i) => (value.shape[i] === x.shape[i] && strides[i] === 1 ? [] : [i]))
    const ends = axes.map((i) => {
      const end = begin[i]! + (value.shape[i]! - 1) * strides[i]! + Math.sign(strides[i]!)
      return end < 0 ? beforeStart : end
    })
    const indices = [
      axes.map((i) => begin[i]!),
      ends,
      axes.map((i) => (inNchw ? axisInNchw(i) : i)),
      axes.map((i) => strides[i]!),
    ].map((list) => e.graph.int64(list))
    e.hold(value, e.graph.node('Slice', [inOrder(e, x, inNchw), ...indices]), orderOf(inNchw))
  },
  pad(e, value, { pads, mode, value: fill }) {
    const inNchw = staysNchw(e, value)
    const ordered = inNchw ? nchw.map((axis) => pads[axis]!) : pads
    const sizes = e.graph.int64([...ordered.map(([before]) => before), ...ordered.map(([, after]) => after)])
    const inputs = [inOrder(e, value.inputs[0]!, inNchw), sizes]
    if (fill !== 0) inputs.push(e.graph.float(fill))
    e.hold(value, e.graph.node('Pad', inputs, { mode }), orderOf(inNchw))
  },
  tile(e, value, { repeats }) {
    e.hold(value, e.graph.node('Tile', [e.plain(value.inputs[0]!), e.graph.int64(repeats)]))
  },
  reverse(e, value, { axes }) {
    const all = (n: number) => e.graph.int64(axes.map(() => n))
    const inputs = [e.plain(value.inputs[0]!), all(-1), all(beforeStart), e.graph.int64(axes), all(-1)]
    e.hold(value, e.graph.node('Slice', inputs))
  },
  gather(e, value, { axis }) {
    e.hold(
      value,
      e.graph.node(
        'Gather',
        value.inputs.map((x) => e.plain(x)),
        { axis },
      ),
    )
  },
  matMul(e, value, operation) {
    e.hold(value, emitProduct(e, value, operation, []))
  },
} satisfies Partial<EmitterTable>

/**
 * The node of a matrix product.
 * @param bias the name of a vector to add to each row, or none; for two matrices without a batch only
 */
export function emitProduct(
  e: Emitter,
  value: Value,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
  bias: string[],
): string {
  const [a, b] = value.inputs as [Value, Value]
  if (value.shape.length > 2)
    return e.graph.node('MatMul', [lastTwoSwapped(e, a, transposeA), lastTwoSwapped(e, b, transposeB)])
  const attributes = { transA: Number(transposeA), transB: Number(transposeB) }
  return e.graph.node('Gemm', [e.plain(a), e.plain(b), ...bias], attributes)
}

function lastTwoSwapped(e: Emitter, x: Value, swap: boolean): string {
  const axes = x.shape.map((_, i) => i)
  return swap ? e.ordered(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]) : e.plain(x)
}
