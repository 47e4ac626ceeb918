import type { DataSource } from '../../contract/dataset.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import { drawBatch } from '../data/batches.ts'
import type { ScannedImage } from '../data/images.ts'
import { openPhotographs } from '../data/photographs.ts'
import type { Sample } from '../data/sample.ts'
import { denoiserLayers, denoiserShapes, exportDenoiser, initDenoiser } from '../models/denoiser.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { evenly } from '../numeric/subset.ts'
import { sheetPng } from '../storage/sheet.ts'
import { createNoiseOf, drawNoisyBatch, type NoisyPictures } from './noisy-batch.ts'
import { restorerInputs, restorerMetadata, restorerPass, type RestorerRecipe } from './restorer-terms.ts'
import { sources } from './sources.ts'
import type { Place, Task, Update } from './task.ts'
import { createValidator } from './validation.ts'
import type { Restored } from './validator.ts'

/** Validation images that are measured while training, evenly spread over all of them: more would cost more than they tell. */
const mostValidated = 32
/** Images of a preview, and the side of their middles that it shows, in pixels. */
const previewed = { images: 4, side: 96 }

export interface RestorationOptions {
  backend: Backend
  /** One that cuts patches. */
  recipe: Recipe
  /** Folders of photographs. */
  source: DataSource
  /** Version of the product. */
  product: string
  /** Called with every file that is looked at; may throw, to cancel. */
  onFile: (file: string) => void
}

/** A task, and what `run.json` says of its data. */
export interface Restoration {
  task: Task
  data: RunInfo['data']
  split: RunInfo['split']
}

/**
 * Training of a restorer (denoiser, super-resolution, inpainting) on patches of photographs. A batch is always full: patches are drawn
 * at random, so the last one of an epoch takes more of them instead of being filled up.
 * @throws file-not-found or folder-unreadable; training-data-missing; recipe-invalid where data and model do not go together.
 */
export async function restorationTask(options: RestorationOptions): Promise<Restoration> {
  const { backend, source, product, onFile } = options
  const recipe = asRestorer(options.recipe)
  const random = createRandom(recipe.seed)
  const photographs = await openPhotographs(source, recipe, random.fork(sources.split), onFile)
  const { training, validation, split, read, levels } = photographs
  const validator = await createValidator({
    ...{ backend, recipe, read, levels, random: random.fork(sources.validation) },
    images: evenly(validation, mostValidated),
  })

  const { model, data } = recipe
  const shapes = denoiserShapes(model)
  const pass = restorerPass(recipe)
  const { constants } = pass
  const largestBatch = Math.max(...batchSizes(recipe))
  const batchRandom = random.fork(sources.batches)

  const samplesPerEpoch = Math.max(training.length, largestBatch)
  const drawInputs = createDraw(
    { recipe, read, levels, noiseOf: createNoiseOf(recipe, read, levels) },
    training,
  )

  const terms: Update['terms'] = (weights, inputs) => {
    const { loss } = pass.run(weights, inputs)
    return { loss, reconstruction: loss }
  }
  const task: Task = {
    weights: shapes,
    layers: denoiserLayers(model, data.patch),
    init: (source) => initDenoiser(model, source),
    stages: [
      {
        ...{ name: 'train', rate: null, epochs: null },
        updates: [{ trains: Object.keys(shapes), terms, ...(constants && { constants }) }],
      },
    ],
    samplesPerEpoch,
    inputs: (_, batch) => restorerInputs(recipe, batch, data.patch),
    async draw(_, place) {
      const source = batchRandom.fork(place.epoch).fork(place.offset)
      return drawInputs(place, samplesPerEpoch, source)
    },
    validate: (_, weights) => validator.measure(weights),
    async preview(weights) {
      const restored = await validator.restore(weights, previewed.images)
      return restored.length === 0 ? null : previewOf(restored)
    },
    exports: (weights, metadata) => ({
      model: exportDenoiser(
        model,
        weights,
        { ...metadata, ...restorerMetadata(recipe, photographs.info.levels) },
        product,
      ),
    }),
    close: () => validator.dispose(),
  }
  const { stratified, sha256 } = split
  const counts = { training: training.length, validation: validation.length, test: split.test.length }
  return { task, data: photographs.info, split: { ...counts, stratified, sha256 } }
}

/** A function that draws the inputs of a step, of a place in epochs of so many samples. */
function createDraw(pictures: NoisyPictures, images: readonly ScannedImage[]) {
  const { recipe, read, levels } = pictures
  const { supervision, model } = recipe
  return async ({ epoch, offset, batch }: Place, samples: number, source: Random): Promise<TensorMap> => {
    if (supervision.type === 'clean') {
      const cutting = { channels: model.channels, levels }
      const { target, noisy, ...told } = await drawBatch(images, read, recipe, cutting, batch, source)
      const sampleWeight = new Float32Array(batch).fill(1)
      const { condition } = model
      return {
        ...{ target, noisy, sampleWeight: { shape: [batch], dtype: 'float32', data: sampleWeight } },
        ...(condition !== 'none' && { [condition]: told[condition] }),
      }
    }
    const drawn = await drawNoisyBatch(pictures, images, batch, source)
    if (supervision.type === 'neighbor2neighbor') {
      const { gamma, ramp } = supervision
      const share = ramp === 0 ? 1 : Math.min(1, (epoch + offset / samples) / ramp)
      drawn['gamma']!.data.fill(share * gamma)
    }
    return drawn
  }
}

/** What the schema leaves open and `checkRecipe` has checked. */
export function asRestorer(recipe: Recipe): RestorerRecipe {
  const { data, model } = recipe
  if (data.type !== 'patches' || model.type !== 'denoiser') throw new Error('no recipe of a restorer')
  return { ...recipe, data, model }
}

const batchSizes = ({ batch }: Recipe): number[] =>
  typeof batch === 'number' ? [batch] : batch.map(({ size }) => size)

/** Clean, where it is known, above corrupted above restored. */
function previewOf(restored: Restored[]): Promise<Uint8Array> {
  const { width, channels } = restored[0]!.corrupted
  const side = Math.min(previewed.side, width)
  const rows = (['clean', 'corrupted', 'output'] as const).map((row) =>
    restored.flatMap((pictures) => (pictures[row] === null ? [] : [middle(pictures[row], side)])),
  )
  return sheetPng(
    rows.filter((row) => row.length > 0),
    [side, side, channels],
  )
}

/** The middle of a square picture. */
function middle({ data, width, channels }: Sample, side: number): Float32Array {
  const start = (width - side) >> 1
  const crop = new Float32Array(side * side * channels)
  for (let y = 0; y < side; y++) {
    const from = channels * ((start + y) * width + start)
    crop.set(data.subarray(from, from + channels * side), channels * y * side)
  }
  return crop
}
