import type { AnomalyFitJob } from '../../contract/analysis-jobs.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult } from '../../contract/jobs.ts'
import type { JobContext } from './context.ts'

export function anomalyFit(job: AnomalyFitJob, _: JobContext): Promise<JobResult> {
  return Promise.reject(new DarkroomError('job-unknown', { received: job.type }))
}
