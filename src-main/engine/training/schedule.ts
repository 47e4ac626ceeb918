import type { Recipe } from '../../contract/recipe.ts'

type Schedule = Pick<Recipe['optimizer'], 'rate' | 'schedule' | 'warmup' | 'finalShare'>

/**
 * Learning rate of a step (0 is the first): linear warm-up times `rate`, or times a cosine from `rate` down to `rate · finalShare`
 * (Loshchilov & Hutter, SGDR, ICLR 2017, without restarts).
 */
export function learningRate(
  { rate, schedule, warmup, finalShare }: Schedule,
  step: number,
  steps: number,
): number {
  const cosine = (1 + Math.cos((Math.PI * step) / steps)) / 2
  const share = schedule === 'cosine' ? finalShare + (1 - finalShare) * cosine : 1
  const warm = warmup === 0 ? 1 : Math.min(1, (step + 1) / warmup)
  return rate * share * warm
}

/**
 * Decay of the weights' moving average at a step (0 is the first): small at first, so that the average forgets the random
 * start.
 */
export function averageDecay(decay: number, step: number): number {
  return Math.min(decay, (step + 2) / (step + 11))
}

/** Larger changes of the picture come first, so previews do: the next one is due when a quarter more steps are done, or a hundredth of all. */
export function isPreviewDue(step: number, last: number, steps: number): boolean {
  return step - last >= Math.max(1, Math.min(last / 4, steps / 100))
}
