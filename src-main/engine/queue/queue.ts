import { randomUUID } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { EngineChoice } from '../../contract/engines.ts'
import type { QueueChange, QueueCommand, QueueItem, QueueReply, QueueState } from '../../contract/queue.ts'
import type { DenoiseSettings, SettingsChange } from '../../contract/settings.ts'
import type { JobContext } from '../jobs/context.ts'
import { checkTemplate } from '../jobs/naming.ts'
import { removeLeftovers } from '../jobs/outputs.ts'
import { addedFolder } from '../storage/added-models.ts'
import type { Container } from '../storage/image.ts'
import { createBoard } from './board.ts'
import { findPictures, type FoundFile } from './find.ts'
import { createNetworks } from './networks.ts'
import { isNamedByChoice, plannedOutput } from './output.ts'
import { createSaver, readQueue } from './store.ts'
import { createWorker } from './worker.ts'

export interface QueueOptions extends Omit<JobContext, 'signal' | 'stopAfterEpoch' | 'emit'> {
  engine: EngineChoice
  /** Gets what changed, and only that. */
  tell: (change: QueueChange) => void
}

/** The window's pictures and the work on them, kept in `queue.json` in the program's folder. */
export interface Queue {
  state(): QueueState
  /**
   * Does what a person asks for. Ids that are not in the queue any more are no error. For `add` the reply comes when all
   * is found; the pictures come before it, as changes. What was replied to is on disk, but for changed settings, which
   * follow within half a second.
   * @throws argument-invalid for a wrong name template; cancelled once the queue is closed.
   */
  change(command: QueueCommand): Promise<QueueReply>
  /** The noise level that was found when a picture was opened for showing; 8-bit scale. */
  noteSigma(path: string, sigma: number): void
  /** Stops working, at the next tile, and saves. What was not finished goes on when the queue is opened again. */
  close(): Promise<void>
}

