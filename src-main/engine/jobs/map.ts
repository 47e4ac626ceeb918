import type { JobResult } from '../../contract/jobs.ts'
import type { MapJob } from '../../contract/latent-jobs.ts'
import { openLatents } from '../latent/latents.ts'
import { makeMap } from '../latent/map.ts'
import type { JobContext } from './context.ts'

/**
 * Lays items out in the plane by their codes, and keeps the map for the window's questions.
 * @throws as `openLatents` and `makeMap`; file-exists, output-unwritable, disk-full
 */
export async function map(job: MapJob, context: JobContext): Promise<JobResult> {
  const backend = await context.openBackend(job.engine)
  try {
    const latents = await openLatents(job.spec, { ...context, backend })
    try {
      const made = await makeMap(latents, job.spec, context)
      return { type: 'map', map: made.id, summary: made.summary, files: [] }
    } finally {
      await latents.close()
    }
  } finally {
    await backend.close()
  }
}
