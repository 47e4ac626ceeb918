import type { DataReport, DataSource } from '../../../../../src-main/contract/dataset.ts'
import { toErrorDetail, type ErrorDetail } from '../../../../../src-main/contract/errors.ts'
import type { Progress } from '../../../../../src-main/contract/jobs.ts'
import type { Link } from '../../../../state/connection.svelte.ts'
import { nameOf } from '../../../../state/names.ts'
import { runJob } from '../../../../state/run-job.ts'

export interface DataChoice {
  /** Null until something is chosen. */
  readonly source: DataSource | null
  /** What was found in it; null until it was looked through. */
  readonly report: DataReport | null
  readonly isLooking: boolean
  /** Of the looking; null before the first word of it. */
  readonly progress: Progress | null
  readonly error: ErrorDetail | null
  /** Why the labels that were asked for last could not be had; the data are as before. */
  readonly labelsError: ErrorDetail | null
  /** The same of second takes. */
  readonly secondError: ErrorDetail | null
  /**
   * Looks through other data, and takes the only column of words as the labels. Resolves when that has ended, in whatever way.
   */
  choose(source: DataSource): Promise<void>
  setLabels(labels: string | null): Promise<void>
  /** Second takes of the same scenes, in a folder with the same names (`DataSource.second`); null for none. */
  setSecond(second: string | null): Promise<void>
  /** Ends the looking. Data that were being looked through for the first time are let go. */
  cancel(): void
  clear(): void
}

/** The data that a training is to learn from, and what a look through them has found. */
export function createDataChoice(link: Link): DataChoice {
  let source = $state.raw<DataSource | null>(null)
  let report = $state.raw<DataReport | null>(null)
  let progress = $state.raw<Progress | null>(null)
  let isLooking = $state(false)
  let error = $state.raw<ErrorDetail | null>(null)
  let labelsError = $state.raw<ErrorDetail | null>(null)
  let secondError = $state.raw<ErrorDetail | null>(null)
  let current: AbortController | null = null

  /** @returns what was found, or why nothing was; null where something else was asked for meanwhile */
  async function look(data: DataSource): Promise<DataReport | ErrorDetail | null> {
    current?.abort()
    const own = new AbortController()
    current = own
    isLooking = true
    progress = null
    const found = await runJob(
      link,
      { type: 'inspect', data },
      { signal: own.signal, onProgress: (next) => (progress = current === own ? next : progress) },
    ).then(
      (result) => result.report,
      (thrown: unknown) => toErrorDetail(thrown),
    )
    if (current !== own) return null
    isLooking = false
    current = null
    return found
  }
  /** Looks through the same data in another way. @returns why that cannot be; the data are then as before */
  async function revise(next: DataSource): Promise<ErrorDetail | null> {
    const found = await look(next)
    if (found === null || (isError(found) && found.code === 'cancelled')) return null
    if (isError(found)) return found
    ;[source, report] = [next, found]
    return null
  }
  async function setLabels(labels: string | null): Promise<void> {
    if (source === null) return
    labelsError = null
    labelsError = await revise({ ...source, labels })
  }
  async function setSecond(second: string | null): Promise<void> {
    if (source === null) return
    const next = { ...source }
    if (second === null) delete next.second
    else next.second = second
    secondError = null
    secondError = await revise(next)
  }
  function clear(): void {
    current?.abort()
    current = null
    isLooking = false
    source = report = error = labelsError = secondError = null
  }

  return {
    get source() {
      return source
    },
    get report() {
      return report
    },
    get isLooking() {
      return isLooking
    },
    get progress() {
      return progress
    },
    get error() {
      return error
    },
    get labelsError() {
      return labelsError
    },
    get secondError() {
      return secondError
    },
    async choose(next) {
      clear()
      source = next
      const found = await look(next)
      if (found === null) return
      if (isError(found)) {
        if (found.code === 'cancelled') clear()
        else error = found
        return
      }
      report = found
      if (found.words?.hasNumbers === false) await setLabels(`column:${found.words.column}`)
    },
    setLabels,
    setSecond,
    cancel: () => current?.abort(),
    clear,
  }
}

const isError = (found: DataReport | ErrorDetail): found is ErrorDetail => 'code' in found

/** What was dropped or chosen, as data: of two files, one that is called so holds the labels of the other. */
export function sourceOf(paths: readonly string[]): DataSource {
  const labels = paths.find((path) => /labels/i.test(nameOf(path)))
  const others = paths.filter((path) => path !== labels)
  return paths.length === 2 && labels !== undefined && others.length === 1
    ? { sources: others, labels }
    : { sources: [...paths], labels: null }
}
