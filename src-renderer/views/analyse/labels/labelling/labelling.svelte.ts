import { untrack } from 'svelte'
import type { LabelAnswer, LabelQuestion } from '../../../../../src-main/contract/analysis.ts'
import type { DataSource } from '../../../../../src-main/contract/dataset.ts'
import { toErrorDetail, type ErrorDetail } from '../../../../../src-main/contract/errors.ts'
import type { LabelSet } from '../../../../../src-main/contract/label-sets.ts'
import type { App } from '../../../../state/app.ts'
import { createNewest } from '../../../../state/newest.ts'
import { historyOf, movedBy, withState, type History } from '../../../latent/history.ts'
import { createLatent, latentOf, type Latent } from '../../../latent/view.svelte.ts'
import { classNamed, givenIn, nothingGiven, setOf, withClass, withLabels, type Given } from './given.ts'

/** Items that are proposed at once, beside those that were skipped. */
const proposals = 24

/** What the labels so far say of the map's items. */
export interface Said extends LabelAnswer {
  /** Of the classes when they were asked about. */
  names: readonly string[]
}

/** Labelling the items of a run's map as one goes. Items are places on the map. */
export interface Labelling {
  /** The map, apart from the one of the Latent view. */
  readonly latent: Latent
  /** What the labels belong to; null before there is a map. */
  readonly data: DataSource | null
  /** Null until what was given before is read. */
  readonly given: Given | null
  /** Class of an item of the map; null for none. */
  labelOf(item: number): number | null
  /** Items of the map that have a label. */
  readonly labelled: readonly number[]
  /** What follows from the labels; null until it is known. */
  readonly said: Said | null
  readonly isAsking: boolean
  /** Why nothing can be proposed. */
  readonly error: ErrorDetail | null
  /** Whether all that was given is kept by the program. */
  readonly isKept: boolean
  /** Why labels could not be kept; null when they are. */
  readonly keepError: ErrorDetail | null

  /** The item that is labelled next; null where there is none. */
  readonly current: number | null
  /** Those that are proposed after it. */
  readonly next: readonly number[]
  goTo(item: number): void
  /** Leaves an item for later. */
  skip(): void
  /** Labels items, or takes their labels away (null); where the current one is among them the next one comes. */
  label(items: readonly number[], place: number | null): void
  /** Makes the class of that name where there is none, and labels items. */
  labelAs(items: readonly number[], name: string, key: number | null): void
  /** Changes the classes. */
  change(next: Given): void

  readonly canUndo: boolean
  readonly canRedo: boolean
  undo(): void
  redo(): void
}

/** What it needs of the window. */
type Window = Pick<App, 'link'>

const known = new WeakMap<Window, Map<string, Labelling>>()

/** What is being labelled of a run's data in a window: one looks elsewhere and comes back to it. */
export function labellingOf(window: Window, run: string): Labelling {
  const ofWindow = known.get(window) ?? new Map<string, Labelling>()
  known.set(window, ofWindow)
  const there = ofWindow.get(run)
  if (there !== undefined) return there
  const made = createLabelling(window, run)
  ofWindow.set(run, made)
  // The map that one came from, without what a classifier does not learn from.
  const { map } = latentOf(window, run).spec
  made.latent.setMap({ ...map, split: map.data === null ? 'training' : 'all', attributes: null })
  return made
}

export function createLabelling(window: Window, run: string): Labelling {
  // A root of its own: what is derived in a component goes stale with it.
  let made!: Labelling
  $effect.root(() => {
    made = begin(window, run)
  })
  return made
}

