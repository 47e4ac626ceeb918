import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DataSource, SplitName } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { ModelPart } from '../../contract/jobs.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { readMetadata } from '../backend/runtime-metadata.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import { openDataset } from '../data/open-dataset.ts'
import { forNetwork } from '../data/scaling.ts'
import { splitDataset } from '../data/split.ts'
import { exportDenoiser } from '../models/denoiser.ts'
import { exportAutoencoder } from '../models/export-autoencoder.ts'
import { exportGan } from '../models/export-gan.ts'
import { createRandom } from '../numeric/random.ts'
import { readCheckpoint } from '../storage/checkpoints.ts'
import { dataCache } from '../storage/home.ts'
import { readRun, runFile } from '../storage/runs.ts'
import { readSafetensors } from '../storage/safetensors.ts'
import { restorerMetadata } from '../training/restorer-terms.ts'
import { sources } from '../training/sources.ts'
import { resultWeights } from '../training/step.ts'
import type { JobContext } from './context.ts'

/** A run, and the weights that it came to. */
export interface TrainedRun {
  path: string
  info: RunInfo
  weights: TensorMap
  /** Step that the weights are of, as they say it; null of those that do not. */
  step: string | null
}

/** @throws run-unreadable, also of a run that has nothing to show yet; model-unreadable for damaged weights. */
export async function readTrainedRun(folder: string): Promise<TrainedRun> {
  const path = resolve(folder)
  const info = await readRun(path)
  return { path, info, ...(await readWeights(path)) }
}

/** Those of its model; of a run that was killed before it wrote one, those of its last checkpoint. */
async function readWeights(path: string): Promise<Pick<TrainedRun, 'weights' | 'step'>> {
  try {
    const { tensors, metadata } = await readSafetensors(runFile(path, 'weights'))
    return { weights: tensors, step: metadata['step'] ?? null }
  } catch (thrown) {
    if (!(thrown instanceof DarkroomError) || thrown.detail.code !== 'file-not-found') throw thrown
    const checkpoint = await readCheckpoint(path)
    if (checkpoint === null || checkpoint.step === 0)
      throw new DarkroomError('run-unreadable', { file: path, expected: 'a run that was trained' }, thrown)
    return { weights: resultWeights(checkpoint.state), step: `${checkpoint.step}` }
  }
}

/**
 * A run's network, or a half of an autoencoder, as an ONNX file: the one that the training wrote, or made of the weights where it was killed
 * before, so that the file is of another step than the weights or not there at all.
 * @throws argument-invalid for a half of what has none; model-without-encoder for the encoder of a GAN.
 */
export async function readNetwork(
  { path, info, weights, step }: TrainedRun,
  part: ModelPart,
  product: string,
): Promise<{ file: string; bytes: Uint8Array }> {
  const { recipe, data } = info
  const { model } = recipe
  const file = runFile(path, part)
  if (model.type === 'denoiser' && part !== 'model')
    throw new DarkroomError('argument-invalid', {
      file: '--part',
      expected: 'model, or a run of an autoencoder',
      received: part,
    })
  const bytes = await readFile(file).catch(() => null)
  if (bytes !== null && (step === null || readMetadata(bytes)['step'] === step)) return { file, bytes }
  const metadata = { recipe: recipe.name, ...(step === null ? {} : { step }), seed: `${recipe.seed}` }
  return { file, bytes: exportPart(part) }

  function exportPart(part: ModelPart): Uint8Array {
    switch (model.type) {
      case 'denoiser': {
        const trained = restorerMetadata(recipe, data.levels)
        return exportDenoiser(model, weights, { ...metadata, ...trained }, product)
      }
      case 'autoencoder':
        return exportAutoencoder(model, data.shape, weights, metadata, product)[part]
      case 'gan':
        if (part === 'encoder') throw new DarkroomError('model-without-encoder', { file: path })
        return exportGan(model, data.shape, weights, metadata, product)[part]
    }
  }
}

