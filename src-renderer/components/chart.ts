/** One curve of a chart. */
export interface ChartSeries {
  /** Of one chart, each its own. */
  id: string
  label: string
  /** Which colour of the palette, from 1; it begins anew after 8. */
  colour: number
  isDashed?: boolean
  /** Left out until a person asks for it. */
  isHidden?: boolean
  /** One for each place of x; null where there is none. The array may grow in place. */
  values: readonly (number | null)[]
}

/** A place of x where something begins, such as a stage. */
export interface ChartMark {
  x: number
  label: string
}

export const paletteSize = 8
/** The style sheet's name of a colour. */
export const curveColour = (colour: number): string => `--curve-${((colour - 1) % paletteSize) + 1}`

/** The value at a place, or the last one before it: validations are rarer than rows. Null where there is none. */
export function valueUpTo(values: readonly (number | null)[], place: number): number | null {
  for (let index = Math.min(place, values.length - 1); index >= 0; index--) {
    const value = values[index]
    if (value !== null && value !== undefined) return value
  }
  return null
}

/** At most `most` places of `count`, evenly apart, the first and the last among them. */
export function thinned(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index)
  return Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1)))
}

/** Whether a logarithmic axis can show anything of these curves. */
export const hasPositive = (series: readonly Pick<ChartSeries, 'values'>[]): boolean =>
  series.some(({ values }) => values.some((value) => value !== null && value > 0))

/** Smallest and largest value of an axis with nothing, or one place only, on it: room around what there is. */
export function roomy(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [0, 1]
  if (least < most) return [least, most]
  const room = Math.abs(least) / 10 || 1
  return [least - room, most + room]
}
