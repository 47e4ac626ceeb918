import { DarkroomError, toErrorDetail } from '../../contract/errors.ts'
import type { QueueItem } from '../../contract/queue.ts'
import type { DenoiseSettings } from '../../contract/settings.ts'
import { modelFor } from '../inference/choose.ts'
import { cleanFiles, type CleanSteps } from '../jobs/clean.ts'
import type { JobContext } from '../jobs/context.ts'
import { readImage } from '../storage/images.ts'
import type { Board } from './board.ts'
import { lookAt } from './find.ts'
import type { Networks } from './networks.ts'
import { plannedOutput, writeOutput } from './output.ts'
import { megapixelsOf } from './progress.ts'
import type { QueueSaver } from './store.ts'

/** Files that wait decoded, and files that are being encoded, beside the one that is being cleaned. */
const filesAtOnce = 2

/** One cleaning of one item. Cancelling ends the task; the item may get another one. */
interface Task {
  id: string
  source: string
  controller: AbortController
  /** `read`: ahead of its turn. */
  stage: 'read' | 'clean' | 'write'
  /** Nothing else is begun beside it. */
  isAlone: boolean
  /** What it was begun with; null before. */
  settings: DenoiseSettings | null
  /** The path that is planned or being tried; null before. */
  output: string | null
}

export interface Worker {
  /** Begins to work, where there is something to do. */
  wake(): void
  /** Ends the work on an item, if there is any. What becomes of the item is the caller's to say. */
  drop(id: string): void
  /** Whether the work on an item goes by its present settings. */
  isCurrent(item: QueueItem): boolean
  /** Begins nothing further; what is being cleaned goes on. */
  hold(): void
  /** Ends all work: files that are being written are finished, others go back to the front of the line. */
  close(): Promise<void>
}

