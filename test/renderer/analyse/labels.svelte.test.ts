import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LabelAnswer, LabelQuestion } from '../../../src-main/contract/analysis.ts'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { LabelSet } from '../../../src-main/contract/label-sets.ts'
import type { LatentMap, LatentModel, MapSpec } from '../../../src-main/contract/latent.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { withLabelColumns } from '../../../src-renderer/views/analyse/labels/labelling/columns.ts'
import {
  classesLike,
  digits,
  givenIn,
  labelledIn,
  nothingGiven,
  setOf,
  withClass,
  withLabels,
  withName,
  withoutClass,
} from '../../../src-renderer/views/analyse/labels/labelling/given.ts'
import { digitOf } from '../../../src-renderer/views/analyse/labels/labelling/keys.ts'
import { createLabelling } from '../../../src-renderer/views/analyse/labels/labelling/labelling.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const run = '/runs/vae'
const model: LatentModel = {
  ...{ run, title: 'vae', kind: 'variational', input: [28, 28, 1], code: [16], canEncode: true },
  data: { sources: ['/data/clothes'], labels: 'folders' },
  ...{ items: 100, labelNames: null },
}
const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

const indexes = [70, 30, 90, 12, 5, 60]
const mapOf = (spec: MapSpec): LatentMap => ({
  id: JSON.stringify(spec),
  spec,
  summary: {
    ...{ items: 6, size: 16, explained: [0.5, 0.2], trustworthiness: 1, continuity: 1 },
    ...{ neighbours: 1, measured: 6, collapsed: 0 },
  },
  points: new Float32Array(12),
  names: ['a', 'b', 'c', 'd', 'e', 'f'],
  indexes: Int32Array.from(indexes),
  columns: [],
})

interface Setting {
  kept?: LabelSet
  keep?: (set: LabelSet) => Promise<void>
}

