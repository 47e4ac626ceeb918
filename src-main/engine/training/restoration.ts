import type { DataSource } from '../../contract/dataset.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import { drawBatch } from '../data/batches.ts'
import { openPhotographs } from '../data/photographs.ts'
import { denoiserLayers, denoiserShapes, exportDenoiser, initDenoiser } from '../models/denoiser.ts'
import { createRandom } from '../numeric/random.ts'
import { sheetPng } from '../storage/sheet.ts'
import { restorerInputs, restorerPass, type RestorerRecipe } from './restorer-terms.ts'
import { sources } from './sources.ts'
import type { Task, Update } from './task.ts'
import { createValidator, type Restored } from './validation.ts'

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
  const { training, validation, split, read } = photographs
  const validator = await createValidator({
    ...{ backend, recipe, read, random: random.fork(sources.validation) },
    images: evenly(validation, mostValidated),
  })

  const { model, data } = recipe
  const files = training.map(({ file }) => file)
  const shapes = denoiserShapes(model)
  const pass = restorerPass(recipe)
  const largestBatch = Math.max(...batchSizes(recipe))
  const batchRandom = random.fork(sources.batches)

  const terms: Update['terms'] = (weights, inputs) => {
    const { loss } = pass(weights, inputs)
    return { loss, reconstruction: loss }
  }
  const task: Task = {
    weights: shapes,
    layers: denoiserLayers(model, data.patch),
    init: (source) => initDenoiser(model, source),
    stages: [
      {
        ...{ name: 'train', rate: null, epochs: null },
        updates: [{ trains: Object.keys(shapes), terms }],
      },
    ],
    samplesPerEpoch: Math.max(files.length, largestBatch),
    inputs: (_, batch) => restorerInputs(recipe, batch, data.patch),
    async draw(_, { epoch, offset, batch }) {
      const source = batchRandom.fork(epoch).fork(offset)
      const { clean, noisy, ...told } = await drawBatch(files, read, recipe, batch, source)
      const sampleWeight: TensorData = {
        ...{ shape: [batch], dtype: 'float32' },
        data: new Float32Array(batch).fill(1),
      }
      const { condition } = model
      return { clean, noisy, sampleWeight, ...(condition === 'none' ? {} : { [condition]: told[condition] }) }
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
        { ...metadata, corruption: JSON.stringify(recipe.corruption) },
        product,
      ),
    }),
    close: () => validator.dispose(),
  }
  const { stratified, sha256 } = split
  const counts = { training: files.length, validation: validation.length, test: split.test.length }
  return { task, data: photographs.info, split: { ...counts, stratified, sha256 } }
}

/** What the schema leaves open and `checkRecipe` has checked. */
export function asRestorer(recipe: Recipe): RestorerRecipe {
  const { data, model } = recipe
  if (data.type !== 'patches' || model.type !== 'denoiser') throw new Error('no recipe of a restorer')
  return { ...recipe, data, model }
}

const batchSizes = ({ batch }: Recipe): number[] =>
  typeof batch === 'number' ? [batch] : batch.map(({ size }) => size)

/** So many items, evenly spread. */
const evenly = <T>(items: T[], count: number): T[] =>
  items.length <= count
    ? items
    : Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)

/** Clean above corrupted above restored. */
function previewOf(restored: Restored[]): Promise<Uint8Array> {
  const { width } = restored[0]!.clean
  const side = Math.min(previewed.side, width)
  const rows = (['clean', 'corrupted', 'output'] as const).map((row) =>
    restored.map((pictures) => middle(pictures[row].data, width, side)),
  )
  return sheetPng(rows, [side, side, 3])
}

/** The middle of a square RGB picture. */
function middle(data: Float32Array, width: number, side: number): Float32Array {
  const start = (width - side) >> 1
  const crop = new Float32Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    const from = 3 * ((start + y) * width + start)
    crop.set(data.subarray(from, from + 3 * side), 3 * y * side)
  }
  return crop
}
