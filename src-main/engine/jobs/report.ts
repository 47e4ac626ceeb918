import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { DenoiseRow } from '../../contract/jobs.ts'
import { canonicalPath } from './outputs.ts'

export interface Report {
  /** Appends one line; it is with the operating system when the promise settles, so a killed process loses none. */
  add(row: DenoiseRow): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a JSON-lines report for appending: the runs of a resumed job follow each other in one file.
 * @param rows what the job is about: the report must be none of these files.
 * @throws argument-invalid, output-unwritable.
 */
export async function openReport(path: string, rows: DenoiseRow[]): Promise<Report> {
  const place = await canonicalPath(path)
  for (const file of rows.flatMap(({ source, output }) => (output === null ? [source] : [source, output])))
    if ((await canonicalPath(file)) === place)
      throw new DarkroomError('argument-invalid', {
        file: '--report',
        expected: 'a file of its own',
        received: path,
      })
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a')
    let last = Promise.resolve()
    return {
      add: (row) => (last = last.then(() => file.appendFile(`${JSON.stringify(row)}\n`))),
      async close() {
        await last.catch(() => undefined)
        await file.close()
      },
    }
  } catch (error) {
    const received = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new DarkroomError('output-unwritable', { file: path, received }, error)
  }
}
