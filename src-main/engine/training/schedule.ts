import type { Recipe } from '../../contract/recipe.ts'

type Schedule = Pick<Recipe['optimizer'], 'rate' | 'warmup' | 'finalShare'>

/**
 * Learning rate of a step (0 is the first): linear warm-up times a cosine from `rate` down to `rate · finalShare`
 * (Loshchilov & Hutter, SGDR, ICLR 2017, without restarts).
 */
export function learningRate({ rate, warmup, finalShare }: Schedule, step: number, steps: number): number {
  const cosine = (1 + Math.cos((Math.PI * step) / steps)) / 2
  const warm = warmup === 0 ? 1 : Math.min(1, (step + 1) / warmup)
  return rate * (finalShare + (1 - finalShare) * cosine) * warm
}

/**
 * Decay of the weights' moving average at a step (0 is the first): small at first, so that the average forgets the random
 * start.
 */
export function averageDecay(decay: number, step: number): number {
  return Math.min(decay, (step + 2) / (step + 11))
}
