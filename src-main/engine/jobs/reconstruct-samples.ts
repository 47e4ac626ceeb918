import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobResult, ReconstructJob } from '../../contract/jobs.ts'
import type { Backend } from '../backend/backend.ts'
import { corrupt } from '../data/corruption.ts'
import { undoScaling } from '../data/scaling.ts'
import { encoderOf, openRunModel } from '../latent/model.ts'
import { sizeOf } from '../models/layers.ts'
import { createRandom } from '../numeric/random.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { writeSample } from '../storage/sample-files.ts'
import { sheetPng } from '../storage/sheet.ts'
import { asSample } from '../training/autoencoder-inputs.ts'
import type { JobContext } from './context.ts'
import { pngNames } from './naming.ts'
import type { Form } from './reconstruct.ts'
import { openRunData, type TrainedRun } from './trained-run.ts'

type Result = Extract<JobResult, { type: 'reconstruct' }>

/** Samples that are read, computed and written at a time. */
const atATime = 256

/** What becomes of some samples, one after the other. */
interface Reconstructed {
  input: Float32Array
  /** What the network saw; null where that was the input. */
  corrupted: Float32Array | null
  output: Float32Array
}

/** Samples through an autoencoder. @throws see `reconstruct` */
export async function reconstructSamples(
  job: ReconstructJob,
  form: Form,
  trained: TrainedRun,
  backend: Backend,
  context: JobContext,
): Promise<Result> {
  const { recipe, data } = trained.info
  const network = openRunModel(trained, backend)
  const encode = encoderOf(trained, network)
  const { dataset } = await openRunData(trained, job.data, context)
  const random = createRandom(job.seed)
  const size = sizeOf(data.shape)
  const count = Math.min(job.count ?? dataset.count, dataset.count)

  async function corruptAll(samples: Float32Array, from: number): Promise<Float32Array> {
    const corrupted = new Float32Array(samples.length)
    for (let i = 0; i * size < samples.length; i++) {
      const clean = asSample(samples.subarray(i * size, (i + 1) * size), data.shape)
      corrupted.set((await corrupt(clean, recipe.corruption, random.fork(from + i))).noisy.data, i * size)
    }
    return corrupted
  }
  async function* parts(): AsyncGenerator<Reconstructed & { from: number }> {
    for (let from = 0; from < count; from += atATime) {
      context.signal.throwIfAborted()
      await context.pause()
      context.emit({ event: 'progress', progress: { done: from, total: count, secondsLeft: null } })
      const indexes = Array.from({ length: Math.min(atATime, count - from) }, (_, i) => from + i)
      const input = await dataset.read(indexes)
      const corrupted = job.corrupt ? await corruptAll(input, from) : null
      const { code } = await encode(corrupted ?? input)
      yield { from, input, corrupted, output: await network.decode(code) }
    }
  }
  /** As they are in the file, and not as the network has them. */
  const inOwnRange = (rows: Float32Array): Float32Array =>
    data.scaling === null ? rows : undoScaling(rows, data.scaling)

  try {
    if (form === 'sheet') {
      const all: Reconstructed[] = []
      for await (const part of parts()) all.push(part)
      const rows = sheetRows(all, size)
      await writeBytes(job.out, await sheetPng(rows, data.shape), job.overwrite)
      return { type: 'reconstruct', items: count, files: [job.out] }
    }
    if (data.shape.length === 1) {
      const out = form === 'table' ? job.out : join(job.out, 'reconstructions.csv')
      const lines: string[] = []
      for await (const { output } of parts()) lines.push(...csvLines(inOwnRange(output), size))
      await writeBytes(out, `${lines.join('\n')}\n`, job.overwrite)
      return { type: 'reconstruct', items: count, files: [out] }
    }
    const files: string[] = []
    const names = pngNames(Array.from({ length: count }, (_, i) => dataset.name(i)))
    for await (const { from, output } of parts()) {
      for (let i = 0; i * size < output.length; i++) {
        const file = join(job.out, names[from + i]!)
        await writeSample(file, output.subarray(i * size, (i + 1) * size), data.shape, job.overwrite)
        files.push(file)
      }
    }
    return { type: 'reconstruct', items: count, files }
  } finally {
    await network.dispose()
    await dataset.close()
  }
}

/** Items on a line of a sheet. */
const columns = 16

/** Lines of inputs, what was made of them by corruption, and outputs; item under item. */
function sheetRows(parts: Reconstructed[], size: number): Float32Array[][] {
  const split = (values: Float32Array): Float32Array[] =>
    Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size))
  const kinds = [
    parts.flatMap(({ input }) => split(input)),
    parts.flatMap(({ corrupted }) => (corrupted === null ? [] : split(corrupted))),
    parts.flatMap(({ output }) => split(output)),
  ].filter((kind) => kind.length > 0)
  const rows: Float32Array[][] = []
  for (let from = 0; from < kinds[0]!.length; from += columns)
    rows.push(...kinds.map((kind) => kind.slice(from, from + columns)))
  return rows
}

const csvLines = (rows: Float32Array, columnsOfRow: number): string[] =>
  Array.from({ length: rows.length / columnsOfRow }, (_, i) =>
    rows.subarray(i * columnsOfRow, (i + 1) * columnsOfRow).join(','),
  )

const writeBytes = (file: string, content: Uint8Array | string, overwrite: boolean): Promise<void> =>
  writeAtomic(file, (temporary) => writeFile(temporary, content), { overwrite })
