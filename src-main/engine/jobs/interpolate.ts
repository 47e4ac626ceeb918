import type { JobResult } from '../../contract/jobs.ts'
import type { InterpolateJob } from '../../contract/latent-jobs.ts'
import type { MessageKey } from '../../contract/messages/messages.ts'
import { blendPixels, codePath } from '../../contract/interpolate.ts'
import { sizeOf } from '../models/layers.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import {
  animationOf,
  numbered,
  pictureForm,
  sideBySide,
  withLatentRun,
  writePictureFolder,
  writeSheet,
} from './latent-pictures.ts'

/**
 * Pictures on the way over several codes, as a strip, an animation or a folder. The blend of pixels goes between the decoded anchors, so that
 * both ways begin and end alike.
 * @throws run errors; as `codesOfAnchors`; argument-invalid for another kind of file; file-exists, output-unwritable, disk-full
 */
export async function interpolate(job: InterpolateJob, context: JobContext): Promise<JobResult> {
  const form = pictureForm(job.out, true)
  return withLatentRun(job, context, async ({ run, model, size, codesOf, decode }) => {
    const anchors = await codesOf(job.anchors)
    const path = codePath(anchors, size, job)
    const samples = await decode(path.codes)
    const shape = model.input
    const beside = job.blend ? blendPixels(await model.decode(anchors), sizeOf(shape), path) : null
    const provenance = await provenanceOf(job, run, { codes: path.codes, size }, context.product)

    async function write(): Promise<string[]> {
      if (form === 'sheet') {
        const lines = beside === null ? [samples] : [samples, beside]
        return writeSheet(job, lines, shape, provenance)
      }
      if (form !== 'folder') {
        const bytes = await animationOf(samples, beside, shape, {
          format: form,
          rate: job.rate,
          out: job.out,
        })
        return writeExport(job.out, bytes, provenance, job.overwrite)
      }
      return writePictureFolder(job, context, async (write) => {
        const frames = sideBySide(samples, beside, shape, 1)
        for (const [i, frame] of frames.entries()) await write(numbered(i, frames.length), frame)
        return provenance
      })
    }
    const files = await write()
    const warnings: MessageKey[] = path.straightened > 0 ? ['warning.no-arc'] : []
    return { type: 'interpolate', items: path.count, files, warnings }
  })
}
