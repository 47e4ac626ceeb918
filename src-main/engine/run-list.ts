import { lstat, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DarkroomError, toErrorDetail, type ErrorDetail } from '../contract/errors.ts'
import type { JobStatus } from '../contract/jobs.ts'
import type { EncodedImage } from '../contract/preview.ts'
import { rowWarnings } from '../contract/run-warnings.ts'
import {
  HistoryRow,
  type RunDetail,
  type RunInfo,
  type RunPictureQuestion,
  type RunSummary,
} from '../contract/runs.ts'
import { isTemporaryName, temporaryName } from './storage/atomic.ts'
import { readRunTitle, runTitleName, writeRunTitle } from './storage/run-title.ts'
import { isBeingTrained, listPreviews, readHistory, readRun, runFile, runNames } from './storage/runs.ts'
import { stageSteps } from './training/plan.ts'

/** Questions about run folders, which are named by their paths. */
export interface Runs {
  /** Last worked on first; a damaged one is there too, and says what is wrong with it. @throws folder-unreadable. */
  list(folder: string | null): Promise<RunSummary[]>
  /** @throws file-not-found, run-unreadable. */
  detail(path: string): Promise<RunDetail>
  /** @throws file-not-found. */
  picture(question: RunPictureQuestion): Promise<EncodedImage>
  /** @throws file-not-found, run-unreadable; argument-invalid for a title that is empty or too long. */
  rename(path: string, title: string): Promise<RunSummary>
  /** @throws argument-invalid where it is no run, or a job works on it; output-unwritable. */
  remove(path: string): Promise<void>
}

/** Rows of a history that are given out, about: curves have fewer points on any screen. */
const historyRows = 10_000
/** Of a history, which may be long, so many bytes at its end are read for a summary. */
const tailBytes = 64 * 1024

interface RunsOptions {
  home: string
  /** Those that have not ended: they tell which runs are running. */
  jobs: () => JobStatus[]
  /** Why the last training in a run folder failed. */
  failureOf: (run: string) => ErrorDetail | null
}

export function createRuns({ home, jobs, failureOf }: RunsOptions): Runs {
  /** Runs of jobs under way, and those that a job which waits for its turn will go on with. */
  const takenBy = ({ job, run }: JobStatus): string | null => run ?? (job.type === 'train' ? job.out : null)

  async function summarize(path: string, info: RunInfo): Promise<RunSummary> {
    const running = await Promise.all(jobs().map(async ({ run }) => run !== null && isSamePlace(run, path)))
    const rows = await readEnd(runFile(path, 'history'))
    const validated = rows.findLast((row) => row.validation !== null)
    return {
      path,
      title: await titleOf(path),
      state: running.includes(true) ? 'running' : info.finished === null ? 'stopped' : 'finished',
      recipe: info.recipe.name,
      model: info.recipe.model.type,
      data: info.data.sources.map((source) => basename(source)).join(', '),
      step: rows.at(-1)?.step ?? 0,
      steps: plannedSteps(info),
      validation: validated?.validation ?? info.finished?.validation ?? {},
      changedAt: await lastChange(path),
      error: failureOf(path),
      warnings: validated === undefined ? [] : rowWarnings(validated),
    }
  }

  async function summaryOf(path: string): Promise<RunSummary> {
    try {
      return await summarize(path, await readRun(path))
    } catch (thrown) {
      return {
        ...{ path, title: await titleOf(path), state: 'unreadable', recipe: '', model: null, data: '' },
        ...{ step: 0, steps: 0, validation: {}, changedAt: await lastChange(path) },
        error: toErrorDetail(thrown, path),
        warnings: [],
      }
    }
  }

  return {
    async list(folder) {
      const found = await findRuns(resolve(folder ?? join(home, 'runs')), folder === null)
      const summaries = await Promise.all(found.map(summaryOf))
      return summaries.sort((a, b) => b.changedAt.localeCompare(a.changedAt) || (a.path < b.path ? -1 : 1))
    },

    async detail(given) {
      const path = await existing(given)
      const info = await readRun(path)
      const { describeRecipe } = await import('./models/describe.ts')
      return {
        summary: await summarize(path, info),
        info,
        history: await readHistory(path, historyRows),
        layers: describeRecipe(info.recipe, info.data.shape).layers,
        previews: (await listPreviews(path)).map(({ name }) => name),
        previewRows: previewRows(info),
      }
    },

    async picture({ run, name }) {
      const file = join(runFile(run, 'previews'), name)
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new DarkroomError('file-not-found', { file }, cause)
      })
      // PNG (ISO/IEC 15948): the first chunk is IHDR, its data begin with the sides.
      return { bytes, type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
    },

    async rename(given, title) {
      const path = await existing(given)
      const info = await readRun(path)
      await writeRunTitle(path, title)
      return summarize(path, info)
    },

    async remove(given) {
      const path = resolve(given)
      if (!(await isWhollyRun(path)))
        throw new DarkroomError('argument-invalid', { file: path, expected: 'a run folder' })
      const taken = jobs()
        .map(takenBy)
        .filter((run) => run !== null)
      const same = await Promise.all(taken.map((run) => isSamePlace(run, path)))
      if (same.includes(true) || (await isBeingTrained(path)))
        throw new DarkroomError('argument-invalid', {
          file: path,
          expected: 'a run that no training works on',
        })
      // Away from the list at once, whatever becomes of removing it.
      const doomed = join(dirname(path), temporaryName())
      try {
        await rename(path, doomed)
        await rm(doomed, { recursive: true })
      } catch (cause) {
        throw new DarkroomError('output-unwritable', { file: path, received: String(cause) }, cause)
      }
    },
  }
}

