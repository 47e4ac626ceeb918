import { toErrorDetail } from '../../../../src-main/contract/errors.ts'
import type { LatentFile } from '../../../../src-main/contract/provenance.ts'
import type { App } from '../../../state/app.ts'
import { partOf } from '../place.ts'
import { latentOf } from '../view.svelte.ts'

/** An export, and the way it was made. */
export type Made = Extract<LatentFile, { kind: 'export' }>

export interface Opening {
  /** The export that is looked at; null for none. */
  readonly made: Made | null
  /**
   * Opens a saved view, or shows how an export was made. Failures become notices.
   * @returns whether it was either of them
   */
  open(path: string): Promise<boolean>
  /**
   * Opens what was dropped, if it says what it is. A picture or folder that says nothing is something else: false.
   * @param arePicturesWanted for what they show: an export of one picture is a picture, however it was made
   */
  tryOpen(paths: readonly string[], arePicturesWanted?: boolean): Promise<boolean>
  close(): void
}

type Window = Pick<App, 'link' | 'notices' | 'route'>

const known = new WeakMap<Window, Opening>()

/** What is opened in a window's Latent view. */
export function openingOf(window: Window): Opening {
  const there = known.get(window) ?? createOpening(window)
  known.set(window, there)
  return there
}

function createOpening(window: Window): Opening {
  const { link, notices, route } = window
  let made = $state.raw<Made | null>(null)

  function show(file: LatentFile): void {
    if (file.kind === 'export') {
      made = file
      return
    }
    const { run } = file.view.map
    latentOf(window, run).open(file.view)
    route.go('latent', partOf({ tab: 'map', run }))
  }

  return {
    get made() {
      return made
    },
    async open(path) {
      const file = await notices.attempt(() => link.engine.openLatentFile(path))
      if (file !== null) show(file)
      return file !== null
    },
    async tryOpen([path, ...others], arePicturesWanted = false) {
      // A folder is data to whoever drops it.
      const isKnown = path !== undefined && /\.(json|png|gif|webp|mp4)$/i.test(path)
      if (!isKnown || others.length > 0) return false
      try {
        const file = await link.engine.openLatentFile(path)
        if (arePicturesWanted && file.kind === 'export' && file.provenance.codes?.length === 1) return false
        show(file)
      } catch (thrown) {
        const isPicture = !/\.(json|mp4)$/i.test(path)
        if (isPicture && toErrorDetail(thrown).code === 'export-unreadable') return false
        notices.fail(thrown)
      }
      return true
    },
    close() {
      made = null
    },
  }
}