/** Labelling over an engine that makes maps at once, and proposes items without a label from the last on. */
async function openLabelling({ kept, keep }: Setting = {}) {
  const asked: LabelQuestion[] = []
  const sets: LabelSet[] = []
  const known = new Map<string, LatentMap>()
  const program = fakeProgram({
    engine: {
      latentModel: () => Promise.resolve(model),
      latentMap: (id: string) => Promise.resolve(known.get(id)),
      latentDirections: () => Promise.reject(new DarkroomError('internal')),
      jobs: () => Promise.resolve([]),
      start: ({ spec }: { spec: MapSpec }) => {
        const map = mapOf(spec)
        known.set(map.id, map)
        const { id, summary } = map
        const result = { type: 'map' as const, map: id, summary, files: [] }
        queueMicrotask(() => program.tellEngine({ id: 'job', event: 'done', result }))
        return Promise.resolve('job')
      },
      keptLabels: () => Promise.resolve(kept ?? null),
      keepLabels: (set: LabelSet) => {
        sets.push(set)
        return keep?.(set) ?? Promise.resolve()
      },
      askLabels: (question: LabelQuestion): Promise<LabelAnswer> => {
        asked.push(question)
        const taken = new Set(question.labels.map(([item]) => item))
        return Promise.resolve({
          predicted: question.labels.length > 1 ? new Int32Array(6) : null,
          confidence: question.labels.length > 1 ? new Float32Array(6).fill(0.75) : null,
          next: [5, 4, 3, 2, 1, 0].filter((item) => !taken.has(item)),
          accuracy: null,
        })
      },
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const labelling = createLabelling({ link }, run)
  await vi.waitUntil(() => labelling.latent.model !== null)
  labelling.latent.setMap({ split: 'training' })
  await vi.waitUntil(() => labelling.current !== null)
  return { labelling, program, asked, sets }
}

describe('labels given by hand', () => {
  const two = withClass(withClass(nothingGiven, ' Boot ', 3), 'Bag', 3)

  it('belong to classes with a digit each, while there are any', () => {
    expect(two.classes).toEqual([
      { name: 'Boot', key: 3 },
      { name: 'Bag', key: 1 },
    ])
    const many = Array.from({ length: 12 }, (_, at) => `class ${at}`).reduce(
      (given, name) => withClass(given, name, null),
      nothingGiven,
    )
    expect(many.classes.map(({ key }) => key)).toEqual([...digits, null, null])
  })

  it('follow their class when it is renamed, and go with it', () => {
    const given = withLabels(withLabels(two, [7, 9], 0), [4], 1)
    expect(labelledIn(withName(given, 1, 'Handbag')).at(-1)).toEqual({ index: 4, label: 'Handbag' })
    // A name that another class has would make two of one.
    expect(withName(given, 1, 'boot')).toBe(given)
    const left = withoutClass(given, 0)
    expect([...left.labels]).toEqual([[4, 0]])
    expect(left.about).toEqual([7, 9])
    expect([...withLabels(given, [7], null).labels.keys()]).toEqual([9, 4])
  })

  it('are kept and read again as they are, without labels of no class', () => {
    const given = withLabels(two, [7, 9], 1)
    const set = setOf({ run, data: model.data }, given)
    expect(givenIn(set)).toEqual({ ...given, about: [] })
    expect(givenIn({ ...set, labels: [...set.labels, { index: 1, class: 2 }] }).labels.size).toBe(2)
  })

  it('are found by what is typed of a class’s name', () => {
    const classes = ['Sneaker', 'Ankle boot', 'Boot'].map((name) => ({ name, key: null }))
    expect(classesLike(classes, 'bo')).toEqual([2, 1])
    expect(classesLike(classes, ' ')).toEqual([])
  })

  it('are given by digits, on layouts that have them above Shift, too', () => {
    const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }
    expect(digitOf({ ...none, key: '0', code: 'Numpad0' })).toBe(0)
    expect(digitOf({ ...none, key: '&', code: 'Digit1' })).toBe(1)
    expect(digitOf({ ...none, key: '!', code: 'Digit1', shiftKey: true })).toBeNull()
    expect(digitOf({ ...none, key: '1', code: 'Digit1', ctrlKey: true })).toBeNull()
    expect(digitOf({ ...none, key: 'End', code: 'Numpad1' })).toBeNull()
  })
})

describe('labelling as one goes', () => {
  it('goes on to the next proposed item after each label, and asks what follows', async () => {
    const { labelling, asked, sets } = await openLabelling()
    expect([labelling.current, labelling.next[0]]).toEqual([5, 4])
    labelling.labelAs([5], 'Boot', 3)
    expect(labelling.current).toBe(4)
    labelling.labelAs([4], 'Bag', null)
    expect(labelling.current).toBe(3)
    await vi.waitUntil(() => labelling.said?.predicted != null)
    expect(asked.at(-1)).toMatchObject({
      ...{ classes: ['Boot', 'Bag'] },
      labels: [
        [4, 1],
        [5, 0],
      ],
    })
    await vi.waitUntil(() => sets.at(-1)?.labels.length === 2)
    // By their place in the data, apart from any map.
    expect(sets.at(-1)!.labels).toEqual([
      { index: 60, class: 0 },
      { index: 5, class: 1 },
    ])
    expect(sets.at(-1)!.data).toEqual({ sources: ['/data/clothes'], labels: null })
  })

  it('is undone and done again, back to the item that it was about', async () => {
    const { labelling } = await openLabelling()
    labelling.labelAs([5], 'Boot', 3)
    labelling.labelAs([4], 'Boot', null)
    labelling.undo()
    expect([labelling.labelOf(4), labelling.current]).toEqual([null, 4])
    labelling.undo()
    expect(labelling.given!.classes).toEqual([])
    expect(labelling.canUndo).toBe(false)
    labelling.redo()
    labelling.redo()
    expect([labelling.labelOf(5), labelling.labelOf(4), labelling.canRedo]).toEqual([0, 0, false])
  })

  it('comes back to what is skipped last, and never proposes what has a label', async () => {
    const { labelling } = await openLabelling()
    labelling.skip()
    labelling.skip()
    expect(labelling.current).toBe(3)
    expect(labelling.next).toEqual([2, 1, 0])
    labelling.labelAs([2, 1], 'Boot', null)
    expect([labelling.current, labelling.next]).toEqual([3, [0]])
  })

  it('takes up what was given before, on any map of the same data', async () => {
    const kept = setOf(
      { run, data: model.data },
      withLabels(withClass(nothingGiven, 'Boot', 1), [60, 12, 1234], 0),
    )
    const { labelling } = await openLabelling({ kept })
    expect(labelling.labelled).toEqual([3, 5])
    expect(labelling.current).toBe(4)
    labelling.labelAs([4], 'Bag', null)
    labelling.latent.setMap({ method: { type: 'raw', x: 0, y: 1 } })
    await vi.waitUntil(() => labelling.latent.mapping.map?.spec.method.type === 'raw')
    await vi.waitUntil(() => labelling.said !== null)
    // The item outside of the map is kept with the rest.
    expect([...labelling.given!.labels.keys()]).toEqual([60, 12, 1234, 5])
  })

  it('says what could not be kept, and keeps it when the engine is back', async () => {
    let isFull = true
    const { labelling, program, sets } = await openLabelling({
      keep: () => (isFull ? Promise.reject(new DarkroomError('disk-full')) : Promise.resolve()),
    })
    labelling.labelAs([5], 'Boot', 3)
    await vi.waitUntil(() => labelling.keepError !== null)
    expect(labelling.keepError).toMatchObject({ code: 'disk-full' })
    expect(labelling.isKept).toBe(false)
    isFull = false
    program.cut()
    await vi.waitUntil(() => labelling.isKept)
    expect(labelling.keepError).toBeNull()
    expect(sets.at(-1)!.labels).toEqual([{ index: 60, class: 0 }])
  })
})

it('the map shows labels before predictions, and none that the data have themselves', () => {
  const map = { ...mapOf({} as MapSpec), columns: [{ ...{ id: 'label', name: 'label' } } as never] }
  const given = withClass(withClass(nothingGiven, 'Bag', null), 'Boot', null)
  const said = {
    ...{ names: ['Boot', 'gone'], predicted: Int32Array.of(0, 0, 1, 0, 0, 0) },
    ...{ confidence: new Float32Array(6).fill(0.5), next: [], accuracy: null },
  }
  const { columns } = withLabelColumns(map, given, (item) => (item === 0 ? 0 : null), said)
  expect(columns.map(({ id }) => id)).toEqual(['predicted', 'confidence', 'given'])
  expect([...columns[0]!.values]).toEqual([0, 1, -1, 1, 1, 1])
  expect([...columns[2]!.values]).toEqual([0, -1, -1, -1, -1, -1])
})