/**
 * Opens the queue of a home folder; waiting items go on by themselves. One queue at a time may be open in a folder.
 * @throws queue-unreadable when the file can be neither read nor set aside.
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { home, engine, tell, onError } = options
  const saved = await readQueue(home, onError)
  const saver = createSaver(home, () => board.snapshot(), onError)
  const board = createBoard(saved, tell, () => saver.soon())
  const worker = createWorker(board, createNetworks(options, engine), saver, options)
  let isClosed = false

  function pick(ids: 'all' | string[]): QueueItem[] {
    if (ids === 'all') return [...board.items.values()]
    return ids.flatMap((id) => board.items.get(id) ?? [])
  }
  /** Does something to items; the reply names them. */
  function each(items: QueueItem[], act: (item: QueueItem) => void): QueueReply {
    for (const item of items) act(item)
    return { ids: items.map(({ id }) => id), ignored: [] }
  }

  const writtenPaths = (): Set<string | null> =>
    new Set(pick('all').flatMap(({ state, output }) => (state === 'done' ? output : [])))

  async function add({ sources, recursive, settings }: Extract<QueueCommand, { type: 'add' }>) {
    checkTemplate(settings.name)
    const reply: QueueReply = { ids: [], ignored: [] }
    let outputs = writtenPaths()
    const isOutput = (path: string): boolean => outputs.has(path)
    const isKnown = (path: string): boolean => board.idOf(path) !== undefined
    for await (const batch of findPictures(sources, { recursive, out: settings.out, isKnown, isOutput })) {
      refuseWhenClosed()
      outputs = writtenPaths()
      for (const file of batch) {
        if (file.kind === 'ignored') {
          reply.ignored.push(file.source)
          continue
        }
        if (file.kind === 'picture' && !isKnown(file.source)) board.add(newItem(file, settings))
        const id = board.idOf(file.source)
        if (id !== undefined) reply.ids.push(id)
      }
    }
    return reply
  }

  function change(item: QueueItem, changes: Partial<DenoiseSettings>): void {
    const settings = { ...item.settings, ...changes }
    const isWritten = item.state === 'done' || item.state === 'running'
    const output = isWritten ? item.output : expectedOutput({ ...item, settings })
    board.update(item.id, { settings, output })
  }

  function save(items: QueueItem[]): QueueReply {
    const asked = items.filter((item) => {
      if (item.state === 'waiting') return false
      // One that runs is begun again where its settings are others now.
      return item.state !== 'running' || !worker.isCurrent(item)
    })
    const reply = each(asked, ({ id }) => {
      worker.drop(id)
      board.enqueue(id, { error: null, attempts: 0, written: null, cleaned: null })
    })
    worker.wake()
    return reply
  }

  function cancel({ id }: QueueItem): void {
    worker.drop(id)
    board.settle(id, { state: 'idle', progress: 0 })
  }

  function remove({ id }: QueueItem): void {
    worker.drop(id)
    board.remove(id)
  }

  async function carryOut(command: QueueCommand): Promise<QueueReply> {
    switch (command.type) {
      case 'add':
        return add(command)
      case 'change': {
        const changes = definedOf(command.settings)
        if (changes.name !== undefined) checkTemplate(changes.name)
        return each(pick(command.ids), (item) => change(item, changes))
      }
      case 'save':
        return save(pick(command.ids))
      case 'cancel':
        return each(
          pick(command.ids).filter(({ state }) => state === 'waiting' || state === 'running'),
          cancel,
        )
      case 'retry':
        return save(pick(command.ids).filter(({ state }) => state === 'failed'))
      case 'remove':
        return each(pick(command.ids), remove)
      case 'clear-done':
        return each(
          pick('all').filter(({ state }) => state === 'done'),
          remove,
        )
      case 'pause':
        board.setPaused(true)
        worker.hold()
        return { ids: [], ignored: [] }
      case 'resume':
        board.setPaused(false)
        worker.wake()
        return { ids: [], ignored: [] }
    }
  }

  function refuseWhenClosed(): void {
    if (isClosed) throw new DarkroomError('cancelled')
  }

  const folders = saved.items.flatMap(({ output }) => (output === null ? [] : dirname(output)))
  void removeLeftovers(new Set([home, addedFolder(home), ...folders]))
  worker.wake()
  return {
    state: () => ({
      items: [...board.items.values()],
      paused: board.isPaused(),
      progress: board.progress.current(),
    }),

    async change(command) {
      refuseWhenClosed()
      const reply = await carryOut(command)
      // What was replied outlives an engine that dies; only a slider, which asks many times a second, is not waited for.
      if (command.type !== 'change') await saver.now()
      return reply
    },

    noteSigma(path, sigma) {
      const item = board.items.get(board.idOf(resolve(path)) ?? '')
      if (isClosed || item === undefined || item.sigma === sigma) return
      // Of a written picture the level that it was cleaned with is the one to show.
      if (item.state !== 'done') board.update(item.id, { sigma })
    },

    async close() {
      isClosed = true
      await worker.close()
      board.flush()
      await saver.now()
    },
  }
}

function newItem(file: Extract<FoundFile, { kind: 'picture' }>, settings: DenoiseSettings): QueueItem {
  const { source, dir, image, error } = file
  const item: QueueItem = {
    ...{ id: randomUUID(), source, dir, settings, image, error },
    ...{ state: error === null ? 'idle' : 'failed', output: null, written: null, progress: 0, attempts: 0 },
    ...{ sigma: null, seconds: null, warnings: [], cleaned: null },
  }
  return { ...item, output: expectedOutput(item) }
}

/**
 * Where an item would be written, so far as is known: null before its file was looked at, where it would fail, and where the name
 * holds a model that is yet to be chosen.
 */
function expectedOutput({ source, dir, image, settings }: QueueItem): string | null {
  if (image === null || isNamedByChoice(settings)) return null
  try {
    const container = image.container as Container
    return plannedOutput({ source, dir, container, pages: image.pages }, settings)
  } catch {
    return null
  }
}

/** The fields that a change names. */
function definedOf(change: SettingsChange): Partial<DenoiseSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}
