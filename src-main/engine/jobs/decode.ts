import { extname, join } from 'node:path'
import type { JobResult } from '../../contract/jobs.ts'
import type { DecodeJob } from '../../contract/latent-jobs.ts'
import { undoScaling } from '../data/scaling.ts'
import { checkCodes, checkWidth } from '../latent/codes.ts'
import { readLatents } from '../latent/latents-file.ts'
import { sizeOf } from '../models/layers.ts'
import { csvLine } from '../storage/csv-write.ts'
import { framesOf } from '../storage/frames.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import {
  linesOf,
  numbered,
  pictureForm,
  withLatentRun,
  writePictureFolder,
  writeSheet,
  type LatentRun,
} from './latent-pictures.ts'
import { pngNames } from './naming.ts'

/** Codes, and what they are called where that is known. */
interface Decodable {
  codes: Float32Array
  names: string[] | null
}

/** Codes that are decoded and written at a time. */
const atATime = 256

/**
 * Decodes codes of a file, or those that are given: a sheet (`.png`), a folder of PNG files that are called like the items, or of rows a table
 * (`.csv`), in their own range.
 * @throws run errors; latents-unreadable; latents-unsuitable for codes of another width; argument-invalid for another ending of the path;
 *   file-exists, output-unwritable, disk-full
 */
export async function decode(job: DecodeJob, context: JobContext): Promise<JobResult> {
  return withLatentRun(job, context, async (open) => {
    const { run, model, size } = open
    const ending = extname(job.out).toLowerCase()
    const isTable = model.input.length === 1 && (ending === '.csv' || ending === '')
    const form = isTable ? 'table' : pictureForm(job.out, false)
    const given = await readCodes(job, open)
    const count = given.codes.length / size
    const provenance = await provenanceOf(job, run, { codes: given.codes, size }, context.product)
    if (form === 'table') {
      const file = ending === '' ? join(job.out, 'rows.csv') : job.out
      const rows = await open.decode(given.codes)
      const { scaling } = run.info.data
      const text = csvText(scaling === null ? rows : undoScaling(rows, scaling), model.input[0]!)
      return { type: 'decode', items: count, files: await writeExport(file, text, provenance, job.overwrite) }
    }
    if (form === 'sheet') {
      const lines = linesOf(await open.decode(given.codes), sizeOf(model.input), job.columns)
      return { type: 'decode', items: count, files: await writeSheet(job, lines, model.input, provenance) }
    }
    const names =
      given.names === null
        ? Array.from({ length: count }, (_, i) => numbered(i, count))
        : pngNames(given.names)
    const files = await writePictureFolder(job, context, async (write) => {
      for (let from = 0; from < count; from += atATime) {
        context.emit({ event: 'progress', progress: { done: from, total: count, secondsLeft: null } })
        const samples = await model.decode(given.codes.subarray(from * size, (from + atATime) * size))
        for (const [i, frame] of framesOf(samples, model.input).entries())
          await write(names[from + i]!, frame)
      }
      return provenance
    })
    return { type: 'decode', items: count, files }
  })
}

/** @throws latents-unreadable, latents-unsuitable */
async function readCodes({ latents }: DecodeJob, { run, size }: LatentRun): Promise<Decodable> {
  if (typeof latents === 'string') {
    const table = await readLatents(latents)
    checkWidth(table.size, size, latents)
    return table
  }
  for (const code of latents) checkWidth(code.length, size, run.path)
  const codes = Float32Array.from(latents.flat())
  checkCodes(codes, size, run.path)
  return { codes, names: null }
}

function csvText(rows: Float32Array, columns: number): string {
  const lines = Array.from({ length: rows.length / columns }, (_, i) =>
    csvLine([...rows.subarray(i * columns, (i + 1) * columns)]),
  )
  return `${lines.join('\n')}\n`
}
