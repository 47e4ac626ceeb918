import { basename } from 'node:path'
import type { AnomalyFitJob } from '../../contract/analysis-jobs.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { TrainJob, type JobResult } from '../../contract/jobs.ts'
import { aboutDetector, writeDetector } from '../anomaly/detector.ts'
import { calibrate } from '../anomaly/calibrate.ts'
import { checkNormal } from '../anomaly/normal.ts'
import { openJudge, wholeSource } from '../anomaly/open.ts'
import { chooseThreshold, itemsNeeded } from '../anomaly/threshold.ts'
import { unitsOf } from '../anomaly/units.ts'
import type { Dataset } from '../data/dataset.ts'
import { openDataset } from '../data/open-dataset.ts'
import type { OpenOptions } from '../data/sample-source.ts'
import { splitDataset } from '../data/split.ts'
import { createRandom } from '../numeric/random.ts'
import { analysisPath, checkAnalysisPath } from '../storage/analysis-folders.ts'
import { dataCache } from '../storage/home.ts'
import { loadRecipe } from '../storage/recipes.ts'
import { sources } from '../training/sources.ts'
import type { JobContext } from './context.ts'
import { train } from './train.ts'
import { readTrainedRun } from './trained-run.ts'

/**
 * Fits a detector of anomalies to normal data: trains a recipe on them where no run is given, as a run of the program's own folder, and chooses the
 * threshold on held-out normal items.
 * @throws run, recipe and data errors; labels-unusable where labels are not those that were named; calibration-too-small, before anything is
 *   trained; file-exists, output-unwritable, disk-full
 */
export async function anomalyFit(job: AnomalyFitJob, context: JobContext): Promise<JobResult> {
  if ((job.run === null) === (job.recipe === null))
    throw new DarkroomError('argument-invalid', {
      file: '--recipe',
      expected: 'either a recipe that is trained, or a run (--run)',
      received: job.run === null ? 'none' : 'both',
    })
  const name = basename(job.run ?? job.recipe!, '.json')
  const path = await analysisPath(job.out, context.home, name)
  await checkAnalysisPath(path, job.overwrite)
  const run = await readTrainedRun(job.run ?? (await trainNormal(job, context)))
  const source = wholeSource(run.info, job.data, null)
  const file = source.sources.join(', ')
  const backend = await context.openBackend(job.engine)
  try {
    const judge = await openJudge(run, source, { kind: job.score, whitening: null }, { ...context, backend })
    try {
      if (job.normal !== null) checkNormal(judge.units.labels, job.normal, file)
      const found = await calibrate(judge, run, { source, normal: job.normal }, context)
      const threshold = chooseThreshold(job.threshold, found.calibration, file)
      const detector = await aboutDetector(
        {
          ...{ product: context.product, data: source, sha256: judge.data.dataset.samplesSha256 },
          ...{ normal: job.normal, score: job.score, threshold, heatScale: found.heatScale },
        },
        run,
      )
      const { calibration, whitening } = found
      await writeDetector({ path, detector, calibration, whitening, run }, job.overwrite)
      return { type: 'anomaly-fit', detector: path, threshold, run: run.path }
    } finally {
      await judge.close()
    }
  } finally {
    await backend.close()
  }
}

/** Trains a recipe on the normal items. @returns the run's folder */
async function trainNormal(job: AnomalyFitJob, context: JobContext): Promise<string> {
  const recipe = job.recipe!
  await checkBefore(job, context)
  const data = { ...job.data, ...(job.normal !== null && { only: job.normal }) }
  const training = TrainJob.parse({
    ...{ type: 'train', data, recipe, overrides: job.overrides, out: null, engine: job.engine },
  })
  const trained = await train(training, context)
  if (trained.type !== 'train') throw new Error(trained.type)
  return trained.run
}

/** @throws labels-unusable where no label is that of an anomaly */
function checkBothKinds(labels: Dataset['labels'], normal: string[], file: string): void {
  const names = new Set(labels === null ? [] : Array.from(labels.of, (label) => labels.names[label] ?? ''))
  if ([...names].some((name) => name !== '' && !normal.includes(name))) return
  throw new DarkroomError('labels-unusable', {
    file,
    expected: 'labels of normal items and of others (--labels, --normal)',
    received: names.size === 0 ? 'none' : [...names].join(', '),
  })
}

/** Finds what would fail after the training before it. */
async function checkBefore(job: AnomalyFitJob, { assets, home, signal, emit }: JobContext): Promise<void> {
  const recipe = await loadRecipe(job.recipe!, assets, job.overrides)
  const { data: spec, model } = recipe
  if (spec.type === 'patches' || model.type !== 'autoencoder')
    throw new DarkroomError('recipe-invalid', {
      file: job.recipe!,
      expected: 'an autoencoder of whole samples',
      received: model.type,
    })
  const file = job.data.sources.join(', ')
  const options: OpenOptions = {
    ...{ cacheFolder: dataCache(home), signal },
    onProgress: (progress) => emit({ event: 'progress', progress }),
  }
  if (job.normal !== null) {
    const whole = await openDataset(job.data, spec, options)
    await whole.close()
    checkNormal(whole.labels, job.normal, file)
    if (job.threshold.type === 'best-f1') checkBothKinds(whole.labels, job.normal, file)
  } else if (job.threshold.type === 'best-f1') checkBothKinds(null, [], file)
  const dataset = await openDataset({ ...job.data, only: job.normal ?? job.data.only }, spec, options)
  await dataset.close()
  const { validation } = splitDataset(dataset, recipe.split, createRandom(recipe.seed).fork(sources.split))
  const { of } = unitsOf(dataset)
  const received = new Set(Array.from(validation, (item) => of[item]!)).size
  const needed = itemsNeeded(job.threshold)
  if (received < needed)
    throw new DarkroomError('calibration-too-small', {
      file,
      expected: `at least ${needed} held-out normal items (split.validation of the recipe)`,
      received: `${received}`,
    })
}
