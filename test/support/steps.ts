import * as tf from '@tensorflow/tfjs-core'
import type { TensorData, TensorMap } from '../../src-main/contract/tensors.ts'
import type { Step, StepSignature, Tensors } from '../../src-main/engine/backend/backend.ts'
import { denoiserForward, initDenoiser } from '../../src-main/engine/models/denoiser.ts'
import { createRandom, type Random } from '../../src-main/engine/numeric/random.ts'

/** A training step small enough for a test, with the inputs of its n-th run. */
export interface TrainingCase {
  step: Step
  signature: StepSignature
  /** Adam's rate: about the farthest that a weight goes in one step. */
  rate: number
  feed: (n: number) => TensorMap
}

const sizeOf = (shape: number[]): number => shape.reduce((product, size) => product * size, 1)

export const float32 = (shape: number[], draw: () => number): TensorData => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, draw),
})

const scalar = (value: number): TensorData => float32([], () => value)
const float32Spec = (shape: number[]) => ({ shape, dtype: 'float32' as const })
const prefixed = <T>(prefix: string, map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [`${prefix}${name}`, value]))

/** Weights, and the two moments of Adam, as a step's state. */
function adamState(weights: TensorMap): TensorMap {
  const zeros = Object.fromEntries(
    Object.entries(weights).map(([name, { shape }]) => [name, float32(shape, () => 0)]),
  )
  return { ...prefixed('weight/', weights), ...prefixed('first/', zeros), ...prefixed('second/', zeros) }
}

/**
 * A step that lowers `loss` by Adam (Kingma & Ba, 2015; β 0.9 and 0.999, ε 1e-8). The rate is an input that holds the bias
 * correction already: rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ).
 */
function adamStep(names: string[], loss: (weights: Tensors, inputs: Tensors) => tf.Scalar): Step {
  return (state, inputs) => {
    const weights = names.map((name) => state[`weight/${name}`]!)
    const lossOf = (...values: tf.Tensor[]): tf.Scalar =>
      loss(Object.fromEntries(names.map((name, i) => [name, values[i]!])), inputs)
    const { value, grads } = tf.valueAndGrads(lossOf)(weights)
    const next: Tensors = {}
    names.forEach((name, i) => {
      const mix = (old: tf.Tensor, now: tf.Tensor, share: number): tf.Tensor =>
        tf.add(tf.mul(old, share), tf.mul(now, 1 - share))
      const first = mix(state[`first/${name}`]!, grads[i]!, 0.9)
      const second = mix(state[`second/${name}`]!, tf.square(grads[i]!), 0.999)
      const change = tf.div(tf.mul(first, inputs.rate!), tf.add(tf.sqrt(second), 1e-8))
      next[`weight/${name}`] = tf.sub(weights[i]!, change)
      next[`first/${name}`] = first
      next[`second/${name}`] = second
    })
    return { state: next, outputs: { loss: value } }
  }
}

const correctedRate = (rate: number, n: number): TensorData =>
  scalar((rate * Math.sqrt(1 - 0.999 ** (n + 1))) / (1 - 0.9 ** (n + 1)))

/** The product's denoiser, `widths` channels wide, on noisy patches of `side` pixels: mean absolute error, Adam. */
export function denoiserCase({ widths = [6, 8], side = 16, batch = 2 } = {}): TrainingCase {
  const spec = { type: 'denoiser' as const, channels: 3 as const, widths, blocks: widths.map(() => 1) }
  const weights = initDenoiser(spec, createRandom(1))
  const forward = denoiserForward(spec)
  const images = [batch, side, side, 3]
  const sigmas = [batch, side, side, 1]
  const rate = 1e-3
  return {
    rate,
    step: adamStep(Object.keys(weights), (values, { clean, noise, sigma }) => {
      const noisy = tf.add(clean!, tf.mul(noise!, sigma!))
      return tf.mean(tf.abs(tf.sub(forward(values, { noisy, sigma: sigma! }).denoised!, clean!)))
    }),
    signature: {
      state: adamState(weights),
      inputs: {
        clean: float32Spec(images),
        noise: float32Spec(images),
        sigma: float32Spec(sigmas),
        rate: float32Spec([]),
      },
    },
    feed(n) {
      const random = createRandom(100 + n)
      return {
        clean: float32(images, () => random.uniform()),
        noise: float32(images, () => random.normal()),
        sigma: float32(sigmas, () => 0.1),
        rate: correctedRate(rate, n),
      }
    },
  }
}

/** A small convolutional VAE (Kingma & Welling, 2014): binary cross-entropy plus KL, noise as an input, Adam. */
export function vaeCase({ side = 8, batch = 4, latent = 3 } = {}): TrainingCase {
  const random = createRandom(2)
  const weights = vaeWeights(side, latent, random)
  const images = [batch, side, side, 1]
  const rate = 1e-2
  return {
    rate,
    step: adamStep(Object.keys(weights), (w, { image, noise }) => {
      const hidden = tf.relu(
        tf.add(tf.conv2d(image as tf.Tensor4D, w.encode as tf.Tensor4D, 2, 'same'), w.bias!),
      )
      const flat = tf.reshape(hidden, [batch, -1])
      const zMean = tf.matMul(flat, w.mean as tf.Tensor2D)
      const zLogVar = tf.matMul(flat, w.logVar as tf.Tensor2D)
      const z = tf.add(zMean, tf.mul(noise!, tf.exp(tf.mul(zLogVar, 0.5))))
      const grown = tf.reshape(tf.relu(tf.matMul(z as tf.Tensor2D, w.grow as tf.Tensor2D)), hidden.shape)
      const logits = tf.conv2dTranspose(
        grown as tf.Tensor4D,
        w.decode as tf.Tensor4D,
        images as [number, number, number, number],
        2,
        'same',
      )
      const crossEntropy = tf.add(
        tf.sub(tf.relu(logits), tf.mul(logits, image!)),
        tf.log1p(tf.exp(tf.neg(tf.abs(logits)))),
      )
      const reconstructionLoss = tf.mean(tf.sum(crossEntropy, [1, 2, 3]))
      const perLatent = tf.sub(tf.add(zLogVar, 1), tf.add(tf.square(zMean), tf.exp(zLogVar)))
      const klLoss = tf.mul(tf.mean(tf.sum(perLatent, 1)), -0.5)
      return tf.add(reconstructionLoss, klLoss)
    }),
    signature: {
      state: adamState(weights),
      inputs: { image: float32Spec(images), noise: float32Spec([batch, latent]), rate: float32Spec([]) },
    },
    feed(n) {
      const draw = createRandom(200 + n)
      return {
        image: float32(images, () => draw.uniform()),
        noise: float32([batch, latent], () => draw.normal()),
        rate: correctedRate(rate, n),
      }
    },
  }
}

function vaeWeights(side: number, latent: number, random: Random): TensorMap {
  const channels = 4
  const flat = (side / 2) ** 2 * channels
  const draw = (shape: number[]): TensorData => {
    const fanIn = sizeOf(shape) / shape.at(-1)!
    return float32(shape, () => random.normal() / Math.sqrt(fanIn))
  }
  return {
    encode: draw([3, 3, 1, channels]),
    bias: float32([channels], () => 0),
    mean: draw([flat, latent]),
    logVar: draw([flat, latent]),
    grow: draw([latent, flat]),
    decode: draw([3, 3, 1, channels]),
  }
}
