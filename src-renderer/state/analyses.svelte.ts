import type { AnalysisSummary } from '../../src-main/contract/analysis.ts'
import type { Link } from './connection.svelte.ts'

export interface AnalysesStore {
  /** Detectors and classifiers of the program's own folder, newest first. Null until they are read. */
  readonly all: readonly AnalysisSummary[] | null
  get(path: string): AnalysisSummary | undefined
}

export function createAnalyses(link: Link): AnalysesStore {
  let all = $state.raw<readonly AnalysisSummary[] | null>(null)

  const read = (): void => {
    void link.engine.analyses().then((list) => (all = list))
  }
  link.onReady(read)
  link.engine.subscribe((event) => {
    if (event.event === 'analyses') read()
  })

  return {
    get all() {
      return all
    },
    get: (path) => all?.find((one) => one.path === path),
  }
}
