import type { RunSummary } from '../../../src-main/contract/runs.ts'
import type { App } from '../../state/app.ts'
import { analysePlace, partOf } from './place.ts'

/** Whether a run has an encoder and a decoder that have learned: a detector or a classifier can stand on it. */
export const canStandOn = ({ model, state, step }: RunSummary): boolean =>
  model === 'autoencoder' && state !== 'unreadable' && step > 0

const texts = {
  detector: { done: 'ui.analyse.fit.done', open: 'ui.analyse.fit.open' },
  classifier: { done: 'ui.labels.fit.done', open: 'ui.labels.fit.open' },
} as const

/** Opens what was made. Whoever looks at something else meanwhile is left there, and told. */
export function showMade(
  { i18n, notices, route }: Pick<App, 'i18n' | 'notices' | 'route'>,
  kind: 'detector' | 'classifier',
  path: string,
): void {
  const open = (): void => route.go('analyse', partOf({ kind, path }))
  if (route.view === 'analyse' && analysePlace(route.part).kind === `new-${kind}`) return open()
  notices.show(i18n.t(texts[kind].done), {
    tone: 'good',
    action: { label: i18n.t(texts[kind].open), run: open },
  })
}
