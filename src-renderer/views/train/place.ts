/** What of the Train view is shown; it stands in the address. */
export type TrainPlace =
  { kind: 'new' } | { kind: 'run'; path: string } | { kind: 'compare'; paths: string[] }

/** No path holds a line break that a person would want to keep apart. */
const separator = '\n'

/** The place that a part of the address names; setting up a training for anything else. */
export function trainPlace(part: string | null): TrainPlace {
  const [, kind, rest = ''] = /^(run|compare)-(.+)$/s.exec(part ?? '') ?? []
  if (kind === 'run') return { kind, path: rest }
  if (kind === 'compare') return { kind, paths: rest.split(separator) }
  return { kind: 'new' }
}

/** The part of the address of a place, for `route.go('train', …)` and `addressOf('train', …)`. */
export function partOf(place: TrainPlace): string {
  if (place.kind === 'run') return `run-${place.path}`
  if (place.kind === 'compare') return `compare-${place.paths.join(separator)}`
  return 'new'
}
