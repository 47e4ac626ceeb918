import * as tf from '@tensorflow/tfjs-core'
import type { TensorData, TensorMap } from '../../src-main/contract/tensors.ts'
import type { Step, Tensors } from '../../src-main/engine/backend/backend.ts'
import { createRandom, type Random } from '../../src-main/engine/numeric/random.ts'

/** A training step of one family of models, small, with its first state and the inputs of each step. */
export interface StepCase {
  name: string
  step: Step
  state: TensorMap
  inputs: (stepNumber: number) => TensorMap
}

/* Weights and data */

const tensorOf = (shape: number[], next: () => number): TensorData => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next),
})
const zeros = (shape: number[]): TensorData => tensorOf(shape, () => 0)
const scalar = (value: number): TensorData => tensorOf([], () => value)

/** Weights by name: kernels uniform with He's variance, vectors small. */
function initWeights(shapes: Record<string, number[]>, random: Random): TensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const fanIn = shape.length < 2 ? 600 : shape.slice(0, -1).reduce((a, b) => a * b, 1)
      const bound = Math.sqrt(6 / fanIn)
      return [name, tensorOf(shape, () => bound * (2 * random.uniform() - 1))] as const
    }),
  )
}

const uniform = (shape: number[], seed: number): TensorData => {
  const random = createRandom(seed)
  return tensorOf(shape, () => random.uniform())
}
const normal = (shape: number[], seed: number): TensorData => {
  const random = createRandom(seed)
  return tensorOf(shape, () => random.normal())
}

/* Adam with bias correction, and clipping of the gradient's norm. Kingma & Ba, ICLR 2015. */

const adamState = (weights: TensorMap): TensorMap => ({
  ...weights,
  ...Object.fromEntries(
    Object.entries(weights).flatMap(([name, { shape }]) => [
      [`m.${name}`, zeros(shape)],
      [`v.${name}`, zeros(shape)],
    ]),
  ),
})

function clipByNorm(gradients: tf.Tensor[], limit: number): tf.Tensor[] {
  const norm = tf.sqrt(tf.addN(gradients.map((g) => tf.sum(tf.square(g)))))
  const factor = tf.minimum(tf.div(limit, tf.maximum(norm, 1e-12)), 1)
  return gradients.map((g) => tf.mul(g, factor))
}

/** New weights and moments, and the loss. `rate` and `time` are inputs, so that a schedule works. */
function minimize(
  loss: (weights: Tensors) => tf.Tensor,
  state: Tensors,
  names: string[],
  { rate, time }: Tensors,
): { state: Tensors; loss: tf.Tensor } {
  const byName = (tensors: tf.Tensor[]): Tensors =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))
  const weights = names.map((name) => state[name]!)
  const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => loss(byName(x)))(weights)
  const next: Tensors = {}
  clipByNorm(grads, 5).forEach((gradient, i) => {
    const name = names[i]!
    const m = tf.add(tf.mul(state[`m.${name}`]!, 0.9), tf.mul(gradient, 0.1))
    const v = tf.add(tf.mul(state[`v.${name}`]!, 0.999), tf.mul(tf.square(gradient), 0.001))
    const corrected = (x: tf.Tensor, beta: number) => tf.div(x, tf.sub(1, tf.pow(beta, time!)))
    const change = tf.div(corrected(m, 0.9), tf.add(tf.sqrt(corrected(v, 0.999)), 1e-7))
    next[name] = tf.sub(state[name]!, tf.mul(rate!, change))
    next[`m.${name}`] = m
    next[`v.${name}`] = v
  })
  return { state: next, loss: value }
}

const schedule = (stepNumber: number): TensorMap => ({
  rate: scalar(2e-3 / (1 + stepNumber)),
  time: scalar(stepNumber + 1),
})

/* Layers */

type Image = tf.Tensor4D
const conv = (x: tf.Tensor, kernel: tf.Tensor, stride = 1): Image =>
  tf.conv2d(x as Image, kernel as Image, stride, 'same')
const biased = (x: tf.Tensor, bias: tf.Tensor): tf.Tensor => tf.add(x, bias)
const up = (x: tf.Tensor, kernel: tf.Tensor, shape: [number, number, number, number]): Image =>
  tf.conv2dTranspose(x as Image, kernel as Image, shape, 2, 'same')
