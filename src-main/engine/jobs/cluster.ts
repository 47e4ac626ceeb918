import type { JobResult } from '../../contract/jobs.ts'
import type { ClusterJob } from '../../contract/latent-jobs.ts'
import type { Clusters } from '../../contract/latent.ts'
import { clustersOf } from '../latent/clusters.ts'
import type { Latents } from '../latent/latents.ts'
import { csvLine } from '../storage/csv-write.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { checkFree, withLatents } from './with-latents.ts'

/**
 * Finds clusters among the codes of items.
 * @throws as `openLatents` and `clustersOf`; file-exists, output-unwritable, disk-full
 */
export async function cluster(job: ClusterJob, context: JobContext): Promise<JobResult> {
  await checkFree([job.out], job.overwrite)
  return withLatents(job, context, async (latents) => {
    const clusters = await clustersOf(latents, job.method, job.spec.seed, context)
    if (job.out === null) return { type: 'cluster', clusters, files: [] }
    const provenance = await provenanceOf(job, latents.run, null, context.product)
    const files = await writeExport(job.out, clusterCsv(latents, clusters), provenance, job.overwrite)
    return { type: 'cluster', clusters, files }
  })
}

/** Item and cluster, −1 for noise, and the label where there is one. */
function clusterCsv(latents: Latents, { of }: Clusters): string {
  const { labels, count } = latents
  const lines = [csvLine(['name', 'cluster', ...(labels === null ? [] : ['label'])])]
  for (let i = 0; i < count; i++)
    lines.push(
      csvLine([latents.name(i), of[i]!, ...(labels === null ? [] : [labels.names[labels.of[i]!] ?? ''])]),
    )
  return `${lines.join('\n')}\n`
}
