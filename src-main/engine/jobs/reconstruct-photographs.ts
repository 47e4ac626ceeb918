import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult, ReconstructJob } from '../../contract/jobs.ts'
import type { Backend } from '../backend/backend.ts'
import { corrupt } from '../data/corruption.ts'
import { findImages } from '../data/image-files.ts'
import { openRestorer, type Restorer } from '../inference/restorer.ts'
import { cropPage } from '../inference/tiles.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { writeAtomic } from '../storage/atomic.ts'
import type { Pixels } from '../storage/canvas.ts'
import type { ImageFile, ImagePage } from '../storage/image.ts'
import { readImage, writeImage } from '../storage/images.ts'
import { gridPng, type Cell } from '../storage/sheet.ts'
import { flatNames } from '../storage/zip-write.ts'
import type { JobContext } from './context.ts'
import { stemOf } from './naming.ts'
import type { Form } from './reconstruct.ts'
import { readNetwork, sourceFor, type TrainedRun } from './trained-run.ts'

type Result = Extract<JobResult, { type: 'reconstruct' }>

/** Side of a sheet's cells in pixels: it shows the middles of pictures, of outputs at their true size. */
const cell = 192
/** Pictures on a line of a sheet. */
const columns = 8

interface Restored {
  input: ImagePage
  /** Null where the input itself was put through the network. */
  corrupted: ImagePage | null
  output: ImagePage
}

/**
 * Photographs through a network that was trained on patches: what it is good for (`Restorer.restore`), or, corrupted as in training, what it
 * makes of that.
 * @throws see `reconstruct`; data-unsuitable where there are no pictures, or nothing in them is to be filled in
 */
export async function reconstructPhotographs(
  job: ReconstructJob,
  form: Form,
  trained: TrainedRun,
  backend: Backend,
  context: JobContext,
): Promise<Result> {
  const { signal, emit, pause } = context
  const source = sourceFor(trained.info, job.data)
  const { files: found } = await findImages(source.sources, signal)
  const pictures = found.slice(0, job.count ?? found.length).map(({ path }) => path)
  const restorer = await openRestorer(backend, await readNetwork(trained, 'model', context.product))
  const { corruption } = trained.info.recipe
  const random = createRandom(job.seed)

  const restoreAs = async (page: ImagePage, index: number): Promise<Restored> => {
    if (!job.corrupt)
      return { input: page, corrupted: null, output: await restorer.restore(page, { signal, pause }) }
    return repaired(restorer, page, corruption, random.fork(index), { signal, pause })
  }
  try {
    const files: string[] = []
    const lines: Restored[] = []
    const names = flatNames(pictures.map((path) => `${stemOf(path)}.png`))
    for (const [index, path] of pictures.entries()) {
      signal.throwIfAborted()
      emit({
        event: 'progress',
        progress: { done: index, total: pictures.length, secondsLeft: null, current: path },
      })
      const image = await readImage(path)
      const page = image.pages[0]!
      const side = Math.floor(cell / restorer.factor)
      const restored = await restoreAs(form === 'sheet' ? middle(page, side) : page, index).catch(
        (thrown: unknown) => {
          throw thrown instanceof DarkroomError
            ? new DarkroomError(thrown.detail.code, { file: path, ...thrown.detail }, thrown)
            : thrown
        },
      )
      if (form === 'sheet') lines.push(restored)
      else {
        const file = join(job.out, names[index]!.name)
        files.push(await writePicture(image, restored.output, file, job.overwrite))
      }
    }
    if (form !== 'sheet') return { type: 'reconstruct', items: pictures.length, files }
    const png = await sheetOf(lines)
    await writeAtomic(job.out, (temporary) => writeFile(temporary, png), { overwrite: job.overwrite })
    return { type: 'reconstruct', items: pictures.length, files: [job.out] }
  } finally {
    await restorer.dispose()
  }
}

/** A page corrupted as in training, and what the network makes of it, all three as floats with black 0 and white 1. */
async function repaired(
  restorer: Restorer,
  page: ImagePage,
  corruption: Parameters<typeof corrupt>[1],
  random: Random,
  options: { signal: AbortSignal; pause: () => Promise<void> },
): Promise<Restored> {
  const range = page.white - page.black
  const data = Float32Array.from(page.data, (value) => (value - page.black) / range)
  const input: ImagePage = { ...page, data, black: 0, white: 1, alpha: null }
  const { noisy, sigma, mask } = await corrupt({ ...input, data }, corruption, random)
  const corrupted: ImagePage = { ...input, data: noisy.data }
  return { input, corrupted, output: await restorer.repair(corrupted, { sigma, mask }, options) }
}

/** The middle of a picture, at most so large. */
function middle(page: ImagePage, side: number): ImagePage {
  const [width, height] = [Math.min(side, page.width), Math.min(side, page.height)]
  const [x, y] = [(page.width - width) >> 1, (page.height - height) >> 1]
  return cropPage(page, { x, y, width, height })
}

function sheetOf(restored: Restored[]): Promise<Uint8Array> {
  const lines: Cell[][] = []
  for (let from = 0; from < restored.length; from += columns) {
    const line = restored.slice(from, from + columns)
    const seen = line.flatMap(({ corrupted }) => (corrupted === null ? [] : [pixelsOf(corrupted)]))
    lines.push(line.map(({ input }) => pixelsOf(input)))
    if (seen.length > 0) lines.push(seen)
    lines.push(line.map(({ output }) => pixelsOf(output)))
  }
  return gridPng(lines, {
    ...{ width: cell, height: cell, gap: 2, edge: 2, limit: 8192 },
    ...{ background: [36, 36, 36], range: [0, 1] },
  })
}

function pixelsOf({ width, height, channels, data, black, white, alpha }: ImagePage): Pixels {
  const scale = 255 / (white - black)
  const shown = alpha === null ? channels : 4
  const pixels = new Uint8ClampedArray(width * height * shown)
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < Math.min(shown, 3); channel++)
      pixels[i * shown + channel] = (data[i * channels + (channel % channels)]! - black) * scale
    if (alpha !== null) pixels[i * 4 + 3] = (alpha[i]! / white) * 255
  }
  return { width, height, channels: shown, data: pixels }
}

/** In the depth of the original, with its colour profile; what was computed in float becomes 8 bits. */
async function writePicture(
  image: ImageFile,
  output: ImagePage,
  file: string,
  overwrite: boolean,
): Promise<string> {
  const isFloat = output.data instanceof Float32Array
  const scale = 255 / (output.white - output.black)
  const bytes = (): ImagePage => ({
    ...output,
    data: Uint8Array.from(Uint8ClampedArray.from(output.data, (value) => (value - output.black) * scale)),
    ...{ black: 0, white: 255, alpha: null },
  })
  const written = { ...image, pages: [isFloat ? bytes() : output] }
  await writeImage(written, file, { format: 'png', quality: null, overwrite })
  return file
}
