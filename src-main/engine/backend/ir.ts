import type { TensorSpec } from '../../contract/tensors.ts'

export type DType = TensorSpec['dtype']
export type TypedArray = Float32Array | Int32Array | Uint8Array

/** Operators that work element by element with numpy broadcasting, under their ONNX names. */
export type ElementwiseName =
  | 'Abs'
  | 'Neg'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Reciprocal'
  | 'Sigmoid'
  | 'Tanh'
  | 'Relu'
  | 'Softplus'
  | 'Elu'
  | 'Selu'
  | 'Erf'
  | 'Sign'
  | 'Floor'
  | 'Ceil'
  | 'Round'
  | 'Sin'
  | 'Cos'
  | 'Tan'
  | 'Sinh'
  | 'Cosh'
  | 'Asin'
  | 'Acos'
  | 'Atan'
  | 'Asinh'
  | 'Acosh'
  | 'Atanh'
  | 'IsNaN'
  | 'IsInf'
  | 'Not'
  | 'Add'
  | 'Sub'
  | 'Mul'
  | 'Div'
  | 'Max'
  | 'Min'
  | 'Pow'
  | 'PRelu'
  | 'Greater'
  | 'GreaterOrEqual'
  | 'Less'
  | 'LessOrEqual'
  | 'Equal'
  | 'And'
  | 'Or'
  | 'Where'

export type ReductionName = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd'

/** A sliding window over height and width; every pair is [height, width]. */
export interface Window {
  kernel: [number, number]
  stride: [number, number]
  dilation: [number, number]
  /** Rows and columns of padding before the image. */
  padBegin: [number, number]
  /** And after it; negative where the last rows or columns are not reached by any window. */
  padEnd: [number, number]
}

/** What a convolution and its gradients are besides their operands. */
export interface Convolution {
  window: Window
  depthwise: boolean
}

/**
 * What computes a value, in tfjs semantics: images NHWC, kernels HWIO, depthwise kernels HWCM. Everything that is not
 * said by the shapes of inputs and result stands here, and nothing else: two graphs of one network at two image sizes
 * then differ in shapes only.
 */
export type Operation =
  | { op: 'input'; name: string }
  | { op: 'constant'; data: TypedArray }
  /** Every element has the same value; by far the most frequent constant, and the one worth folding. */
  | { op: 'uniform'; value: number }
  | { op: 'elementwise'; name: ElementwiseName }
  /** 1 where x > 0, `alpha` elsewhere. */
  | { op: 'step'; alpha: number }
  | { op: 'clip'; min: number; max: number }
  | { op: 'leakyRelu'; alpha: number }
  | { op: 'cast' }
  | { op: 'reduce'; name: ReductionName; axes: number[]; keepDims: boolean }
  | { op: 'argReduce'; name: 'ArgMax' | 'ArgMin'; axis: number }
  | { op: 'cumsum'; axis: number; exclusive: boolean; reverse: boolean }
  | { op: 'softmax'; axis: number }
  | { op: 'reshape' }
  | { op: 'expand' }
  | { op: 'transpose'; permutation: number[] }
  | { op: 'concat'; axis: number }
  /** Elements begin, begin + stride, … of each axis; as many as the result's shape says. */
  | { op: 'slice'; begin: number[]; strides: number[] }
  | { op: 'pad'; pads: [number, number][]; mode: 'constant' | 'reflect'; value: number }
  | { op: 'tile'; repeats: number[] }
  | { op: 'reverse'; axes: number[] }
  | { op: 'gather'; axis: number }
  /** Channel order (dy, dx, c), as in TensorFlow. */
  | { op: 'depthToSpace'; block: number }
  | { op: 'spaceToDepth'; block: number }
  | { op: 'matMul'; transposeA: boolean; transposeB: boolean }
  /** (x, kernel) → y. */
  | ({ op: 'conv' } & Convolution)
  /** (dy, kernel) → dx: the gradient of `conv` for its input, which is also the transposed convolution. */
  | ({ op: 'convInputGradient' } & Convolution)
  /** (x, dy) → dkernel. */
  | ({ op: 'convFilterGradient' } & Convolution)
  | { op: 'maxPool'; window: Window }
  /** (dy, x, y) → dx. Of equal maxima in a window the first, row by row, gets the gradient. */
  | { op: 'maxPoolGradient'; window: Window }
  /** Padding does not count in the average. */
  | { op: 'averagePool'; window: Window }
  /** Each pixel repeated `factor` times along height and width. */
  | { op: 'upsampleNearest'; factor: [number, number] }
  | { op: 'resizeBilinear'; coordinates: 'asymmetric' | 'align_corners' | 'half_pixel' }
  /** (x, rows [h', h], columns [w, w']) → rows · x · columns for each channel: any separable linear resampling. */
  | { op: 'resample' }

