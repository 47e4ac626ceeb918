import { dirname, resolve } from 'node:path'
import type { DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult, TrainJob } from '../../contract/jobs.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { readOnnxWeights } from '../models/onnx-weights.ts'
import { ownSource } from '../latent/model.ts'
import { bytesOf, readModel, type ModelFolders } from '../storage/models.ts'
import { loadRecipe, overrideRecipe } from '../storage/recipes.ts'
import { newRunFolder, runFile } from '../storage/runs.ts'
import { readSafetensors } from '../storage/safetensors.ts'
import { findRun } from '../training/begin.ts'
import { train as runTraining } from '../training/train.ts'
import type { JobContext } from './context.ts'
import { openTraining } from './training-data.ts'

/**
 * Trains a recipe on data into a run folder, or goes on with it.
 * @throws recipe, run, data and model errors, training-diverged.
 */
export async function train(job: TrainJob, context: JobContext): Promise<JobResult> {
  const { signal, stopAfterEpoch, emit, home, assets, product, pause } = context
  const before = job.out === null ? null : await findRun(resolve(job.out), job.resume)
  const recipe = await recipeOf(job, before, assets)
  const source = sourceOf(job.data, before)
  const startFrom = job.startFrom === null ? null : await readWeights(job.startFrom, recipe, context)
  const backend = await context.openBackend(job.engine)
  try {
    const training = await openTraining({
      ...{ backend, recipe, source, home, product, signal },
      onProgress: (progress) => emit({ event: 'progress', progress }),
    })
    try {
      const out = job.out === null ? await newRunFolder(home, recipe.name) : resolve(job.out)
      const { task, data, split } = training
      const result = await runTraining({
        ...{ backend, recipe, task, data, split, out, resume: job.resume, startFrom, product },
        ...{ signal, stopAfterEpoch, pause },
        onBegin: () => emit({ event: 'began', run: out }),
        onProgress: (progress) => emit({ event: 'progress', progress }),
        onRow: (row) => emit({ event: 'trained', run: out, row }),
        onPreview: (name) => emit({ event: 'previewed', run: out, name }),
      })
      return { type: 'train', run: out, ...result }
    } finally {
      await training.close()
    }
  } finally {
    await backend.close()
  }
}

async function recipeOf(job: TrainJob, before: RunInfo | null, assets: string): Promise<Recipe> {
  if (job.recipe !== null) return loadRecipe(job.recipe, assets, job.overrides)
  if (before !== null) return overrideRecipe(before.recipe, job.overrides)
  throw new DarkroomError('argument-invalid', { file: 'recipe', expected: 'a recipe, or a run to resume' })
}

/**
 * With absolute paths: a run may be resumed from another folder. Labels, and which of them are kept, belong to the data: where nothing is
 * said, they are the run's.
 */
function sourceOf(data: DataSource | null, before: RunInfo | null): DataSource {
  if (data !== null) {
    const isPath = data.labels !== null && data.labels !== 'folders' && !data.labels.startsWith('column:')
    return {
      sources: data.sources.map((path) => resolve(path)),
      labels: isPath ? resolve(data.labels!) : (data.labels ?? before?.data.labels ?? null),
      only: data.only ?? (data.labels === null ? before?.data.only : undefined),
      second: data.second === undefined ? before?.data.second : resolve(data.second),
    }
  }
  if (before !== null) return ownSource(before)
  throw new DarkroomError('argument-invalid', { file: 'data', expected: 'data, or a run to resume' })
}

/**
 * The weights of a network of ours, whichever way it is named. Those of a run lie beside its ONNX file; of denoisers they can be read from
 * that file alone.
 */
async function readWeights(
  choice: string,
  { model }: Recipe,
  folders: ModelFolders,
): Promise<{ name: string; weights: TensorMap }> {
  const read = await readModel(choice, folders)
  const { file } = read
  const beside = runFile(dirname(dirname(file)), 'weights')
  const stored = await readSafetensors(beside).catch((error: unknown) => {
    if (error instanceof DarkroomError && error.detail.code === 'file-not-found') return null
    throw error
  })
  if (stored !== null) return { name: choice, weights: stored.tensors }
  if (model.type === 'denoiser') return { name: choice, weights: readOnnxWeights(model, bytesOf(read), file) }
  throw new DarkroomError('model-incompatible', { file, expected: 'a run folder', received: 'an ONNX file' })
}
