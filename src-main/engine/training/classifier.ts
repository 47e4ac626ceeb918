import { mul, softplus, sub, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Activation, EncoderLayer } from '../../contract/architecture.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Tensors } from '../backend/backend.ts'
import type { Dataset } from '../data/dataset.ts'
import { initLayers } from '../models/autoencoder.ts'
import { layerWeights, runLayer, type Layer } from '../models/layers.ts'
import { encoderStack } from '../models/stacks.ts'
import { createRandom } from '../numeric/random.ts'
import { learningRate } from './schedule.ts'
import { initialState, optimizerInputs, optimizerValues, resultWeights, trainingStep } from './step.ts'

/** A small network that tells classes apart, and so has features of what they look like. */
export interface Classifier {
  /** Numbers of a feature. */
  features: number
  init(): TensorMap
  /** [N, ...input] -> features [N, features] and logits [N, classes] */
  classify(weights: Tensors, x: Tensor): { features: Tensor; logits: Tensor }
  layers: Layer[]
}

const features = 64
const optimizer: Recipe['optimizer'] = {
  ...{ type: 'adam', rate: 0.002, beta1: 0.9, schedule: 'cosine', warmup: 0, finalShare: 0.01 },
  ...{ clipNorm: null, averageDecay: 0 },
}
/** About five times through 16,000 items: more changes the features little. Of few items as many as go through all 40 times. */
const mostSteps = 1200
const leastSteps = 100
const mostEpochs = 40
const batch = 64
const seed = 1

/** What a classifier follows from besides its data: another one where this changes. */
export const classifierVersion = JSON.stringify([1, features, optimizer, mostSteps, batch, seed])

/** @param input shape of a sample: images are convolved, rows too. */
export function buildClassifier(input: number[], classes: number): Classifier {
  const specs: EncoderLayer[] = [
    { type: 'conv', filters: 16, kernel: 3, stride: 2, activation: 'relu' },
    { type: 'conv', filters: 32, kernel: 3, stride: 2, activation: 'relu' },
    dense(features, 'relu'),
    dense(classes, 'linear'),
  ]
  const layers = encoderStack(specs, { name: 'classifier', input, bias: () => true })
  return {
    ...{ features, layers },
    init: () => initLayers(layers, createRandom(seed)),
    classify(weights, x) {
      const found = layers.slice(0, -1).reduce((h, layer) => runLayer(layer, weights, h), x)
      return { features: found, logits: runLayer(layers.at(-1)!, weights, found) }
    },
  }
}

const dense = (units: number, activation: Activation): EncoderLayer => ({ type: 'dense', units, activation })

export interface ClassifierData {
  /** As networks take it. */
  dataset: Pick<Dataset, 'read'>
  /** Items to learn from, all with a class. */
  items: Int32Array
  /** Class of every item of the dataset. */
  labels: Int32Array
  classes: number
}

/**
 * Trains a classifier: cross-entropy of each class against all others. Takes some seconds.
 * @param onStep awaited before each step; told steps done and in all.
 */
export async function trainClassifier(
  backend: Pick<Backend, 'compile'>,
  classifier: Classifier,
  { dataset, items, labels, classes }: ClassifierData,
  input: number[],
  onStep: (done: number, total: number) => Promise<void>,
): Promise<TensorMap> {
  const update = {
    trains: Object.keys(Object.assign({}, ...classifier.layers.map(layerWeights)) as object),
    terms: (weights: Tensors, { x, target }: Tensors) => {
      const { logits } = classifier.classify(weights, x!)
      const loss: Scalar = mul(sum(sub(softplus(logits), mul(logits, target!))), 1 / batch)
      return { loss }
    },
  }
  const program = await backend.compile(trainingStep(optimizer, { updates: [update] }), {
    state: initialState(optimizer, classifier.init(), { updates: [update] }),
    inputs: {
      ...optimizerInputs(optimizer),
      x: { shape: [batch, ...input], dtype: 'float32' },
      target: { shape: [batch, classes], dtype: 'float32' },
    },
  })
  try {
    const random = createRandom(seed)
    const enough = Math.ceil((mostEpochs * items.length) / batch)
    const steps = Math.min(mostSteps, Math.max(leastSteps, enough))
    for (let step = 0; step < steps; step++) {
      await onStep(step, steps)
      const drawn = Int32Array.from({ length: batch }, () => items[random.integer(items.length)]!)
      const target = new Float32Array(batch * classes)
      drawn.forEach((item, i) => (target[i * classes + labels[item]!] = 1))
      await program.run({
        ...optimizerValues(optimizer, learningRate(optimizer, step, steps), step),
        x: { shape: [batch, ...input], dtype: 'float32', data: await dataset.read(drawn) },
        target: { shape: [batch, classes], dtype: 'float32', data: target },
      })
    }
    return resultWeights(await program.readState())
  } finally {
    await program.dispose()
  }
}
