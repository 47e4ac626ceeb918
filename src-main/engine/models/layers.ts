import {
  add,
  conv2d,
  conv2dTranspose,
  elu,
  exp,
  leakyRelu,
  matMul,
  minimum,
  mul,
  onesLike,
  relu,
  reshape,
  scalar,
  sigmoid,
  square,
  step,
  sub,
  tanh,
  type Rank,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import type { Activation, DecoderLayer, EncoderLayer } from '../../contract/architecture.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'

export type LayerSpec = EncoderLayer | DecoderLayer

/** One layer for samples of one shape. Shapes are those of a sample: [height, width, channels], or [units] of dense layers. */
export interface Layer {
  name: string
  spec: LayerSpec
  input: number[]
  output: number[]
  /** Of its kernel: [in, units], [h, w, in, out], or [h, w, out, in] of transposed convolutions. */
  kernelShape: number[]
  kernel: string
  /** Whether the kernel belongs to another layer, and is used transposed. */
  tied: boolean
  /** Null without biases. */
  bias: string | null
  /** Along height and width; of dense layers 1. */
  strides: [number, number]
  /** [N, ...input] -> [N, ...output], before the activation. */
  linear(weights: Tensors, x: Tensor): Tensor
}

export interface LayerOptions {
  name: string
  input: number[]
  /** Convolutions work along the height only: maps are [length, 1, channels]. */
  oneDimensional: boolean
  /** Sides of a transposed convolution's output, of which several are possible; otherwise side · stride. */
  output?: number[] | undefined
  bias: boolean
  /** Of dense layers: the kernel [units, in] to use transposed. */
  tiedTo?: string | undefined
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

/** Makes a layer. A layer flattens a map, or takes a row of values as a map of one channel, where it needs to. */
export function createLayer(
  spec: LayerSpec,
  { name, input, output, oneDimensional, bias, tiedTo }: LayerOptions,
): Layer {
  const along = (n: number): [number, number] => [n, oneDimensional ? 1 : n]
  const [kernel, biasName] = [tiedTo ?? `${name}.kernel`, `${name}.bias`]
  const strides = along(spec.type === 'dense' ? 1 : spec.stride)
  const base = {
    name,
    spec,
    input,
    strides,
    kernel,
    tied: tiedTo !== undefined,
    bias: bias ? biasName : null,
  }
  const biased = (weights: Tensors, x: Tensor): Tensor => (bias ? add(x, weights[biasName]!) : x)
  switch (spec.type) {
    case 'dense': {
      const ins = sizeOf(input)
      return {
        ...base,
        output: [spec.units],
        kernelShape: [ins, spec.units],
        linear(weights, x) {
          const flat = reshape<Rank.R2>(x, [x.shape[0], ins])
          return biased(weights, matMul(flat, weights[kernel] as Tensor2D, false, tiedTo !== undefined))
        },
      }
    }
    case 'conv': {
      const map = asMap(input)
      return {
        ...base,
        output: [...map.slice(0, 2).map((side, i) => Math.ceil(side / strides[i]!)), spec.filters],
        kernelShape: [...along(spec.kernel), map[2], spec.filters],
        linear(weights, x) {
          const image = reshape<Rank.R4>(x, [x.shape[0], ...map])
          return biased(weights, conv2d(image, weights[kernel] as Tensor4D, strides, 'same'))
        },
      }
    }
    case 'conv-transpose': {
      const map = asMap(input)
      const [height, width] = output ?? [map[0] * strides[0], map[1] * strides[1]]
      const shape = [height!, width!, spec.filters]
      return {
        ...base,
        output: shape,
        kernelShape: [...along(spec.kernel), spec.filters, map[2]],
        linear(weights, x) {
          const image = reshape<Rank.R4>(x, [x.shape[0], ...map])
          const whole = [x.shape[0], ...shape] as [number, number, number, number]
          return biased(weights, conv2dTranspose(image, weights[kernel] as Tensor4D, whole, strides, 'same'))
        },
      }
    }
  }
}

/** A row of values as a map of one channel. */
const asMap = (shape: number[]): [number, number, number] =>
  shape.length === 1 ? [shape[0]!, 1, 1] : (shape as [number, number, number])

/** [N, ...input] -> [N, ...output]. */
export const runLayer = (layer: Layer, weights: Tensors, x: Tensor): Tensor =>
  activate(layer.spec.activation, layer.linear(weights, x))

const leak = 0.2

export function activate(activation: Activation, x: Tensor): Tensor {
  switch (activation) {
    case 'linear':
      return x
    case 'relu':
      return relu(x)
    case 'leaky-relu':
      return leakyRelu(x, leak)
    case 'elu':
      return elu(x)
    case 'sigmoid':
      return sigmoid(x)
    case 'tanh':
      return tanh(x)
  }
}

/** The activation's derivative where its argument is `x`. */
export function activationSlope(activation: Activation, x: Tensor): Tensor {
  switch (activation) {
    case 'linear':
      return onesLike(x)
    case 'relu':
      return step(x)
    case 'leaky-relu':
      return step(x, leak)
    case 'elu':
      return exp(minimum(x, scalar(0)))
    case 'sigmoid': {
      const y = sigmoid(x)
      return mul(y, sub(scalar(1), y))
    }
    case 'tanh':
      return sub(scalar(1), square(tanh(x)))
  }
}

/** In a few signs: `conv 3×3/2 16 relu`. */
export function layerKind({ spec, kernelShape: [height, width] }: Layer): string {
  const activation = spec.activation === 'linear' ? [] : [spec.activation]
  if (spec.type === 'dense') return ['dense', spec.units, ...activation].join(' ')
  const kernel = `${height!}×${width!}`
  const stride = spec.stride === 1 ? '' : `/${spec.stride}`
  return [spec.type, kernel + stride, spec.filters, ...activation].join(' ')
}

/** Name and shape of the weights that are the layer's own. */
export function layerWeights(layer: Layer): Record<string, number[]> {
  const { spec, kernelShape, kernel, tied, bias } = layer
  const channels = spec.type === 'dense' ? spec.units : spec.filters
  return {
    ...(tied ? {} : { [kernel]: kernelShape }),
    ...(bias === null ? {} : { [bias]: [channels] }),
  }
}

/**
 * A fresh kernel, uniform in ±limit: √(6 / fanIn) before rectifiers (He et al., ICCV 2015), which keeps the variance of what goes
 * forward, otherwise √(6 / (fanIn + fanOut)) (Glorot & Bengio, AISTATS 2010). Of a convolution, fans count the elements that one output
 * sees and one input reaches: strides leave 1 / s² of the kernel.
 */
export function initKernel(layer: Layer, random: Random): TensorData {
  const { spec, kernelShape } = layer
  const [fanIn, fanOut] = fansOf(layer)
  const rectifier = ['relu', 'leaky-relu', 'elu'].includes(spec.activation)
  const limit = Math.sqrt(6 / (rectifier ? fanIn : fanIn + fanOut))
  const data = Float32Array.from({ length: sizeOf(kernelShape) }, () => limit * (2 * random.uniform() - 1))
  return { shape: kernelShape, dtype: 'float32', data }
}

function fansOf({ spec, kernelShape, strides }: Layer): [number, number] {
  if (spec.type === 'dense') return kernelShape as [number, number]
  const [height, width, c, d] = kernelShape as [number, number, number, number]
  const window = height * width
  const reached = Math.max(1, window / (strides[0] * strides[1]))
  return spec.type === 'conv' ? [window * c, reached * d] : [reached * d, window * c]
}
