import { join } from 'node:path'
import type { JobResult } from '../../contract/jobs.ts'
import type { SampleJob } from '../../contract/latent-jobs.ts'
import type { MessageKey } from '../../contract/messages/messages.ts'
import { createPictures } from '../latent/alike.ts'
import { openDrawer, type Drawer } from '../latent/draw.ts'
import { takeLatents } from '../latent/latents.ts'
import { pausing, stepping } from '../latent/stepping.ts'
import { sizeOf } from '../models/layers.ts'
import { frameSize, framesOf } from '../storage/frames.ts'
import { provenanceOf } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { folderName } from './naming.ts'
import {
  linesOf,
  mostPixels,
  numbered,
  pictureForm,
  tooMany,
  withLatentRun,
  writePictureFolder,
  writeSheet,
  type LatentRun,
} from './latent-pictures.ts'

/** Draws that are made into pictures at a time. */
const atATime = 256
/** Draws for each picture, where those that are alike are left out: a model may have no more different ones. */
const mostTries = 10
/** Root mean square difference of two pictures that nobody can tell apart. */
const same = 1e-3

interface Sample {
  values: Float32Array
  code: Float32Array
  label: string | null
}

/**
 * Pictures of codes that are drawn from the prior or from a mixture.
 * @throws run and data errors; as `openDrawer`; argument-invalid for more pictures than a sheet holds; file-exists, output-unwritable, disk-full
 */
export async function sample(job: SampleJob, context: JobContext): Promise<JobResult> {
  const form = pictureForm(job.out, false)
  return withLatentRun(job, context, async (open) => {
    const { run, model, size, backend } = open
    const shape = model.input
    const { width, height } = frameSize(shape)
    if (form === 'sheet' && job.count * width * height > mostPixels) throw tooMany(job.out, job.count)
    const pause = pausing(context)
    const drawer = await openDrawer(
      job.source,
      open,
      (spec) => takeLatents(spec, { ...context, backend, withErrors: false }),
      (total) => stepping(context, total),
    )
    const warnings = new Set<MessageKey>()
    const { model: spec } = run.info.recipe
    const isPlain = spec.type === 'autoencoder' && !spec.variational
    if (isPlain && job.source.type === 'prior') warnings.add('warning.no-prior')

    const codes: Float32Array[] = []
    const seen: { first: Float32Array | null; areSame: boolean } = { first: null, areSame: true }
    async function* samples(): AsyncGenerator<Sample> {
      for await (const made of draws(job, open, drawer, pause)) {
        codes.push(made.code)
        seen.first ??= made.values
        seen.areSame &&= isSame(seen.first, made.values)
        const progress = { done: codes.length, total: job.count, secondsLeft: null }
        if (codes.length % atATime === 0) context.emit({ event: 'progress', progress })
        yield made
      }
    }
    const provenance = () => provenanceOf(job, run, { codes: joined(codes, size), size }, context.product)

    async function write(): Promise<string[]> {
      if (form === 'sheet') {
        const all: Sample[] = []
        for await (const made of samples()) all.push(made)
        const values = all.map(({ values }) => values)
        const lines = linesOf(joined(values, sizeOf(shape)), sizeOf(shape), job.columns ?? classColumns(all))
        return writeSheet(job, lines, shape, await provenance())
      }
      return writePictureFolder(job, context, async (write) => {
        for await (const { values, label } of samples()) {
          const name = numbered(codes.length - 1, job.count)
          await write(
            label === null ? name : join(folderName(label) || '-', name),
            framesOf(values, shape)[0]!,
          )
        }
        return provenance()
      })
    }
    const files = await write()
    if (codes.length < job.count) warnings.add('warning.samples-few')
    // Without deviation all draws of the prior are its mean.
    if (seen.areSame && codes.length > 1 && job.temperature > 0) warnings.add('warning.samples-same')
    return { type: 'sample', items: codes.length, files, warnings: [...warnings] }
  })
}

/** As many as were asked for, without those that are like one before where that is asked for. */
async function* draws(
  { count, seed, temperature, unique }: SampleJob,
  { model, size }: LatentRun,
  drawer: Drawer,
  pause: () => Promise<void>,
): AsyncGenerator<Sample> {
  const pictures = unique === null ? null : createPictures(unique)
  const sampleSize = sizeOf(model.input)
  const most = unique === null ? count : mostTries * count
  let made = 0
  for (let from = 0; from < most && made < count; from += atATime) {
    await pause()
    const number = Math.min(atATime, most - from)
    const codes = drawer.draw(seed, from, number, temperature)
    const samples = await model.decode(codes)
    for (let i = 0; i < number && made < count; i++) {
      const values = samples.subarray(i * sampleSize, (i + 1) * sampleSize)
      if (pictures?.isAlike(values) === true) continue
      made++
      const code = codes.subarray(i * size, (i + 1) * size)
      yield { values, code, label: drawer.labelOf?.(from + i) ?? null }
    }
  }
}

/** A column for each class where there are several. */
function classColumns(samples: Sample[]): number | null {
  const classes = new Set(samples.map(({ label }) => label)).size
  return classes > 1 ? classes : null
}

const isSame = (a: Float32Array, b: Float32Array): boolean =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length) < same

function joined(parts: Float32Array[], size: number): Float32Array {
  const all = new Float32Array(parts.length * size)
  parts.forEach((part, i) => all.set(part, i * size))
  return all
}
