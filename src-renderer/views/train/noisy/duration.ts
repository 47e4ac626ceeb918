import type { LayerSummary } from '../../../../src-main/contract/architecture.ts'
import type { Recipe } from '../../../../src-main/contract/recipe.ts'

/** How long a training takes, as far as it can be told before it has begun. */
export const durations = ['minutes', 'hour', 'hours', 'night'] as const
export type Duration = (typeof durations)[number]

/** Operations a second that convolutions of this size reach on one core of a processor: between half and twice that on most. */
const perCore = 2e10

/**
 * The class that a training falls into on a machine without another engine than its processor. Two operations (multiply, add) for each
 * weight and place, forwards and twice as many backwards; Neighbor2Neighbor runs once more without gradient over patches of four times as many pixels.
 * @param items pictures that there are, of which an epoch takes one patch each
 */
export function durationOf(
  { supervision, batch, steps, epochs }: Recipe,
  layers: readonly LayerSummary[],
  items: number,
  cores: number,
): Duration {
  const forward = layers.reduce((sum, { parameters, output }) => {
    const [height = 1, width = 1] = output.length === 3 ? output : []
    return sum + 2 * parameters * height * width
  }, 0)
  const passes = supervision.type === 'neighbor2neighbor' ? 3 + 4 : 3
  const size = typeof batch === 'number' ? batch : batch[0]!.size
  const total = steps ?? (epochs ?? 1) * Math.ceil(items / size)
  const minutes = (forward * passes * size * total) / (perCore * cores) / 60
  return minutes < 15 ? 'minutes' : minutes < 60 ? 'hour' : minutes < 300 ? 'hours' : 'night'
}
