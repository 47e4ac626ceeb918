import { resolve } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult } from '../../contract/jobs.ts'
import type { NeighboursJob } from '../../contract/latent-jobs.ts'
import type { Anchor, LatentSpec } from '../../contract/latent.ts'
import { codesOfAnchors, readFileSample, withRunData } from '../latent/anchors.ts'
import type { Latents } from '../latent/latents.ts'
import { indexRows } from '../numeric/nearest.ts'
import { rowsAt } from '../numeric/subset.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import { sheetPng } from '../storage/sheet.ts'
import type { JobContext } from './context.ts'
import { checkFree, withLatents } from './with-latents.ts'

/** Neighbours on a line of a sheet. */
const perLine = 10

/**
 * The items whose codes are nearest to a code, nearest first; an item that is asked about is not among its own.
 * @throws as `openLatents` and `codesOfAnchors`; latents-unsuitable where there is no other item; file-exists, output-unwritable, disk-full
 */
export async function neighbours(job: NeighboursJob, context: JobContext): Promise<JobResult> {
  await checkFree([job.out], job.overwrite)
  return withLatents(job, context, async (latents) => {
    const { run, model, size, codes, labels } = latents
    const code = await codesOfAnchors(run, model, [job.of], withRunData(run, context))
    const near = indexRows(codes, size).nearest(code, job.count, itemOf(job.of, job.spec, latents))
    if (near.k === 0)
      throw new DarkroomError('latents-unsuitable', {
        file: run.path,
        expected: 'at least one item beside the one that is asked about',
        received: `${latents.count}`,
      })
    const items = Array.from(near.indexes, (index, i) => ({
      index,
      name: latents.name(index),
      label: labels?.names[labels.of[index]!] ?? null,
      distance: near.distances[i]!,
    }))
    if (job.out === null) return { type: 'neighbours', items, files: [] }
    const sheet = await sheetOf(await ownPicture(job.of, code, latents, context), latents, near.indexes)
    const shown = { codes: Float32Array.of(...code, ...rowsAt(codes, size, near.indexes)), size }
    const provenance = await provenanceOf(job, run, shown, context.product)
    return { type: 'neighbours', items, files: await writeExport(job.out, sheet, provenance, job.overwrite) }
  })
}

/** Place among the latents of what is asked about; −1 where it is none of them. */
function itemOf(of: Anchor, { data }: LatentSpec, latents: Latents): number {
  const { run, indexes, count } = latents
  if (indexes === null) return -1
  if (of.from === 'file') {
    for (let i = 0; i < count; i++) if (resolve(latents.name(i)) === resolve(of.path)) return i
    return -1
  }
  const absolute = ({ sources }: { sources: string[] }): string =>
    sources.map((path) => resolve(path)).join('\n')
  const isSame = of.from === 'item' && absolute(of.data) === absolute(data ?? run.info.data)
  return isSame ? indexes.indexOf(of.index) : -1
}

/** The picture that is asked about; of a code without one what the decoder makes of it. */
function ownPicture(
  of: Anchor,
  code: Float32Array,
  { run, model }: Latents,
  context: JobContext,
): Promise<Float32Array> {
  const withData = withRunData(run, context)
  if (of.from === 'file') return readFileSample(run, of.path, withData)
  if (of.from === 'item') return withData(of.data, ({ dataset }) => dataset.read([of.index]))
  return model.decode(code)
}

/** It alone, and below it its neighbours. */
async function sheetOf(own: Float32Array, latents: Latents, items: Int32Array): Promise<Uint8Array> {
  const shape = latents.model.input
  const values = await latents.read(items)
  const pictures = Array.from(items, (_, i) => rowsAt(values, own.length, [i]))
  const lines = [[own]]
  for (let from = 0; from < pictures.length; from += perLine) lines.push(pictures.slice(from, from + perLine))
  return sheetPng(lines, shape)
}
