import { backend_util, broadcast_util, util } from '@tensorflow/tfjs-core'
import { DarkroomError } from '../../contract/errors.ts'
import {
  equalShapes,
  sizeOf,
  type DType,
  type ElementwiseName,
  type Recorder,
  type ReductionName,
  type Value,
} from './ir.ts'

/*
 * The operations that most kernels are made of. Each looks whether the answer is known without computing (all-equal
 * constants, neutral elements, shape changes that cancel) before it records. tfjs-core's gradients multiply by ones,
 * reshape to the same shape and broadcast scalars all the time: this is where that vanishes.
 */

const foldedUnary: Partial<Record<ElementwiseName, (x: number) => number>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(0, x),
  Tanh: Math.tanh,
  Sign: Math.sign,
}

const foldedBinary: Partial<Record<ElementwiseName, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
  Pow: Math.pow,
}

/** The number that every element has, or undefined where they differ or are not known while tracing. */
export const uniformValue = (x: Value): number | undefined =>
  x.operation.op === 'uniform' ? x.operation.value : undefined

/** A scalar constant. */
export const scalar = (r: Recorder, value: number, dtype: DType = 'float32'): Value =>
  r.uniform(value, [], dtype)

export function unsupported(expected: string, received: string): DarkroomError {
  return new DarkroomError('trace-unsupported', { expected, received })
}

/** For shapes that do not fit together: tfjs leaves it to a backend's kernels to notice some of these. */
const mismatch = (expected: string, values: readonly Value[]): DarkroomError =>
  unsupported(expected, values.map(({ shape }) => `[${shape.join(', ')}]`).join(' and '))

export function unary(r: Recorder, name: ElementwiseName, x: Value, dtype: DType = x.dtype): Value {
  const value = uniformValue(x)
  const fold = foldedUnary[name]
  if (value !== undefined && fold !== undefined) return r.uniform(fold(value), x.shape, dtype)
  return r.record({ op: 'elementwise', name }, [x], x.shape, dtype)
}

/** Two operands of which one at least keeps the full shape. */
function thinOperands(r: Recorder, a: Value, b: Value, shape: readonly number[]): [Value, Value] {
  const left = thin(r, a, b, shape)
  return [left, thin(r, b, left, shape)]
}

/** An operand without the broadcasting that the operator does by itself, where the other operand has the full shape. */
function thin(r: Recorder, x: Value, other: Value, shape: readonly number[]): Value {
  if (!equalShapes(other.shape, shape)) return x
  if (x.operation.op === 'uniform') return scalar(r, x.operation.value, x.dtype)
  return x.operation.op === 'expand' ? x.inputs[0]! : x
}

const broadcastShape = (a: Value, b: Value): number[] =>
  broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape])

/** a ∘ b for arithmetic. x · 0 is taken as 0, also where x may come to be infinite or NaN. */
export function binary(r: Recorder, name: ElementwiseName, a: Value, b: Value): Value {
  const shape = broadcastShape(a, b)
  const [left, right] = [uniformValue(a), uniformValue(b)]
  const fold = foldedBinary[name]
  if (left !== undefined && right !== undefined && fold) return r.uniform(fold(left, right), shape, a.dtype)
  if ((name === 'Mul' || name === 'Div') && right === 1) return expand(r, a, shape)
  if ((name === 'Add' || name === 'Sub') && right === 0) return expand(r, a, shape)
  if (name === 'Mul' && left === 1) return expand(r, b, shape)
  if (name === 'Add' && left === 0) return expand(r, b, shape)
  if (name === 'Mul' && (left === 0 || right === 0)) return r.uniform(0, shape, a.dtype)
  return r.record({ op: 'elementwise', name }, thinOperands(r, a, b, shape), shape)
}

export function compare(r: Recorder, name: ElementwiseName, a: Value, b: Value): Value {
  const shape = broadcastShape(a, b)
  return r.record({ op: 'elementwise', name }, thinOperands(r, a, b, shape), shape, 'bool')
}

export const not = (r: Recorder, x: Value): Value =>
  r.record({ op: 'elementwise', name: 'Not' }, [x], x.shape, 'bool')

