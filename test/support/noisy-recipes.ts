import type { RecipeSummary } from '../../src-main/contract/engine.ts'
import { Recipe, type Supervision } from '../../src-main/contract/recipe.ts'
import { shippedRecipe } from './shipped-recipes.ts'

/** A small recipe for photographs that needs no clean ones. */
export function noisyRecipe(
  type: Exclude<Supervision['type'], 'clean'>,
  changes: Record<string, unknown> = {},
): RecipeSummary {
  const { recipe } = shippedRecipe('photo-denoiser-tiny')
  return {
    ...{ name: type, description: 'From noisy pictures.', file: `/recipes/${type}.json` },
    recipe: Recipe.parse({
      ...recipe,
      name: type,
      model: { ...recipe.model, condition: 'none' },
      ...{ corruption: [], validateSigma: [], supervision: { type } },
      ...changes,
    }),
  }
}
