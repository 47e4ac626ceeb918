import { writeFile } from 'node:fs/promises'
import type { JobResult } from '../../contract/jobs.ts'
import type { SaveViewJob } from '../../contract/latent-jobs.ts'
import { writeAtomic } from '../storage/atomic.ts'

/** Writes what is set in the latent view, as JSON that a person may read. @throws file-exists, output-unwritable, disk-full */
export async function saveView({ view, out, overwrite }: SaveViewJob): Promise<JobResult> {
  const text = `${JSON.stringify(view, null, 2)}\n`
  await writeAtomic(out, (temporary) => writeFile(temporary, text), { overwrite })
  return { type: 'save-view', files: [out] }
}
