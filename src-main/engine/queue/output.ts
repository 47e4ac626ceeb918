import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import { automaticModel } from '../../contract/evidence.ts'
import type { DenoiseSettings } from '../../contract/settings.ts'
import { mapSome } from '../jobs/map-some.ts'
import { checkTemplate, outputName, type NamedSource } from '../jobs/naming.ts'
import { containerByName } from '../storage/image-formats.ts'
import { writeCleaned } from '../jobs/write-cleaned.ts'
import type { ImageFile, ImageWarning } from '../storage/image.ts'
import { probeImage } from '../storage/images.ts'

/** The output folder where none is named: beside the sources. No recursive addition enters a folder of this name. */
export const defaultFolder = 'denoised'

/** Files looked at side by side. */
const looksAtOnce = 8

/**
 * The path that a picture is written to, unless something is there already.
 *
 * Without an output folder it goes to a folder `denoised` beside the file, or, for a file that came with a folder, inside
 * that folder, which `{dir}` then mirrors: of an added `/a/photos`, `/a/photos/may/x.jpg` goes to
 * `/a/photos/denoised/may/x.jpg`.
 * @throws argument-invalid for a wrong template, or several pages in a format that holds one; output-unwritable for a name
 * that is too long.
 */
export function plannedOutput(file: NamedSource, settings: DenoiseSettings): string {
  checkTemplate(settings.name)
  const folder = settings.out ?? join(rootOf(file), defaultFolder)
  return resolve(folder, outputName(file, modelName(settings.model), settings))
}

/** The folder that `dir` is relative to. */
const rootOf = ({ source, dir }: NamedSource): string =>
  resolve(dirname(source), ...(dir === '' ? [] : dir.split(sep).map(() => '..')))

/** Models are named by id here; a file or a run folder by the last part of its path. */
const modelName = (model: string): string => basename(model).replace(/\.onnx$/i, '')

type Question = Pick<NamedSource, 'source' | 'dir'> & { settings: DenoiseSettings }

/**
 * The planned path of a picture, for a live example of its settings. The file need not exist: then its name says what it is.
 * A number may be added when it is written (`name (2).jpg`).
 * @param choose finds the model that `auto` stands for with a picture; asked only where the name has it.
 * @throws as `plannedOutput`.
 */
export async function outputFor(
  { source, dir, settings }: Question,
  choose: (source: string) => Promise<string>,
): Promise<string> {
  const probe = await probeImage(source).catch(() => null)
  const { container, pages } =
    probe?.kind === 'image' ? probe : { container: containerByName(source) ?? 'jpeg', pages: 1 }
  const model = isNamedByChoice(settings) && probe?.kind === 'image' ? await choose(source) : settings.model
  return plannedOutput({ source, dir, container, pages }, { ...settings, model })
}

/** Whether the name of an output depends on the noise of its picture. */
export const isNamedByChoice = ({ model, name }: DenoiseSettings): boolean =>
  model === automaticModel && name.includes('{model}')

export interface OutputGuard {
  /** Takes a path for this item; false where another item is being written to it. */
  claim(path: string): boolean
  /** Files that are never replaced: the sources of the queue, and the outputs of its other items. */
  kept(): string[]
}

/**
 * Writes a picture, or copies the file of one that was kept. What is there already stays, and the new file gets a number: `name (2).jpg`. With `replace` it is
 * replaced, unless the guard keeps it. Safe against files that appear meanwhile.
 * @throws as `writeImage`, but not file-exists.
 */
export async function writeOutput(
  { image, isKept }: { image: ImageFile; isKept: boolean },
  planned: string,
  { format, quality, ifExists }: DenoiseSettings,
  signal: AbortSignal,
  guard: OutputGuard,
): Promise<{ path: string; warnings: ImageWarning[] }> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? planned : numbered(planned, number)
    if (!guard.claim(path)) continue
    try {
      return await writeCleaned(image, path, { format, quality, overwrite: false, signal }, isKept)
    } catch (error) {
      if (!(error instanceof DarkroomError) || error.detail.code !== 'file-exists') throw error
    }
    if (ifExists === 'replace' && number === 1 && !(await isOneOf(path, guard.kept())))
      return writeCleaned(image, path, { format, quality, overwrite: true, signal }, isKept)
  }
}

function numbered(path: string, number: number): string {
  const extension = extname(path)
  return `${path.slice(0, path.length - extension.length)} (${number})${extension}`
}

/**
 * Whether an existing file is one of others, by whichever name. Asked of the file system, which knows about letter case,
 * composed letters and links.
 */
async function isOneOf(path: string, others: string[]): Promise<boolean> {
  const file = await stat(path, { bigint: true }).catch(() => null)
  if (file === null) return false
  const same = await mapSome(others, looksAtOnce, async (other) => {
    const { dev, ino } = (await stat(other, { bigint: true }).catch(() => null)) ?? {}
    return dev === file.dev && ino === file.ino
  })
  return same.includes(true)
}
