import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { TrainRow } from '../../contract/jobs.ts'
import { Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { writeAtomic } from './atomic.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

/** A run folder's files. */
const names = {
  /** The recipe with all its fields. */
  recipe: 'recipe.json',
  /** A `RunInfo`. */
  info: 'run.json',
  /** A `TrainRow` a line. */
  log: 'log.jsonl',
  /** All that is needed to go on: weights, moments, average, and the number of steps done. */
  checkpoint: 'checkpoint.safetensors',
  /** The (averaged) weights, as good as they are so far. */
  weights: 'weights.safetensors',
  /** The network with these weights. */
  model: 'model.onnx',
} as const

export const runFile = (folder: string, name: keyof typeof names): string => join(folder, names[name])

/** What must be known besides the recipe to repeat a run. */
export const RunInfo = z.strictObject({
  version: z.literal(1),
  /** Version of the product that began the run. */
  product: z.string(),
  data: z.strictObject({
    folders: z.array(z.string()),
    /** Images used, training and validation together. */
    images: z.int(),
    /** SHA-256 over their bytes, in the order of the folders and names. */
    sha256: z.string(),
    /** Files left out: smaller than a patch, or not readable. */
    leftOut: z.array(z.string()),
  }),
  /** Files kept for validation. */
  heldOut: z.array(z.string()),
  /** Where the first weights came from; null: from the seed. */
  startFrom: z.strictObject({ name: z.string(), sha256: z.string() }).nullable(),
  /** One entry each time that the run was started or resumed. Times are ISO 8601. */
  sessions: z.array(
    z.strictObject({
      engine: z.string(),
      engineVersion: z.string(),
      threads: z.int(),
      fromStep: z.int(),
      startedAt: z.string(),
    }),
  ),
  finished: z
    .strictObject({ at: z.string(), steps: z.int(), psnr: z.record(z.string(), z.number()) })
    .nullable(),
})
export type RunInfo = z.infer<typeof RunInfo>

export interface Run {
  recipe: Recipe
  info: RunInfo
}

/** Whether a folder holds anything: a new run needs one that does not. */
export async function isOccupied(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    throw new DarkroomError(
      'output-unwritable',
      { file: folder, expected: 'a folder', received: code ?? '' },
      cause,
    )
  }
}

/** Writes recipe and facts; the facts last, so that a folder with them is a whole run. */
export async function writeRun(folder: string, { recipe, info }: Run): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeJson(runFile(folder, 'recipe'), recipe)
  await writeJson(runFile(folder, 'info'), info)
}

/** @throws run-unreadable when it is not a run folder or a part of it is damaged. */
export async function readRun(folder: string): Promise<Run> {
  const recipe = parseOrThrow(Recipe, await readJson(runFile(folder, 'recipe')), 'run-unreadable', folder)
  const info = parseOrThrow(RunInfo, await readJson(runFile(folder, 'info')), 'run-unreadable', folder)
  return { recipe, info }
}

export async function appendLog(folder: string, row: TrainRow): Promise<void> {
  await appendFile(runFile(folder, 'log'), `${JSON.stringify(row)}\n`)
}

/** The rows of the log up to a step. A line that was cut off by a power failure is left out. */
export async function readLog(folder: string, upToStep = Infinity): Promise<TrainRow[]> {
  const text = await readFile(runFile(folder, 'log'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .flatMap((line) => {
      try {
        return [TrainRow.parse(JSON.parse(line))]
      } catch {
        return []
      }
    })
    .filter(({ step }) => step <= upToStep)
}

/** Replaces the log: a run that goes on from a checkpoint repeats the steps after it. */
export async function rewriteLog(folder: string, rows: TrainRow[]): Promise<void> {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  await writeText(runFile(folder, 'log'), text)
}

export interface Checkpoint {
  /** Steps done. */
  step: number
  state: TensorMap
}

/** One file, so that step and tensors always belong together; the one before stays until the new one is whole. */
export async function writeCheckpoint(folder: string, { step, state }: Checkpoint): Promise<void> {
  await writeSafetensors(runFile(folder, 'checkpoint'), state, { step: `${step}` })
}

/** The last checkpoint, or null when the run has not come that far. */
export async function readCheckpoint(folder: string): Promise<Checkpoint | null> {
  const file = runFile(folder, 'checkpoint')
  try {
    const { tensors, metadata } = await readSafetensors(file)
    const step = parseOrThrow(z.coerce.number().int().min(0), metadata['step'], 'run-unreadable', file)
    return { step, state: tensors }
  } catch (error) {
    if (error instanceof DarkroomError && error.detail.code === 'file-not-found') return null
    throw error
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new DarkroomError('run-unreadable', { file, received: String(cause) }, cause)
  }
}

const writeJson = (file: string, value: unknown): Promise<void> =>
  writeText(file, `${JSON.stringify(value, null, 2)}\n`)

const writeText = (file: string, text: string): Promise<void> =>
  writeAtomic(file, (temporary) => writeFile(temporary, text), { overwrite: true })