const dense = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias)
const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [x.shape[0], -1])
const leaky = (x: tf.Tensor): tf.Tensor => tf.leakyRelu(x, 0.2)
/** log(1 + e^x) without overflow. */
const softplus = (x: tf.Tensor): tf.Tensor => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))
const sigmoidCrossEntropy = (logits: tf.Tensor, target: tf.Tensor): tf.Tensor =>
  tf.sub(softplus(logits), tf.mul(logits, target))

interface Family {
  name: string
  shapes: Record<string, number[]>
  /** State beside weights and moments. */
  extra?: TensorMap
  loss: (weights: Tensors, inputs: Tensors) => tf.Tensor
  inputs: (stepNumber: number) => TensorMap
}

function stepCase({ name, shapes, loss, inputs }: Family): StepCase {
  const names = Object.keys(shapes)
  return {
    name,
    state: adamState(initWeights(shapes, createRandom(5))),
    inputs: (i) => ({ ...inputs(i), ...schedule(i) }),
    step: (state, given) => {
      const result = minimize((weights) => loss(weights, given), state, names, given)
      return { state: result.state, outputs: { loss: result.loss } }
    },
  }
}

/* Families */

const imagePair = (i: number): TensorMap => ({
  noisy: uniform([2, 12, 12, 3], 100 + i),
  clean: uniform([2, 12, 12, 3], 200 + i),
})

const spaceToDepth = (x: tf.Tensor): tf.Tensor => {
  const [n, h, w, c] = x.shape as [number, number, number, number]
  const cells = tf.transpose(tf.reshape(x, [n, h / 2, 2, w / 2, 2, c]), [0, 1, 3, 2, 4, 5])
  return tf.reshape(cells, [n, h / 2, w / 2, 4 * c])
}
const depthToSpace = (x: tf.Tensor): tf.Tensor => {
  const [n, h, w, c] = x.shape as [number, number, number, number]
  const cells = tf.transpose(tf.reshape(x, [n, h, w, 2, 2, c / 4]), [0, 1, 3, 2, 4, 5])
  return tf.reshape(cells, [n, 2 * h, 2 * w, c / 4])
}

const ffdnet: Family = {
  name: 'FFDNet-like denoiser, L1 loss',
  shapes: { k0: [3, 3, 12, 8], b0: [8], k1: [3, 3, 8, 8], b1: [8], k2: [3, 3, 8, 12] },
  loss: ({ k0, b0, k1, b1, k2 }, { noisy, clean }) => {
    const features = tf.relu(biased(conv(spaceToDepth(noisy!), k0!), b0!))
    const deeper = tf.relu(biased(conv(features, k1!), b1!))
    const denoised = tf.sub(noisy!, depthToSpace(conv(deeper, k2!)))
    return tf.mean(tf.abs(tf.sub(denoised, clean!)))
  },
  inputs: imagePair,
}

const unet: Family = {
  name: 'U-Net with max pooling and skips, Charbonnier loss',
  shapes: {
    in0: [3, 3, 3, 6],
    b0: [6],
    mid: [3, 3, 6, 8],
    b1: [8],
    out: [3, 3, 14, 6],
    b2: [6],
    tail: [1, 1, 6, 3],
  },
  loss: (w, { noisy, clean }) => {
    const top = tf.relu(biased(conv(noisy!, w['in0']!), w['b0']!))
    const small = tf.maxPool(top as Image, 2, 2, 'same')
    const middle = tf.relu(biased(conv(small, w['mid']!), w['b1']!))
    const large = tf.image.resizeNearestNeighbor(middle as Image, [12, 12])
    const joined = tf.relu(biased(conv(tf.concat([large, top], 3), w['out']!), w['b2']!))
    const difference = tf.sub(conv(joined, w['tail']!), clean!)
    return tf.mean(tf.sqrt(tf.add(tf.square(difference), 1e-6)))
  },
  inputs: (i) => {
    // One image: tfjs's cpu backend sums the gradient of nearest resizing wrongly over batches.
    const { noisy, clean } = imagePair(i)
    const first = (t: TensorData): TensorData => ({
      ...t,
      shape: [1, 12, 12, 3],
      data: t.data.slice(0, 432),
    })
    return { noisy: first(noisy!), clean: first(clean!) }
  },
}

