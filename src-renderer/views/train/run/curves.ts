import type { HistoryRow } from '../../../../src-main/contract/runs.ts'

/** What a curve may be drawn over. */
export const axes = ['epoch', 'step', 'time'] as const
export type Axis = (typeof axes)[number]

export interface StageMark {
  stage: string
  /** Row that it begins with. */
  row: number
}

/**
 * A history as columns: what a chart draws, without a copy for each new row. Keys of columns are `training.<term>`,
 * `validation.<term or measure>`, `rate`, `stepMs` and `samplesPerSecond`.
 */
export interface Curves {
  readonly length: number
  /** Keys so far; another array when there is a new one. */
  readonly keys: readonly string[]
  readonly stages: readonly StageMark[]
  readonly last: HistoryRow | null
  /** The same array every time, which grows. */
  x(axis: Axis): readonly number[]
  /** The same array every time, which grows; null where a row has no such value. */
  values(key: string): readonly (number | null)[]
  /**
   * Adds rows. Those of a run that goes on from a checkpoint tell the steps after it anew, and take the place of what was told of
   * them before.
   */
  append(rows: readonly HistoryRow[]): void
  /** Of the latest row at or before a step: its epoch, with the stages before. */
  epochOf(step: number): number
}

export function createCurves(): Curves {
  const columns = new Map<string, (number | null)[]>()
  const x: Record<Axis, number[]> = { epoch: [], step: [], time: [] }
  const stageOf: string[] = []
  let keys: readonly string[] = []
  let stages: readonly StageMark[] = []
  /** Epochs of the stages before that of the last row. */
  let epochsBefore = 0
  let last: HistoryRow | null = null

  function column(key: string): (number | null)[] {
    const known = columns.get(key)
    if (known !== undefined) return known
    const made = Array.from<null>({ length: x.step.length }).fill(null)
    columns.set(key, made)
    return made
  }

  function cut(length: number): void {
    for (const list of [...columns.values(), ...Object.values(x), stageOf]) list.length = length
    stages = stages.filter(({ row }) => row < length)
    epochsBefore = (stages.at(-1)?.row ?? 0) === 0 ? 0 : x.epoch[stages.at(-1)!.row - 1]!
  }

  function appendOne(row: HistoryRow): void {
    let length = x.step.length
    while (length > 0 && x.step[length - 1]! >= row.step) length--
    if (length < x.step.length) cut(length)
    if (stageOf.at(-1) !== row.stage) {
      epochsBefore = x.epoch.at(-1) ?? 0
      stages = [...stages, { stage: row.stage, row: length }]
    }
    const given: [string, number][] = [
      ...Object.entries(row.training).map(([name, value]): [string, number] => [`training.${name}`, value]),
      ...Object.entries(row.validation ?? {}).map(([name, value]): [string, number] => [
        `validation.${name}`,
        value,
      ]),
      ['rate', row.rate],
      ['stepMs', row.stepMs],
      ['samplesPerSecond', row.samplesPerSecond],
    ]
    for (const [key, value] of given) {
      const list = column(key)
      while (list.length < length) list.push(null)
      list.push(Number.isFinite(value) ? value : null)
    }
    stageOf.push(row.stage)
    x.step.push(row.step)
    x.epoch.push(epochsBefore + row.epoch)
    x.time.push(row.seconds)
    last = row
  }

  return {
    get length() {
      return x.step.length
    },
    get keys() {
      return keys
    },
    get stages() {
      return stages
    },
    get last() {
      return last
    },
    x: (axis) => x[axis],
    values: column,
    append(rows) {
      rows.forEach(appendOne)
      // A chart wants columns of one length.
      for (const list of columns.values()) while (list.length < x.step.length) list.push(null)
      if (columns.size !== keys.length) keys = [...columns.keys()]
    },
    epochOf(step) {
      let [low, high] = [0, x.step.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (x.step[middle]! <= step) low = middle + 1
        else high = middle
      }
      return low === 0 ? 0 : x.epoch[low - 1]!
    },
  }
}

/** A group of curves that share an axis: the terms of the loss, one measure, or what the training itself does. */
export interface Plot {
  /** `loss`, a measure such as `psnr`, `rate`, `speed`. */
  id: string
  keys: string[]
}

/** Measures that have an axis of their own; `psnr-25` belongs to `psnr`, `verdict-real` to `verdict`. */
const measures = ['psnr', 'ssim', 'elbo', 'verdict', 'diversity', 'active']
const measureOf = (key: string): string | undefined =>
  measures.find((measure) => new RegExp(`^(training|validation)\\.${measure}(-|$)`).test(key))

/** The plots that a run's keys make, losses first. */
export function plotsOf(keys: readonly string[]): Plot[] {
  const losses = keys.filter((key) => /^(training|validation)\./.test(key) && measureOf(key) === undefined)
  return [
    // `loss` before its terms, and a term's training beside its validation.
    { id: 'loss', keys: [...losses].sort((a, b) => termRank(a, losses) - termRank(b, losses)) },
    ...measures.map((measure) => ({ id: measure, keys: keys.filter((key) => measureOf(key) === measure) })),
    { id: 'rate', keys: keys.filter((key) => key === 'rate') },
    { id: 'speed', keys: keys.filter((key) => key === 'samplesPerSecond') },
  ].filter((plot) => plot.keys.length > 0)
}

/** `reconstruction` of `validation.reconstruction`. */
export const termOf = (key: string): string => key.slice(key.indexOf('.') + 1)

function termRank(key: string, keys: readonly string[]): number {
  const terms = [...new Set(['loss', 'reconstruction', ...keys.map(termOf)])]
  return 2 * terms.indexOf(termOf(key)) + (key.startsWith('validation.') ? 1 : 0)
}
