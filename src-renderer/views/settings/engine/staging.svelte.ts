import { untrack } from 'svelte'
import { toErrorDetail, type ErrorDetail } from '../../../../src-main/contract/errors.ts'
import type { JobStatus } from '../../../../src-main/contract/jobs.ts'
import type { NativeOffer } from '../../../../src-main/contract/native.ts'
import type { App } from '../../../state/app.ts'
import { remembered } from '../../../state/remembered.svelte.ts'

export interface Staging {
  /** Null until it is known. */
  readonly offer: NativeOffer | null
  /** The staging under way, whichever window began it; null where there is none. */
  readonly job: JobStatus | null
  /** Why the last one failed. */
  readonly error: ErrorDetail | null
  /** Asks anew what there is. */
  look(): void
  start(options: { cuda: boolean; force: boolean }): Promise<void>
  cancel(): void
}

/** How the native engine comes onto this machine. It goes on while one looks at something else, and in a page that is loaded anew. */
export const stagingOf = remembered(createStaging)

function createStaging({ link, notices, runs }: Pick<App, 'link' | 'notices' | 'runs'>): Staging {
  let offer = $state.raw<NativeOffer | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  const job = $derived(runs.jobs.find((one) => one.job.type === 'stage-native') ?? null)
  const id = $derived(job?.id ?? null)
  /** The last one that there was. */
  let known: string | null = null

  function look(): void {
    link.engine.nativeOffer().then(
      (answer) => (offer = answer),
      (thrown: unknown) => (error = toErrorDetail(thrown)),
    )
  }
  link.onReady(look)
  link.engine.subscribe((event) => {
    if (event.event === 'failed' && event.id === known) error = event.error
  })
  // What is there is another thing before and after.
  $effect(() => {
    known = id ?? known
    if (known !== null) untrack(look)
  })

  return {
    get offer() {
      return offer
    },
    get job() {
      return job
    },
    get error() {
      return error
    },
    look,
    async start(options) {
      error = null
      await notices.attempt(async () => {
        known = await link.engine.start({ type: 'stage-native', ...options })
      })
    },
    cancel() {
      if (id !== null) void notices.attempt(() => link.engine.stop(id))
    },
  }
}
