export interface Point {
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export interface Rect extends Point, Size {}

/** Which part of a picture is seen, and how large. */
export interface Viewport {
  /** The picture, in its own pixels. */
  image: Size
  /** What it is seen in, in CSS pixels. */
  view: Size
  /** Device pixels to a CSS pixel. */
  density: number
  /** Device pixels to a picture's pixel: 1 is 100 %, whatever the screen's density. */
  scale: number
  /** The picture's point in the middle of the view. */
  centre: Point
  /** Stays fitted when the view changes its size. */
  isFitted: boolean
}

/** 800 % */
export const maxScale = 8

/** Zoom levels that a key or button goes through, between fit and `maxScale`. */
const stops = [1 / 16, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 1.5, 2, 3, 4, 6, maxScale]

/**
 * The scale at which the whole picture is seen. A picture smaller than the view is enlarged by whole numbers only, so that
 * its pixels stay square.
 */
export function fitScale({ image, view, density }: Pick<Viewport, 'image' | 'view' | 'density'>): number {
  const scale = Math.min((view.width * density) / image.width, (view.height * density) / image.height)
  return scale < 1 ? scale : Math.min(Math.floor(scale), maxScale)
}

export function fittedViewport(image: Size, view: Size, density: number): Viewport {
  const centre = { x: image.width / 2, y: image.height / 2 }
  return { image, view, density, centre, scale: fitScale({ image, view, density }), isFitted: true }
}

/** The same picture in a view of another size: stays fitted, or keeps its scale and middle. */
export function resized(viewport: Viewport, view: Size, density: number): Viewport {
  if (viewport.isFitted) return fittedViewport(viewport.image, view, density)
  return held({ ...viewport, view, density })
}

/** Sets the scale; the picture's point at `about` (CSS pixels in the view; default: its middle) stays where it is. */
export function zoomedTo(viewport: Viewport, scale: number, about?: Point): Viewport {
  const { view, density } = viewport
  const anchor = about ?? { x: view.width / 2, y: view.height / 2 }
  const fit = fitScale(viewport)
  const next = Math.min(Math.max(scale, Math.min(fit, 1)), maxScale)
  const still = toImage(viewport, anchor)
  const centre = {
    x: still.x - ((anchor.x - view.width / 2) * density) / next,
    y: still.y - ((anchor.y - view.height / 2) * density) / next,
  }
  return held({ ...viewport, scale: next, centre, isFitted: next === fit })
}

/** The next zoom stop above or below. */
export function zoomedStep(viewport: Viewport, direction: 1 | -1, about?: Point): Viewport {
  const all = [...stops, fitScale(viewport)].sort((a, b) => (a - b) * direction)
  // A relative margin: a scale that a gesture left just below a stop counts as on it.
  const next = all.find((stop) => (stop / viewport.scale) ** direction > 1.01)
  return next === undefined ? viewport : zoomedTo(viewport, next, about)
}

/** Moves the picture under the view by CSS pixels. */
export function panned(viewport: Viewport, by: Point): Viewport {
  const { density, scale, centre } = viewport
  return held({
    ...viewport,
    centre: { x: centre.x - (by.x * density) / scale, y: centre.y - (by.y * density) / scale },
  })
}

/** Keeps the view filled: a picture that is smaller than it is centred, a larger one ends at its edge. */
function held(viewport: Viewport): Viewport {
  const { image, view, density, scale, centre } = viewport
  const along = (at: number, length: number, seen: number): number => {
    const half = (seen * density) / scale / 2
    return half * 2 >= length ? length / 2 : Math.min(Math.max(at, half), length - half)
  }
  return {
    ...viewport,
    centre: { x: along(centre.x, image.width, view.width), y: along(centre.y, image.height, view.height) },
  }
}

/**
 * Where the picture's upper left corner lies, in device pixels from the view's. Whole numbers, so that at 100 % each pixel
 * of the picture is exactly one of the screen.
 */
export function imageOrigin({ view, density, scale, centre }: Viewport): Point {
  return {
    x: Math.round((view.width * density) / 2 - centre.x * scale),
    y: Math.round((view.height * density) / 2 - centre.y * scale),
  }
}

/** A point of the view (CSS pixels) as one of the picture. */
export function toImage(viewport: Viewport, point: Point): Point {
  const origin = imageOrigin(viewport)
  return {
    x: (point.x * viewport.density - origin.x) / viewport.scale,
    y: (point.y * viewport.density - origin.y) / viewport.scale,
  }
}

/** A point of the picture as one of the view, in CSS pixels. */
export function toScreen(viewport: Viewport, point: Point): Point {
  const origin = imageOrigin(viewport)
  return {
    x: (origin.x + point.x * viewport.scale) / viewport.density,
    y: (origin.y + point.y * viewport.scale) / viewport.density,
  }
}

/** The part of the picture that is seen, in whole pixels; at least one. */
export function visibleRegion(viewport: Viewport): Rect {
  const { image, view } = viewport
  const from = toImage(viewport, { x: 0, y: 0 })
  const to = toImage(viewport, { x: view.width, y: view.height })
  const x = Math.min(Math.max(Math.floor(from.x), 0), image.width - 1)
  const y = Math.min(Math.max(Math.floor(from.y), 0), image.height - 1)
  return {
    x,
    y,
    width: Math.max(1, Math.min(Math.ceil(to.x), image.width) - x),
    height: Math.max(1, Math.min(Math.ceil(to.y), image.height) - y),
  }
}