const vae: Family = {
  name: 'convolutional VAE, cross entropy and KL',
  shapes: {
    e0: [3, 3, 1, 6],
    e1: [3, 3, 6, 8],
    mean: [72, 4],
    meanBias: [4],
    logVar: [72, 4],
    logVarBias: [4],
    d0: [4, 72],
    d0Bias: [72],
    d1: [3, 3, 6, 8],
    d2: [3, 3, 1, 6],
  },
  loss: (w, { x, noise, beta }) => {
    const hidden = flat(tf.relu(conv(tf.relu(conv(x!, w['e0']!, 2)), w['e1']!, 2)))
    const zMean = dense(hidden, w['mean']!, w['meanBias']!)
    const zLogVar = dense(hidden, w['logVar']!, w['logVarBias']!)
    const z = tf.add(zMean, tf.mul(noise!, tf.exp(tf.mul(zLogVar, 0.5))))
    const start = tf.reshape(tf.relu(dense(z, w['d0']!, w['d0Bias']!)), [4, 3, 3, 8])
    const logits = up(tf.relu(up(start, w['d1']!, [4, 6, 6, 6])), w['d2']!, [4, 12, 12, 1])
    const reconstruction = tf.mean(tf.sum(sigmoidCrossEntropy(logits, x!), [1, 2, 3]))
    const spread = tf.sub(tf.sub(tf.add(zLogVar, 1), tf.square(zMean)), tf.exp(zLogVar))
    return tf.add(reconstruction, tf.mul(beta!, tf.mean(tf.mul(tf.sum(spread, 1), -0.5))))
  },
  inputs: (i) => ({
    x: uniform([4, 12, 12, 1], 300 + i),
    noise: normal([4, 4], 400 + i),
    beta: scalar(0.5 + i / 10),
  }),
}

const contractive: Family = {
  name: 'contractive autoencoder, second order through dense and convolution',
  shapes: { k: [3, 3, 1, 4], w: [144, 6], b: [6], v: [6, 144], c: [144] },
  loss: ({ k, w, b, v, c }, { x, direction }) => {
    const encode = (image: tf.Tensor) => tf.sigmoid(dense(flat(tf.tanh(conv(image, k!, 2))), w!, b!))
    const restored = dense(encode(x!), v!, c!)
    // |Jᵀd|² for a random direction d estimates the squared norm of the Jacobian.
    const jacobian = tf.grad((image) => tf.sum(tf.mul(encode(image), direction!)))(x!)
    const error = tf.mean(tf.square(tf.sub(restored, flat(x!))))
    return tf.add(error, tf.mul(0.5, tf.mean(tf.square(jacobian))))
  },
  inputs: (i) => ({ x: uniform([3, 12, 12, 1], 500 + i), direction: normal([3, 6], 600 + i) }),
}

const classifier: Family = {
  name: 'softmax classifier on 1-D signals',
  shapes: { k: [5, 2, 6], b: [6], w: [6, 3], c: [3] },
  loss: ({ k, b, w, c }, { signal, labels }) => {
    const features = tf.relu(biased(tf.conv1d(signal as tf.Tensor3D, k as tf.Tensor3D, 2, 'same'), b!))
    const logits = dense(tf.mean(features, 1), w!, c!)
    return tf.losses.softmaxCrossEntropy(tf.oneHot(labels!, 3), logits)
  },
  inputs: (i) => ({
    signal: normal([6, 20, 2], 700 + i),
    labels: { shape: [6], dtype: 'int32', data: Int32Array.from([0, 1, 2, 2, 1, 0]) },
  }),
}

