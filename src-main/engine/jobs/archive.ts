import { createWriteStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { ArchiveJob, JobResult } from '../../contract/jobs.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { isRunEntry } from '../storage/run-entries.ts'
import { isBeingTrained, readRun } from '../storage/runs.ts'
import { planZip, zipBytes, type ZipFile } from '../storage/zip-write.ts'
import type { JobContext } from './context.ts'

/**
 * Packs a whole run into one .zip file: all that is needed to go on with it elsewhere but the data.
 * @throws run-unreadable; run-in-use while it is trained; file-exists, output-unwritable, disk-full.
 */
export async function archive(job: ArchiveJob, context: JobContext): Promise<JobResult> {
  const run = resolve(job.run)
  await readRun(run)
  if (await isBeingTrained(run)) throw new DarkroomError('run-in-use', { file: run })
  const plan = await planZip(await filesOf(run))
  await writeAtomic(
    job.out,
    async (temporary) => {
      await pipeline(Readable.from(zipBytes(plan)), createWriteStream(temporary), { signal: context.signal })
    },
    { overwrite: job.overwrite },
  )
  return { type: 'archive', file: job.out, bytes: plan.size }
}

/** Everything that belongs to the run, below a folder of its name. */
async function filesOf(run: string): Promise<ZipFile[]> {
  const entries = await readdir(run, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => {
    if (!entry.isFile()) return []
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(run.length + 1).replaceAll('\\', '/')
    return isRunEntry(path) ? [{ file, name: `${basename(run)}/${path}` }] : []
  })
}