/** One value of the recorded program. `id` counts up, and inputs come before what uses them. */
export interface Value {
  readonly id: number
  readonly operation: Operation
  readonly inputs: readonly Value[]
  readonly shape: readonly number[]
  readonly dtype: DType
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const equalShapes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i])

/** Constants up to this many elements are compared by content, so that equal ones are stored once. */
const comparedByContent = 64

/** Collects values; asking twice for the same computation gives the same value (common subexpressions). */
export interface Recorder {
  input(name: string, spec: TensorSpec): Value
  /** A constant; one whose elements are all equal becomes `uniform`. The data is copied. */
  constant(data: ArrayLike<number>, shape: readonly number[], dtype: DType): Value
  uniform(value: number, shape: readonly number[], dtype: DType): Value
  /** `dtype` defaults to the first input's. */
  record(operation: Operation, inputs: readonly Value[], shape: readonly number[], dtype?: DType): Value
  /** The value that `record` with these arguments has already made, if any. */
  find(
    operation: Operation,
    inputs: readonly Value[],
    shape: readonly number[],
    dtype?: DType,
  ): Value | undefined
}

export function toTypedArray(data: ArrayLike<number>, dtype: DType): TypedArray {
  if (dtype === 'float32') return Float32Array.from(data)
  return dtype === 'int32' ? Int32Array.from(data) : Uint8Array.from(data)
}

/** The data of a constant whose elements are all equal. */
export const filled = (value: number, shape: readonly number[], dtype: DType): TypedArray =>
  toTypedArray(new Float64Array(sizeOf(shape)).fill(value), dtype)

export function createRecorder(): Recorder {
  const known = new Map<string, Value>()
  let count = 0

  const keyOf = (operation: unknown, inputs: readonly Value[], shape: readonly number[], dtype: DType) =>
    `${JSON.stringify(operation)}|${inputs.map((v) => v.id).join()}|${shape.join()}|${dtype}`
  const create = (
    operation: Operation,
    inputs: readonly Value[],
    shape: readonly number[],
    dtype: DType,
  ) => ({
    id: count++,
    operation,
    inputs,
    shape: [...shape],
    dtype,
  })
  const once = (key: string, make: () => Value): Value => {
    const value = known.get(key) ?? make()
    known.set(key, value)
    return value
  }
  const find: Recorder['find'] = (operation, inputs, shape, dtype = inputs[0]!.dtype) =>
    known.get(keyOf(operation, inputs, shape, dtype))
  const record: Recorder['record'] = (operation, inputs, shape, dtype = inputs[0]!.dtype) =>
    once(keyOf(operation, inputs, shape, dtype), () => create(operation, inputs, shape, dtype))
  const uniform: Recorder['uniform'] = (value, shape, dtype) => {
    const exact = dtype === 'float32' ? Math.fround(value) : Math.trunc(value)
    // JSON knows neither NaN, the infinities nor −0.
    const key = keyOf(Object.is(exact, -0) ? '-0' : String(exact), [], shape, dtype)
    return once(key, () => create({ op: 'uniform', value: exact }, [], shape, dtype))
  }

  return {
    input: (name, { shape, dtype }) => create({ op: 'input', name }, [], shape, dtype),
    constant(data, shape, dtype) {
      const first = data.length === 0 ? 0 : data[0]!
      let same = true
      for (let i = 1; same && i < data.length; i++) same = Object.is(data[i], first)
      if (same) return uniform(first, shape, dtype)
      const make = () => create({ op: 'constant', data: toTypedArray(data, dtype) }, [], shape, dtype)
      if (data.length > comparedByContent) return make()
      return once(keyOf(Array.from(data, String), [], shape, dtype), make)
    },
    uniform,
    record,
    find,
  }
}
