import type { StopWhen } from '../../../../src-main/contract/engine.ts'
import type { JobStatus } from '../../../../src-main/contract/jobs.ts'
import type { Recipe } from '../../../../src-main/contract/recipe.ts'
import type { App } from '../../../state/app.ts'
import { shareOf } from '../../../state/runs.svelte.ts'

export interface Training {
  /** The training of this run, under way or waiting for its turn; null where there is none. */
  readonly job: JobStatus | null
  /** Share of its steps that are done, 0–1; null while that cannot be told. */
  readonly share: number | null
  /** What a person asked for and has not happened yet. */
  readonly asked: StopWhen | 'start' | null
  stop(when: StopWhen): Promise<void>
  resume(): Promise<void>
  /** Goes on until so many epochs (or steps, of a recipe that counts them) are done in all. */
  extend(recipe: Recipe, total: number): Promise<void>
}

/** What can be done with the training of one run. Failures become notices; what happens comes back as events. */
export function createTraining(
  { link, notices, runs }: Pick<App, 'link' | 'notices' | 'runs'>,
  path: string,
): Training {
  const job = $derived(runs.jobOf(path))
  let wanted = $state.raw<{ what: StopWhen | 'start'; of: string | null } | null>(null)
  // A wish belongs to the training that it was said of: with its end, or its begin, it is fulfilled.
  const asked = $derived(wanted !== null && wanted.of === (job?.id ?? null) ? wanted.what : null)

  async function start(overrides: string[]): Promise<void> {
    wanted = { what: 'start', of: null }
    const begun = await notices.attempt(() =>
      runs.train({ type: 'train', recipe: null, data: null, out: path, resume: true, overrides }),
    )
    if (begun === null) wanted = null
  }

  return {
    get job() {
      return job
    },
    get share() {
      return job === null ? null : shareOf(job)
    },
    get asked() {
      return asked
    },
    async stop(when) {
      if (job === null) return
      const { id } = job
      wanted = { what: when, of: id }
      await notices.attempt(() => link.engine.stop(id, when))
    },
    resume: () => start([]),
    extend: (recipe, total) => start([`${recipe.epochs === null ? 'steps' : 'epochs'}=${total}`]),
  }
}
