import type { InspectJob, JobResult } from '../../contract/jobs.ts'
import { reportData } from '../data/report.ts'
import type { JobContext } from './context.ts'

/**
 * Looks through data before training, and reports what is there.
 * @throws data errors, labels-unusable, cancelled
 */
export async function inspect(job: InspectJob, { signal, emit, pause }: JobContext): Promise<JobResult> {
  const report = await reportData(job.data, {
    signal,
    pause,
    onProgress: (progress) => emit({ event: 'progress', progress }),
  })
  return { type: 'inspect', report }
}
