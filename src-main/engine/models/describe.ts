import { denoiserStride, type DenoiserSpec } from '../../contract/architecture.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { RecipeDescription } from '../../contract/runs.ts'
import { networkOf } from './network.ts'
import { checkRecipe, recipeInput } from './check-recipe.ts'
import { trainingMemory } from './memory.ts'

/**
 * A recipe with the network that it makes, layer by layer.
 * @param input shape of a sample; null: what the recipe itself says.
 * @throws recipe-invalid naming the field that does not fit; argument-invalid for a shape that a denoiser does not take.
 */
export function describeRecipe(recipe: Recipe, input: number[] | null): RecipeDescription {
  const shape = input ?? recipeInput(recipe)
  checkRecipe(recipe, shape)
  if (shape === null) return { recipe, input: null, code: null, layers: [], parameters: 0, memory: 0 }
  const { model } = recipe
  if (model.type === 'denoiser') checkPatch(model, shape)
  const network = networkOf(model, shape)
  return {
    recipe,
    input: shape,
    code: network.code,
    layers: network.layers,
    parameters: network.layers.reduce((sum, { parameters }) => sum + parameters, 0),
    memory: trainingMemory(recipe, shape),
  }
}

function checkPatch(model: DenoiserSpec, [height, width, channels]: number[]): void {
  const stride = denoiserStride(model)
  if (height === width && height! % stride === 0 && channels === model.channels) return
  throw new DarkroomError('argument-invalid', {
    file: 'input',
    expected: `a square whose side is a multiple of ${stride}, ${model.channels} channels`,
    received: [height, width, channels].filter((size) => size !== undefined).join('×'),
  })
}
