/** The half of the view that is about anomalies. `run`: the run folder that a new one is to stand on, where that is known. */
export type AnomaliesPlace = { kind: 'new-detector'; run?: string } | { kind: 'detector'; path: string }

/** The half that is about classes. `label`: labelling the items of a run's map as one goes. */
export type LabelsPlace =
  | { kind: 'new-classifier'; run?: string }
  | { kind: 'classifier'; path: string }
  | { kind: 'label'; run: string }

/** What of the Analyse view is shown; it stands in the address. */
export type AnalysePlace = { kind: 'none' } | AnomaliesPlace | LabelsPlace

/** The place that a part of the address names; nothing chosen for anything else. */
export function analysePlace(part: string | null): AnalysePlace {
  const [, kind, rest] =
    /^(new-detector|new-classifier|detector|classifier|label)(?:-(.+))?$/s.exec(part ?? '') ?? []
  if (kind === 'new-detector' || kind === 'new-classifier')
    return rest === undefined ? { kind } : { kind, run: rest }
  if (rest === undefined) return { kind: 'none' }
  if (kind === 'detector' || kind === 'classifier') return { kind, path: rest }
  return kind === 'label' ? { kind, run: rest } : { kind: 'none' }
}

/** The part of the address of a place, for `route.go('analyse', …)` and `addressOf('analyse', …)`. */
export function partOf(place: AnalysePlace): string {
  if (place.kind === 'none') return 'none'
  if (place.kind === 'detector' || place.kind === 'classifier') return `${place.kind}-${place.path}`
  return place.run === undefined ? place.kind : `${place.kind}-${place.run}`
}
