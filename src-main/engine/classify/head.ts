import {
  add,
  div,
  logSumExp,
  mul,
  reshape,
  softmax,
  square,
  sub,
  sum,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import type { Backend, Tensors } from '../backend/backend.ts'
import { initLayers } from '../models/autoencoder.ts'
import { createLayer, layerWeights, runLayer, type Layer } from '../models/layers.ts'
import type { Random } from '../numeric/random.ts'
import { rowsAt } from '../numeric/subset.ts'
import { learningRate } from '../training/schedule.ts'
import {
  initialState,
  optimizerInputs,
  optimizerValues,
  resultWeights,
  trainingStep,
} from '../training/step.ts'

/** A dense ReLU layer and a dense softmax on codes, which are standardised first. */
export interface Head {
  /** Length of a code. */
  size: number
  classes: number
  layers: Layer[]
  /** Names of the weights that are trained; beside them stand `head.mean` and `head.deviation` of the codes. */
  trained: string[]
  /** Of all weights, by name. */
  shapes: Record<string, number[]>
  init(standard: Standard, random: Random): TensorMap
  /** Codes [N, size] (or [N, …] with so many numbers) -> logits [N, classes] */
  logits: (weights: Tensors, codes: Tensor) => Tensor
  /** The same -> [N, classes] */
  probabilities: (weights: Tensors, codes: Tensor) => Tensor
}

/** Mean and deviation of codes, of each dimension. */
export interface Standard {
  mean: Float32Array
  deviation: Float32Array
}

export function buildHead(size: number, hidden: number, classes: number): Head {
  const options = { oneDimensional: false, bias: true }
  const layers = [
    createLayer(
      { type: 'dense', units: hidden, activation: 'relu' },
      { ...options, name: 'head.hidden', input: [size] },
    ),
    createLayer(
      { type: 'dense', units: classes, activation: 'linear' },
      { ...options, name: 'head.output', input: [hidden] },
    ),
  ]
  const trained = Object.assign({}, ...layers.map(layerWeights)) as Record<string, number[]>
  const logits = (weights: Tensors, codes: Tensor): Tensor => {
    const flat = reshape(codes, [codes.shape[0], size])
    const standard = div(sub(flat, weights['head.mean']!), weights['head.deviation']!)
    return layers.reduce((x, layer) => runLayer(layer, weights, x), standard)
  }
  const vector = (data: Float32Array): TensorData => ({ shape: [size], dtype: 'float32', data })
  return {
    ...{ size, classes, layers },
    trained: Object.keys(trained),
    shapes: { ...trained, 'head.mean': [size], 'head.deviation': [size] },
    init: ({ mean, deviation }, random) => ({
      ...initLayers(layers, random),
      'head.mean': vector(mean),
      'head.deviation': vector(deviation),
    }),
    logits,
    probabilities: (weights, codes) => softmax(logits(weights, codes)),
  }
}

/** Of the mean deviation of all dimensions: one that hardly varies is not blown up. */
const leastDeviation = 0.01

/** @param codes [count, size] */
export function standardOf(codes: Float32Array, size: number): Standard {
  const count = codes.length / size
  const mean = new Float64Array(size)
  const variance = new Float64Array(size)
  codes.forEach((value, i) => (mean[i % size]! += value / count))
  codes.forEach((value, i) => (variance[i % size]! += (value - mean[i % size]!) ** 2 / count))
  const usual = Math.sqrt(variance.reduce((a, b) => a + b, 0) / size) || 1
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(variance, (one) => Math.max(Math.sqrt(one), leastDeviation * usual)),
  }
}

const optimizer: Recipe['optimizer'] = {
  ...{ type: 'adam', rate: 0.003, beta1: 0.9, schedule: 'cosine', warmup: 0, finalShare: 0.01 },
  ...{ clipNorm: null, averageDecay: 0 },
}
const batch = 64
/** Through few labels as many times as fills the least steps; through many 20 times, as far as the most allow. */
const steps = { least: 300, most: 3000, epochs: 20 }

export const stepsFor = (labels: number): number =>
  Math.min(steps.most, Math.max(steps.least, Math.ceil((steps.epochs * labels) / batch)))

