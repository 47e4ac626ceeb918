import type { Engine } from '../../../../src-main/contract/engine.ts'
import { toErrorDetail, type ErrorDetail } from '../../../../src-main/contract/errors.ts'
import type { PreviewDenoise, PreviewInfo } from '../../../../src-main/contract/preview.ts'
import type { Shares } from './blend.ts'
import { panesOf, viewSize, type CompareMode } from './compare.ts'
import { paintPane, wishes, type Cleaned } from './paint.ts'
import { createTileStore, isSameSource, type TileSource } from './store.ts'
import { levelFor } from './tiles.ts'
import { fittedViewport, resized, zoomedTo, type Point, type Size, type Viewport } from './viewport.ts'

/** What is compared: a picture, and what is to be made of it. */
export interface Subject {
  info: PreviewInfo
  denoise: PreviewDenoise
  shares: Shares
  /** The file that these settings were written to; null before. It is then shown instead of a preview. */
  written: string | null
}

/** Milliseconds that each picture is shown for while blinking: long enough to look, short enough to see a difference. */
const blinkPeriod = 800
const all: Shares = { grain: 1, colour: 1 }

/** All that a painting of the canvas depends on. */
export interface Frame {
  viewport: Viewport
  levels: number
  comparison: Parameters<typeof panesOf>[0]
  density: number
}

export type Viewer = ReturnType<typeof createViewer>

/**
 * The state of the compare viewer: what is seen of the subject, in which mode, and the tiles for it. To be created while a
 * component is set up: it follows `subject` and ends with the component.
 */
export function createViewer(engine: Pick<Engine, 'previewTile'>, subject: () => Subject | null) {
  let screen = $state.raw<{ size: Size; density: number }>({ size: { width: 1, height: 1 }, density: 1 })
  let viewport = $state.raw<Viewport | null>(null)
  let mode = $state<CompareMode>('split')
  let divider = $state(0.5)
  let gain = $state(5)
  let isHeld = $state(false)
  let isBlinking = $state(false)
  let isBlinked = $state(false)
  /** Counts tiles that came: the frame depends on it. */
  let arrivals = $state(0)
  let missing = $state(0)
  let failure = $state.raw<ErrorDetail | null>(null)

  const store = createTileStore({
    ask: (question) => engine.previewTile(question),
    changed: () => {
      arrivals += 1
      missing = store.missing()
    },
    failed: (thrown) => {
      failure = toErrorDetail(thrown)
      missing = store.missing()
    },
  })

  const original = $derived.by((): TileSource | null => {
    const info = subject()?.info
    return info === undefined ? null : { path: info.path, page: info.page, denoise: null }
  })
  /** The one asked for; null where nothing is to be removed. */
  const cleaned = $derived.by((): Cleaned | null => {
    const shown = subject()
    if (shown === null) return null
    const { info, denoise, shares, written } = shown
    // A written file has its strength in it.
    if (written !== null) return { source: { path: written, page: info.page, denoise: null }, shares: all }
    if (shares.grain === 0 && shares.colour === 0) return null
    return { source: { path: info.path, page: info.page, denoise }, shares }
  })

  // What was shown stays until its successor arrives: a moved σ must not flash the noise.
  let current: { original: TileSource; source: TileSource } | null = null
  let previous = $state.raw<TileSource | null>(null)
  $effect(() => {
    if (original === null || cleaned === null) return
    const { source } = cleaned
    if (current !== null && isSameSource(current.source, source)) return
    previous = current !== null && isSameSource(current.original, original) ? current.source : null
    current = { original, source }
  })

  $effect(() => {
    const info = subject()?.info
    const view = viewSize(mode, screen.size)
    if (info === undefined) return
    // Pictures of one size are looked at in the same place: a series is compared without zooming anew.
    if (viewport?.image.width !== info.width || viewport.image.height !== info.height)
      viewport = fittedViewport({ width: info.width, height: info.height }, view, screen.density)
    else if (
      viewport.view.width !== view.width ||
      viewport.view.height !== view.height ||
      viewport.density !== screen.density
    )
      viewport = resized(viewport, view, screen.density)
  })

  function want(): void {
    const info = subject()?.info
    if (viewport === null || info === undefined || original === null) store.want([])
    else store.want(wishes(viewport, info.levels, original, cleaned?.source ?? null))
    missing = store.missing()
  }
  $effect(want)
  const path = $derived(original?.path)
  $effect(() => {
    if (path !== undefined) failure = null
  })

  $effect(() => {
    if (mode !== 'blink' || !isBlinking) return
    const timer = setInterval(() => (isBlinked = !isBlinked), blinkPeriod)
    return () => clearInterval(timer)
  })
  $effect(() => () => store.close())

  const frame = $derived.by((): Frame | null => {
    const shown = subject()
    if (viewport === null || shown === null || original === null || arrivals < 0) return null
    const standIn = previous === null ? [] : [{ source: previous, shares: shown.shares }]
    const comparison = {
      mode,
      original,
      cleaned: cleaned === null ? [] : [cleaned, ...standIn],
      divider,
      gain,
      isOriginal: isHeld || (mode === 'blink' && isBlinked),
    }
    return { viewport, levels: shown.info.levels, comparison, density: screen.density }
  })

  return {
    get frame() {
      return frame
    },
    paint(context: CanvasRenderingContext2D, painted: Frame | null) {
      context.clearRect(0, 0, context.canvas.width, context.canvas.height)
      if (painted === null) return
      for (const pane of panesOf(painted.comparison, context.canvas, painted.density))
        paintPane(context, store, painted.viewport, painted.levels, pane)
    },
    get viewport() {
      return viewport
    },
    /** Moves or zooms: takes the viewport and gives the one that follows. */
    change(how: (viewport: Viewport) => Viewport) {
      if (viewport !== null) viewport = how(viewport)
    },
    fit() {
      if (viewport !== null) viewport = fittedViewport(viewport.image, viewport.view, viewport.density)
    },
    /** Shows all of the picture, or 100 % about a point if it does already. */
    toggleFit(about?: Point) {
      if (viewport?.isFitted === true) viewport = zoomedTo(viewport, 1, about)
      else this.fit()
    },
    resize(size: Size, density: number) {
      screen = { size, density }
    },
    get mode() {
      return mode
    },
    set mode(next: CompareMode) {
      mode = next
      isBlinked = false
    },
    get divider() {
      return divider
    },
    set divider(at: number) {
      divider = Math.min(Math.max(at, 0), 1)
    },
    get gain() {
      return gain
    },
    set gain(times: number) {
      gain = times
    },
    get isHeld() {
      return isHeld
    },
    set isHeld(held: boolean) {
      isHeld = held
    },
    /** Whether blinking goes on by itself. */
    get isBlinking() {
      return isBlinking
    },
    set isBlinking(blinking: boolean) {
      isBlinking = blinking
    },
    /** While blinking: whether the original is the one that is seen. */
    get isBlinked() {
      return isBlinked
    },
    set isBlinked(blinked: boolean) {
      isBlinked = blinked
    },
    /** Level of the pyramid that is shown; 0 is the picture itself. */
    get level() {
      return viewport === null ? 0 : levelFor(viewport.scale, subject()?.info.levels ?? 1)
    },
    /** Tiles of what is seen that are still to come. */
    get missing() {
      return missing
    },
    get failure() {
      return failure
    },
    /** Asks again for what failed. */
    retry() {
      failure = null
      store.want([])
      want()
    },
    /** A file was written anew: what was shown of it is not it any more. */
    forget(path: string) {
      store.forget(path)
      want()
    },
  }
}