/** Elements of `yes` where the condition holds, of `no` elsewhere; all three have the same shape. */
export function select(r: Recorder, condition: Value, yes: Value, no: Value): Value {
  // The condition keeps its shape, so all-equal branches may be scalars.
  const branches = [yes, no].map((x) => thin(r, x, condition, condition.shape))
  return r.record({ op: 'elementwise', name: 'Where' }, [condition, ...branches], condition.shape, yes.dtype)
}

export function cast(r: Recorder, x: Value, dtype: DType): Value {
  if (x.dtype === dtype) return x
  const value = uniformValue(x)
  if (value === undefined) return r.record({ op: 'cast' }, [x], x.shape, dtype)
  return r.uniform(dtype === 'bool' ? Number(value !== 0) : value, x.shape, dtype)
}

/**
 * 1 where x > 0, alpha elsewhere: the derivative of ReLU and leaky ReLU. Where relu(x) is known it is asked instead of
 * x, with the same answer, so that x itself need not stay in memory for the backward pass.
 */
export function step(r: Recorder, x: Value, alpha = 0): Value {
  const value = uniformValue(x)
  if (value !== undefined) return r.uniform(value > 0 ? 1 : alpha, x.shape, 'float32')
  const float = cast(r, x, 'float32')
  const known = alpha === 0 ? r.find({ op: 'elementwise', name: 'Relu' }, [float], float.shape) : undefined
  return r.record({ op: 'step', alpha }, [known ?? float], x.shape)
}

export function expand(r: Recorder, x: Value, shape: readonly number[]): Value {
  if (equalShapes(x.shape, shape)) return x
  const value = uniformValue(x)
  if (value !== undefined) return r.uniform(value, shape, x.dtype)
  return r.record({ op: 'expand' }, [x.operation.op === 'expand' ? x.inputs[0]! : x], shape)
}

/**
 * Depth-to-space and space-to-depth as they must be written in tfjs to have gradients: a reshape to six axes, a
 * transpose that swaps a block axis with an image axis, a reshape back (`x` is the transpose).
 */
function blockMove(r: Recorder, x: Value, shape: readonly number[]): Value | undefined {
  if (x.operation.op !== 'transpose' || shape.length !== 4) return undefined
  if (!equalShapes(x.operation.permutation, [0, 1, 3, 2, 4, 5])) return undefined
  const six = x.inputs[0]!
  const source = six.inputs[0]
  if (six.operation.op !== 'reshape' || source?.shape.length !== 4) return undefined
  const [n, a, b, c, d, e] = six.shape as [number, number, number, number, number, number]
  if (c === d && equalShapes(source.shape, [n, a, b, c * d * e]) && equalShapes(shape, [n, a * c, b * d, e]))
    return r.record({ op: 'depthToSpace', block: c }, [source], shape)
  if (b === d && equalShapes(source.shape, [n, a * b, c * d, e]) && equalShapes(shape, [n, a, c, b * d * e]))
    return r.record({ op: 'spaceToDepth', block: b }, [source], shape)
  return undefined
}

export function reshape(r: Recorder, x: Value, shape: readonly number[]): Value {
  if (equalShapes(x.shape, shape)) return x
  const value = uniformValue(x)
  if (value !== undefined) return r.uniform(value, shape, x.dtype)
  const source = x.inputs[0]
  if (source && x.operation.op === 'reshape') return reshape(r, source, shape)
  if (source && x.operation.op === 'expand' && source.shape.length === 0) return expand(r, source, shape)
  return blockMove(r, x, shape) ?? r.record({ op: 'reshape' }, [x], shape)
}

export function transpose(r: Recorder, x: Value, permutation: readonly number[]): Value {
  if (permutation.every((p, i) => p === i)) return x
  const shape = permutation.map((p) => x.shape[p]!)
  const value = uniformValue(x)
  if (value !== undefined) return r.uniform(value, shape, x.dtype)
  const inner = x.operation
  if (inner.op === 'transpose')
    return transpose(
      r,
      x.inputs[0]!,
      permutation.map((p) => inner.permutation[p]!),
    )
  return r.record({ op: 'transpose', permutation: [...permutation] }, [x], shape)
}

