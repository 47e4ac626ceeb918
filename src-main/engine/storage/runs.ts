import { createReadStream } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { HistoryRow, RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { isTemporaryName, outputError, writeAtomic } from './atomic.ts'
import { isLocked, takeLock, type Lock } from './lock.ts'
import { writeSafetensors } from './safetensors.ts'

/** A run folder's files and folders, and `title.json` (`run-title.ts`). */
export const runNames = {
  /** A `RunInfo`. */
  info: 'run.json',
  /** A `HistoryRow` a line. */
  history: 'history.jsonl',
  /** Here while a process trains in the folder. */
  lock: 'training.lock',
  checkpoints: 'checkpoints',
  /** Weights by name, as the trainer has them. */
  weights: 'model/weights.safetensors',
  /** The network with these weights. */
  model: 'model/model.onnx',
  /** Its two halves, of autoencoders. */
  encoder: 'model/encoder.onnx',
  decoder: 'model/decoder.onnx',
  previews: 'previews',
} as const
export type RunFile = keyof typeof runNames

export const runFile = (folder: string, name: RunFile): string => join(folder, runNames[name])

/** `step-000120`: names of checkpoints and previews. */
export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`

/** Whether a folder holds anything but a lock and what a killed process left half written: a new run needs one that does not. */
export async function isOccupied(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).some((name) => name !== runNames.lock && !isTemporaryName(name))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    const received = code ?? ''
    throw new DarkroomError('output-unwritable', { file: folder, expected: 'a folder', received }, cause)
  }
}

/** Makes an empty folder for a run in the program's own: the name and the first number that is free. */
export async function newRunFolder(home: string, name: string): Promise<string> {
  await mkdir(join(home, 'runs'), { recursive: true })
  for (let number = 1; ; number++) {
    const folder = join(home, 'runs', `${name}-${number}`)
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/**
 * Takes a run folder for training by this process; the folder is made, and goes again if it is empty in the end. What a process that was
 * killed left half written is removed.
 * @throws run-in-use where a process that lives trains in it; as `writeAtomic`
 */
export async function lockRun(folder: string): Promise<Lock> {
  const lock = await takeLock(runFile(folder, 'lock'), {})
  if (lock === null) throw new DarkroomError('run-in-use', { file: folder })
  for (const part of ['.', 'checkpoints', 'model', 'previews']) {
    const left = await readdir(join(folder, part)).catch(() => [])
    for (const name of left.filter(isTemporaryName)) await rm(join(folder, part, name), { force: true })
  }
  return {
    async release() {
      await lock.release()
      // Only an empty folder can be removed so.
      await rmdir(folder).catch(() => undefined)
    },
  }
}

/** Whether any process trains in a run folder. */
export const isBeingTrained = (folder: string): Promise<boolean> => isLocked(runFile(folder, 'lock'))

export async function writeRun(folder: string, info: RunInfo): Promise<void> {
  await writeText(runFile(folder, 'info'), `${JSON.stringify(info, null, 2)}\n`)
}

/** @throws run-unreadable when the folder holds no run, one of another version, or a damaged one. */
export async function readRun(folder: string): Promise<RunInfo> {
  const file = runFile(folder, 'info')
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new DarkroomError('run-unreadable', { file, received: String(cause) }, cause)
  }
  const version = z.object({ version: z.unknown() }).safeParse(json).data?.version
  if (typeof version === 'number' && version !== RunInfo.shape.version.value) {
    throw new DarkroomError('run-unreadable', {
      file,
      expected: `version ${RunInfo.shape.version.value}`,
      received: `version ${version}`,
    })
  }
  return parseOrThrow(RunInfo, json, 'run-unreadable', file)
}

/** @throws disk-full, output-unwritable */
export async function appendHistory(folder: string, row: HistoryRow): Promise<void> {
  const file = runFile(folder, 'history')
  await appendFile(file, `${JSON.stringify(row)}\n`).catch((error: unknown) => {
    throw outputError(error, file)
  })
}

/**
 * The rows of a history; none where there is none yet. A line that was cut off when the process was killed is left out.
 * @param atMost so many rows about: of a longer history every second, every fourth, …, and the last. Memory: twice as many.
 * @throws run-unreadable
 */
export async function readHistory(folder: string, atMost = Infinity): Promise<HistoryRow[]> {
  const file = runFile(folder, 'history')
  let rows: HistoryRow[] = []
  let every = 1
  let count = 0
  let last = ''
  try {
    for await (const line of linesOf(file)) {
      last = line
      if (count++ % every === 0) rows.push(...parseRow(line))
      if (rows.length < 2 * atMost) continue
      rows = rows.filter((_, i) => i % 2 === 0)
      every *= 2
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new DarkroomError('run-unreadable', { file, received: String(cause) }, cause)
  }
  const hasLast = count === 0 || (count - 1) % every === 0
  return hasLast ? rows : [...rows, ...parseRow(last)]
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const text of createReadStream(file, 'utf8')) {
    const lines = (rest + (text as string)).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}

function parseRow(line: string): HistoryRow[] {
  try {
    return [HistoryRow.parse(JSON.parse(line))]
  } catch {
    return []
  }
}

/** Takes rows and previews after a step away: a run that goes on from a checkpoint makes them anew. */
export async function rewindRun(folder: string, step: number): Promise<void> {
  const rows = (await readHistory(folder)).filter((row) => row.step <= step)
  await writeText(runFile(folder, 'history'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  for (const preview of await listPreviews(folder)) {
    if (preview.step > step) await rm(join(runFile(folder, 'previews'), preview.name), { force: true })
  }
}

/** @returns the picture's name */
export async function writePreview(folder: string, step: number, png: Uint8Array): Promise<string> {
  const name = `${stepName(step)}.png`
  const file = join(runFile(folder, 'previews'), name)
  await writeAtomic(file, (temporary) => writeFile(temporary, png), { overwrite: true })
  return name
}

/** Names of a run's preview pictures, oldest first. */
export async function listPreviews(folder: string): Promise<{ name: string; step: number }[]> {
  return stepFiles(runFile(folder, 'previews'), '.png')
}

/**
 * Writes the network: its weights, and its ONNX files by part (`model`, of autoencoders `encoder` and `decoder` too).
 * @throws as `writeAtomic`
 */
export async function writeModel(
  folder: string,
  weights: TensorMap,
  parts: Record<string, Uint8Array>,
  metadata: Record<string, string>,
): Promise<void> {
  await writeSafetensors(runFile(folder, 'weights'), weights, metadata)
  for (const [part, bytes] of Object.entries(parts)) {
    const file = join(folder, 'model', `${part}.onnx`)
    await writeAtomic(file, (temporary) => writeFile(temporary, bytes), { overwrite: true })
  }
}

/** Files of a folder that are called by a step, in the order of their steps. */
export async function stepFiles(
  folder: string,
  extension: string,
): Promise<{ name: string; step: number }[]> {
  const found = await readdir(folder).catch(() => [])
  return found
    .flatMap((name) => {
      const digits = /^step-(\d+)(\.\w+)$/.exec(name)
      return digits?.[2] === extension ? [{ name, step: Number(digits[1]) }] : []
    })
    .sort((a, b) => a.step - b.step)
}

async function writeText(file: string, text: string): Promise<void> {
  await writeAtomic(file, (temporary) => writeFile(temporary, text), { overwrite: true })
}