function begin({ link }: Window, run: string): Labelling {
  const { engine } = link
  const latent = createLatent({ link }, run)
  const map = $derived(latent.mapping.map)
  let history = $state.raw<History<Given>>(historyOf(nothingGiven))
  let isRead = $state(false)
  let said = $state.raw<Said | null>(null)
  let isAsking = $state(false)
  let error = $state.raw<ErrorDetail | null>(null)
  let keepError = $state.raw<ErrorDetail | null>(null)
  let current = $state<number | null>(null)
  let skipped = $state.raw<ReadonlySet<number>>(new Set())
  /** What could not be kept yet. */
  let unkept = $state.raw<LabelSet | null>(null)

  const given = $derived(history.states[history.at]!)
  const data = $derived.by((): DataSource | null => {
    const source = map === null ? null : (map.spec.data ?? latent.model?.data ?? null)
    // Which labels they have themselves makes no difference.
    return source === null ? null : { ...source, labels: null }
  })
  const dataKey = $derived(JSON.stringify(data))
  const indexOf = (item: number): number => map?.indexes?.[item] ?? item
  /** Items of the map by their place in the data. */
  const items = $derived(new Map(Array.from(map?.indexes ?? [], (index, item) => [index, item] as const)))
  const labelled = $derived(
    [...given.labels.keys()].flatMap((index) => items.get(index) ?? []).sort((a, b) => a - b),
  )
  const next = $derived(
    (said?.next ?? []).filter(
      (item) => item !== current && !given.labels.has(indexOf(item)) && !skipped.has(indexOf(item)),
    ),
  )

  const keep = createNewest((set: LabelSet) => engine.keepLabels(set))
  function save(): void {
    if (data === null) return
    const set = setOf({ run, data }, given)
    unkept = set
    keep(set).then(
      () => {
        if (unkept !== set) return
        unkept = null
        keepError = null
      },
      (thrown: unknown) => (keepError = toErrorDetail(thrown)),
    )
  }
  // What the connection has lost on the way is told again.
  let readings = $state(0)
  link.onReady(() => {
    if (unkept !== null) save()
    if (!isRead) readings += 1
  })

  // Other data: other labels.
  $effect(() => {
    const [key, of] = [dataKey, untrack(() => data)]
    isRead = false
    if (of === null || readings < 0) return
    engine.keptLabels({ run, data: of }).then(
      (set) => {
        if (key !== dataKey) return
        history = historyOf(set === null ? nothingGiven : givenIn(set))
        skipped = new Set()
        ;[isRead, error] = [true, null]
      },
      (thrown: unknown) => (error = toErrorDetail(thrown)),
    )
  })

  const ask = createNewest((question: LabelQuestion) => engine.askLabels(question))
  // Each label changes what is worth labelling next.
  $effect(() => {
    if (map === null || !isRead) return
    const asked = map
    const names = given.classes.map(({ name }) => name)
    const labels = labelled.map((item): [number, number] => [item, given.labels.get(indexOf(item))!])
    const count = Math.min(256, proposals + skipped.size)
    isAsking = true
    ask({ map: asked.id, classes: names, labels, count }).then(
      (answer) => {
        if (answer === null || asked !== map) return
        said = { ...answer, names }
        ;[isAsking, error] = [false, null]
        current ??= next[0] ?? null
      },
      (thrown: unknown) => {
        isAsking = false
        error = toErrorDetail(thrown)
      },
    )
  })
  // On another map an item has another place.
  $effect(() => {
    if (map === null) return
    said = null
    current = null
  })

  function take(state: Given): void {
    history = withState(history, state)
    save()
  }
  function advance(done: readonly number[]): void {
    latent.select([])
    if (current === null || !done.includes(current)) return
    current = next.find((item) => !done.includes(item)) ?? null
  }
  function label(chosen: readonly number[], place: number | null, from: Given = given): void {
    if (!isRead || chosen.length === 0) return
    take(withLabels(from, chosen.map(indexOf), place))
    if (place !== null) advance(chosen)
  }
  /** To the items that the step was about. */
  function step(by: 1 | -1): void {
    const { about } = history.states[by < 0 ? history.at : history.at + 1] ?? nothingGiven
    history = movedBy(history, by)
    save()
    const item = about[0] === undefined ? undefined : items.get(about[0])
    if (item !== undefined) current = item
  }

  return {
    latent,
    get data() {
      return data
    },
    get given() {
      return isRead ? given : null
    },
    labelOf: (item) => given.labels.get(indexOf(item)) ?? null,
    get labelled() {
      return labelled
    },
    get said() {
      return said
    },
    get isAsking() {
      return isAsking
    },
    get error() {
      return error
    },
    get isKept() {
      return unkept === null
    },
    get keepError() {
      return keepError
    },
    get current() {
      return current
    },
    get next() {
      return next
    },
    goTo(item) {
      current = item
    },
    skip() {
      if (current === null) return
      skipped = new Set([...skipped, indexOf(current)])
      advance([current])
    },
    label: (chosen, place) => label(chosen, place),
    labelAs(chosen, name, key) {
      if (!isRead) return
      const there = classNamed(given.classes, name)
      if (there >= 0) return label(chosen, there)
      const more = withClass(given, name, key)
      // One step to undo: the class and what was labelled with it.
      if (chosen.length > 0) label(chosen, more.classes.length - 1, more)
      else take(more)
    },
    change(state) {
      if (isRead && state !== given) take(state)
    },
    get canUndo() {
      return isRead && history.at > 0
    },
    get canRedo() {
      return isRead && history.at < history.states.length - 1
    },
    undo() {
      if (isRead && history.at > 0) step(-1)
    },
    redo() {
      if (isRead && history.at < history.states.length - 1) step(1)
    },
  }
}
