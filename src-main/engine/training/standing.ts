import type { Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Checkpoint } from '../storage/checkpoints.ts'

/** How far a training has come, besides the state of its program. */
export type Standing = Pick<Checkpoint, 'step' | 'best' | 'bestWeights' | 'stopping'>

/** Where a training stands after a validation with these weights. */
export function afterValidation(
  standing: Standing,
  { keep, earlyStopping }: Pick<Recipe, 'keep' | 'earlyStopping'>,
  validation: Record<string, number> & { loss: number },
  weights: TensorMap,
): Standing {
  const { step, best, stopping } = standing
  const { loss } = validation
  const isBest = best === null || loss < best.loss
  const isLower = stopping.reference === null || loss < stopping.reference - (earlyStopping?.minDelta ?? 0)
  return {
    step,
    ...(isBest
      ? { best: { loss, step, validation }, bestWeights: keep === 'best' ? weights : null }
      : { best, bestWeights: standing.bestWeights }),
    stopping: isLower ? { reference: loss, waited: 0 } : { ...stopping, waited: stopping.waited + 1 },
  }
}

/** Whether the validation loss has not fallen for as long as the recipe waits. */
export const stopsEarly = (
  { stopping }: Standing,
  { earlyStopping }: Pick<Recipe, 'earlyStopping'>,
): boolean => earlyStopping !== null && stopping.waited >= earlyStopping.patience
