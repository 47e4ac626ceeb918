import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import { corrupt } from '../data/corruption.ts'
import type { Sample } from '../data/sample.ts'
import type { Autoencoder } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'
import type { Random } from '../numeric/random.ts'
import { autoencoderInputs } from './terms.ts'

export interface SampleBatch {
  /** Samples that count, one after the other. */
  clean: Float32Array
  /** Samples of the batch as the program was compiled for: the rest is filled up, with weight 0. */
  batch: number
  /** How far β has risen, 0 to 1. */
  klWeight: number
  /** The source of a sample's random numbers, by its place in the batch. Asked for once, only where any are needed. */
  randomOf: (place: number) => Random
}

/**
 * Values of `autoencoderInputs`. Of each sample's source are drawn, in this order: its corruption, ε, the projections (±1 with equal
 * chance, which among all of variance 1 give Hutchinson's estimate the least variance).
 */
export async function drawAutoencoderInputs(
  recipe: Recipe,
  model: Autoencoder,
  { clean, batch, klWeight, randomOf }: SampleBatch,
): Promise<TensorMap> {
  const size = sizeOf(model.input)
  const codeSize = sizeOf(model.code)
  const specs = autoencoderInputs(recipe, model, batch)
  const empty = (name: string): Float32Array | null =>
    specs[name] === undefined ? null : new Float32Array(sizeOf(specs[name].shape))
  const corrupted = empty('corrupted')
  const epsilon = empty('epsilon')
  const projection = empty('projection')
  const filled = fillUp(clean, batch * size)
  corrupted?.set(filled)

  const count = clean.length / size
  const projections = specs['projection']?.shape[0] ?? 0
  const isRandom = corrupted !== null || epsilon !== null || projection !== null
  for (let i = 0; isRandom && i < count; i++) {
    const random = randomOf(i)
    if (corrupted !== null) {
      const data = clean.subarray(i * size, (i + 1) * size)
      corrupted.set(
        (await corrupt(asSample(data, model.input), recipe.corruption, random)).noisy.data,
        i * size,
      )
    }
    if (epsilon !== null) for (let j = i * codeSize; j < (i + 1) * codeSize; j++) epsilon[j] = random.normal()
    if (projection !== null) {
      for (let k = 0; k < projections; k++) {
        const from = (k * batch + i) * codeSize
        for (let j = from; j < from + codeSize; j++) projection[j] = random.uniform() < 0.5 ? -1 : 1
      }
    }
  }
  const values: Record<string, Float32Array | null> = {
    ...{ clean: filled, corrupted, epsilon, projection },
    ...{ sampleWeight: sampleWeights(count, batch), klWeight: Float32Array.of(klWeight) },
  }
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]): [string, TensorData] => [
      name,
      { ...spec, data: values[name]! },
    ]),
  )
}

/** 1 for the samples that count, 0 for those that fill up the batch. */
export const sampleWeights = (count: number, batch: number): Float32Array =>
  new Float32Array(batch).fill(1, 0, count)

/** The same again from the start until there are so many values: real samples, which give no infinities where their weight is 0. */
export function fillUp(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values
  const filled = new Float32Array(length)
  for (let from = 0; from < length; from += values.length)
    filled.set(values.subarray(0, Math.min(values.length, length - from)), from)
  return filled
}

/** Values of one sample as what can be corrupted: a picture, or a row of numbers. */
export function asSample(data: Float32Array, shape: number[]): Sample {
  const [height, width, channels] = shape.length === 3 ? shape : [1, shape[0], 1]
  return { width: width!, height: height, channels: channels as Sample['channels'], data }
}
