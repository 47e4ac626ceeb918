import type { LayerSummary } from '../../contract/architecture.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Recipe } from '../../contract/recipe.ts'
import { buildAutoencoder } from './autoencoder.ts'
import { batchSizes } from './check-recipe.ts'
import { denoiserLayers } from './denoiser.ts'

const bytes = 4

/** Layers of a recipe's network and how many of them are run at once, for the estimate. */
function layersOf({ model }: Recipe, input: number[]): LayerSummary[] {
  return model.type === 'autoencoder'
    ? buildAutoencoder(model, input).layers
    : denoiserLayers(model, input[0]!)
}

/**
 * About how much memory a training step takes at its largest batch, in bytes.
 * @param input shape of a sample
 */
export function trainingMemory(
  recipe: Recipe,
  input: number[],
  batch = Math.max(...batchSizes(recipe)),
): number {
  const layers = layersOf(recipe, input)
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0)
  const units = layers.reduce((sum, { output }) => sum + output.reduce((a, b) => a * b), 0)
  const copies = recipe.optimizer.averageDecay > 0 ? 9 : 7
  return bytes * (copies * parameters + 4 * batch * units)
}

/**
 * Refuses a recipe whose training does not fit into the memory, before it starts.
 * @param input shape of a sample
 * @param free bytes that may be taken
 * @throws recipe-too-large with what would fit
 */
export function checkMemory(recipe: Recipe, input: number[], free: number): void {
  const needed = trainingMemory(recipe, input)
  if (needed <= free) return
  throw new DarkroomError('recipe-too-large', { expected: `${free}`, received: `${needed}` })
}
