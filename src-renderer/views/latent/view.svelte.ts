import {
  LatentView,
  latentViewVersion,
  type Anchor,
  type DecodedCodes,
  type Group,
  type LatentModel,
  type MapSpec,
} from '../../../src-main/contract/latent.ts'
import { toErrorDetail, type ErrorDetail } from '../../../src-main/contract/errors.ts'
import type { App } from '../../state/app.ts'
import { createNewest } from '../../state/newest.ts'
import { remembered } from '../../state/remembered.svelte.ts'
import { historyOf, movedBy, withState, type History } from './history.ts'
import { createMapping, type Mapping } from './mapping.svelte.ts'

/** Items that a first map has at most: it is there soon, and shows what more would. */
export const firstLimit = 10_000
/** Anchors that a path has at most. */
export const maximumTrack = 64

/** What is set, apart from what follows from it. */
type Settings = Omit<LatentView, 'darkroom' | 'version' | 'map' | 'track' | 'code'>

/** Groups of the arithmetic: plus and minus. */
export type GroupName = 'plus' | 'minus'

/**
 * What a person does with the codes of one run. `spec` is what they have set: it is saved, shared and opened again. Everything
 * else follows from it, or is thrown away with the page.
 */
export interface Latent {
  /** Run folder. */
  readonly run: string
  /** Null until it is known. */
  readonly model: LatentModel | null
  /** Why nothing can be done with its codes. */
  readonly error: ErrorDetail | null

  /** As it would be saved now. */
  readonly spec: LatentView
  /** Changes what is set of the path, the samples and the colours. */
  change(settings: Partial<Settings>): void
  /** Takes over a saved view of this run, and makes its map. */
  open(view: LatentView): void

  /** The map of `spec.map`, and what is known of its codes: directions, clusters. */
  readonly mapping: Mapping
  /** Sets what of the map is given, and makes it. */
  setMap(spec: Partial<MapSpec>): void

  /** Items of the map that are selected, each once, in the order of the map. */
  readonly selection: readonly number[]
  select(items: Iterable<number>): void
  /** The item that the pointer or the keyboard is at. */
  hovered: number | null
  /** What items of the map are, for jobs and questions. */
  anchorsOf(items: readonly number[]): Anchor[]
  /** Items of the map as a group; null of draws from the prior, which are in no dataset. */
  groupOf(items: readonly number[]): Group | null

  /** Groups of the arithmetic; null until they are chosen. */
  readonly groups: Readonly<Record<GroupName, Group | null>>
  setGroup(name: GroupName, group: Group | null): void
  /** What the difference of the groups is added to; null until it is chosen. */
  target: Anchor | null

  /** Puts anchors at the end of the path, as many as there is room for. */
  addToTrack(anchors: readonly Anchor[]): void
  removeFromTrack(place: number): void
  /** Moves one anchor to another place; the others close up. */
  moveOnTrack(from: number, to: number): void
  clearTrack(): void

  /** The code under the sliders; null: the mean. */
  readonly code: readonly number[] | null
  /** @param isKept Whether undo comes back to it: not while something is dragged. */
  setCode(code: readonly number[] | null, isKept?: boolean): void
  readonly canUndo: boolean
  readonly canRedo: boolean
  undo(): void
  redo(): void
  /** The code that is kept in sight beside it; null: the mean. */
  pinned: readonly number[] | null

  /**
   * A way to ask for pictures of codes ([count, size], flattened) that follow a pointer: one question at a time, and of those
   * that come meanwhile only the newest. It resolves to null where a newer one took its place. One for each place that shows them.
   */
  createDecoder(): (codes: Float32Array<ArrayBuffer>) => Promise<DecodedCodes | null>
}

/** What it needs of the window. */
type Window = Pick<App, 'link'>

/** What is being done with a run's codes in a window. */
export const latentOf = remembered(createLatent)

const emptyView = (run: string): LatentView =>
  LatentView.parse({
    ...{ darkroom: 'latent-view', version: latentViewVersion },
    map: { run, limit: firstLimit },
  })

