import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult } from '../../contract/jobs.ts'
import type { Group } from '../../contract/latent.ts'
import type { ArithmeticJob } from '../../contract/latent-jobs.ts'
import { withRunData } from '../latent/anchors.ts'
import { alongDifference, meanCode } from '../latent/arithmetic.ts'
import { encoderOf } from '../latent/model.ts'
import { framesOf } from '../storage/frames.ts'
import { provenanceOf } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import {
  numbered,
  pictureForm,
  withLatentRun,
  writePictureFolder,
  writeSheet,
  type LatentRun,
} from './latent-pictures.ts'

/** Items that are encoded between two looks at whether to go on. */
const atATime = 1024

/**
 * A picture with what sets one group apart from another added to its code, in several strengths.
 * @throws run and data errors; model-without-encoder; argument-invalid for items that are not there, and another kind of file; file-exists,
 *   output-unwritable, disk-full
 */
export async function arithmetic(job: ArithmeticJob, context: JobContext): Promise<JobResult> {
  const form = pictureForm(job.out, false)
  return withLatentRun(job, context, async (open) => {
    const { run, model, size, codesOf, decode } = open
    const start = await codesOf([job.to])
    const plus = await groupMean(open, job.plus, context)
    const minus = await groupMean(open, job.minus, context)
    const codes = alongDifference(start, plus, minus, job.strengths)
    const samples = await decode(codes)
    const provenance = await provenanceOf(job, run, { codes, size }, context.product)

    async function write(): Promise<string[]> {
      if (form === 'sheet') return writeSheet(job, [samples], model.input, provenance)
      return writePictureFolder(job, context, async (write) => {
        for (const [i, frame] of framesOf(samples, model.input).entries())
          await write(numbered(i, job.strengths.length), frame)
        return provenance
      })
    }
    return { type: 'arithmetic', items: job.strengths.length, files: await write() }
  })
}

/** Mean code of a group's items. */
function groupMean(
  { run, model, size }: LatentRun,
  { data, indexes }: Group,
  context: JobContext,
): Promise<Float32Array> {
  const encode = encoderOf(run, model)
  return withRunData(run, context)(data, async ({ dataset }) => {
    const items = indexes ?? Array.from({ length: dataset.count }, (_, i) => i)
    const missing = items.find((index) => index >= dataset.count)
    if (missing !== undefined || items.length === 0)
      throw new DarkroomError('argument-invalid', {
        file: data.sources.join(', '),
        expected: `items from 0 to ${dataset.count - 1}`,
        received: `${missing ?? 0}`,
      })
    const codes = new Float32Array(items.length * size)
    for (let from = 0; from < items.length; from += atATime) {
      context.signal.throwIfAborted()
      await context.pause()
      context.emit({ event: 'progress', progress: { done: from, total: items.length, secondsLeft: null } })
      const samples = await dataset.read(items.slice(from, from + atATime))
      codes.set((await encode(samples)).code, from * size)
    }
    return meanCode(codes, size)
  })
}
