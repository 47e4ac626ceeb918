import { access, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { Anchor } from '../../contract/latent.ts'
import type { Provenance } from '../../contract/provenance.ts'
import type { Backend } from '../backend/backend.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import { codesOfAnchors, withRunData } from '../latent/anchors.ts'
import { openRunModel } from '../latent/model.ts'
import { sizeOf } from '../models/layers.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { animationFormats, encodeAnimation, type AnimationFormat } from '../storage/animation.ts'
import { framePng, frameSize, framesOf, tileFrames, type Frame } from '../storage/frames.ts'
import { writeExport, writeFolderNote } from '../storage/provenance.ts'
import { rangeOf } from '../storage/sheet.ts'
import type { JobContext } from './context.ts'
import { readTrainedRun, type TrainedRun } from './trained-run.ts'
import { checkFree } from './with-latents.ts'

/** A run whose codes are made into pictures. */
export interface LatentRun {
  run: TrainedRun
  model: OpenLatentModel
  backend: Backend
  /** Length of a code. */
  size: number
  /** [count, size] @throws as `codesOfAnchors` */
  codesOf: (anchors: Anchor[]) => Promise<Float32Array>
  /** [count, size] -> [count, ...input], with progress. */
  decode: (codes: Float32Array) => Promise<Float32Array>
}

/** Codes that are decoded between two looks at whether to go on. */
const atATime = 256

/** Opens a run for one use. @throws run-unreadable, model-without-codes; file-exists where the result has no room; what `use` throws */
export async function withLatentRun<Result>(
  job: { run: string; out: string; overwrite: boolean; engine: Parameters<JobContext['openBackend']>[0] },
  context: JobContext,
  use: (open: LatentRun) => Promise<Result>,
): Promise<Result> {
  await checkFree([job.out], job.overwrite)
  const run = await readTrainedRun(job.run)
  const backend = await context.openBackend(job.engine)
  try {
    const model = openRunModel(run, backend)
    try {
      return await use(latentRun({ run, model, backend }, context))
    } finally {
      await model.dispose()
    }
  } finally {
    await backend.close()
  }
}

export function latentRun(
  { run, model, backend }: Pick<LatentRun, 'run' | 'model' | 'backend'>,
  context: JobContext,
): LatentRun {
  const size = sizeOf(model.code)
  const sampleSize = sizeOf(model.input)
  return {
    ...{ run, model, backend, size },
    codesOf: (anchors) => codesOfAnchors(run, model, anchors, withRunData(run, context)),
    async decode(codes) {
      const count = codes.length / size
      const samples = new Float32Array(count * sampleSize)
      for (let from = 0; from < count; from += atATime) {
        context.signal.throwIfAborted()
        await context.pause()
        context.emit({ event: 'progress', progress: { done: from, total: count, secondsLeft: null } })
        const part = codes.subarray(from * size, (from + atATime) * size)
        samples.set(await model.decode(part), from * sampleSize)
      }
      return samples
    },
  }
}

/** What pictures are written as. */
export type PictureForm = 'sheet' | 'folder' | AnimationFormat

/** Endings of files that are something else: nobody calls a folder so. */
const otherFile =
  /^\.(jpe?g|tiff?|avif|bmp|svg|pdf|csv|npy|parquet|json|zip|gif|webp|apng|mp4|m4v|mov|webm|mkv|avi)$/

/** By the ending of the path. @throws argument-invalid for one that is not written, films among them */
export function pictureForm(out: string, animations: boolean): PictureForm {
  const ending = extname(out).toLowerCase()
  if (ending === '.png') return 'sheet'
  const animation = animationFormats.find((format) => animations && ending === `.${format}`)
  if (animation !== undefined) return animation
  if (!otherFile.test(ending)) return 'folder'
  throw new DarkroomError('argument-invalid', {
    file: out,
    expected: animations ? 'a .webp or .gif animation, a .png strip, or a folder' : 'a .png file or a folder',
    received: ending,
  })
}

/** Side of a picture on a sheet and in an animation, about, in pixels. */
const usualSide = { sheet: 96, animation: 224 }
/** Longest side of a sheet as far as pictures can be smaller, and at all. */
const sheetSide = { usual: 8192, most: 32_768 }
/** Of all pictures of a sheet or an animation together. */
export const mostPixels = 2 ** 27
const background = [36, 36, 36] as const

/** Smallest and largest value of all curves, so that they can be compared. */
const curveRange = (samples: Float32Array[], shape: number[]): [number, number] =>
  shape.length === 1 ? rangeOf(samples) : [0, 1]

/** More pictures than fit into one file. */
export const tooMany = (out: string, count: number): DarkroomError =>
  new DarkroomError('argument-invalid', {
    file: out,
    expected: 'fewer pictures, or a folder for them',
    received: `${count}`,
  })

/** Writes a sheet as a PNG file with how it was made. @throws as `sheetOf`; file-exists, output-unwritable, disk-full */
export const writeSheet = async (
  { out, overwrite }: { out: string; overwrite: boolean },
  lines: Float32Array[],
  shape: number[],
  provenance: Provenance,
): Promise<string[]> => writeExport(out, await sheetOf(lines, shape, out), provenance, overwrite)

/** Lines of a sheet, the last one as long as it comes. @param size of a sample. @param columns null: about a square */
export function linesOf(samples: Float32Array, size: number, columns: number | null): Float32Array[] {
  const count = samples.length / size
  const across = columns ?? Math.ceil(Math.sqrt(count))
  return Array.from({ length: Math.ceil(count / across) }, (_, line) =>
    samples.subarray(line * across * size, (line + 1) * across * size),
  )
}

/**
 * A sheet of samples as a PNG file; transparent ones stand on nothing.
 * @param lines of samples, [count, ...shape] each.
 * @throws argument-invalid for more than a picture can hold
 */
async function sheetOf(lines: Float32Array[], shape: number[], out: string): Promise<Uint8Array> {
  const { width, height } = frameSize(shape)
  const size = sizeOf(shape)
  const columns = Math.max(...lines.map((line) => line.length / size))
  const fits = (side: number, count: number): number => Math.floor(sheetSide.usual / count / (side + 1))
  const usual = Math.round(usualSide.sheet / Math.max(width, height))
  const scale =
    shape.length === 1 ? 1 : Math.max(1, Math.min(usual, fits(width, columns), fits(height, lines.length)))
  const across = columns * (width * scale + 2)
  const down = lines.length * (height * scale + 2)
  if (Math.max(across, down) > sheetSide.most || across * down > mostPixels)
    throw tooMany(
      out,
      lines.reduce((sum, line) => sum + line.length / size, 0),
    )
  const range = curveRange(lines, shape)
  const pictures = lines.map((line) => framesOf(line, shape, scale, range))
  const gap = shape.length === 1 || scale > 1 ? 2 : 1
  return framePng(
    tileFrames(pictures, { gap, edge: 2 * gap, background: shape[2] === 4 ? null : background }),
  )
}

/** Samples as pictures that follow each other, and beside each that of `beside` with the same number. */
export function sideBySide(
  samples: Float32Array,
  beside: Float32Array | null,
  shape: number[],
  scale: number,
): Frame[] {
  const range = curveRange([samples, ...(beside === null ? [] : [beside])], shape)
  const left = framesOf(samples, shape, scale, range)
  if (beside === null) return left
  const right = framesOf(beside, shape, scale, range)
  const tiling = { gap: 2 * scale, edge: 0, background: shape[2] === 4 ? null : background }
  return left.map((frame, i) => tileFrames([[frame, right[i]!]], tiling))
}

/** @throws argument-invalid for more pictures than fit into the memory */
export function animationOf(
  samples: Float32Array,
  beside: Float32Array | null,
  shape: number[],
  options: { format: AnimationFormat; rate: number; out: string },
): Promise<Uint8Array> {
  const { width, height } = frameSize(shape)
  const count = samples.length / sizeOf(shape)
  const pixels = count * width * height * (beside === null ? 1 : 2)
  if (pixels > mostPixels) throw tooMany(options.out, count)
  const usual = Math.max(1, Math.round(usualSide.animation / Math.max(width, height)))
  const scale = shape.length === 1 ? 1 : Math.min(usual, Math.floor(Math.sqrt(mostPixels / pixels)))
  return encodeAnimation(sideBySide(samples, beside, shape, scale), options.format, options.rate)
}

/** `001.png`, as long as the largest needs. */
export const numbered = (i: number, count: number): string =>
  `${String(i + 1).padStart(Math.max(3, String(count).length), '0')}.png`

/** Writes one file of a folder. @param name below the folder */
type WritePicture = (name: string, frame: Frame) => Promise<void>

/**
 * Fills a folder with PNG files and a note of how they were made. Where that fails or is cancelled, the files are removed again, so that the
 * same can be asked for once more; those that took the place of others stay.
 * @param fill writes the pictures, and tells how they were made.
 * @returns all files, the note last
 * @throws file-exists, output-unwritable, disk-full; what `fill` throws
 */
export async function writePictureFolder(
  { out, overwrite }: { out: string; overwrite: boolean },
  { signal, pause }: Pick<JobContext, 'signal' | 'pause'>,
  fill: (write: WritePicture) => Promise<Provenance>,
): Promise<string[]> {
  const isNew = await access(out).then(
    () => false,
    () => true,
  )
  const files: string[] = []
  const write: WritePicture = async (name, frame) => {
    signal.throwIfAborted()
    await pause()
    const file = join(out, name)
    const png = await framePng(frame)
    await writeAtomic(file, (temporary) => writeFile(temporary, png), { overwrite })
    files.push(file)
  }
  try {
    const provenance = await fill(write)
    return [...files, await writeFolderNote(out, provenance, overwrite)]
  } catch (thrown) {
    if (!overwrite) await removeFiles(files, isNew ? out : null)
    throw thrown
  }
}

/** With the folders that are empty then. @param folder of them all, null where it was there before */
export async function removeFiles(files: string[], folder: string | null): Promise<void> {
  for (const file of files) await rm(file, { force: true }).catch(() => undefined)
  const folders = new Set(files.map((file) => dirname(file)))
  if (folder === null) return
  for (const empty of [...folders, folder]) await rmdir(empty).catch(() => undefined)
}