export function createLatent({ link }: Window, run: string): Latent {
  const { engine } = link
  let model = $state.raw<LatentModel | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  let spec = $state.raw(emptyView(run))
  let selection = $state.raw<readonly number[]>([])
  let hovered = $state<number | null>(null)
  let groups = $state.raw<Record<GroupName, Group | null>>({ plus: null, minus: null })
  let history = $state.raw<History<readonly number[] | null>>(historyOf(null))
  let target = $state.raw<Anchor | null>(null)
  let pinned = $state.raw<readonly number[] | null>(null)
  /** Whether somebody has chosen what the map is of. */
  let isMapSet = false

  const mapping = createMapping(link, () => {
    // Other items: what was selected among those before is none of them.
    selection = []
    hovered = null
  })

  async function read(): Promise<void> {
    try {
      const found = await engine.latentModel(run)
      model = found
      error = null
      if (!isMapSet) spec = { ...spec, map: firstMap(spec.map, found) }
    } catch (thrown) {
      error = toErrorDetail(thrown)
    }
  }
  link.onReady(() => void read())

  const setTrack = (track: readonly Anchor[]): void => {
    spec = { ...spec, track: track.slice(0, maximumTrack) }
  }
  const showCode = (): void => {
    const code = history.states[history.at] ?? null
    spec = { ...spec, code: code === null ? null : [...code] }
  }

  return {
    run,
    get model() {
      return model
    },
    get error() {
      return error
    },
    get spec() {
      return spec
    },
    change(settings) {
      spec = { ...spec, ...settings }
    },
    open(view) {
      isMapSet = true
      spec = { ...view, map: { ...view.map, run } }
      history = historyOf(view.code)
      groups = { plus: null, minus: null }
      target = null
      mapping.make(spec.map)
    },

    mapping,
    setMap(next) {
      isMapSet = true
      spec = { ...spec, map: { ...spec.map, ...next } }
      mapping.make(spec.map)
    },

    get selection() {
      return selection
    },
    select(items) {
      selection = [...new Set(items)].sort((a, b) => a - b)
    },
    get hovered() {
      return hovered
    },
    set hovered(next) {
      hovered = next
    },
    anchorsOf(items) {
      const { map } = mapping
      if (map === null) return []
      const data = map.spec.data ?? model?.data
      const { indexes } = map
      return items.map((item) =>
        indexes === null || data === undefined
          ? { from: 'seed', seed: map.spec.seed, index: item }
          : { from: 'item', data, index: indexes[item]! },
      )
    },
    groupOf(items) {
      const { map } = mapping
      const data = map?.spec.data ?? model?.data
      if (!map?.indexes || data === undefined || items.length === 0) return null
      const { indexes } = map
      return { data, indexes: items.map((item) => indexes[item]!) }
    },

    get groups() {
      return groups
    },
    setGroup(name, group) {
      groups = { ...groups, [name]: group }
    },

    get target() {
      return target
    },
    set target(next) {
      target = next
    },

    addToTrack: (anchors) => setTrack([...spec.track, ...anchors]),
    removeFromTrack: (place) => setTrack(spec.track.filter((_, at) => at !== place)),
    moveOnTrack(from, to) {
      const track = [...spec.track]
      const [moved] = track.splice(from, 1)
      if (moved === undefined) return
      track.splice(to, 0, moved)
      setTrack(track)
    },
    clearTrack: () => setTrack([]),

    get code() {
      return spec.code
    },
    setCode(code, isKept = true) {
      spec = { ...spec, code: code === null ? null : [...code] }
      if (isKept) history = withState(history, spec.code)
    },
    get canUndo() {
      return history.at > 0
    },
    get canRedo() {
      return history.at < history.states.length - 1
    },
    undo() {
      history = movedBy(history, -1)
      showCode()
    },
    redo() {
      history = movedBy(history, 1)
      showCode()
    },

    get pinned() {
      return pinned
    },
    set pinned(next) {
      pinned = next
    },

    createDecoder: () =>
      createNewest((codes: Float32Array<ArrayBuffer>) => engine.decodeCodes({ run, codes })),
  }
}

/** How a run's codes are first laid out: as they are where they have two dimensions. */
function firstMap(spec: MapSpec, { code, canEncode }: LatentModel): MapSpec {
  const size = code.reduce((product, side) => product * side, 1)
  return {
    ...spec,
    method: size === 2 ? { type: 'raw', x: 0, y: 1 } : { type: 'pca', x: 0, y: 1 },
    limit: canEncode ? firstLimit : null,
  }
}
