import { access, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { temporaryName, writeAtomic } from './atomic.ts'
import { readRunTitle, writeRunTitle } from './run-title.ts'
import { runFile, writeRun } from './runs.ts'
import { writeSafetensors } from './safetensors.ts'

/*
 * The folders of detectors and classifiers: what was fitted, and in `run/` all of the run that is needed to use it.
 */

/** What a folder of each kind holds, and is known by. */
export const analysisFiles = { detector: 'detector.json', classifier: 'classifier.json' } as const
export type AnalysisKind = keyof typeof analysisFiles

/** Those of the program's own folder. */
export const analysesFolder = (home: string): string => join(home, 'analyses')
/** The run that a detector or a classifier stands on, below its folder. */
export const runOf = (analysis: string): string => join(analysis, 'run')

/** What a folder is; null where it is neither. */
export async function analysisKind(folder: string): Promise<AnalysisKind | null> {
  for (const kind of ['detector', 'classifier'] as const)
    if (await isThere(join(folder, analysisFiles[kind]))) return kind
  return null
}

/** The folder that was asked for, or one in the program's own: the name and the first number that is free. */
export async function analysisPath(asked: string | null, home: string, name: string): Promise<string> {
  if (asked !== null) return resolve(asked)
  for (let number = 1; ; number++) {
    const folder = join(analysesFolder(home), `${name}-${number}`)
    if (!(await isThere(folder))) return folder
  }
}

/**
 * Refuses before any work what would be refused after it.
 * @throws file-exists where anything is there; with `overwrite` where that is neither a detector nor a classifier
 */
export async function checkAnalysisPath(path: string, overwrite: boolean): Promise<void> {
  if ((await isThere(path)) && !(overwrite && (await analysisKind(path)) !== null))
    throw new DarkroomError('file-exists', { file: path })
}

/**
 * Writes a folder whole or not at all; one that is replaced is there until then.
 * @throws as `checkAnalysisPath` and `writeAtomic`
 */
export async function writeAnalysis(
  path: string,
  write: (temporary: string) => Promise<void>,
  overwrite: boolean,
): Promise<void> {
  await checkAnalysisPath(path, overwrite)
  const before = join(dirname(path), temporaryName())
  await writeAtomic(
    path,
    async (temporary) => {
      await mkdir(temporary)
      await write(temporary)
      // A folder cannot take the place of another.
      if (await isThere(path)) await rename(path, before)
    },
    { overwrite: true },
  ).catch(async (thrown: unknown) => {
    if ((await isThere(before)) && !(await isThere(path))) await rename(before, path)
    throw thrown
  })
  await rm(before, { recursive: true, force: true }).catch(() => undefined)
}

export interface CopiedRun {
  /** Absolute. */
  path: string
  info: RunInfo
  weights: TensorMap
  step: string | null
}

/** A run's title: what a person called it, or its folder's name. */
export const titleOfRun = async (path: string): Promise<string> =>
  (await readRunTitle(path)) ?? basename(path).slice(0, 120)

/** Copies what `readTrainedRun` reads, and the title, into the `run/` of a folder. */
export async function copyRun({ path, info, weights, step }: CopiedRun, analysis: string): Promise<void> {
  const to = runOf(analysis)
  await mkdir(to, { recursive: true })
  await writeRun(to, info)
  await writeSafetensors(runFile(to, 'weights'), weights, step === null ? {} : { step })
  await writeRunTitle(to, await titleOfRun(path))
}

/**
 * Reads `detector.json` or `classifier.json` of a folder.
 * @throws analysis-unreadable where it is not there, damaged, or of another version
 */
export async function readAnalysis<T>(folder: string, kind: AnalysisKind, schema: z.ZodType<T>): Promise<T> {
  const file = join(folder, analysisFiles[kind])
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const received = isMissing ? 'no such file' : String(cause)
    throw unreadable(file, received, cause)
  }
  return parseOrThrow(schema, json, 'analysis-unreadable', file)
}

export const unreadable = (file: string, received: string, cause?: unknown): DarkroomError =>
  new DarkroomError('analysis-unreadable', { file, received }, cause)

/** Reads another file of such a folder. @throws analysis-unreadable instead of the reader's own errors */
export const readPart = <T>(file: string, read: () => Promise<T>): Promise<T> =>
  read().catch((thrown: unknown) => {
    if (!(thrown instanceof DarkroomError)) throw thrown
    throw unreadable(thrown.detail.file ?? file, thrown.message, thrown)
  })

/** Another one once the folder was written anew; 0 where it is gone. */
export const analysisVersion = async (folder: string, kind: AnalysisKind): Promise<number> =>
  (await stat(join(folder, analysisFiles[kind])).catch(() => null))?.mtimeMs ?? 0

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
