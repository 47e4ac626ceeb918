import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DarkroomError, toErrorDetail, type ErrorDetail } from '../../contract/errors.ts'
import type { DenoiseJob, DenoiseRow } from '../../contract/jobs.ts'
import { probeImage } from '../storage/images.ts'
import { mapSome } from './map-some.ts'
import { checkTemplate, outputName } from './naming.ts'
import { canonicalPath, probeFolding, refuseCollisions } from './outputs.ts'
import { walkSources, type Found } from './walk.ts'

/** Headers looked at side by side: disks and decoders gain little from more. */
const looksAtOnce = 4

/** A row that is to be worked on: it has an output, and the size that its header says. */
export type PlannedRow = DenoiseRow & { output: string; width: number; height: number; pages: number }

export const isPlanned = (row: DenoiseRow): row is PlannedRow => row.status === 'planned'

/**
 * What a job would do with every file, in order, before anything is written or a network is run.
 *
 * With `resume`, an output that exists counts as done: outputs appear under their names only when they are complete, so
 * this also holds after the process was killed. Where the source is newer than its output it is done again when
 * `overwrite` allows it, and skipped with a warning otherwise.
 * @param model the network's name, for `{model}`; or what finds the one that a file will get, asked only where the template has it.
 * @throws argument-invalid for a bad template, output-collision, output-unwritable.
 */
export async function planDenoise(
  job: DenoiseJob,
  model: string | ((source: string) => Promise<string>),
  signal: AbortSignal,
): Promise<DenoiseRow[]> {
  checkTemplate(job.name)
  await checkFolder(job.out)
  const found: Found[] = []
  for await (const one of walkSources(job.sources, { recursive: job.recursive, except: job.out })) {
    signal.throwIfAborted()
    found.push(one)
  }
  const rows = await mapSome(found, looksAtOnce, (one) => {
    signal.throwIfAborted()
    return lookAt(one, job, model)
  })
  const known = new Map<string, string>()
  const places = await Promise.all(
    rows.filter(isPlanned).map(async ({ source, output }) => ({
      source: await canonicalPath(source, known),
      output: await canonicalPath(output, known),
    })),
  )
  refuseCollisions(places, await probeFolding(job.out))
  const inPlace = places.find(({ source, output }) => source === output)
  if (job.resume && inPlace !== undefined)
    throw new DarkroomError('argument-invalid', {
      file: '--resume',
      expected:
        'outputs apart from their sources, or none could be told from an image that is still to be cleaned',
      received: inPlace.output,
    })
  return mapSome(rows, looksAtOnce, (row) =>
    isPlanned(row) ? settleExisting(row, job) : Promise.resolve(row),
  )
}

async function checkFolder(path: string): Promise<void> {
  const info = await stat(path).catch(() => null)
  if (info !== null && !info.isDirectory())
    throw new DarkroomError('output-unwritable', { file: path, expected: 'a folder', received: 'a file' })
}

const failedRow = (source: string, error: ErrorDetail): DenoiseRow => ({
  source,
  output: null,
  status: 'failed',
  error,
})

/** The row of one file by its header alone. */
async function lookAt(
  found: Found,
  job: DenoiseJob,
  model: string | ((source: string) => Promise<string>),
): Promise<DenoiseRow> {
  const source = found.path
  const ignored: DenoiseRow = { source, output: null, status: 'ignored' }
  if (found.kind === 'ignored') return ignored
  if (found.kind === 'failed') return failedRow(source, found.error)
  try {
    const probe = await probeImage(source)
    if (probe.kind === 'not-image') return ignored
    if (probe.kind === 'refused')
      throw new DarkroomError('image-format-refused', { file: source, received: probe.format })
    const { container, width, height, pages } = probe
    const name = typeof model === 'string' ? model : job.name.includes('{model}') ? await model(source) : ''
    const output = join(job.out, outputName({ source, dir: found.dir, container, pages }, name, job))
    return { source, output, status: 'planned', width, height, pages }
  } catch (thrown) {
    const error = toErrorDetail(thrown, source)
    // A template that leaves the output folder is wrong for the whole job, not for this file.
    if (error.file === '--name') throw thrown
    return failedRow(source, error)
  }
}

/** Decides about an output that exists already. */
async function settleExisting(row: PlannedRow, job: DenoiseJob): Promise<DenoiseRow> {
  const output = await stat(row.output).catch(() => null)
  if (output === null) return row
  if (job.resume && output.isFile() && output.size > 0) {
    const source = await stat(row.source).catch(() => null)
    const isOlder = source !== null && source.mtimeMs > output.mtimeMs
    if (!isOlder) return { ...row, status: 'skipped' }
    return job.overwrite ? row : { ...row, status: 'skipped', warnings: ['warning.output-older'] }
  }
  if (job.overwrite) return row
  return { ...row, status: 'failed', error: { code: 'file-exists', file: row.output } }
}
