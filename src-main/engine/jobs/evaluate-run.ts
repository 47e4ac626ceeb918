import type { SplitName } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { EvaluateRunJob, JobResult } from '../../contract/jobs.ts'
import type { Backend } from '../backend/backend.ts'
import type { Split } from '../data/dataset.ts'
import { findPhotographs } from '../data/photographs.ts'
import { splitDataset } from '../data/split.ts'
import { scoreGeneration } from '../latent/generation.ts'
import { openRunModel } from '../latent/model.ts'
import { buildAutoencoder } from '../models/autoencoder.ts'
import { createRandom } from '../numeric/random.ts'
import { measureAutoencoder } from '../training/measure.ts'
import { asRestorer } from '../training/restoration.ts'
import { sources } from '../training/sources.ts'
import { createValidator } from '../training/validation.ts'
import type { JobContext } from './context.ts'
import { openRunData, readTrainedRun, sourceFor, splitItems, type TrainedRun } from './trained-run.ts'

type Result = Extract<JobResult, { type: 'evaluate-run' }>

/**
 * Measures a trained run: of an autoencoder every term of its loss, PSNR and SSIM of images, the ELBO of variational ones
 * (`training/measure.ts`); of a restorer PSNR and SSIM of the middles of photographs, corrupted as in training (`training/validation.ts`);
 * of a GAN, or where it is asked for, how good draws from the prior are (`latent/generation.ts`).
 * On the run's own data the parts are those that it was trained with: they follow from seed and data.
 * @throws run and data errors; data-unsuitable where the part that is asked for is empty, or the data were never split; model-without-codes,
 *   argument-invalid for draws of what has no prior.
 */
export async function evaluateRun(job: EvaluateRunJob, context: JobContext): Promise<JobResult> {
  const trained = await readTrainedRun(job.run)
  const backend = await context.openBackend(job.engine)
  try {
    const { data, model } = trained.info.recipe
    if (job.generation || model.type === 'gan')
      return await evaluateGeneration(job, trained, backend, context)
    return data.type === 'patches'
      ? await evaluateRestorer(job, trained, backend, context)
      : await evaluateAutoencoder(job, trained, backend, context)
  } finally {
    await backend.close()
  }
}

async function evaluateAutoencoder(
  job: EvaluateRunJob,
  trained: TrainedRun,
  backend: Backend,
  context: JobContext,
): Promise<Result> {
  const { recipe, data } = trained.info
  if (recipe.model.type !== 'autoencoder') throw new Error('a restorer on whole samples')
  const { dataset, split } = await openRunData(trained, job.data, context)
  try {
    const { name, indexes } = chooseSplit(job, split, dataset.count)
    const values = await measureAutoencoder(
      {
        ...{ backend, recipe, dataset, indexes },
        model: buildAutoencoder(recipe.model, data.shape),
        onProgress(done) {
          context.signal.throwIfAborted()
          context.emit({
            event: 'progress',
            progress: { done, total: indexes.length, secondsLeft: null },
          })
        },
      },
      trained.weights,
    )
    const same = split !== null
    return { type: 'evaluate-run', split: name, same, items: indexes.length, values, generation: null }
  } finally {
    await dataset.close()
  }
}

async function evaluateGeneration(
  job: EvaluateRunJob,
  trained: TrainedRun,
  backend: Backend,
  context: JobContext,
): Promise<Result> {
  const model = openRunModel(trained, backend)
  if (model.encode !== null && !model.variational)
    throw new DarkroomError('argument-invalid', {
      file: trained.path,
      expected: 'a run with a prior: a variational autoencoder or a GAN',
      received: trained.info.recipe.name,
    })
  const { dataset, split } = await openRunData(trained, job.data, context)
  try {
    const { name, indexes } = chooseSplit(job, split, dataset.count)
    const file = job.data.sources.join(', ')
    if (split === null || name === 'training' || name === 'all')
      throw new DarkroomError('data-unsuitable', {
        file,
        expected: 'items that were kept out of the training, of the data that the run was trained on',
        received: name,
      })
    const scores = await scoreGeneration(model, { dataset }, split, indexes, { ...context, backend })
    const { values, ...generation } = scores
    return { type: 'evaluate-run', split: name, same: true, items: indexes.length, values, generation }
  } finally {
    await model.dispose()
    await dataset.close()
  }
}

async function evaluateRestorer(
  job: EvaluateRunJob,
  { info, weights }: TrainedRun,
  backend: Backend,
  { signal, emit }: JobContext,
): Promise<Result> {
  const recipe = asRestorer(info.recipe)
  const random = createRandom(recipe.seed)
  const found = await findPhotographs(sourceFor(info, job.data), recipe, (current) => {
    signal.throwIfAborted()
    emit({ event: 'progress', progress: { done: 0, total: 1, secondsLeft: null, current } })
  })
  const { usable, read } = found
  const same = found.info.sha256 === info.data.sha256
  const split = same
    ? splitDataset(
        { count: usable.length, labels: null, groups: null },
        recipe.split,
        random.fork(sources.split),
      )
    : null
  const { name, indexes } = chooseSplit(job, split, usable.length)
  const validator = await createValidator({
    ...{ backend, recipe, read, levels: info.data.levels ?? null, random: random.fork(sources.validation) },
    images: [...indexes].map((index) => usable[index]!),
  })
  try {
    const values = await validator.measure(weights)
    return { type: 'evaluate-run', split: name, same, items: indexes.length, values, generation: null }
  } finally {
    await validator.dispose()
  }
}

/** The part to measure on; by default the test split of the run's own data (without one, that for validation), and all of any other. */
function chooseSplit(
  { split: asked, data }: EvaluateRunJob,
  split: Split | null,
  count: number,
): { name: SplitName; indexes: Int32Array } {
  const heldOut = (['test', 'validation'] as const).find((part) => split !== null && split[part].length > 0)
  const name = asked ?? heldOut ?? 'all'
  return { name, indexes: splitItems(split, name, count, data.sources.join(', ')) }
}
