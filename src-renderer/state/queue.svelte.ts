import type { Progress } from '../../src-main/contract/jobs.ts'
import type { QueueChange, QueueCommandInput, QueueItem, QueueReply } from '../../src-main/contract/queue.ts'
import type { DenoiseSettings, SettingsChange } from '../../src-main/contract/settings.ts'
import type { Link } from './connection.svelte.ts'
import {
  choose,
  emptySelection,
  kept,
  neighbour,
  selectAll,
  type Modifiers,
  type Selection,
} from './selection.ts'

export type Items = ReadonlyMap<string, QueueItem>
export type Ids = 'all' | string[]

/** The items after a change: changed ones keep their place, new ones go to the end. */
export function applyChange(items: Items, change: Pick<QueueChange, 'items' | 'removed'>): Items {
  const next = new Map(items)
  for (const id of change.removed) next.delete(id)
  for (const item of change.items) next.set(item.id, item)
  return next
}

export const itemsOf = (list: readonly QueueItem[]): Items => new Map(list.map((item) => [item.id, item]))

export interface QueueStore {
  /** In the order of the list. */
  readonly items: Items
  readonly order: readonly string[]
  readonly progress: Progress | null
  readonly paused: boolean
  /** Whether the queue has been read once. */
  readonly isLoaded: boolean
  readonly selection: Selection
  /** The items that are selected, in the order of the list. */
  readonly selected: readonly QueueItem[]
  /** The item that is shown; null in an empty queue. */
  readonly current: QueueItem | null
  /** Selects as a click does. */
  select(id: string, modifiers?: Partial<Modifiers>): void
  selectAll(): void
  /** Selects as an arrow key does: the item so many places further. */
  step(by: number, modifiers?: Partial<Modifiers>): void
  add(sources: string[], settings: DenoiseSettings): Promise<QueueReply>
  change(ids: Ids, settings: SettingsChange): Promise<QueueReply>
  save(ids: Ids): Promise<QueueReply>
  cancel(ids: Ids): Promise<QueueReply>
  retry(ids: Ids): Promise<QueueReply>
  remove(ids: Ids): Promise<QueueReply>
  clearDone(): Promise<QueueReply>
  pause(): Promise<QueueReply>
  resume(): Promise<QueueReply>
}

/** The engine's queue as the window knows it. Commands change nothing here: what they did comes back as a change. */
export function createQueue(link: Link): QueueStore {
  // Raw: thousands of items that are replaced whole, never written to.
  let items = $state.raw<Items>(new Map())
  let progress = $state.raw<Progress | null>(null)
  let paused = $state(false)
  let isLoaded = $state(false)
  let selection = $state.raw<Selection>(emptySelection)
  const order = $derived([...items.keys()])
  const selected = $derived([...items.values()].filter(({ id }) => selection.ids.has(id)))
  const current = $derived(selection.current === null ? null : (items.get(selection.current) ?? null))

  function take(next: Items, state: { paused: boolean; progress: Progress | null }): void {
    const before = order
    items = next
    paused = state.paused
    progress = state.progress
    selection = kept(selection, before, [...next.keys()])
  }
  link.engine.subscribe((event) => {
    if (event.event === 'queue') take(applyChange(items, event.change), event.change)
  })
  link.onReady(() => {
    void link.engine.queue().then((state) => {
      take(itemsOf(state.items), state)
      isLoaded = true
    })
  })

  function select(id: string, { range = false, toggle = false }: Partial<Modifiers> = {}): void {
    if (items.has(id)) selection = choose(selection, order, id, { range, toggle })
  }

  const run = (command: QueueCommandInput): Promise<QueueReply> => link.engine.changeQueue(command)
  return {
    get items() {
      return items
    },
    get order() {
      return order
    },
    get progress() {
      return progress
    },
    get paused() {
      return paused
    },
    get isLoaded() {
      return isLoaded
    },
    get selection() {
      return selection
    },
    get selected() {
      return selected
    },
    get current() {
      return current
    },
    select,
    selectAll() {
      selection = selectAll(order, selection)
    },
    step(by, modifiers) {
      const id = neighbour(selection, order, by)
      if (id !== null) select(id, modifiers)
    },
    add: (sources, settings) => run({ type: 'add', sources, settings }),
    change: (ids, settings) => run({ type: 'change', ids, settings }),
    save: (ids) => run({ type: 'save', ids }),
    cancel: (ids) => run({ type: 'cancel', ids }),
    retry: (ids) => run({ type: 'retry', ids }),
    remove: (ids) => run({ type: 'remove', ids }),
    clearDone: () => run({ type: 'clear-done' }),
    pause: () => run({ type: 'pause' }),
    resume: () => run({ type: 'resume' }),
  }
}
