/**
 * Colours of heat maps from nothing to most: inferno (Smith & van der Walt 2015, CC0), whose lightness rises evenly, so that it is read
 * alike in gray and by people who tell few colours apart. In between they are mixed.
 */
export const heatColours: readonly (readonly [red: number, green: number, blue: number])[] = [
  [0, 0, 4],
  [27, 12, 66],
  [75, 12, 107],
  [120, 28, 109],
  [165, 44, 96],
  [207, 68, 70],
  [237, 105, 37],
  [251, 154, 6],
  [247, 208, 60],
  [252, 255, 164],
]

/** Opacity of all that is half of the most and more, 0–255: what lies below stays visible. */
const opacity = 204

/** Red, green, blue and straight alpha, 0–255, of a share of the scale; below 0 and above 1 as there. Nothing is transparent. */
export function heatColour(share: number): [red: number, green: number, blue: number, alpha: number] {
  const t = Math.min(1, Math.max(0, share))
  const place = t * (heatColours.length - 1)
  const low = Math.min(Math.floor(place), heatColours.length - 2)
  const [a, b] = [heatColours[low]!, heatColours[low + 1]!]
  const mix = (c: 0 | 1 | 2): number => Math.round(a[c] + (place - low) * (b[c] - a[c]))
  return [mix(0), mix(1), mix(2), Math.round(opacity * Math.min(1, 2 * t))]
}