/**
 * The data to put through a run's network. Where nothing is said of labels they are taken as the run had them, and its items alone: with
 * another column of a table the rows would be other rows.
 */
export function sourceFor(
  { data }: RunInfo,
  { sources: given, labels, only, second }: DataSource,
): DataSource {
  const paths = given.map((path) => resolve(path))
  const isSame = paths.length === data.sources.length && paths.every((path, i) => path === data.sources[i])
  const isColumn = data.labels?.startsWith('column:') === true
  return {
    sources: paths,
    labels: labels ?? (isSame || isColumn ? data.labels : null),
    only: only ?? (labels === null && isSame ? data.only : undefined),
    second: second ?? (isSame ? data.second : undefined),
  }
}

/**
 * The same with absolute paths, to be kept. A column that only the run names stays unnamed, so that new data may be without it.
 */
export function wholeSourceFor(info: RunInfo, data: DataSource): DataSource {
  const { labels, ...whole } = sourceFor(info, data)
  const isSame = whole.sources.join('\n') === info.data.sources.join('\n')
  if (data.labels === null && !isSame) return { ...whole, labels: null }
  const isPath = labels !== null && labels !== 'folders' && !labels.startsWith('column:')
  return { ...whole, labels: isPath ? resolve(labels) : labels }
}

/** Samples as a run's network takes them. */
export interface RunData {
  dataset: Dataset
  /** How the run split them; null where they are not the data that it was trained on. */
  split: Split | null
}

/** @throws data errors; data-unsuitable where the samples have another shape than the run's. */
export async function openRunData(
  { info }: TrainedRun,
  source: DataSource,
  { home, signal, emit }: Pick<JobContext, 'home' | 'signal' | 'emit'>,
): Promise<RunData> {
  const { recipe, data } = info
  const spec = recipe.data
  if (spec.type === 'patches') throw new Error('photographs are no samples')
  const whole = sourceFor(info, source)
  const open = (labels: string | null): Promise<Dataset> =>
    openDataset({ ...whole, labels }, spec, {
      ...{ cacheFolder: dataCache(home), signal },
      onProgress: (progress) => emit({ event: 'progress', progress }),
    })
  const dataset = await open(whole.labels).catch((thrown: unknown) => {
    // New data need not have the column of labels that the run's had.
    const isMissing = thrown instanceof DarkroomError && thrown.detail.code === 'labels-unusable'
    if (isMissing && source.labels === null && whole.labels?.startsWith('column:') === true) return open(null)
    throw thrown
  })
  if (dataset.shape.join() !== data.shape.join()) {
    await dataset.close()
    const file = source.sources.join(', ')
    const [expected, received] = [data.shape, dataset.shape].map((shape) => shape.join('×'))
    throw new DarkroomError('data-unsuitable', { file, expected: expected!, received: received! })
  }
  const ofRun = asTrainedOn(dataset, data.sha256)
  return {
    dataset: { ...dataset, ...forNetwork(dataset, data.scaling) },
    split: ofRun && splitDataset(ofRun, recipe.split, createRandom(recipe.seed).fork(sources.split)),
  }
}

/** A dataset with the labels that a run split it by, none where it was trained without; null where it is another one. */
function asTrainedOn(dataset: Dataset, sha256: string): Dataset | null {
  if (dataset.sha256 === sha256) return dataset
  return dataset.samplesSha256 === sha256 ? { ...dataset, labels: null } : null
}

/**
 * The items of one part of a run's data, in ascending order.
 * @param split null where the data were never split: then there is only `all`
 * @throws data-unsuitable where there is no such part, or nothing in it
 */
export function splitItems(split: Split | null, name: SplitName, count: number, file: string): Int32Array {
  if (name === 'all') return Int32Array.from({ length: count }, (_, index) => index)
  if (split === null)
    throw new DarkroomError('data-unsuitable', { file, expected: 'the data that the run was trained on' })
  if (split[name].length === 0)
    throw new DarkroomError('data-unsuitable', {
      file,
      expected: `a split with items in ${name}`,
      received: '0',
    })
  return split[name]
}
