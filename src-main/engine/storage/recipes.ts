import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RecipeSummary } from '../../contract/engine.ts'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { migrateRecipe } from '../../contract/recipe-migrations.ts'
import { Recipe } from '../../contract/recipe.ts'

const shippedFolder = (assets: string): string => join(assets, 'recipes')

/**
 * The recipes that come with the product, by name.
 * @param onError told of those that cannot be read; the others are listed all the same.
 */
export async function listRecipes(
  assets: string,
  onError: (thrown: unknown) => void = () => undefined,
): Promise<RecipeSummary[]> {
  const names = await shippedNames(assets)
  const read = async (name: string): Promise<RecipeSummary[]> => {
    const file = shippedFile(assets, name)
    try {
      const recipe = await readRecipeFile(file)
      return [{ name, description: recipe.description, file, recipe }]
    } catch (thrown) {
      onError(thrown)
      return []
    }
  }
  return (await Promise.all(names.map(read))).flat()
}

/**
 * A recipe with all its fields, of today's version.
 * @param nameOrFile a shipped recipe's name, or a JSON file.
 * @param overrides see `overrideRecipe`.
 * @throws recipe-unknown, or recipe-invalid naming the field.
 */
export async function loadRecipe(
  nameOrFile: string,
  assets: string,
  overrides: readonly string[] = [],
): Promise<Recipe> {
  const file = await findRecipe(nameOrFile, assets)
  return overrideRecipe(await readRecipeFile(file), overrides, file)
}

/**
 * A recipe with single fields changed.
 * @param overrides `path=value` pairs, applied in order: `optimizer.rate=1e-4`, `corruption.0.sigma=[0,30]`. What is not found in
 * the recipe is looked for below `model`: `encoder.latentDim=16`. Values are JSON; what is not is taken as text. Of `epochs` and
 * `steps` the one that is named counts: the other becomes null.
 * @param file named in errors.
 * @throws recipe-invalid naming the field.
 */
export function overrideRecipe(recipe: Recipe, overrides: readonly string[], file?: string): Recipe {
  let changed: unknown = recipe
  for (const override of overrides) {
    changed = structuredClone(changed)
    applyOverride(changed, override)
    // A change of kind (`loss.type=gaussian`) brings fields with defaults, which the next override may name.
    const filled = Recipe.safeParse(changed)
    if (filled.success) changed = filled.data
  }
  return parseOrThrow(Recipe, changed, 'recipe-invalid', file)
}

async function shippedNames(assets: string): Promise<string[]> {
  const names = (await readdir(shippedFolder(assets))).filter((name) => name.endsWith('.json'))
  return names.map((name) => basename(name, '.json')).sort()
}

const shippedFile = (assets: string, name: string): string => join(shippedFolder(assets), `${name}.json`)

async function findRecipe(nameOrFile: string, assets: string): Promise<string> {
  const names = await shippedNames(assets)
  if (names.includes(nameOrFile)) return shippedFile(assets, nameOrFile)
  if (nameOrFile.endsWith('.json')) return nameOrFile
  throw new DarkroomError('recipe-unknown', {
    expected: `${names.join(', ')} or a .json file`,
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
  return parseOrThrow(Recipe, migrateRecipe(json), 'recipe-invalid', file)
}

type Container = Record<string, unknown>
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** What holds the field at the end of a path; null where the path leads nowhere. Every field is there, defaults too. */
function holderOf(recipe: unknown, keys: readonly string[]): Container | null {
  let holder: unknown = recipe
  for (const key of keys.slice(0, -1))
    holder = isContainer(holder) && Object.hasOwn(holder, key) ? holder[key] : null
  const last = keys.at(-1)!
  if (!isContainer(holder) || !Object.hasOwn(holder, last)) return null
  return Array.isArray(holder) && last === 'length' ? null : holder
}

function applyOverride(recipe: unknown, override: string): void {
  const equals = override.indexOf('=')
  if (equals < 1) throw new DarkroomError('recipe-invalid', { expected: 'path=value', received: override })
  const path = override.slice(0, equals)
  const keys = path.split('.')
  const holder = holderOf(recipe, keys) ?? holderOf(recipe, ['model', ...keys])
  if (holder === null)
    throw new DarkroomError('recipe-invalid', {
      expected: 'the path of a field of the recipe',
      received: path,
    })
  const value = parseValue(override.slice(equals + 1))
  holder[keys.at(-1)!] = value
  const other = { epochs: 'steps', steps: 'epochs' }[path]
  if (other !== undefined && value !== null) holder[other] = null
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
