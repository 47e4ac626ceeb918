import type { Recipe } from '../../contract/recipe.ts'
import type { RecipeDescription } from '../../contract/runs.ts'
import { buildAutoencoder } from './autoencoder.ts'
import { checkRecipe, recipeInput } from './check-recipe.ts'
import { denoiserLayers } from './denoiser.ts'
import { trainingMemory } from './memory.ts'

/**
 * A recipe with the network that it makes, layer by layer.
 * @param input shape of a sample; null: what the recipe itself says.
 * @throws recipe-invalid naming the field that does not fit.
 */
export function describeRecipe(recipe: Recipe, input: number[] | null): RecipeDescription {
  const shape = input ?? recipeInput(recipe)
  checkRecipe(recipe, shape)
  if (shape === null) return { recipe, input: null, code: null, layers: [], parameters: 0, memory: 0 }
  const network =
    recipe.model.type === 'autoencoder'
      ? buildAutoencoder(recipe.model, shape)
      : { layers: denoiserLayers(recipe.model, shape[0]!), code: null }
  return {
    recipe,
    input: shape,
    code: network.code,
    layers: network.layers,
    parameters: network.layers.reduce((sum, { parameters }) => sum + parameters, 0),
    memory: trainingMemory(recipe, shape),
  }
}
