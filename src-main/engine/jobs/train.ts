import type { JobResult, TrainJob } from '../../contract/jobs.ts'
import type { DenoiserSpec } from '../../contract/recipe.ts'
import { readOnnxWeights } from '../models/onnx-weights.ts'
import { readModel, type ModelFolders } from '../storage/models.ts'
import { loadRecipe } from '../storage/recipes.ts'
import { train as runTraining } from '../training/train.ts'
import type { JobContext } from './context.ts'

/**
 * Trains a recipe on folders of images into a run folder, or goes on with it.
 * @throws recipe, run, data and model errors, training-diverged.
 */
export async function train(job: TrainJob, context: JobContext): Promise<JobResult> {
  const { signal, emit, assets, product } = context
  const recipe = await loadRecipe(job.recipe, assets, job.overrides)
  const startFrom = job.startFrom === null ? null : await readWeights(job.startFrom, recipe.model, context)
  const backend = await context.openBackend(job.engine)
  try {
    const { steps, model, psnr } = await runTraining({
      ...{ backend, recipe, product, startFrom, signal },
      ...{ data: job.data, out: job.out, resume: job.resume },
      onProgress: (progress) => emit({ event: 'progress', progress }),
      onRow: (row) => emit({ event: 'trained', row }),
    })
    return { type: 'train', steps, run: job.out, model, psnr }
  } finally {
    await backend.close()
  }
}

/** The weights of a network of ours, whichever way it is named. */
async function readWeights(choice: string, spec: DenoiserSpec, folders: ModelFolders) {
  const { bytes, file } = await readModel(choice, folders)
  return { name: choice, weights: readOnnxWeights(spec, bytes, file) }
}
