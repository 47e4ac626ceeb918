import type { JobResult } from '../../contract/jobs.ts'
import type { EncodeJob } from '../../contract/latent-jobs.ts'
import { openLatents, type Latents } from '../latent/latents.ts'
import { latentsFormat, writeLatents, type LatentTable } from '../latent/latents-file.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { checkFree } from './with-latents.ts'

/**
 * Writes the codes of data as a table, and beside it how it was made; with an NPY file, which has no place for them, also what its rows are.
 * @throws run and data errors; argument-invalid for a path with another ending; model-without-codes, model-without-encoder; file-exists,
 *   output-unwritable, disk-full
 */
export async function encode(job: EncodeJob, context: JobContext): Promise<JobResult> {
  const format = latentsFormat(job.out)
  await checkFree([job.out], job.overwrite)
  const spec = { run: job.run, data: job.data, split: job.split ?? 'all', limit: null, seed: 0 } as const
  const backend = await context.openBackend(job.engine)
  try {
    const latents = await openLatents(spec, { ...context, backend, withErrors: false })
    try {
      const table = tableOf(latents)
      const { names, labels, splits } = table
      const provenance = {
        ...(await provenanceOf(job, latents.run, null, context.product)),
        items: format === 'npy' && names !== null ? { names, labels, splits } : null,
      }
      const write = (temporary: string): Promise<void> => writeLatents(temporary, format, table)
      const files = await writeExport(job.out, write, provenance, job.overwrite)
      return { type: 'encode', items: latents.count, files }
    } finally {
      await latents.close()
    }
  } finally {
    await backend.close()
  }
}

const tableOf = (latents: Latents): LatentTable => {
  const { size, codes, count, labels, splits } = latents
  return {
    ...{ size, codes, splits },
    names: Array.from({ length: count }, (_, i) => latents.name(i)),
    labels: labels && Array.from(labels.of, (place) => labels.names[place] ?? null),
  }
}
