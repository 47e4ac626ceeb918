import { maximumListed, type DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Progress } from '../../contract/jobs.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Backend } from '../backend/backend.ts'
import { openDataset } from '../data/open-dataset.ts'
import { fitScaling, forNetwork } from '../data/scaling.ts'
import { splitDataset } from '../data/split.ts'
import { buildAutoencoder } from '../models/autoencoder.ts'
import { checkRecipe, recipeInput } from '../models/check-recipe.ts'
import { buildGan } from '../models/gan.ts'
import { checkMemory } from '../models/memory.ts'
import { createRandom } from '../numeric/random.ts'
import { dataCache } from '../storage/home.ts'
import { adversarialTask } from '../training/adversarial.ts'
import { autoencodingTask, type AutoencodingOptions } from '../training/autoencoding.ts'
import { restorationTask } from '../training/restoration.ts'
import { sources } from '../training/sources.ts'
import type { Task } from '../training/task.ts'

type Given = Pick<AutoencodingOptions, 'backend' | 'dataset' | 'split' | 'product'>

/** Training on whole samples of a shape. */
function sampleTask(recipe: Recipe, input: number[], given: Given): Task {
  const { model, loss } = recipe
  if (model.type === 'autoencoder')
    return autoencodingTask({
      ...given,
      ...{ recipe: { ...recipe, model }, model: buildAutoencoder(model, input) },
    })
  if (model.type === 'gan' && loss.type === 'adversarial')
    return adversarialTask({ ...given, recipe: { ...recipe, model, loss }, gan: buildGan(model, input) })
  // `checkRecipe` has refused this.
  throw new Error('a restorer on whole samples')
}

/** What is trained, and what `run.json` says of its data. */
export interface TrainingData {
  task: Task
  data: RunInfo['data']
  split: RunInfo['split']
  close(): Promise<void>
}

export interface OpenTrainingOptions {
  backend: Backend
  recipe: Recipe
  source: DataSource
  /** The program's own folder of this person. */
  home: string
  product: string
  signal: AbortSignal
  onProgress: (progress: Progress) => void
}

/**
 * Opens the data of a recipe, splits them, and makes the task of training on them.
 * @throws data errors; recipe-invalid naming the field; recipe-too-large with what would fit
 */
export async function openTraining(options: OpenTrainingOptions): Promise<TrainingData> {
  const { backend, recipe, source, home, product, signal, onProgress } = options
  checkRecipe(recipe, null)
  const { data: spec } = recipe
  // Before the data are read, which may take long, where the recipe itself sets the size of a sample.
  const known = recipeInput(recipe)
  if (known !== null) checkMemory(recipe, known, process.availableMemory())
  if (spec.type === 'patches') {
    const onFile = (file: string): void => {
      if (signal.aborted) throw new DarkroomError('cancelled')
      onProgress({ done: 0, total: 1, secondsLeft: null, current: file })
    }
    const restoration = await restorationTask({ backend, recipe, source, product, onFile })
    return { ...restoration, close: () => restoration.task.close() }
  }
  const dataset = await openDataset(source, spec, { cacheFolder: dataCache(home), signal, onProgress })
  try {
    checkRecipe(recipe, dataset.shape)
    if (known === null) checkMemory(recipe, dataset.shape, process.availableMemory())
    const split = splitDataset(dataset, recipe.split, createRandom(recipe.seed).fork(sources.split))
    const { training, validation, test, stratified, sha256 } = split
    const scaling = spec.type === 'rows' ? await fitScaling(dataset, training, spec) : null
    const task = sampleTask(recipe, dataset.shape, {
      ...{ backend, split, product, dataset: forNetwork(dataset, scaling) },
    })
    return {
      task,
      data: {
        ...{
          ...source,
          kind: dataset.kind,
          items: dataset.count,
          shape: dataset.shape,
          sha256: dataset.sha256,
        },
        ...{ labelNames: dataset.labels?.names ?? null, scaling },
        ...{ skipped: dataset.skipped.slice(0, maximumListed), skippedCount: dataset.skippedCount },
      },
      split: {
        ...{ training: training.length, validation: validation.length, test: test.length },
        ...{ stratified, sha256 },
      },
      async close() {
        await task.close()
        await dataset.close()
      },
    }
  } catch (error) {
    await dataset.close()
    throw error
  }
}