/** Absolute. @throws file-not-found. */
async function existing(path: string): Promise<string> {
  const absolute = resolve(path)
  const isFolder = await stat(absolute).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (isFolder) return absolute
  throw new DarkroomError('file-not-found', { file: absolute, expected: 'a run folder' })
}

const titleOf = async (path: string): Promise<string> => (await readRunTitle(path)) ?? basename(path)

const isSamePlace = async (one: string, other: string): Promise<boolean> => {
  const place = (path: string): Promise<string> => realpath(path).catch(() => resolve(path))
  return (await place(one)) === (await place(other))
}

/** Run folders in a folder; itself if it is one. @param mayBeMissing the program's own folder is made by its first run. */
async function findRuns(folder: string, mayBeMissing: boolean): Promise<string[]> {
  let entries: string[]
  try {
    entries = await readdir(folder)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT')
      throw new DarkroomError('folder-unreadable', { file: folder, received: code ?? '' }, cause)
    if (mayBeMissing) return []
    throw new DarkroomError('file-not-found', { file: folder }, cause)
  }
  if (holdsRun(entries)) return [folder]
  const inner = entries.filter((name) => !isTemporaryName(name)).map((name) => join(folder, name))
  const isRun = await Promise.all(inner.map(async (path) => holdsRun(await readdir(path).catch(() => []))))
  return inner.filter((_, i) => isRun[i])
}

/** Whether a folder with these entries is a run's, whole or damaged. */
const holdsRun = (entries: readonly string[]): boolean =>
  entries.includes(runNames.info) || entries.includes(runNames.checkpoints)

/**
 * Whether a folder may be deleted as a run: it is one that can be read, or everything in it is what a run holds. `run.json` alone could
 * be another program's.
 */
async function isWhollyRun(path: string): Promise<boolean> {
  // A link is not the run, and what it leads to is not in this place.
  const isFolder = await lstat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (!isFolder) return false
  if (await readRun(path).then(Boolean, () => false)) return true
  const entries = await readdir(path).catch(() => [])
  const own = new Set([...Object.values(runNames).map((name) => name.split('/')[0]!), runTitleName])
  return holdsRun(entries) && entries.every((name) => own.has(name) || isTemporaryName(name))
}

/** When its history or its facts were last written, or else the folder; ISO 8601. */
async function lastChange(path: string): Promise<string> {
  const written = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.mtimeMs ?? 0
  const files = await Promise.all([runFile(path, 'history'), runFile(path, 'info')].map(written))
  return new Date(Math.max(...files) || (await written(path))).toISOString()
}

/** The last rows of a history; none where it has none. @throws run-unreadable */
async function readEnd(file: string): Promise<HistoryRow[]> {
  const handle = await open(file).catch(() => null)
  if (handle === null) return []
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - tailBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start)
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n')
    return lines.slice(start > 0 ? 1 : 0).flatMap((line) => {
      try {
        return [HistoryRow.parse(JSON.parse(line))]
      } catch {
        // The end of the file, or a line that is being written.
        return []
      }
    })
  } catch (cause) {
    throw new DarkroomError('run-unreadable', { file, received: String(cause) }, cause)
  } finally {
    await handle.close()
  }
}

/** Steps of all stages. */
function plannedSteps({ recipe, split }: RunInfo): number {
  const { model, pretraining } = recipe
  const whole = stageSteps(recipe, split.training, null)
  if (pretraining === null || model.type !== 'autoencoder') return whole
  // One stage for each layer of the encoder, the code's among them.
  const stages = model.encoder.layers.length + (model.encoder.latentDim === null ? 0 : 1)
  return whole + stages * stageSteps(recipe, split.training, pretraining.epochs)
}

/** Of denoising autoencoders and restorers a preview shows the corrupted input too, of GANs a grid of samples from the same noise. */
function previewRows({ recipe }: RunInfo): string[] {
  if (recipe.model.type === 'gan') return ['generated']
  return recipe.corruption.length > 0 ? ['input', 'corrupted', 'output'] : ['input', 'output']
}
