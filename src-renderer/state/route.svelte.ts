const viewIds = ['denoise', 'train', 'latent', 'analyse', 'models', 'settings'] as const
export type ViewId = (typeof viewIds)[number]

export interface Place {
  view: ViewId
  /** A part of the view, as it names its parts itself: any text. */
  part: string | null
}

/** The place that an address names (`#/settings/engine`); the first view for anything else. */
export function placeOf(hash: string): Place {
  const [, name, part] = /^#\/([a-z]+)(?:\/([^/]+))?$/.exec(hash) ?? []
  const view = viewIds.find((id) => id === name)
  return view === undefined ? { view: 'denoise', part: null } : { view, part: decoded(part) }
}

function decoded(part: string | undefined): string | null {
  try {
    return part === undefined ? null : decodeURIComponent(part)
  } catch {
    // An address that was cut off in the middle of a character.
    return null
  }
}

export const addressOf = (view: ViewId, part?: string): string =>
  part === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(part)}`

export interface Route {
  readonly view: ViewId
  readonly part: string | null
  go(view: ViewId, part?: string): void
}

/** What is shown stands in the address, so that a reload and the browser's back keep to it. */
export function createRoute(page: Pick<Window, 'location' | 'addEventListener'>): Route {
  let place = $state.raw(placeOf(page.location.hash))
  page.addEventListener('hashchange', () => {
    place = placeOf(page.location.hash)
  })
  return {
    get view() {
      return place.view
    },
    get part() {
      return place.part
    },
    go(view, part) {
      page.location.hash = addressOf(view, part)
      place = placeOf(page.location.hash)
    },
  }
}