/** Takes the items of the line, one after another, through reading, cleaning and writing. */
export function createWorker(
  board: Board,
  networks: Networks,
  saver: QueueSaver,
  { onError, pause, assets }: Pick<JobContext, 'onError' | 'pause' | 'assets'>,
): Worker {
  const tasks = new Map<string, Task>()
  const closing = new AbortController()
  let working: Promise<void> | null = null

  function nextInLine(): QueueItem | undefined {
    for (const id of board.line) if (!tasks.has(id)) return board.items.get(id)
    return undefined
  }

  function take(): Task | undefined {
    if (board.isPaused() || closing.signal.aborted) return undefined
    const item = nextInLine()
    if (item === undefined) return undefined
    // The engine died on it once: should that happen again, no other item must take the blame.
    const isAlone = item.attempts > 0
    const others = [...tasks.values()]
    if (others.length > 0 && (isAlone || others.some((task) => task.isAlone))) return undefined
    const task: Task = {
      ...{ id: item.id, source: item.source, controller: new AbortController() },
      ...{ stage: 'read', isAlone, settings: null, output: null },
    }
    tasks.set(item.id, task)
    board.update(item.id, { attempts: item.attempts + 1 })
    return task
  }

  /** Whether the task has not been dropped. */
  const isWanted = (task: Task): boolean => tasks.get(task.id) === task

  const beingWritten = (beside: Task): Task[] =>
    [...tasks.values()].filter((task) => task !== beside && task.stage === 'write')

  function drop(id: string): void {
    tasks.get(id)?.controller.abort(new DarkroomError('cancelled'))
    tasks.delete(id)
  }

  /** Drops what did not come to an end through no fault of its own. */
  function giveBack(dropped: Task[]): void {
    for (const { id } of dropped) {
      drop(id)
      board.update(id, { attempts: Math.max(0, (board.items.get(id)?.attempts ?? 0) - 1) })
    }
    board.putBack(dropped.filter(({ stage }) => stage !== 'read').map(({ id }) => id))
  }

  const hold = (): void => giveBack([...tasks.values()].filter(({ stage }) => stage === 'read'))

  const steps: CleanSteps<Task> = {
    async read({ id, source, controller }) {
      // That it was begun must be on disk before anything can go wrong with it.
      await saver.now()
      controller.signal.throwIfAborted()
      if (board.items.get(id)?.image === null) board.update(id, { image: await lookAt(source) })
      return readImage(source)
    },

    begin: async (task, noise, image) => {
      const { id, source, controller } = task
      const { signal } = controller
      signal.throwIfAborted()
      const { settings, dir } = board.items.get(id)!
      task.stage = 'clean'
      task.settings = settings
      const clear = { progress: 0, seconds: null, warnings: [], error: null }
      board.settle(id, { ...clear, state: 'running' })
      const { container, pages } = image
      const chosen = await modelFor(settings.model, noise, assets)
      task.output = plannedOutput(
        { source, dir, container, pages: pages.length },
        { ...settings, model: chosen.model },
      )
      board.update(id, { output: task.output })
      const { sigma, ensemble, strength, colourStrength, onlyIfBetter } = settings
      return {
        ...{ ...chosen, denoiser: await networks.use(chosen.model) },
        ...{ sigma, ensemble, strength, colourStrength, onlyIfBetter, tile: 'auto', signal, pause },
        onProgress: (share) => {
          if (isWanted(task)) board.showProgress(id, share)
        },
      }
    },

    write(task, image, isKept) {
      const { id, settings, controller } = task
      controller.signal.throwIfAborted()
      task.stage = 'write'
      return writeOutput({ image, isKept }, task.output!, settings!, controller.signal, {
        claim(path) {
          if (beingWritten(task).some((other) => other.output === path)) return false
          task.output = path
          return true
        },
        kept() {
          const items = [...board.items.values()]
          const written = items.filter((item) => item.state === 'done' && item.id !== id)
          return [
            ...items.map((item) => item.source),
            ...[...written, ...beingWritten(task)].flatMap(({ output }) => output ?? []),
          ]
        },
      })
    },

    done(task, { output, seconds, warnings, sigma, cleaned }) {
      if (isWanted(task)) {
        tasks.delete(task.id)
        const found = sigma === undefined ? {} : { sigma }
        const written = task.settings
        board.settle(task.id, {
          ...{ output, written, seconds, warnings, cleaned, ...found },
          ...{ state: 'done', progress: 1 },
        })
        finish(task.id)
      }
      return Promise.resolve()
    },

    fail(task, thrown) {
      if (isWanted(task)) {
        tasks.delete(task.id)
        onError(thrown)
        const error = toErrorDetail(thrown, task.source)
        board.settle(task.id, { state: 'failed', error, progress: 0 })
        finish(task.id)
        // No other picture would fit either.
        if (error.code === 'disk-full') {
          board.setPaused(true)
          hold()
        }
      }
      return Promise.resolve()
    },
  }

  function finish(id: string): void {
    const item = board.items.get(id)
    if (item !== undefined) board.progress.finish(item)
  }

  function wake(): void {
    if (working !== null || closing.signal.aborted || board.isPaused() || board.line.size === 0) return
    working = work().finally(() => {
      working = null
      wake()
    })
  }

  async function work(): Promise<void> {
    board.progress.setWorking(true)
    try {
      const limits = {
        files: filesAtOnce,
        megapixels: ({ id }: Task) => {
          const item = board.items.get(id)
          // What was not looked at yet may be of any size: it goes without company.
          return item?.image === null ? Infinity : item === undefined ? 0 : megapixelsOf(item)
        },
      }
      await cleanFiles(take, steps, limits, closing.signal)
    } catch (thrown) {
      if (closing.signal.aborted) return
      // A defect: no use in running into it over and over.
      onError(thrown)
      board.setPaused(true)
      giveBack([...tasks.values()])
    } finally {
      board.progress.setWorking(false)
      networks.rest()
    }
  }

  return {
    wake,
    drop,
    isCurrent: ({ id, settings }) => tasks.get(id)?.settings === settings,
    hold,
    async close() {
      closing.abort(new DarkroomError('cancelled'))
      giveBack([...tasks.values()].filter(({ stage }) => stage !== 'write'))
      await working
      await networks.close()
    },
  }
}
