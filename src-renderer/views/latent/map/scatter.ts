import createScatterplot from 'regl-scatterplot'
import { createNewest } from '../../../state/newest.ts'
import { reachOfAll, showsAll, type Shown } from './geometry.ts'
import { createPlainRenderer } from './renderer.ts'

/** Points as they are drawn: places in the plot's square, and the colour of each. */
export interface PlotPoints {
  x: Float32Array
  y: Float32Array
  /** Place in the palette; null: all have the first. */
  groups: Uint16Array | null
}

export interface Scatter {
  /** @returns whether they were drawn: others may have come meanwhile. */
  draw(points: PlotPoints): Promise<boolean>
  /** Colours as #rrggbb: of the groups, of what is selected, and of what is below. */
  paint(palette: readonly string[], ink: string, ground: string): void
  /** The points that are shown; null: all. */
  filter(items: number[] | null): void
  select(items: readonly number[]): void
  hover(item: number | null): void
  /** Whether dragging draws a lasso, instead of panning. */
  setLasso(isOn: boolean): void
  /** Shows all. */
  fit(): void
  /** Puts a place of the plot into the middle. @param reach from there to the upper edge, in the plot's units; as it is if not given */
  centre(x: number, y: number, reach?: number): void
  resize(width: number, height: number): void
  shown(): Shown
  destroy(): void
}

export interface ScatterEvents {
  /** Another part is shown. */
  onshown: () => void
  onhover: (item: number | null) => void
  onselect: (items: readonly number[]) => void
  /** Nothing is drawn any more. */
  onlost: () => void
}

/** Diameter of a point in CSS pixels at first: fewer points are larger. They grow with the zoom. */
const sizeFor = (count: number): number =>
  count > 40_000 ? 1.75 : count > 8_000 ? 2.5 : count > 1_000 ? 4 : 6
const opacityFor = (count: number): number => (count > 40_000 ? 0.55 : count > 8_000 ? 0.7 : 0.9)

/** Which keys make of a drag something else; the library's types do not know of them yet. Without them Alt would rotate. */
const keys: object = { actionKeyMap: { lasso: 'shift', merge: 'ctrl' } }

/**
 * A scatter plot by WebGL; null where there is none.
 * @param canvas takes the pointer @param drawn lies under it, and is drawn on
 */
export function createScatter(
  canvas: HTMLCanvasElement,
  drawn: HTMLCanvasElement,
  events: ScatterEvents,
): Scatter | null {
  const renderer = createPlainRenderer(drawn, events.onlost)
  if (renderer === null) return null
  const plot = createScatterplot({
    ...{ canvas, renderer, width: 1, height: 1 },
    ...{ deselectOnEscape: false, deselectOnDblClick: false, showReticle: false },
    ...{ spatialIndexUseWorker: false, lassoMinDist: 4, lassoMinDelay: 6 },
    ...{ opacityInactiveMax: 0.45, opacityInactiveScale: 0.8 },
    ...keys,
  })
  const size = { width: 1, height: 1 }
  /** Selected points that are still told apart one by one; of more, the others' fading tells. */
  const mostRinged = 300
  /** What the plot does by order is no news. */
  const quiet = { preventEvent: true }

  /** The camera scales and moves the plot; 1 is half the height, whatever the width. */
  function shown(): Shown {
    const view = plot.get('cameraView')
    const [scaleX, scaleY, x, y] = [view[0]!, view[5]!, view[12]!, view[13]!]
    const aspect = size.width / size.height
    return {
      ...{ left: (-aspect - x) / scaleX, right: (aspect - x) / scaleX },
      ...{ bottom: (-1 - y) / scaleY, top: (1 - y) / scaleY, ...size },
    }
  }
  const fit = (): void => void plot.zoomToLocation([0, 0], reachOfAll(size.width, size.height))
  // One drawing at a time is taken.
  const draw = createNewest(async ({ x, y, groups }: PlotPoints) => {
    const options = { zDataType: 'categorical', wDataType: 'categorical' } as const
    void plot.set({ pointSize: sizeFor(x.length), opacity: opacityFor(x.length) })
    await plot.draw({ x, y, valueA: groups ?? new Uint16Array(x.length) }, options)
    return true
  })

  plot.subscribe('view', events.onshown)
  plot.subscribe('pointOver', (item) => events.onhover(item))
  plot.subscribe('pointOut', () => events.onhover(null))
  plot.subscribe('select', ({ points }) => events.onselect(points))
  plot.subscribe('deselect', () => events.onselect([]))

  return {
    draw: async (points) => (await draw(points)) !== null,
    paint(palette, ink, ground) {
      void plot.set({
        ...{ colorBy: 'valueA', pointColor: [...palette] },
        ...{ pointColorActive: ink, pointColorHover: ink, lassoColor: ink, backgroundColor: ground },
      })
    },
    filter(items) {
      if (items === null) void plot.unfilter(quiet)
      else void plot.filter(items, quiet)
    },
    select(items) {
      const ring = items.length > mostRinged ? 0 : 1
      void plot.set({ pointOutlineWidth: ring, pointSizeSelected: 2 * ring })
      if (items.length === 0) plot.deselect(quiet)
      else plot.select([...items], quiet)
    },
    hover: (item) => plot.hover(item ?? -1, { ...quiet }),
    setLasso: (isOn) => void plot.set({ mouseMode: isOn ? 'lasso' : 'panZoom' }),
    fit,
    centre: (x, y, reach) => {
      const { bottom, top } = shown()
      void plot.zoomToLocation([x, y], reach ?? (top - bottom) / 2)
    },
    resize(width, height) {
      const wasAll = showsAll(shown())
      Object.assign(size, { width, height })
      void plot.set({ width, height }).then(() => {
        if (wasAll) fit()
        events.onshown()
      })
    },
    shown,
    destroy() {
      plot.destroy()
      renderer.destroy()
    },
  }
}
