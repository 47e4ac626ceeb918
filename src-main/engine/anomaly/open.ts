import { resolve } from 'node:path'
import type { ScoreKind } from '../../contract/analysis.ts'
import type { DataSource } from '../../contract/dataset.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Backend } from '../backend/backend.ts'
import type { JobContext } from '../jobs/context.ts'
import { openRunData, wholeSourceFor, type RunData, type TrainedRun } from '../jobs/trained-run.ts'
import { encoderOf, openRunModel } from '../latent/model.ts'
import type { Judge } from './judge.ts'
import { unitsOf } from './units.ts'
import type { Whitening } from './whitening.ts'

/** Data with all that is needed to judge them. */
export interface OpenJudge extends Judge {
  data: RunData
  close(): Promise<void>
}

/**
 * Opens data and a run's network.
 * @throws run and data errors, model-without-codes, model-without-encoder, data-unsuitable for data of another shape
 */
export async function openJudge(
  run: TrainedRun,
  source: DataSource,
  how: { kind: ScoreKind; whitening: Whitening | null },
  context: Pick<JobContext, 'home' | 'signal' | 'emit'> & { backend: Pick<Backend, 'compile'> },
): Promise<OpenJudge> {
  const model = openRunModel(run, context.backend)
  try {
    const encode = encoderOf(run, model)
    const data = await openRunData(run, source, context)
    return {
      ...{ ...how, data, dataset: data.dataset, units: unitsOf(data.dataset), model: { ...model, encode } },
      async close() {
        await model.dispose()
        await data.dataset.close()
      },
    }
  } catch (thrown) {
    await model.dispose()
    throw thrown
  }
}

/**
 * Data with absolute paths, normal items and others: labels that are not named are those of the run, or of what the detector was fitted on, where the
 * sources are the same.
 */
export function wholeSource(info: RunInfo, data: DataSource, fitted: DataSource | null): DataSource {
  const sources = data.sources.map((path) => resolve(path))
  if (data.labels === null && fitted !== null && sources.join('\n') === fitted.sources.join('\n'))
    return { ...data, sources, labels: fitted.labels }
  return { ...data, sources, labels: wholeSourceFor(info, data).labels }
}