/** Items to learn from, each with a class. */
export interface Lesson {
  items: ArrayLike<number>
  /** Class of each of these items, in their order. */
  classes: ArrayLike<number>
}

export interface LearnerOptions {
  /** Of the values that `logits` takes: a code, or a sample. */
  input: number[]
  classes: number
  /** Names of the weights that change. */
  trains: string[]
  /** Those among them that are kept small. */
  decays: string[]
  /** Relative to that of a head. */
  rate?: number
  logits: (weights: Tensors, x: Tensor) => Tensor
  /** Values of items, one after the other. */
  read: (items: Int32Array) => Promise<Float32Array>
}

export interface LearnOptions {
  random: Random
  /** λ; where it is not said, 1 / labels. */
  decay?: number
  steps?: number
  /** Awaited before each step; told steps done and in all. */
  onStep?: (done: number, total: number) => Promise<void>
}

/** A training that is ready to run: compiled once, for lessons of any number of items. */
export interface Learner {
  /** Weights after a lesson. The same weights, lesson and seed give the same ones. */
  learn(weights: TensorMap, lesson: Lesson, options: LearnOptions): Promise<TensorMap>
  dispose(): Promise<void>
}

/**
 * Trains by cross-entropy with Adam. Kernels are kept small by λ Σ w² with λ = 1 / labels, as a normal prior on them would: with few labels
 * that keeps probabilities honest, and with many it hardly counts.
 * @param example weights of the shapes that all lessons have
 */
export async function openLearner(
  backend: Pick<Backend, 'compile'>,
  example: TensorMap,
  { input, classes, trains, decays, rate = 1, logits, read }: LearnerOptions,
): Promise<Learner> {
  const update = {
    trains,
    terms: (weights: Tensors, { x, target, decay }: Tensors) => {
      const found = logits(weights, x!)
      const surprise: Scalar = mul(sum(sub(logSumExp(found, 1), sum(mul(found, target!), 1))), 1 / batch)
      const squares = decays.map((name): Scalar => sum(square(weights[name]!)))
      const loss: Scalar = squares.reduce((total, one) => add(total, mul(one, decay!)), surprise)
      return { loss }
    },
  }
  const stage = { updates: [update] }
  const program = await backend.compile(trainingStep(optimizer, stage), {
    state: initialState(optimizer, example, stage),
    inputs: {
      ...optimizerInputs(optimizer),
      x: { shape: [batch, ...input], dtype: 'float32' },
      target: { shape: [batch, classes], dtype: 'float32' },
      decay: { shape: [], dtype: 'float32' },
    },
  })
  return {
    async learn(weights, lesson, options) {
      const { items } = lesson
      const { random, decay = 1 / items.length, steps: total = stepsFor(items.length), onStep } = options
      await program.writeState(initialState(optimizer, weights, stage))
      for (let step = 0; step < total; step++) {
        await onStep?.(step, total)
        const places = Int32Array.from({ length: batch }, () => random.integer(items.length))
        const target = new Float32Array(batch * classes)
        places.forEach((place, i) => (target[i * classes + lesson.classes[place]!] = 1))
        const data = await read(places.map((place) => items[place]!))
        await program.run({
          ...optimizerValues(optimizer, rate * learningRate(optimizer, step, total), step),
          x: { shape: [batch, ...input], dtype: 'float32', data },
          target: { shape: [batch, classes], dtype: 'float32', data: target },
          decay: { shape: [], dtype: 'float32', data: Float32Array.of(decay) },
        })
      }
      return resultWeights(await program.readState())
    },
    dispose: () => program.dispose(),
  }
}

/** A learner of a head alone, on codes [count, size]. */
export const openHeadLearner = (
  backend: Pick<Backend, 'compile'>,
  head: Head,
  example: TensorMap,
  codes: Float32Array,
): Promise<Learner> =>
  openLearner(backend, example, {
    ...{ input: [head.size], classes: head.classes, trains: head.trained, logits: head.logits },
    decays: head.layers.map(({ kernel }) => kernel),
    read: (items) => Promise.resolve(rowsAt(codes, head.size, items)),
  })
