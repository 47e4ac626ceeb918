import { mean } from '../support.ts'

/** A claim as a table with its verdicts. */
export interface Found {
  title: string
  /** Networks, items, measures. */
  protocol: string
  header: string[]
  rows: (string | number)[][]
  verdicts: Verdict[]
}

/** Whether a difference that is claimed to be positive is. */
export interface Verdict {
  /** The claim as a sentence. */
  says: string
  /** `not here`: zero lies within the interval. */
  is: 'true' | 'false' | 'not here'
  difference: number
  /** With 95 % confidence. */
  limits: [number, number]
  unit: string
}

/** Student's t at 97.5 %, by degrees of freedom from 1. */
const quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

export const deviation = (values: number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1))

/** Mean ± standard deviation over the seeds. */
export const spread = (values: number[], digits = 2): string =>
  values.length === 1
    ? values[0]!.toFixed(digits)
    : `${mean(values).toFixed(digits)} ± ${deviation(values).toFixed(digits)}`

/** Of squared errors of a pixel, in thousandths. */
export const errors = (values: number[]): string =>
  spread(
    values.map((value) => 1000 * value),
    2,
  )

/** Of shares, in percent. */
export const percents = (values: number[]): string =>
  spread(
    values.map((value) => 100 * value),
    1,
  )

/**
 * Paired by seed, as split and first weights are: 95 % limits of the mean difference by Student's t.
 * @param factor 1000 for squared errors, 100 for shares
 */
export function judge(
  says: string,
  differences: number[],
  { factor, unit }: { factor: number; unit: string },
): Verdict {
  const scaled = differences.map((value) => factor * value)
  const difference = mean(scaled)
  const t = quantiles[Math.min(scaled.length - 1, quantiles.length) - 1] ?? Infinity
  const half = (t * deviation(scaled)) / Math.sqrt(scaled.length)
  const limits: [number, number] = [difference - half, difference + half]
  const is = limits[0] > 0 ? 'true' : limits[1] < 0 ? 'false' : 'not here'
  return { says, is, difference, limits, unit }
}

export const thousandths = { factor: 1000, unit: 'thousandths' }
export const points = { factor: 100, unit: 'points' }
