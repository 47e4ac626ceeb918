import type { DataReport } from '../../../../src-main/contract/dataset.ts'
import { toErrorDetail, type ErrorDetail } from '../../../../src-main/contract/errors.ts'
import { Recipe } from '../../../../src-main/contract/recipe.ts'
import type { RecipeDescription } from '../../../../src-main/contract/runs.ts'
import type { Link } from '../../../state/connection.svelte.ts'
import { isSame, keyOf, overridesBetween, valueAt, withValue, type Path } from './form/values.ts'

export interface Settings {
  /** The name or file of the recipe that is changed; null until one is chosen. */
  readonly recipe: string | null
  /** As it comes. */
  readonly original: Recipe | null
  /** As it was changed. */
  readonly draft: Recipe | null
  /** What was typed where it is no value that the field takes, by the field's path. */
  readonly invalid: ReadonlyMap<string, string>
  /** `path=value` pairs, as the engine and the command line take them. */
  readonly overrides: readonly string[]
  /** The network that comes of it; the last one while the next is asked for. */
  readonly description: RecipeDescription | null
  /** What the recipe language, or the network's sizes, have against it. */
  readonly error: ErrorDetail | null
  readonly isValid: boolean
  choose(recipe: string, original: Recipe, report: DataReport | null, draft?: Recipe): void
  clear(): void
  /** For other data: their shape may be another one. */
  setData(report: DataReport | null): void
  set(path: Path, value: unknown): void
  /** Keeps what was typed, which is no value, so that it can be corrected. */
  setInvalid(path: Path, text: string): void
  isChanged(path: Path): boolean
  reset(path: Path): void
  resetAll(): void
}

/** Milliseconds without a change before the network is asked for: a number is typed in several keys. */
const patience = 200

/** The recipe that a person makes of one that there is. */
export function createSettings(link: Pick<Link, 'engine'>): Settings {
  let recipe = $state.raw<string | null>(null)
  let original = $state.raw<Recipe | null>(null)
  let draft = $state.raw<Recipe | null>(null)
  let invalid = $state.raw<ReadonlyMap<string, string>>(new Map())
  let description = $state.raw<RecipeDescription | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  const overrides = $derived(original === null ? [] : overridesBetween(original, draft))
  let columns: number | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Counts questions: only the last one's answer counts. */
  let asked = 0

  async function describe(): Promise<void> {
    if (recipe === null || draft === null) return
    const own = ++asked
    const input = draft.data.type === 'rows' && columns !== null ? [columns] : null
    try {
      const answer = await link.engine.describeRecipe({ recipe, overrides: [...overrides], input })
      if (own === asked) [description, error] = [answer, null]
    } catch (thrown) {
      if (own === asked) error = toErrorDetail(thrown)
    }
  }
  function describeSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void describe(), patience)
  }
  /** Forgets what was typed at a place and below it. */
  function forget(path: Path): void {
    const key = keyOf(path)
    if (![...invalid.keys()].some((other) => isWithin(other, key))) return
    invalid = new Map([...invalid].filter(([other]) => !isWithin(other, key)))
  }
  function set(path: Path, value: unknown): void {
    if (draft === null) return
    forget(path)
    const next = withValue(draft, path, value)
    // Fields that have defaults come with an object of another type.
    const filled = Recipe.safeParse(next)
    draft = withOneLength(filled.success ? filled.data : next, path, value)
    describeSoon()
  }

  return {
    get recipe() {
      return recipe
    },
    get original() {
      return original
    },
    get draft() {
      return draft
    },
    get invalid() {
      return invalid
    },
    get overrides() {
      return overrides
    },
    get description() {
      return description
    },
    get error() {
      return error
    },
    get isValid() {
      return draft !== null && invalid.size === 0 && error === null
    },
    choose(name, next, report, changed = next) {
      recipe = name
      original = next
      draft = changed
      invalid = new Map()
      description = error = null
      columns = report?.columns ?? null
      clearTimeout(timer)
      void describe()
    },
    clear() {
      recipe = original = draft = description = error = null
      invalid = new Map()
      asked++
    },
    setData(report) {
      const next = report?.columns ?? null
      if (next === columns) return
      columns = next
      void describe()
    },
    set,
    setInvalid(path, text) {
      invalid = new Map(invalid).set(keyOf(path), text)
    },
    isChanged: (path) => !isSame(valueAt(original, path), valueAt(draft, path)),
    reset: (path) => set(path, valueAt(original, path)),
    resetAll() {
      draft = original
      invalid = new Map()
      describeSoon()
    },
  }
}

const isWithin = (key: string, outer: string): boolean => key === outer || key.startsWith(`${outer}.`)

/** Of epochs and steps the one that was said counts, as on the command line. */
function withOneLength(recipe: Recipe, path: Path, value: unknown): Recipe {
  const [key, ...rest] = path
  if (value === null || rest.length > 0) return recipe
  if (key === 'epochs') return { ...recipe, steps: null }
  return key === 'steps' ? { ...recipe, epochs: null } : recipe
}
