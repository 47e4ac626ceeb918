import { basename } from 'node:path'
import type { ClassifyFitJob } from '../../contract/analysis-jobs.ts'
import type { JobResult } from '../../contract/jobs.ts'
import { writeClassifier } from '../classify/classifier.ts'
import { isByHand } from '../classify/data.ts'
import { fitClassifier } from '../classify/fit.ts'
import { analysisPath, checkAnalysisPath } from '../storage/analysis-folders.ts'
import { provenanceOf } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { readTrainedRun, wholeSourceFor } from './trained-run.ts'

/**
 * Makes a classifier from a run's encoder and what labels there are.
 * @throws as `fitClassifier`; run-unreadable; file-exists, output-unwritable, disk-full
 */
export async function classifyFit(job: ClassifyFitJob, context: JobContext): Promise<JobResult> {
  const path = await analysisPath(job.out, context.home, `${basename(job.run)}-classes`)
  await checkAnalysisPath(path, job.overwrite)
  const run = await readTrainedRun(job.run)
  const backend = await context.openBackend(job.engine)
  try {
    const fitted = await fitClassifier(run, job, { ...context, backend })
    const { lesson, pseudoLabels, fineTuned, figures, ...network } = fitted
    const [classes, labels] = [lesson.names, lesson.items.length]
    const single = classes.filter((_, place) => lesson.classes.filter((one) => one === place).length === 1)
    const whole = wholeSourceFor(run.info, job.data)
    const data = isByHand(job) ? { ...whole, labels: null } : whole
    const about = {
      ...{ data, classes, hidden: job.hidden, labels, pseudoLabels, fineTuned },
      provenance: await provenanceOf(job, run, null, context.product),
    }
    await writeClassifier(path, { ...network, run, about }, job.overwrite)
    return { type: 'classify-fit', classifier: path, classes, labels, single, figures }
  } finally {
    await backend.close()
  }
}
