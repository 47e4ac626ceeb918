import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import { corrupt } from '../data/corruption.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Sample } from '../data/sample.ts'
import type { Autoencoder } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'
import type { Random } from '../numeric/random.ts'
import { autoencoderInputs } from './terms.ts'

export interface SampleBatch {
  /** Samples of the whole batch, one after the other (`readBatch`). */
  clean: Float32Array
  /** So many of them count, the others have weight 0. */
  count: number
  /** How far β has risen, 0 to 1. */
  klWeight: number
  /** The source of a sample's random numbers, by its place in the batch. Asked for once, only where any are needed. */
  randomOf: (place: number) => Random
  /** Values given before, for a batch of the same size, whose arrays may be written into. */
  spare: TensorMap | undefined
}

/**
 * Values of `autoencoderInputs`. Of each sample's source are drawn, in this order: its corruption, ε, the projections (±1 with equal
 * chance, which among all of variance 1 give Hutchinson's estimate the least variance).
 */
export async function drawAutoencoderInputs(
  recipe: Recipe,
  model: Autoencoder,
  { clean, count, klWeight, randomOf, spare }: SampleBatch,
): Promise<TensorMap> {
  const size = sizeOf(model.input)
  const codeSize = sizeOf(model.code)
  const batch = clean.length / size
  const specs = autoencoderInputs(recipe, model, batch)
  const empty = (name: string): Float32Array | null => {
    const used = spare?.[name]?.data as Float32Array | undefined
    return specs[name] === undefined ? null : (used?.fill(0) ?? new Float32Array(sizeOf(specs[name].shape)))
  }
  const corrupted = empty('corrupted')
  const epsilon = empty('epsilon')
  const projection = empty('projection')
  corrupted?.set(clean)

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
    ...{ clean, corrupted, epsilon, projection },
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

/**
 * Reads items as a batch of so many samples. The rest is filled up with the same again: real samples, which give no infinities where
 * their weight is 0.
 * @param spare an array of the batch's length to be written into
 */
export async function readBatch(
  dataset: Pick<Dataset, 'read'>,
  items: Int32Array,
  batch: number,
  sampleShape: number[],
  spare?: TensorData,
): Promise<Float32Array> {
  const size = sizeOf(sampleShape)
  const [length, filled] = [batch * size, items.length * size]
  const clean = (spare?.data as Float32Array | undefined) ?? new Float32Array(length)
  await dataset.read(items, clean.subarray(0, filled))
  for (let from = filled; from < length; from += filled) clean.copyWithin(from, 0, filled)
  return clean
}

/** Values of one sample as what can be corrupted: a picture, or a row of numbers. */
export function asSample(data: Float32Array, shape: number[]): Sample {
  const [height, width, channels] = shape.length === 3 ? shape : [1, shape[0], 1]
  return { width: width!, height: height, channels: channels as Sample['channels'], data }
}
