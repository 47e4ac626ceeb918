import { z } from 'zod'
import type { RecipeSummary } from '../../../../src-main/contract/engine.ts'
import type { JobStatus } from '../../../../src-main/contract/jobs.ts'
import type { ModelEntry } from '../../../../src-main/contract/models.ts'
import type { App } from '../../../state/app.ts'
import { folderOf } from '../../../state/names.ts'
import { remembered } from '../../../state/remembered.svelte.ts'
import { shareOf, type TrainInput } from '../../../state/runs.svelte.ts'
import { modelOf } from '../runs/model-of.ts'
import { isNoisyOnly } from '../setup/recipe/families.ts'

/** A run that learns from noisy pictures, and which those are: files and folders. */
const Lesson = z.strictObject({ run: z.string(), sources: z.array(z.string()) })
type Lesson = z.infer<typeof Lesson>

/** What the queue has to do with such a run. */
export interface Learning {
  run: string
  title: string
  /** Ids of the pictures in the queue that it learns from. */
  pictures: string[]
  /** Share of the steps that are done, 0–1; null where that cannot be told. */
  share: number | null
  /** What it has become; null while it is trained, and where that was stopped. */
  model: ModelEntry | null
  isTraining: boolean
}

export interface Learnings {
  /** Those about pictures of the queue that were neither used nor put away, oldest first. */
  readonly all: readonly Learning[]
  /** Begins one, under a name that a person gave (null: the engine's). Resolves once it has a run folder. */
  begin(job: TrainInput, title: string | null): Promise<void>
  /** Cleans the pictures that it has learned from with it. */
  use(learning: Learning): Promise<void>
  putAway(learning: Learning): void
}

type Window = Pick<App, 'i18n' | 'link' | 'models' | 'notices' | 'queue' | 'runs'>
const key = 'darkroom.lessons'

/** What learns from the pictures of the queue: it outlives the page, which may be loaded anew in the hours that a training takes. */
export const learningsOf = remembered((window: Window) => createLearnings(window, localStorage))

export function createLearnings(
  { i18n, link, models, notices, queue, runs }: Window,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): Learnings {
  let recipes = $state.raw<readonly RecipeSummary[]>([])
  let lessons = $state.raw<readonly Lesson[]>(readLessons(storage))

  link.onReady(() => {
    void link.engine.recipes().then((list) => (recipes = list))
  })
  function keep(next: readonly Lesson[]): void {
    lessons = next
    storage.setItem(key, JSON.stringify(next))
  }

  const isLesson = ({ job, run }: JobStatus): boolean => {
    if (job.type !== 'train' || run === null || job.data === null) return false
    const recipe = recipes.find(({ name }) => name === job.recipe)?.recipe
    return recipe !== undefined && isNoisyOnly(recipe)
  }
  // Whoever began it, in whatever window.
  $effect(() => {
    const fresh = runs.jobs.filter(
      (status) => isLesson(status) && !lessons.some(({ run }) => run === status.run),
    )
    if (fresh.length > 0)
      keep([
        ...lessons,
        ...fresh.map(({ job, run }) => ({
          run: run!,
          sources: job.type === 'train' ? (job.data?.sources ?? []) : [],
        })),
      ])
  })

  const all = $derived(
    lessons.flatMap(({ run, sources }): Learning[] => {
      const summary = runs.get(run)
      const model = summary?.state === 'finished' ? (modelOf(run, models.usable) ?? null) : null
      const known = new Set(sources.map((source) => source.replace(/(?<=.)[/\\]+$/, '')))
      const pictures = [...queue.items.values()].filter(
        ({ source, settings }) => isAmong(source, known) && settings.model !== model?.id,
      )
      const job = runs.jobOf(run)
      if (summary === undefined || pictures.length === 0) return []
      return [
        {
          ...{ run, title: summary.title, model, isTraining: job !== null },
          ...{ pictures: pictures.map(({ id }) => id), share: job === null ? null : shareOf(job) },
        },
      ]
    }),
  )
  const forget = (run: string): void => keep(lessons.filter((lesson) => lesson.run !== run))

  return {
    get all() {
      return all
    },
    async begin(job, title) {
      const isBusy = runs.jobs.some(({ job: other }) => other.type === 'train')
      notices.show(i18n.t(isBusy ? 'ui.noisy.waits' : 'ui.noisy.begun'))
      await notices.attempt(async () => {
        const run = await runs.train(job)
        if (title !== null) await link.engine.renameRun(run, title)
      })
    },
    async use({ run, model, pictures }) {
      if (model === null) return
      await notices.attempt(async () => {
        await queue.change(pictures, { model: model.id, sigma: 'auto' })
        forget(run)
        notices.show(i18n.t('ui.noisy.used', { count: pictures.length, model: model.title }), {
          tone: 'good',
        })
      })
    },
    putAway: ({ run }) => forget(run),
  }
}

/** Whether a file is one of the sources, or in a folder of them. */
export function isAmong(file: string, sources: ReadonlySet<string>): boolean {
  for (let path = file; path !== ''; path = folderOf(path)) if (sources.has(path)) return true
  return false
}

function readLessons(storage: Pick<Storage, 'getItem'>): Lesson[] {
  try {
    return z.array(Lesson).parse(JSON.parse(storage.getItem(key) ?? '[]'))
  } catch {
    return []
  }
}
