import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayerSummary } from '../../contract/architecture.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'

export interface Encoded {
  /** The code h, or zMean: [N, ...code]. */
  code: Tensor
  /** Of variational models. */
  zLogVar: Tensor | null
}

export interface Decoded {
  /** [N, ...input] */
  output: Tensor
  /** The output before its sigmoid, for a cross-entropy that does not overflow; null with a linear output. */
  logits: Tensor | null
}

/** A dense layer of a stack with its counterpart in the decoder: what greedy pretraining trains by itself. */
export interface LayerPair {
  /** Weights of the two. */
  weights: string[]
  /** [N, inputs] -> [N, units] */
  encode(weights: Tensors, x: Tensor): Tensor
  /** [N, units] -> [N, inputs] */
  decode(weights: Tensors, h: Tensor): Tensor
}

/** An autoencoder for samples of one shape, as plain functions on named weights. */
export interface Autoencoder {
  /** Shape of one sample. */
  input: number[]
  /** Shape of one code. */
  code: number[]
  /** Every weight by name, in the order of the computation: `encoder.0.kernel`, `code.kernel`, `decoder.0.bias`, `output.kernel`. */
  shapes: Record<string, number[]>
  layers: LayerSummary[]
  init(random: Random): TensorMap
  encode(weights: Tensors, x: Tensor): Encoded
  decode(weights: Tensors, code: Tensor): Decoded
  /** From the outermost inwards. @throws recipe-invalid where a layer is not dense or has no counterpart of its size. */
  pairs(): LayerPair[]
}
