import { DarkroomError } from '../../contract/errors.ts'
import type { DataSource } from '../../contract/dataset.ts'
import type { ImageData, RecipeOf, RowData } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Backend } from '../backend/backend.ts'
import type { JobContext } from '../jobs/context.ts'
import { openRunData, type RunData, type TrainedRun } from '../jobs/trained-run.ts'
import { openLatentModel, type OpenLatentModel } from '../inference/latent-model.ts'

/** What work on codes needs of its job. */
export type LatentContext = Pick<JobContext, 'home' | 'signal' | 'pause' | 'emit'> & {
  backend: Pick<Backend, 'compile'>
}

/** @throws model-without-codes for a restorer of photographs */
export function openRunModel(
  { path, info, weights }: TrainedRun,
  backend: Pick<Backend, 'compile'>,
): OpenLatentModel {
  const { model } = info.recipe
  if (model.type === 'denoiser')
    throw new DarkroomError('model-without-codes', {
      file: path,
      expected: 'a run of an autoencoder, a VAE or a GAN',
      received: model.type,
    })
  return openLatentModel(backend, { spec: model, input: info.data.shape, weights })
}

/** @throws model-without-encoder */
export function encoderOf(
  run: TrainedRun,
  { encode }: OpenLatentModel,
): NonNullable<OpenLatentModel['encode']> {
  if (encode !== null) return encode
  throw new DarkroomError('model-without-encoder', { file: run.path, received: run.info.recipe.model.type })
}

/** What a run was trained on. */
export const ownSource = ({ data: { sources, labels, only, second } }: RunInfo): DataSource => ({
  ...{ sources, labels, only, second },
})

/**
 * Samples as a run's network takes them.
 * @param source null: what the run was trained on
 * @throws as `openRunData`; file-not-found where what the run was trained on is no longer where it was
 */
export async function openLatentData(
  run: TrainedRun,
  source: DataSource | null,
  context: Pick<LatentContext, 'home' | 'signal' | 'emit'>,
): Promise<RunData> {
  try {
    return await openRunData(run, source ?? ownSource(run.info), context)
  } catch (thrown) {
    if (source !== null || !(thrown instanceof DarkroomError) || thrown.detail.code !== 'file-not-found')
      throw thrown
    throw new DarkroomError(
      'file-not-found',
      { ...thrown.detail, expected: 'what the run was trained on, or its data named where they are now' },
      thrown,
    )
  }
}

/** The data that a run with codes was made for: whole samples. */
export const sampleSpec = ({ recipe }: RunInfo): ImageData | RowData =>
  (recipe as RecipeOf<'images' | 'rows'>).data