/** The axes as a sorted list of non-negative numbers; none given means all. */
export const parseAxes = (axis: number | number[] | null | undefined, x: Value): number[] =>
  // tfjs-core leaves the axis out for "all", though its types do not say so.
  util.parseAxisParam(axis ?? x.shape.map((_, i) => i), [...x.shape]).sort((a, b) => a - b)

export function reduce(
  r: Recorder,
  name: ReductionName,
  x: Value,
  axis: number | number[] | null | undefined,
  keepDims = false,
): Value {
  const axes = parseAxes(axis, x)
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
  const shape = keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i))
  const value = uniformValue(x)
  if (value !== undefined && name !== 'ReduceProd') {
    const count = sizeOf(axes.map((i) => x.shape[i]!))
    return r.uniform(name === 'ReduceSum' ? value * count : value, shape, x.dtype)
  }
  if (axes.every((i) => x.shape[i] === 1)) return reshape(r, x, shape)
  return r.record({ op: 'reduce', name, axes, keepDims }, [x], shape)
}

export function slice(
  r: Recorder,
  x: Value,
  begin: number[],
  shape: number[],
  strides: number[] = shape.map(() => 1),
): Value {
  if (equalShapes(shape, x.shape) && strides.every((s) => s > 0)) return x
  const value = uniformValue(x)
  if (value !== undefined) return r.uniform(value, shape, x.dtype)
  return r.record({ op: 'slice', begin, strides }, [x], shape)
}

export function concat(r: Recorder, parts: readonly Value[], axis: number): Value {
  const filled = parts.filter((x) => sizeOf(x.shape) > 0)
  const [first] = filled
  if (first === undefined) throw unsupported('tensors with elements', 'an empty concat')
  if (filled.length === 1) return first
  const fits = (x: Value) => x.shape.every((d, i) => i === axis || d === first.shape[i])
  if (!filled.every(fits)) throw mismatch(`the same shape but for axis ${axis}`, filled)
  const shape = first.shape.map((d, i) => (i === axis ? filled.reduce((n, x) => n + x.shape[i]!, 0) : d))
  return r.record({ op: 'concat', axis }, filled, shape)
}

export function matMul(r: Recorder, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const [inner, other] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)]
  if (inner !== other) throw mismatch(`as many rows as columns (${inner})`, [a, b])
  const rows = a.shape.at(transposeA ? -1 : -2)!
  const columns = b.shape.at(transposeB ? -2 : -1)!
  const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  if (batch.length > 0 && sizeOf(batch) === 1) {
    // tfjs gives every product a batch axis; without it the reshapes around it cancel.
    const [a2, b2] = [reshape(r, a, a.shape.slice(-2)), reshape(r, b, b.shape.slice(-2))]
    return reshape(r, matMul(r, a2, b2, transposeA, transposeB), [...batch, rows, columns])
  }
  return r.record({ op: 'matMul', transposeA, transposeB }, [a, b], [...batch, rows, columns])
}

export const clip = (r: Recorder, x: Value, min: number, max: number): Value =>
  r.record({ op: 'clip', min, max }, [x], x.shape)

/** The activation of tfjs's fused kernels. */
export function activate(
  r: Recorder,
  x: Value,
  activation: backend_util.Activation | undefined,
  slope: Value | undefined,
  leakyAlpha: number | undefined,
): Value {
  switch (activation) {
    case undefined:
    case 'linear':
      return x
    case 'relu':
      return unary(r, 'Relu', x)
    case 'relu6':
      return clip(r, x, 0, 6)
    case 'sigmoid':
      return unary(r, 'Sigmoid', x)
    case 'elu':
      return unary(r, 'Elu', x)
    case 'leakyrelu':
      return r.record({ op: 'leakyRelu', alpha: leakyAlpha ?? 0.2 }, [x], x.shape)
    case 'prelu':
      return r.record({ op: 'elementwise', name: 'PRelu' }, [x, slope!], x.shape)
  }
}
