export const viewIds = ['denoise', 'models', 'settings'] as const
export type ViewId = (typeof viewIds)[number]

/** The view that an address names; the first one for anything else. */
export const viewOf = (hash: string): ViewId => viewIds.find((id) => hash === `#/${id}`) ?? 'denoise'

export interface Route {
  readonly view: ViewId
  go(view: ViewId): void
}

/** The view that is shown stands in the address, so that a reload and the browser's back keep to it. */
export function createRoute(page: Window): Route {
  let view = $state(viewOf(page.location.hash))
  page.addEventListener('hashchange', () => {
    view = viewOf(page.location.hash)
  })
  return {
    get view() {
      return view
    },
    go(next) {
      page.location.hash = `#/${next}`
      view = next
    },
  }
}
