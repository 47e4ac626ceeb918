import { recipeVersion } from './recipe.ts'

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Version 1 knew denoisers on patches only: its loss was a mean over elements, `heldOut` images were kept for validation, and the rate
 * followed a cosine.
 */
function fromVersion1(recipe: Json): Json {
  const { heldOut = 8, ...data } = isObject(recipe.data) ? recipe.data : {}
  return {
    validateEvery: 500,
    checkpointEvery: 500,
    validateSigma: [15, 25, 50],
    ...recipe,
    version: 2,
    data: { type: 'patches', ...data },
    split: { validation: heldOut, test: 0 },
    loss: isObject(recipe.loss) ? { reduction: 'mean', ...recipe.loss } : recipe.loss,
  }
}

const migrations: Record<number, (recipe: Json) => Json> = { 1: fromVersion1 }

/** A recipe as it was read, brought to today's version step by step; what has no known version is left for the schema to refuse. */
export function migrateRecipe(json: unknown): unknown {
  let recipe = json
  while (isObject(recipe) && typeof recipe.version === 'number' && recipe.version < recipeVersion) {
    const migrate = migrations[recipe.version]
    if (migrate === undefined) break
    recipe = migrate(recipe)
  }
  return recipe
}
