import { differences, type Difference } from './nested.ts'
import type { RunDetail, RunInfo } from './runs.ts'

/** Runs beside one another: one value for each run, in their order. */
export interface RunComparison {
  /** Settings that are not the same in all runs; paths are those of the recipe. */
  settings: Difference[]
  /** What came of them; null where a run has no such figure. */
  figures: { name: string; values: (number | null)[] }[]
}

/** All that a person sets: the recipe, what it is trained on, where its weights come from. */
const settingsOf = ({ recipe, data, startFrom }: RunInfo): object => ({
  ...recipe,
  // Its version and its description say nothing that the fields do not.
  ...{ version: null, description: null },
  data: {
    ...recipe.data,
    ...{ sources: data.sources, labels: data.labels, only: data.only ?? null, sha256: data.sha256 },
  },
  startFrom: startFrom?.name ?? null,
})

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
  const figures = runs.map(figuresOf)
  const names = [...new Set(figures.flatMap((one) => Object.keys(one)))]
  return {
    settings: differences(runs.map(({ info }) => settingsOf(info))),
    figures: names.map((name) => ({ name, values: figures.map((one) => one[name] ?? null) })),
  }
}
