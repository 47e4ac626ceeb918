import type { Point } from './viewport.ts'

export interface GestureOptions {
  pan: (by: Point) => void
  /** Multiplies the scale, about a point of the element in CSS pixels. */
  zoom: (factor: number, about: Point) => void
}

/** Lines and pages of a wheel's turn in CSS pixels, as browsers scroll them. */
const lineHeight = 16
const pageHeight = 400

/** Drag to pan, wheel or pinch to zoom. Returns the function that takes it all off again. */
export function addGestures(element: HTMLElement, { pan, zoom }: GestureOptions): () => void {
  const pointers = new Map<number, Point>()
  const within = (event: { clientX: number; clientY: number }): Point => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const middle = (): Point => {
    const all = [...pointers.values()]
    const sum = all.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 })
    return { x: sum.x / all.length, y: sum.y / all.length }
  }
  /** Mean distance of the fingers from their middle. */
  const spread = (): number => {
    const { x, y } = middle()
    return [...pointers.values()].reduce((sum, p) => sum + Math.hypot(p.x - x, p.y - y), 0) / pointers.size
  }

  const down = (event: PointerEvent): void => {
    if (event.button > 1) return
    element.setPointerCapture(event.pointerId)
    pointers.set(event.pointerId, within(event))
  }
  const move = (event: PointerEvent): void => {
    if (!pointers.has(event.pointerId)) return
    const before = { at: middle(), spread: spread() }
    pointers.set(event.pointerId, within(event))
    const at = middle()
    pan({ x: at.x - before.at.x, y: at.y - before.at.y })
    if (pointers.size > 1 && before.spread > 0) zoom(spread() / before.spread, at)
  }
  const up = (event: PointerEvent): void => {
    pointers.delete(event.pointerId)
  }
  const wheel = (event: WheelEvent): void => {
    event.preventDefault()
    const unit = [1, lineHeight, pageHeight][event.deltaMode]!
    // A notch of a wheel is about 100 pixels and zooms by a fifth. Pinching on a touchpad arrives as a wheel with ctrl
    // and small turns.
    const speed = event.ctrlKey ? 0.01 : 0.0018
    zoom(Math.exp(-event.deltaY * unit * speed), within(event))
  }

  element.addEventListener('pointerdown', down)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', up)
  element.addEventListener('wheel', wheel, { passive: false })
  return () => {
    element.removeEventListener('pointerdown', down)
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', up)
    element.removeEventListener('pointercancel', up)
    element.removeEventListener('wheel', wheel)
  }
}
