import type { JobResult } from '../../contract/jobs.ts'
import type { Anchor, LatentDirections } from '../../contract/latent.ts'
import type { TraverseJob } from '../../contract/latent-jobs.ts'
import { checkSeveral, directionsOf } from '../latent/directions.ts'
import { openLatents } from '../latent/latents.ts'
import { checkSpread } from '../latent/spread.ts'
import { sizeOf } from '../models/layers.ts'
import { framesOf } from '../storage/frames.ts'
import { provenanceOf } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { latentRun, numbered, pictureForm, writePictureFolder, writeSheet } from './latent-pictures.ts'
import { checkFree } from './with-latents.ts'

/** Items whose codes tell how far to go; more hardly change it. */
const mostItems = 10_000

/** A line of the sheet. */
interface Line {
  /** `z3`, or `PC1`: dimensions count from 0 as everywhere, components from 1 as is usual. */
  name: string
  /** One figure of how active it is. */
  about: string
  direction: (i: number) => number
  deviation: number
}

/**
 * One line of pictures for each direction, the most active first: start + s · deviation · direction, s from −range to range.
 * @throws run and data errors; latents-unsuitable for codes that do not differ; model-without-encoder for a start that has to be encoded;
 *   file-exists, output-unwritable, disk-full
 */
export async function traverse(job: TraverseJob, context: JobContext): Promise<JobResult> {
  const form = pictureForm(job.out, false)
  await checkFree([job.out], job.overwrite)
  const backend = await context.openBackend(job.engine)
  try {
    const { run: path, data, seed } = job
    const spec = { run: path, data, split: 'all', limit: mostItems, seed } as const
    const latents = await openLatents(spec, { ...context, backend, withErrors: false })
    try {
      checkSeveral(latents)
      checkSpread(latents)
      const { run, model, size } = latents
      const open = latentRun({ run, model, backend }, context)
      const directions = await directionsOf(latents)
      const lines = linesOf(job, directions)
      const start = await open.codesOf([startOf(job, model.encode === null, directions.mean)])
      const codes = codesAlong(lines, start, job)
      const samples = await open.decode(codes)
      const shape = model.input
      const each = job.steps * sizeOf(shape)
      const names = lines.map(({ name, about }) => `${name} · ${about}`)
      const made = await provenanceOf(job, run, { codes, size }, context.product)
      const provenance = { ...made, lines: names }

      async function write(): Promise<string[]> {
        if (form === 'sheet') {
          const rows = lines.map((_, i) => samples.subarray(i * each, (i + 1) * each))
          return writeSheet(job, rows, shape, provenance)
        }
        return writePictureFolder(job, context, async (write) => {
          for (const [i, { name }] of lines.entries()) {
            const frames = framesOf(samples.subarray(i * each, (i + 1) * each), shape)
            for (const [step, frame] of frames.entries())
              await write(`${name}-${numbered(step, job.steps)}`, frame)
          }
          return provenance
        })
      }
      const files = await write()
      return { type: 'traverse', items: lines.length * job.steps, files, lines: names }
    } finally {
      await latents.close()
    }
  } finally {
    await backend.close()
  }
}

function linesOf(
  { along, top }: TraverseJob,
  { deviation, kl, order, components }: LatentDirections,
): Line[] {
  if (along === 'components')
    return components.slice(0, top).map(({ direction, deviation, share }, i) => ({
      ...{ name: `PC${i + 1}`, about: `${(100 * share).toFixed(1)} %`, deviation },
      direction: (at) => direction[at]!,
    }))
  return order.slice(0, top).map((dimension) => ({
    name: `z${dimension}`,
    about: kl === null ? `σ ${deviation[dimension]!.toFixed(3)}` : `KL ${kl[dimension]!.toFixed(3)}`,
    deviation: deviation[dimension]!,
    direction: (at) => (at === dimension ? 1 : 0),
  }))
}

function startOf({ start, seed }: TraverseJob, isDrawn: boolean, mean: number[]): Anchor {
  if (start !== null) return start
  return isDrawn ? { from: 'seed', seed, index: 0 } : { from: 'code', code: mean }
}

/** [lines, steps, size] */
function codesAlong(lines: Line[], start: Float32Array, { steps, range }: TraverseJob): Float32Array {
  const size = start.length
  const codes = new Float32Array(lines.length * steps * size)
  for (const [line, { direction, deviation }] of lines.entries()) {
    for (let step = 0; step < steps; step++) {
      const distance = deviation * range * ((2 * step) / (steps - 1) - 1)
      const from = (line * steps + step) * size
      for (let i = 0; i < size; i++) codes[from + i] = start[i]! + distance * direction(i)
    }
  }
  return codes
}
