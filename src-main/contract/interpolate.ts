// In the contract, because the window previews a path as the engine will export it.

/** Straight from a to b: (1 − t) a + t b. */
export const lerp = (a: Float32Array, b: Float32Array, t: number): Float32Array =>
  a.map((value, i) => (1 - t) * value + t * b[i]!)

/** Below this sine of the angle between two codes there is no telling which way the arc goes. */
const leastSine = 1e-4

/** Whether there is one arc from a to b around the origin: of codes that are zero, point the same way or opposite ways there is none. */
function hasArc(a: Float32Array, b: Float32Array): boolean {
  const angle = angleBetween(a, b)
  return Number.isFinite(angle) && Math.sin(angle) > leastSine
}

/**
 * Along the arc from a to b around the origin, where the prior has its mean: sin((1 − t) Ω) / sin Ω a + sin(t Ω) / sin Ω b (Shoemake 1985;
 * White 2016). Straight where there is no arc.
 */
export function slerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  if (!hasArc(a, b)) return lerp(a, b, t)
  const angle = angleBetween(a, b)
  const [from, to] = [Math.sin((1 - t) * angle), Math.sin(t * angle)].map((sine) => sine / Math.sin(angle))
  return a.map((value, i) => from! * value + to! * b[i]!)
}

/** In radians; NaN with a code that is zero. */
function angleBetween(a: Float32Array, b: Float32Array): number {
  let [product, squareA, squareB] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!
    squareA += a[i]! ** 2
    squareB += b[i]! ** 2
  }
  const cosine = product / Math.sqrt(squareA * squareB)
  return Math.acos(Math.max(-1, Math.min(1, cosine)))
}

export interface PathOptions {
  /** Codes from one anchor to the next, both counted. */
  steps: number
  mode: 'lerp' | 'slerp'
  /** Go on from the last anchor back to the first, which is not given a second time. */
  loop: boolean
}

export interface CodePath {
  /** [count, size] */
  codes: Float32Array
  count: number
  /** Which anchor each code comes from, and how far to the next it is, from 0 to 1. */
  places: { from: number; to: number; t: number }[]
  /** Segments that were to be arcs and are straight, for want of an arc. */
  straightened: number
}

/**
 * A path over anchors, equally long steps in each segment.
 * @param anchors [count, size], two of them at least.
 */
export function codePath(anchors: Float32Array, size: number, { steps, mode, loop }: PathOptions): CodePath {
  const count = anchors.length / size
  const anchor = (i: number): Float32Array => anchors.subarray(i * size, (i + 1) * size)
  const segments = loop ? count : count - 1
  const codes: Float32Array[] = []
  const places: CodePath['places'] = []
  let straightened = 0
  for (let from = 0; from < segments; from++) {
    const to = (from + 1) % count
    const [a, b] = [anchor(from), anchor(to)]
    const isArc = mode === 'slerp' && hasArc(a, b)
    if (mode === 'slerp' && !isArc) straightened++
    const even = isArc ? evenTimes((t) => slerp(a, b, t), steps) : (i: number) => i / (steps - 1)
    // The last of a segment is the first of the next.
    const isEnd = !loop && from === segments - 1
    for (let i = 0; i < steps - (isEnd ? 0 : 1); i++) {
      const t = even(i)
      codes.push(isArc ? slerp(a, b, t) : lerp(a, b, t))
      places.push({ from, to, t })
    }
  }
  const all = new Float32Array(codes.length * size)
  codes.forEach((code, i) => all.set(code, i * size))
  return { codes: all, count: codes.length, places, straightened }
}

/** Chords that an arc is measured by. */
const chords = 256

/** Where along a curve t must be for equally long steps: between codes of different norms an arc is not walked evenly by its angle. */
function evenTimes(curve: (t: number) => Float32Array, steps: number): (i: number) => number {
  const lengths = [0]
  let before = curve(0)
  for (let i = 1; i <= chords; i++) {
    const point = curve(i / chords)
    lengths.push(lengths[i - 1]! + Math.hypot(...point.map((value, j) => value - before[j]!)))
    before = point
  }
  return (step) => {
    const wanted = (step / (steps - 1)) * lengths[chords]!
    if (step === steps - 1) return 1
    const after = Math.max(
      1,
      lengths.findIndex((length) => length >= wanted),
    )
    const [low, high] = [lengths[after - 1]!, lengths[after]!]
    return (after - 1 + (wanted - low) / (high - low)) / chords
  }
}

/** What pictures would be without a model: the blend of the anchors' pictures, pixel by pixel. @param pictures of the anchors */
export function blendPixels(pictures: Float32Array, size: number, { places }: CodePath): Float32Array {
  const blended = new Float32Array(places.length * size)
  const picture = (i: number): Float32Array => pictures.subarray(i * size, (i + 1) * size)
  places.forEach(({ from, to, t }, i) => blended.set(lerp(picture(from), picture(to), t), i * size))
  return blended
}
