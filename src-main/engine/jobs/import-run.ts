import { rmdir } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { DarkroomError, toErrorDetail } from '../../contract/errors.ts'
import type { ImportRunJob, JobResult } from '../../contract/jobs.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { isRunEntry } from '../storage/run-entries.ts'
import { isOccupied, newRunFolder, readRun } from '../storage/runs.ts'
import { unpackZip } from '../storage/zip-read.ts'
import type { JobContext } from './context.ts'

/**
 * Unpacks a packed run into a new run folder, which is there whole or not at all. What is no part of a run is left out.
 * @throws archive-unreadable; file-exists where the folder holds anything; file-not-found, output-unwritable, disk-full.
 */
export async function importRun(job: ImportRunJob, context: JobContext): Promise<JobResult> {
  const { signal, emit } = context
  if (job.out !== null && (await isOccupied(job.out)))
    throw new DarkroomError('file-exists', { file: job.out })
  const run = job.out === null ? await newRunFolder(context.home, folderName(job.file)) : resolve(job.out)
  // Made anew by the unpacked one, which cannot take the place of a folder everywhere.
  const makeRoom = (): Promise<void> => rmdir(run).catch(() => undefined)
  try {
    await writeAtomic(
      run,
      async (temporary) => {
        await unpackZip(job.file, temporary, {
          place: placeInRun,
          signal,
          onProgress: (done, total) =>
            emit({ event: 'progress', progress: { done, total, secondsLeft: null } }),
        })
        await checkRun(temporary, job.file)
        await makeRoom()
      },
      { overwrite: true },
    )
  } catch (thrown) {
    if (job.out === null) await makeRoom()
    throw thrown
  }
  return { type: 'import-run', run }
}

/** `mine.zip` as a folder's name: letters and numbers of any script. */
const folderName = (file: string): string =>
  basename(file, extname(file))
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '') || 'run'

/** Archives have their files at the top, or below one folder of any name, `model` too. */
function placeInRun(name: string): string | null {
  const inner = name.slice(name.indexOf('/') + 1)
  return [inner, name].find(isRunEntry) ?? null
}

async function checkRun(folder: string, file: string): Promise<void> {
  await readRun(folder).catch((cause: unknown) => {
    const { received = '' } = toErrorDetail(cause)
    throw new DarkroomError('archive-unreadable', { file, expected: 'a packed run', received }, cause)
  })
}
