import { writeFile } from 'node:fs/promises'
import type { ExportJob, JobResult } from '../../contract/jobs.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { readModel } from '../storage/models.ts'
import type { JobContext } from './context.ts'

/**
 * Writes a network as an ONNX file: that of a shipped model or of a run, weights, names and metadata in one file.
 * @throws model-unknown, model-unreadable, file-exists, output-unwritable.
 */
export async function exportModel(job: ExportJob, context: JobContext): Promise<JobResult> {
  const { bytes } = await readModel(job.model, context)
  await writeAtomic(job.out, (temporary) => writeFile(temporary, bytes), { overwrite: job.overwrite })
  return { type: 'export', file: job.out }
}