/** Batch normalisation in training: moving statistics and an average of the weights are state beside the optimizer's. */
function batchNormCase(): StepCase {
  const shapes = { k0: [3, 3, 1, 6], scale: [6], offset: [6], k1: [3, 3, 6, 1] }
  const names = Object.keys(shapes)
  const weights = initWeights(shapes, createRandom(6))
  const average = Object.fromEntries(names.map((name) => [`average.${name}`, weights[name]!]))
  return {
    name: 'batch normalisation with moving statistics, and averaged weights',
    state: {
      ...adamState(weights),
      ...average,
      movingMean: zeros([6]),
      movingVariance: tensorOf([6], () => 1),
    },
    inputs: (i) => ({ x: normal([3, 8, 8, 1], 800 + i), y: normal([3, 8, 8, 1], 900 + i), ...schedule(i) }),
    step: (state, given) => {
      const hidden = conv(given['x']!, state['k0']!)
      const { mean, variance } = tf.moments(hidden, [0, 1, 2])
      const { state: next, loss } = minimize(
        (w) => {
          const features = conv(given['x']!, w['k0']!)
          const m = tf.moments(features, [0, 1, 2])
          const normalised = tf.batchNorm(
            features,
            m.mean as tf.Tensor1D,
            m.variance as tf.Tensor1D,
            w['offset'] as tf.Tensor1D,
            w['scale'] as tf.Tensor1D,
            1e-3,
          )
          return tf.mean(tf.squaredDifference(conv(tf.relu(normalised), w['k1']!), given['y']!))
        },
        state,
        names,
        given,
      )
      const moving = (old: tf.Tensor, now: tf.Tensor, keep: number) =>
        tf.add(tf.mul(old, keep), tf.mul(now, 1 - keep))
      for (const name of names) next[`average.${name}`] = moving(state[`average.${name}`]!, next[name]!, 0.99)
      next['movingMean'] = moving(state['movingMean']!, mean, 0.9)
      next['movingVariance'] = moving(state['movingVariance']!, variance, 0.9)
      return { state: next, outputs: { loss } }
    },
  }
}

/** DCGAN: the discriminator's step, then the generator's against the new discriminator, in one graph. */
function ganCase(): StepCase {
  const generatorShapes = { gDense: [6, 72], gBias: [72], gScale: [8], gOffset: [8], gUp: [4, 4, 1, 8] }
  const discriminatorShapes = { dConv: [4, 4, 1, 6], dDense: [54, 1], dBias: [1] }
  const [generatorNames, discriminatorNames] = [generatorShapes, discriminatorShapes].map(Object.keys) as [
    string[],
    string[],
  ]
  const generate = (w: Tensors, z: tf.Tensor): tf.Tensor => {
    const start = tf.reshape(dense(z, w['gDense']!, w['gBias']!), [4, 3, 3, 8])
    const { mean, variance } = tf.moments(start, [0, 1, 2], true)
    const normal4 = tf.div(tf.sub(start, mean), tf.sqrt(tf.add(variance, 1e-3)))
    const scaled = tf.add(tf.mul(normal4, w['gScale']!), w['gOffset']!)
    return tf.tanh(up(leaky(scaled), w['gUp']!, [4, 6, 6, 1]))
  }
  const judge = (w: Tensors, image: tf.Tensor): tf.Tensor =>
    dense(flat(leaky(conv(image, w['dConv']!, 2))), w['dDense']!, w['dBias']!)
  return {
    name: 'DCGAN, discriminator and generator in one step',
    state: adamState(initWeights({ ...generatorShapes, ...discriminatorShapes }, createRandom(7))),
    inputs: (i) => ({
      x: normal([4, 6, 6, 1], 1000 + i),
      z: normal([4, 6], 1100 + i),
      z2: normal([4, 6], 1200 + i),
      ...schedule(i),
    }),
    step: (state, given) => {
      const { x, z, z2 } = given
      const discriminator = minimize(
        (w) =>
          tf.add(tf.mean(softplus(tf.neg(judge(w, x!)))), tf.mean(softplus(judge(w, generate(state, z!))))),
        state,
        discriminatorNames,
        given,
      )
      const generator = minimize(
        (w) => tf.mean(softplus(tf.neg(judge(discriminator.state, generate(w, z2!))))),
        state,
        generatorNames,
        given,
      )
      return {
        state: { ...discriminator.state, ...generator.state },
        outputs: { discriminatorLoss: discriminator.loss, generatorLoss: generator.loss },
      }
    },
  }
}

export const stepCases: readonly StepCase[] = [
  ...[classifier, ffdnet, unet, vae, contractive].map(stepCase),
  batchNormCase(),
  ganCase(),
]
