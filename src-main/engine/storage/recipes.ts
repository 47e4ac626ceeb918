import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RecipeSummary } from '../../contract/engine.ts'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { Recipe } from '../../contract/recipe.ts'

const shippedFolder = (assets: string): string => join(assets, 'recipes')

/** The recipes that come with the product, by name. */
export async function listRecipes(assets: string): Promise<RecipeSummary[]> {
  const folder = shippedFolder(assets)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(
    files.map(async (name) => {
      const file = join(folder, name)
      const { description } = await readRecipeFile(file)
      return { name: basename(name, '.json'), description, file }
    }),
  )
}

/**
 * A recipe with all its fields.
 * @param nameOrFile a shipped recipe's name, or a JSON file.
 * @param overrides `path=value` pairs that change single fields: `optimizer.rate=1e-4`, `model.widths=[8,16]`,
 * `corruption.0.sigma=[0,30]`. Values are JSON; what is not is taken as text.
 * @throws recipe-unknown, or recipe-invalid naming the field.
 */
export async function loadRecipe(
  nameOrFile: string,
  assets: string,
  overrides: readonly string[] = [],
): Promise<Recipe> {
  const file = await findRecipe(nameOrFile, assets)
  const recipe = await readRecipeFile(file)
  if (overrides.length === 0) return recipe
  // Every field is there by now, defaults too, so a path that leads nowhere is a mistake.
  for (const override of overrides) applyOverride(recipe, override)
  return parseOrThrow(Recipe, recipe, 'recipe-invalid', file)
}

async function findRecipe(nameOrFile: string, assets: string): Promise<string> {
  const names = (await readdir(shippedFolder(assets))).filter((name) => name.endsWith('.json'))
  if (names.includes(`${nameOrFile}.json`)) return join(shippedFolder(assets), `${nameOrFile}.json`)
  if (nameOrFile.endsWith('.json')) return nameOrFile
  throw new DarkroomError('recipe-unknown', {
    expected: `${names.map((name) => basename(name, '.json')).join(', ')} or a .json file`,
    received: nameOrFile,
  })
}

async function readRecipeFile(file: string): Promise<Recipe> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new DarkroomError('recipe-unknown', { file }, cause)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new DarkroomError('recipe-invalid', { file, expected: 'JSON', received: String(cause) }, cause)
  }
  return parseOrThrow(Recipe, json, 'recipe-invalid', file)
}

function applyOverride(recipe: Recipe, override: string): void {
  const equals = override.indexOf('=')
  if (equals < 1) {
    throw new DarkroomError('recipe-invalid', { expected: 'path=value', received: override })
  }
  const path = override.slice(0, equals)
  const keys = path.split('.')
  const last = keys.pop()!
  let parent: unknown = recipe
  for (const key of keys) parent = isContainer(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined
  if (!isContainer(parent) || !Object.hasOwn(parent, last) || (Array.isArray(parent) && last === 'length')) {
    throw new DarkroomError('recipe-invalid', {
      expected: 'the path of a field of the recipe',
      received: path,
    })
  }
  parent[last] = parseValue(override.slice(equals + 1))
}

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
