import type { SplitName } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { LatentSpec } from '../../contract/latent.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import { readTrainedRun, splitItems, type TrainedRun } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import { createRandom } from '../numeric/random.ts'
import { drawSubset, rowsAt } from '../numeric/subset.ts'
import { cachedCodes, type ItemCodes } from './code-cache.ts'
import { encoderOf, openLatentData, openRunModel, type LatentContext } from './model.ts'
import { priorCodes } from './prior.ts'

/** Items of data with their codes, or draws from the prior with their pictures. */
export interface Latents {
  run: TrainedRun
  model: OpenLatentModel
  count: number
  /** Length of a code. */
  size: number
  /** [count, size] */
  codes: Float32Array
  /** [count, size], of variational models. */
  zLogVar: Float32Array | null
  /** Mean squared error of each reconstruction; null of draws, and where they were not asked for. */
  errors: Float32Array | null
  name(i: number): string
  /** Class of every item, −1 where it has none. */
  labels: { names: string[]; of: Int32Array } | null
  /** Part of the run's data that each item belongs to; null where the data are others. */
  splits: Exclude<SplitName, 'all'>[] | null
  /** Place of each item in the dataset; null of draws. */
  indexes: Int32Array | null
  /** Samples of these items, one after the other, as the network takes them: [count, ...input]. */
  read(items: ArrayLike<number>): Promise<Float32Array>
  close(): Promise<void>
}

export interface LatentsContext extends LatentContext {
  /** Whether to reconstruct all items, which takes about as long again as to encode them; default true. */
  withErrors?: boolean
}

/** Draws from the prior where nothing is said. */
const usualDraws = 2000
/** Items that are read and computed at a time. */
const atATime = 1024

/**
 * The items that a spec names, with their codes; of a run without an encoder draws from its prior. Codes are kept on the disk for the next
 * time.
 * @throws run and data errors; model-without-codes; model-without-encoder where data are named for a run without one; data-unsuitable for data of
 *   another shape, a part of data that were never split, or one without items; file-not-found where what the run was trained on is no longer
 *   where it was
 */
export async function openLatents(spec: LatentSpec, context: LatentsContext): Promise<Latents> {
  const run = await readTrainedRun(spec.run)
  const model = openRunModel(run, context.backend)
  try {
    if (model.encode === null && spec.data === null) return drawnLatents(spec, run, model)
    return await encodedLatents(spec, run, model, context)
  } catch (thrown) {
    await model.dispose()
    throw thrown
  }
}

/** The same for one look at the codes: nothing stays open. @throws as `openLatents` */
export async function takeLatents(spec: LatentSpec, context: LatentsContext): Promise<Latents> {
  const latents = await openLatents(spec, context)
  await latents.close()
  return latents
}

function drawnLatents({ limit, seed, split }: LatentSpec, run: TrainedRun, model: OpenLatentModel): Latents {
  if (split !== 'all')
    throw new DarkroomError('model-without-encoder', {
      file: run.path,
      expected: 'split "all"',
      received: split,
    })
  const size = sizeOf(model.code)
  const count = limit ?? usualDraws
  const codes = priorCodes(seed, 0, count, size)
  return {
    ...{ run, model, count, size, codes },
    ...{ zLogVar: null, errors: null, labels: null, splits: null, indexes: null },
    name: (i) => `seed ${seed} #${i}`,
    read: (items) => model.decode(rowsAt(codes, size, items)),
    close: () => model.dispose(),
  }
}

async function encodedLatents(
  spec: LatentSpec,
  run: TrainedRun,
  model: OpenLatentModel,
  context: LatentsContext,
): Promise<Latents> {
  encoderOf(run, model)
  const { dataset, split } = await openLatentData(run, spec.data, context)
  try {
    const file = (spec.data ?? run.info.data).sources.join(', ')
    const indexes = subset(splitItems(split, spec.split, dataset.count, file), spec)
    const found = await cachedCodes(
      { run, dataset, indexes, withErrors: context.withErrors ?? true, home: context.home },
      () => encodeItems(run, model, dataset, indexes, context),
    )
    return {
      ...{ run, model, count: indexes.length, size: sizeOf(model.code), indexes },
      ...found,
      name: (i) => dataset.name(indexes[i]!),
      labels: dataset.labels && {
        names: dataset.labels.names,
        of: Int32Array.from(indexes, (index) => dataset.labels!.of[index]!),
      },
      splits: split && splitsOf(split, indexes, dataset.count),
      read: (items) => dataset.read(Int32Array.from(items, (item) => indexes[item]!)),
      async close() {
        await model.dispose()
        await dataset.close()
      },
    }
  } catch (thrown) {
    await dataset.close()
    throw thrown
  }
}

/** At most `limit` of them, drawn by the seed, in ascending order. */
function subset(items: Int32Array, { limit, seed }: Pick<LatentSpec, 'limit' | 'seed'>): Int32Array {
  if (limit === null) return items
  return drawSubset(items.length, limit, createRandom(seed)).map((place) => items[place]!)
}

function splitsOf(split: Split, indexes: Int32Array, count: number): Exclude<SplitName, 'all'>[] {
  const names = ['training', 'validation', 'test'] as const
  const partOf = new Uint8Array(count)
  names.forEach((name, part) => {
    for (const index of split[name]) partOf[index] = part
  })
  return Array.from(indexes, (index) => names[partOf[index]!]!)
}

async function encodeItems(
  run: TrainedRun,
  model: OpenLatentModel,
  dataset: Dataset,
  indexes: Int32Array,
  { signal, pause, emit, withErrors = true }: LatentsContext,
): Promise<ItemCodes> {
  const encode = encoderOf(run, model)
  const size = sizeOf(model.code)
  const count = indexes.length
  const codes = new Float32Array(count * size)
  const zLogVar = model.variational ? new Float32Array(count * size) : null
  const errors = withErrors ? new Float32Array(count) : null
  for (let from = 0; from < count; from += atATime) {
    if (signal.aborted) throw new DarkroomError('cancelled')
    await pause()
    emit({ event: 'progress', progress: { done: from, total: count, secondsLeft: null } })
    const samples = await dataset.read(indexes.subarray(from, from + atATime))
    const encoded = await encode(samples)
    codes.set(encoded.code, from * size)
    if (encoded.zLogVar !== null) zLogVar?.set(encoded.zLogVar, from * size)
    errors?.set(squaredErrors(samples, await model.decode(encoded.code), sizeOf(model.input)), from)
  }
  return { codes, zLogVar, errors }
}

/** Mean squared difference of each sample. */
function squaredErrors(a: Float32Array, b: Float32Array, size: number): Float32Array {
  const errors = new Float32Array(a.length / size)
  for (let i = 0; i < errors.length; i++) {
    let sum = 0
    for (let j = i * size; j < (i + 1) * size; j++) sum += (a[j]! - b[j]!) ** 2
    errors[i] = sum / size
  }
  return errors
}
