/** A tensor's shape and element type. Images are NHWC, convolution kernels HWIO, unless said otherwise. */
export interface TensorSpec {
  shape: number[]
  dtype: 'float32' | 'int32' | 'bool'
}

/** A tensor as plain data, row-major; `bool` is one byte an element. */
export interface TensorData extends TensorSpec {
  data: Float32Array | Int32Array | Uint8Array
}

export type TensorSpecs = Record<string, TensorSpec>
export type TensorMap = Record<string, TensorData>
