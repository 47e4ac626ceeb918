import { join, resolve } from 'node:path'
import type { Backend } from '../backend/backend.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import { readTrainedRun, type TrainedRun } from '../jobs/trained-run.ts'
import { createCache } from '../preview/cache.ts'
import { fileVersion } from '../preview/pictures.ts'
import { runNames } from '../storage/runs.ts'
import { openRunModel } from './model.ts'

/** A run that is open for questions. */
export interface OpenRun {
  run: TrainedRun
  model: OpenLatentModel
  /** Another one once the run was trained further. */
  version: string
}

export interface OpenRuns {
  /** The run as it is now. @throws run-unreadable, model-unreadable, model-without-codes */
  get(path: string): Promise<OpenRun>
  close(): Promise<void>
}

/** Runs that stay open: the one that is looked at, and some that were before. */
const mostOpen = 4

export function createOpenRuns(openBackend: () => Promise<Pick<Backend, 'compile'>>): OpenRuns {
  const cache = createCache<OpenRun>({
    limit: mostOpen,
    weigh: () => 1,
    isCurrent: async ({ run, version }) => (await runVersion(run.path)) === version,
    drop: ({ model }) => model.dispose(),
  })
  return {
    get: (path) =>
      cache.get(resolve(path), async () => {
        // Taken before the run is read: one that changes meanwhile is read once more.
        const version = await runVersion(path)
        const run = await readTrainedRun(path)
        return { run, version, model: openRunModel(run, await openBackend()) }
      }),
    close: () => cache.clear(),
  }
}

/** Changes with the weights of a run, also of one that has only checkpoints so far. */
export async function runVersion(path: string): Promise<string> {
  const files = [runNames.info, runNames.weights, runNames.checkpoints]
  return (await Promise.all(files.map((file) => fileVersion(join(path, file))))).join()
}
