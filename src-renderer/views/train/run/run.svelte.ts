import { toErrorDetail, type ErrorDetail } from '../../../../src-main/contract/errors.ts'
import type { EngineEvent } from '../../../../src-main/contract/engine.ts'
import type { HistoryRow, RunDetail } from '../../../../src-main/contract/runs.ts'
import type { Link } from '../../../state/connection.svelte.ts'
import { createCurves, type Curves } from './curves.ts'

/** Milliseconds in which what a training tells is gathered: a screen needs no more than some ten changes a second. */
const gathering = 100

export interface RunStore {
  /** Null until it is read; without the rows of its history, which are in `curves`. */
  readonly detail: Omit<RunDetail, 'history'> | null
  /** Why it cannot be read. */
  readonly error: ErrorDetail | null
  /** Grows in place; `version` tells when. */
  readonly curves: Curves
  readonly version: number
  /** Names of its preview pictures, oldest first. */
  readonly previews: readonly string[]
  close(): void
}

/**
 * One run as its page shows it: read once, then followed by what its training tells, and read again when it began, ended or the
 * engine came back.
 */
export function createRun(link: Pick<Link, 'engine' | 'onReady'>, path: string): RunStore {
  let detail = $state.raw<RunStore['detail']>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  let version = $state(0)
  let previews = $state.raw<readonly string[]>([])
  let curves = $state.raw(createCurves())

  /** What was told and is not shown yet. */
  let rows: HistoryRow[] = []
  let names: string[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Of the reading under way, for a newer one makes an older one worth nothing. */
  let newest = 0
  let isReading = false

  function show(): void {
    timer = undefined
    // What is told while the run is read comes after what is read.
    if (isReading) return
    if (rows.length > 0) {
      curves.append(rows)
      rows = []
      version += 1
    }
    if (names.length > 0) {
      previews = [...previews.filter((name) => !names.includes(name)), ...new Set(names)]
      names = []
    }
  }
  const gather = (): void => {
    timer ??= setTimeout(show, gathering)
  }

  async function read(): Promise<void> {
    const own = ++newest
    isReading = true
    try {
      const { history, ...rest } = await link.engine.run(path)
      if (own !== newest) return
      const next = createCurves()
      next.append(history)
      curves = next
      detail = rest
      previews = rest.previews
      error = null
      version += 1
    } catch (thrown) {
      if (own === newest) error = toErrorDetail(thrown)
    }
    if (own !== newest) return
    isReading = false
    gather()
  }

  function take(event: EngineEvent): void {
    if (event.event === 'trained' && event.run === path) rows.push(event.row)
    else if (event.event === 'previewed' && event.run === path) names.push(event.name)
    // It began, went on, ended, or got another name.
    else if (event.event === 'runs' || (event.event === 'began' && event.run === path)) return void read()
    else return
    gather()
  }

  const releases = [
    link.engine.subscribe(take),
    link.onReady(() => void read()),
    () => {
      clearTimeout(timer)
    },
  ]

  return {
    get detail() {
      return detail
    },
    get error() {
      return error
    },
    get curves() {
      return curves
    },
    get version() {
      return version
    },
    get previews() {
      return previews
    },
    close: () => releases.forEach((release) => release()),
  }
}
