import type { Engine } from '../../../../src-main/contract/engine.ts'
import type { ResidualQuestion, ResidualReport } from '../../../../src-main/contract/preview.ts'
import type { Subject } from './viewer.svelte.ts'
import { visibleRegion, type Rect, type Viewport } from './viewport.ts'

/** Side in pixels of the part in the middle of the view that is looked at: structure shows in it, and it is quick. */
const side = 512
/** Milliseconds of rest before it is looked at, so that nothing is asked while a person moves about. */
const rest = 400

/**
 * What the engine finds in the noise that is removed where a person looks: null until it is known.
 * @param isReady once what is seen is shown: the tiles come first
 */
export function createResidualReport(
  engine: Pick<Engine, 'residual'>,
  subject: () => Subject | null,
  viewport: () => Viewport | null,
  isReady: () => boolean,
) {
  let report = $state.raw<ResidualReport | null>(null)

  /** As a string, so that a strength that is moved, which does not change it, asks nothing. */
  const question = $derived.by((): string | null => {
    const shown = subject()
    const seen = viewport()
    if (shown === null || seen === null || (shown.shares.grain === 0 && shown.shares.colour === 0))
      return null
    const { path, page } = shown.info
    return JSON.stringify({
      ...{ path, page, denoise: shown.denoise },
      region: middleOf(visibleRegion(seen)),
    } satisfies ResidualQuestion)
  })

  $effect(() => {
    if (question === null) {
      report = null
      return
    }
    if (!isReady()) return
    let isStale = false
    const timer = setTimeout(() => {
      engine.residual(JSON.parse(question) as ResidualQuestion).then(
        (found) => {
          if (!isStale) report = found
        },
        // A failure of the engine is told where the tiles are asked for.
        () => {
          if (!isStale) report = null
        },
      )
    }, rest)
    return () => {
      isStale = true
      clearTimeout(timer)
    }
  })

  return {
    get current() {
      return report
    },
  }
}

function middleOf({ x, y, width, height }: Rect): Rect {
  const [w, h] = [Math.min(width, side), Math.min(height, side)]
  return { x: x + Math.floor((width - w) / 2), y: y + Math.floor((height - h) / 2), width: w, height: h }
}
