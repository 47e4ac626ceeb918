import { untrack } from 'svelte'
import { toErrorDetail, type ErrorDetail } from '../../../src-main/contract/errors.ts'
import type { PreviewInfo } from '../../../src-main/contract/preview.ts'
import type { App } from '../../state/app.ts'

export interface Opened {
  /** The page that is shown; null while it is opened, and where that failed. */
  readonly info: PreviewInfo | null
  readonly error: ErrorDetail | null
  /** Pages count from 0. */
  goTo(page: number): void
}

/** Opens the picture that is current in the queue. Created while a component is set up. */
export function createOpened({ link, queue }: Pick<App, 'link' | 'queue'>): Opened {
  const path = $derived(queue.current?.source ?? null)
  let page = $state(0)
  let info = $state.raw<PreviewInfo | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  /** Counts connections: what failed with the last one is asked again. */
  let connections = $state(0)

  $effect(() => untrack(() => link.onReady(() => (connections += 1))))

  let openedPath: string | null = null
  $effect(() => {
    if (path !== openedPath) page = 0
    openedPath = path
  })

  $effect(() => {
    if (path === null || connections === 0) {
      info = null
      return
    }
    let isStale = false
    error = null
    link.engine.preview({ path, page }).then(
      (answer) => {
        if (!isStale) info = answer
      },
      (thrown: unknown) => {
        if (!isStale) error = toErrorDetail(thrown)
      },
    )
    return () => {
      isStale = true
    }
  })

  return {
    get info() {
      return info?.path === path && info.page === page ? info : null
    },
    get error() {
      return error
    },
    goTo(next) {
      page = next
    },
  }
}
