/** What of the Train view is shown; it stands in the address. */
export type TrainPlace =
  /** Setting up a training; `startFrom`: the run folder whose weights it is to begin with. */
  { kind: 'new'; startFrom?: string } | { kind: 'run'; path: string } | { kind: 'compare'; paths: string[] }

/** No path holds a line break that a person would want to keep apart. */
const separator = '\n'

/** The place that a part of the address names; setting up a training for anything else. */
export function trainPlace(part: string | null): TrainPlace {
  const [, kind, rest = ''] = /^(run|compare|from)-(.+)$/s.exec(part ?? '') ?? []
  if (kind === 'run') return { kind, path: rest }
  if (kind === 'compare') return { kind, paths: rest.split(separator) }
  if (kind === 'from') return { kind: 'new', startFrom: rest }
  return { kind: 'new' }
}

/** The part of the address of a place, for `route.go('train', …)` and `addressOf('train', …)`. */
export function partOf(place: TrainPlace): string {
  if (place.kind === 'run') return `run-${place.path}`
  if (place.kind === 'compare') return `compare-${place.paths.join(separator)}`
  return place.startFrom === undefined ? 'new' : `from-${place.startFrom}`
}
