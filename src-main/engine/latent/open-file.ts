import type { LatentFile } from '../../contract/provenance.ts'
import { readTrainedRun } from '../jobs/trained-run.ts'
import { runOf } from '../storage/analysis-folders.ts'
import { readSelfDescription, weightsHash } from '../storage/provenance.ts'

/**
 * What a saved view or an export says of itself, and whether the run that an export was made with is still the same.
 * @throws export-unreadable, file-not-found
 */
export async function openLatentFile(path: string): Promise<LatentFile> {
  const read = await readSelfDescription(path)
  if (read.darkroom === 'latent-view') return { kind: 'view', view: read }
  return { kind: 'export', provenance: read, run: await stateOfRun(read.job, read.run.weights) }
}

async function stateOfRun(
  job: object,
  weights: string,
): Promise<Extract<LatentFile, { kind: 'export' }>['run']> {
  const folder = runPath(job)
  if (folder === null) return 'missing'
  const trained = await readTrainedRun(folder).catch(() => null)
  if (trained === null) return 'missing'
  return weightsHash(trained.weights) === weights ? 'same' : 'changed'
}

/** Some jobs name their run themselves, some in what they look at; detectors and classifiers have a copy of it. */
function runPath(job: {
  run?: unknown
  spec?: { run?: unknown }
  detector?: unknown
  classifier?: unknown
}): string | null {
  const analysis = job.detector ?? job.classifier
  if (typeof analysis === 'string') return runOf(analysis)
  const run = job.run ?? job.spec?.run
  return typeof run === 'string' ? run : null
}
