import { toErrorDetail, type ErrorDetail } from '../../../../src-main/contract/errors.ts'
import type { Anchor, Group } from '../../../../src-main/contract/latent.ts'
import type { App } from '../../../state/app.ts'
import { runJob } from '../../../state/run-job.ts'
import { added } from './vectors.ts'

/** The mean code of a group, as it is found out. */
export interface Mean {
  /** Null until all items are encoded. */
  readonly code: readonly number[] | null
  readonly done: number
  /** Items of the group; null until they are counted. */
  readonly count: number | null
  readonly error: ErrorDetail | null
}

/** Items that are asked about at once: the bound of the engine's question. */
const perQuestion = 256

/** Follows a group. To be made where a component is. */
export function createMean({ link }: Pick<App, 'link'>, run: string, groupNow: () => Group | null): Mean {
  let code = $state.raw<readonly number[] | null>(null)
  let done = $state(0)
  let count = $state<number | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)

  async function find(group: Group, signal: AbortSignal): Promise<void> {
    const { data } = group
    const indexes = group.indexes ?? (await allOf(data, signal))
    signal.throwIfAborted()
    count = indexes.length
    let sum: number[] = []
    for (let from = 0; from < indexes.length; from += perQuestion) {
      const part = indexes.slice(from, from + perQuestion)
      const anchors = part.map((index): Anchor => ({ from: 'item', data, index }))
      const { size, codes } = await link.engine.codesOf({ run, anchors })
      signal.throwIfAborted()
      sum = added(from === 0 ? new Array<number>(size).fill(0) : sum, codes)
      done = from + part.length
    }
    code = sum.map((value) => value / indexes.length)
  }
  async function allOf(data: Group['data'], signal: AbortSignal): Promise<number[]> {
    const { report } = await runJob(link, { type: 'inspect', data }, { signal })
    return Array.from({ length: report.items }, (_, index) => index)
  }

  $effect(() => {
    const group = groupNow()
    code = null
    error = null
    count = null
    done = 0
    if (group === null) return
    const abort = new AbortController()
    find(group, abort.signal).catch((thrown: unknown) => {
      if (!abort.signal.aborted) error = toErrorDetail(thrown)
    })
    return () => abort.abort()
  })

  return {
    get code() {
      return code
    },
    get done() {
      return done
    },
    get count() {
      return count
    },
    get error() {
      return error
    },
  }
}
