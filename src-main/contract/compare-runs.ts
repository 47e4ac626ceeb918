import type { Recipe } from './recipe.ts'
import type { RunDetail, RunInfo } from './runs.ts'

/** Runs beside one another: one value for each run, in their order. */
export interface RunComparison {
  /** Settings that are not the same in all runs, by their path in `run.json`; undefined where a run has no such setting. */
  settings: { path: string; values: unknown[] }[]
  /** What came of them; null where a run has no such figure. */
  figures: { name: string; values: (number | null)[] }[]
}

/** All that a person sets: the recipe, what it is trained on, where its weights come from. */
const settingsOf = ({ recipe, data, startFrom }: RunInfo): Record<string, unknown> => ({
  ...recipeSettings(recipe),
  ...flatten({ sources: data.sources, labels: data.labels, sha256: data.sha256 }, 'data.'),
  startFrom: startFrom?.name ?? null,
})

/** Fields of a recipe by their path, as `--set` takes them. */
export const recipeSettings = (recipe: Recipe): Record<string, unknown> =>
  Object.fromEntries(Object.entries(flatten(recipe)).filter(([path]) => !described.has(path)))

/** What a recipe says of itself. */
const described = new Set(['version', 'description'])

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Every leaf by its path: `model.encoder.layers.0.units`. Lists of plain values are leaves. */
function flatten(value: object, prefix = ''): Record<string, unknown> {
  const leaves: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const path = prefix + key
    const isLeaf = !isObject(inner) || (Array.isArray(inner) && !inner.some(isObject))
    if (isLeaf) leaves[path] = inner
    else Object.assign(leaves, flatten(inner, `${path}.`))
  }
  return leaves
}

/** Figures as they stood at the end, or stand now. */
function figuresOf({ info, history, summary }: RunDetail): Record<string, number> {
  const last = history.at(-1)
  const validation =
    info.finished?.validation ?? history.findLast((row) => row.validation !== null)?.validation
  const named = (group: string, values: Record<string, number> = {}): [string, number][] =>
    Object.entries(values).map(([name, value]) => [`${group} ${name}`, value])
  return Object.fromEntries([
    ['parameters', info.parameters],
    ['steps', summary.step],
    ['seconds', last?.seconds ?? 0],
    ...named('training', last?.training),
    ...named('validation', validation ?? {}),
  ])
}

/** What sets runs apart. */
export function compareRuns(runs: readonly RunDetail[]): RunComparison {
  const settings = runs.map(({ info }) => settingsOf(info))
  const figures = runs.map(figuresOf)
  const keysOf = (records: object[]): string[] => [
    ...new Set(records.flatMap((record) => Object.keys(record))),
  ]
  const paths = keysOf(settings)
  // A list that is empty in one says no more than that its entries are not there.
  const isOutdone = (path: string): boolean => paths.some((other) => other.startsWith(`${path}.`))
  return {
    settings: paths
      .filter((path) => !isOutdone(path))
      .map((path) => ({ path, values: settings.map((one) => one[path]) }))
      .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1),
    figures: keysOf(figures).map((name) => ({ name, values: figures.map((one) => one[name] ?? null) })),
  }
}
