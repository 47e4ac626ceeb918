import type { AnalysisSummary, Predictions } from '../../../../../src-main/contract/analysis.ts'
import type { JobInput } from '../../../../../src-main/contract/jobs.ts'
import type { App } from '../../../../state/app.ts'
import { remembered } from '../../../../state/remembered.svelte.ts'
import { runJob } from '../../../../state/run-job.ts'
import { createApplied, type Applied } from '../../applied.svelte.ts'
import type { Looked } from './figures.ts'

export type Classifier = Extract<AnalysisSummary, { kind: 'classifier' }>
export type PredictInput = Extract<JobInput, { type: 'classify-predict' }>

/** What is done with one classifier: data are classified, and what comes of it is looked at. */
export interface Predicting {
  readonly applied: Applied<Classifier, PredictInput, Predictions>
  looked: Looked
  /** The item that is looked at; null for the first. */
  item: number | null
}

/** What it needs of the window. */
type Window = Pick<App, 'link'>

/** What is being done with a classifier in a window. */
export const predictingOf = remembered(createPredicting)

export function createPredicting({ link }: Window, path: string): Predicting {
  let looked = $state.raw<Looked>('mistakes')
  let item = $state<number | null>(null)

  const applied = createApplied<'classifier', PredictInput, Predictions>(link, path, {
    kind: 'classifier',
    jobOf: (asked) => ({ type: 'classify-predict', classifier: path, ...asked }),
    run: async (input, watch) => (await runJob(link, input, watch)).predictions,
    find: (id) => link.engine.predictions(id),
    onresult({ truth }) {
      looked = truth === null ? { truth: null, predicted: null } : 'mistakes'
      item = null
    },
  })

  return {
    applied,
    get looked() {
      return looked
    },
    set looked(next) {
      looked = next
      item = null
    },
    get item() {
      return item
    },
    set item(next) {
      item = next
    },
  }
}
