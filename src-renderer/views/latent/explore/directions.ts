import type { LatentDirections } from '../../../../src-main/contract/latent.ts'

export type Along = 'dimensions' | 'components'

/** A straight way through the space of codes, with a position 0 and a unit of its own. */
export interface Direction {
  /** From 1, as a person counts: of the dimension, or of the component. */
  number: number
  /** Unit vector. */
  vector: readonly number[]
  /** Where position 0 lies. */
  mean: readonly number[]
  /** Standard deviation of the codes along it: one unit of the position. */
  deviation: number
  /** Mean KL in nats of a dimension, where the model has one; share of the variance of a component. */
  activity: number | null
}

/** Below this a direction has collapsed: all codes are the same along it. */
const leastDeviation = 1e-6

/** The directions that codes can be moved along, the most active first; collapsed ones are left out. */
export function directionsOf(spread: LatentDirections, along: Along): Direction[] {
  const { mean } = spread
  const all =
    along === 'dimensions'
      ? spread.order.map((dimension) => ({
          number: dimension + 1,
          vector: mean.map((_, place) => (place === dimension ? 1 : 0)),
          mean,
          deviation: spread.deviation[dimension]!,
          activity: spread.kl?.[dimension] ?? null,
        }))
      : spread.components.map(({ direction, deviation, share }, place) => ({
          number: place + 1,
          vector: direction,
          mean,
          deviation,
          activity: share,
        }))
  return all.filter(({ deviation }) => deviation > leastDeviation)
}

/** How far along a direction a code lies from the mean, in standard deviations. */
export function positionOf(code: readonly number[], { vector, mean, deviation }: Direction): number {
  const along = vector.reduce((sum, part, place) => sum + part * (code[place]! - mean[place]!), 0)
  return along / deviation
}

/** The code moved along a direction to a position; what lies across it stays. */
export function movedTo(code: readonly number[], direction: Direction, position: number): number[] {
  const by = (position - positionOf(code, direction)) * direction.deviation
  return code.map((value, place) => value + by * direction.vector[place]!)
}

/**
 * A draw from the Gaussian of the codes: of models without a prior, whose codes lie anywhere.
 * @param noise independent draws from N(0, 1), one for each component at least
 */
export const codeFromNoise = ({ mean, components }: LatentDirections, noise: ArrayLike<number>): number[] =>
  components.reduce<number[]>(
    (code, { direction, deviation }, place) =>
      code.map((value, at) => value + noise[place]! * deviation * direction[at]!),
    mean,
  )
