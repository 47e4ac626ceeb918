import type { RunSummary } from '../../../src-main/contract/runs.ts'

/** The parts of the page of a run's codes. */
export const latentTabs = ['map', 'explore', 'interpolate', 'samples', 'arithmetic'] as const
export type LatentTab = (typeof latentTabs)[number]

/** What of the Latent view is shown; it stands in the address. */
export interface LatentPlace {
  tab: LatentTab
  /** Run folder; null: none is chosen. */
  run: string | null
}

/** The place that a part of the address names; nothing chosen for anything else. */
export function latentPlace(part: string | null): LatentPlace {
  const [, name, run] = /^([a-z]+)-(.+)$/s.exec(part ?? '') ?? []
  const tab = latentTabs.find((one) => one === name)
  return tab === undefined || run === undefined ? { tab: 'map', run: null } : { tab, run }
}

/** The part of the address of a place, for `route.go('latent', …)` and `addressOf('latent', …)`. */
export const partOf = ({ tab, run }: LatentPlace): string => (run === null ? 'none' : `${tab}-${run}`)

/** Whether a run is of a network that has codes, and has weights to make them with. */
export const hasCodes = ({ model, state, step }: Pick<RunSummary, 'model' | 'state' | 'step'>): boolean =>
  (model === 'autoencoder' || model === 'gan') && state !== 'unreadable' && step > 0
