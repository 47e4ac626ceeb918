import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RecipeSummary } from '../../src-main/contract/engine.ts'
import { migrateRecipe } from '../../src-main/contract/recipe-migrations.ts'
import { Recipe } from '../../src-main/contract/recipe.ts'

// Not `new URL(…)` at once: that is how Vite finds the page's assets.
const folder = join(fileURLToPath(import.meta.url), '../../../assets/recipes')

/** The recipes that come with the product. */
export const shippedRecipes: RecipeSummary[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const recipe = Recipe.parse(migrateRecipe(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
    return { name: basename(file, '.json'), description: recipe.description, file, recipe }
  })

export function shippedRecipe(name: string): RecipeSummary {
  const found = shippedRecipes.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no recipe ${name}`)
  return found
}
