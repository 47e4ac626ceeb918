import type { JobResult } from '../../contract/jobs.ts'
import type { MapJob } from '../../contract/latent-jobs.ts'
import { makeMap } from '../latent/map.ts'
import { mapPng } from '../latent/map-picture.ts'
import { mapCsv } from '../latent/map-table.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { checkFree, withLatents } from './with-latents.ts'

/**
 * Lays items out in the plane by their codes, and keeps the map for the window's questions.
 * @throws as `openLatents` and `makeMap`; file-exists, output-unwritable, disk-full
 */
export async function map(job: MapJob, context: JobContext): Promise<JobResult> {
  await checkFree([job.out, job.png], job.overwrite)
  return withLatents(job, context, async (latents) => {
    const made = await makeMap(latents, job.spec, context)
    const files: string[] = []
    if (job.out !== null || job.png !== null) {
      const provenance = await provenanceOf(job, latents.run, null, context.product)
      if (job.out !== null)
        files.push(...(await writeExport(job.out, mapCsv(made), provenance, job.overwrite)))
      if (job.png !== null)
        files.push(...(await writeExport(job.png, await mapPng(made), provenance, job.overwrite)))
    }
    return { type: 'map', map: made.id, summary: made.summary, files }
  })
}
