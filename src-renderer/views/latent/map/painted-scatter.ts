import { insideOf, nearestTo, pixelOf, plotAt, reachOfAll, showsAll, type Shown } from './geometry.ts'
import type { PlotPoints, Scatter, ScatterEvents } from './scatter.ts'

/** CSS pixels that the pointer may be from a point that it points at. */
const reachOfPointer = 8

/** The same plot without WebGL, painted point by point: slower with many points. */
export function createPaintedScatter(
  canvas: HTMLCanvasElement,
  events: Omit<ScatterEvents, 'onlost'>,
): Scatter {
  const context = canvas.getContext('2d')!
  let points: PlotPoints = { x: new Float32Array(), y: new Float32Array(), groups: null }
  let [palette, ink]: [readonly string[], string] = [['#808080'], '#000000']
  let filter: Set<number> | null = null
  let selected = new Set<number>()
  let hovered: number | null = null
  let isLasso = false
  let [middle, reach]: [[number, number], number] = [[0, 0], 1]
  const size = { width: 1, height: 1 }
  let lasso: [number, number][] = []
  let drag: { x: number; y: number; isLasso: boolean; hasMoved: boolean } | null = null
  let isAsked = false

  const isShown = (item: number): boolean => filter?.has(item) ?? true
  function shown(): Shown {
    // As the other plot has it: the height is 2 · reach, the width in proportion.
    const half = (reach * size.width) / size.height
    return {
      ...{ left: middle[0] - half, right: middle[0] + half },
      ...{ bottom: middle[1] - reach, top: middle[1] + reach, ...size },
    }
  }

  function paint(): void {
    isAsked = false
    const view = shown()
    const ratio = window.devicePixelRatio
    ;[canvas.width, canvas.height] = [size.width * ratio, size.height * ratio]
    context.scale(ratio, ratio)
    const side = points.x.length > 8000 ? 2 : 4
    const dim = selected.size > 0 ? 0.3 : 0.8
    for (let item = 0; item < points.x.length; item++) {
      if (!isShown(item)) continue
      const [x, y] = pixelOf(view, points.x[item]!, points.y[item]!)
      if (x < -side || y < -side || x > size.width + side || y > size.height + side) continue
      const isMarked = selected.has(item) || item === hovered
      context.globalAlpha = isMarked ? 1 : dim
      context.fillStyle = isMarked ? ink : palette[points.groups?.[item] ?? 0]!
      const drawn = isMarked ? side + 2 : side
      context.fillRect(x - drawn / 2, y - drawn / 2, drawn, drawn)
    }
    if (lasso.length === 0) return
    context.globalAlpha = 1
    context.strokeStyle = ink
    context.beginPath()
    for (const [x, y] of lasso) context.lineTo(...pixelOf(view, x, y))
    context.closePath()
    context.stroke()
  }
  function repaint(): void {
    if (!isAsked) requestAnimationFrame(paint)
    isAsked = true
  }
  function look(): void {
    repaint()
    events.onshown()
  }

  const placeOf = ({ clientX, clientY }: MouseEvent): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }
  function pointAt(event: MouseEvent): number | null {
    const view = shown()
    const [px, py] = placeOf(event)
    const item = nearestTo(points, plotAt(view, px, py), isShown)
    if (item === null) return null
    const [x, y] = pixelOf(view, points.x[item]!, points.y[item]!)
    return Math.hypot(x - px, y - py) <= reachOfPointer ? item : null
  }
  function press(event: MouseEvent): void {
    const [x, y] = placeOf(event)
    drag = { x, y, isLasso: isLasso || event.shiftKey, hasMoved: false }
  }
  function move(event: MouseEvent): void {
    const [x, y] = placeOf(event)
    if (drag === null) {
      if (event.target === canvas) events.onhover(pointAt(event))
      return
    }
    drag.hasMoved = true
    if (drag.isLasso) lasso.push(plotAt(shown(), x, y))
    else {
      const pixel = (2 * reach) / size.height
      middle = [middle[0] - (x - drag.x) * pixel, middle[1] + (y - drag.y) * pixel]
      ;[drag.x, drag.y] = [x, y]
    }
    look()
  }
  function release(event: MouseEvent): void {
    if (drag === null) return
    if (lasso.length > 2) events.onselect(insideOf(points, lasso, isShown))
    else if (!drag.hasMoved) {
      const item = pointAt(event)
      events.onselect(item === null ? [] : [item])
    }
    drag = null
    lasso = []
    repaint()
  }
  function wheel(event: WheelEvent): void {
    event.preventDefault()
    const [x, y] = plotAt(shown(), ...placeOf(event))
    const share = Math.exp(event.deltaY / 500)
    reach *= share
    middle = [x + (middle[0] - x) * share, y + (middle[1] - y) * share]
    look()
  }
  function fit(): void {
    ;[middle, reach] = [[0, 0], reachOfAll(size.width, size.height)]
    look()
  }
  canvas.addEventListener('mousedown', press)
  window.addEventListener('mousemove', move)
  window.addEventListener('mouseup', release)
  canvas.addEventListener('wheel', wheel)

  return {
    draw(next) {
      points = next
      repaint()
      return Promise.resolve(true)
    },
    paint(colours, nextInk) {
      ;[palette, ink] = [colours, nextInk]
      repaint()
    },
    filter(items) {
      filter = items === null ? null : new Set(items)
      repaint()
    },
    select(items) {
      selected = new Set(items)
      repaint()
    },
    hover(item) {
      hovered = item
      repaint()
    },
    setLasso: (isOn) => (isLasso = isOn),
    fit,
    centre(x, y, next = reach) {
      ;[middle, reach] = [[x, y], next]
      look()
    },
    resize(width, height) {
      const wasAll = showsAll(shown())
      Object.assign(size, { width, height })
      if (wasAll) fit()
      else look()
    },
    shown,
    destroy() {
      window.removeEventListener('mousemove', move)
      window.removeEventListener('mouseup', release)
      canvas.removeEventListener('mousedown', press)
      canvas.removeEventListener('wheel', wheel)
    },
  }
}
