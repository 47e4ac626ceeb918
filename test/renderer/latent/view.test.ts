import { afterEach, describe, expect, it, vi } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import {
  LatentView,
  type LatentMap,
  type LatentModel,
  type MapSpec,
} from '../../../src-main/contract/latent.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createLatent, firstLimit, type Latent } from '../../../src-renderer/views/latent/view.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const run = '/runs/vae'
const model: LatentModel = {
  ...{ run, title: 'vae', kind: 'variational', input: [28, 28, 1], code: [16], canEncode: true },
  data: { sources: ['/data/clothes'], labels: null },
  ...{ items: 100, labelNames: null },
}
const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

/** Four items of the data, and what a map of them by a spec is. */
const mapOf = (spec: MapSpec): LatentMap => ({
  id: JSON.stringify(spec),
  spec,
  summary: {
    ...{ items: 4, size: 16, explained: [0.5, 0.2], trustworthiness: 1, continuity: 1 },
    ...{ neighbours: 1, measured: 4, collapsed: 0 },
  },
  points: Float32Array.from([0, 0, 1, 0, 0, 1, 1, 1]),
  names: ['a.png', 'b.png', 'c.png', 'd.png'],
  indexes: Int32Array.from([7, 3, 90, 12]),
  columns: [],
})

/** The codes of a run, whose engine makes maps when the test says so. */
async function openLatent(answer: Partial<LatentModel> = {}) {
  const specs: MapSpec[] = []
  const known = new Map<string, LatentMap>()
  const program = fakeProgram({
    engine: {
      latentModel: () => Promise.resolve({ ...model, ...answer }),
      latentMap: (id: string) => {
        const map = known.get(id)
        return map === undefined
          ? Promise.reject(new DarkroomError('file-not-found', { file: id }))
          : Promise.resolve(map)
      },
      latentDirections: () =>
        Promise.resolve({ mean: [], deviation: [], kl: null, order: [], components: [] }),
      start: (job: { spec: MapSpec }) => Promise.resolve(String(specs.push(job.spec))),
      stop: (id: string) => {
        program.tellEngine({ id, event: 'cancelled' })
        return Promise.resolve()
      },
      jobs: () => Promise.resolve([]),
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const latent = createLatent({ link }, run)
  await vi.waitUntil(() => latent.model !== null)
  const finish = (job: number): void => {
    const map = mapOf(specs[job - 1]!)
    known.set(map.id, map)
    const { summary } = map
    program.tellEngine({
      id: String(job),
      event: 'done',
      result: { type: 'map', map: map.id, summary, files: [] },
    })
  }
  const begun = (count: number) => vi.waitUntil(() => specs.length === count)
  /** A map of `change`, made by job number `job`. */
  async function make(change: Partial<MapSpec>, job: number): Promise<void> {
    latent.setMap(change)
    await begun(job)
    finish(job)
    await vi.waitUntil(() => !latent.mapping.mapWork.isRunning)
  }
  return { latent, program, specs, known, finish, begun, make }
}

describe('what is set, and what follows', () => {
  it('is first laid out by components, and a plane of codes as it is', async () => {
    const { latent } = await openLatent()
    expect(latent.spec.map).toMatchObject({ method: { type: 'pca', x: 0, y: 1 }, limit: firstLimit })
    const plane = await openLatent({ code: [2] })
    expect(plane.latent.spec.map.method).toEqual({ type: 'raw', x: 0, y: 1 })
    const gan = await openLatent({ kind: 'gan', canEncode: false })
    expect(gan.latent.spec.map.limit).toBeNull()
  })

  it('is saved as JSON that a window elsewhere opens with the same in it', async () => {
    const { latent } = await openLatent()
    latent.setMap({ method: { type: 'umap', neighbours: 30, minDistance: 0.2 }, split: 'test' })
    latent.change({ colour: 'error', spherical: true })
    latent.addToTrack([{ from: 'seed', seed: 4, index: 2 }])
    latent.setCode([1, 2])
    const saved = LatentView.parse(JSON.parse(JSON.stringify(latent.spec)))
    const other = await openLatent()
    other.latent.open(saved)
    expect(other.latent.spec).toEqual(latent.spec)
    await other.begun(1)
    expect(other.specs[0]).toEqual(saved.map)
  })

  it('keeps a map that was set while the model is read again', async () => {
    const { latent, program } = await openLatent()
    latent.setMap({ split: 'validation' })
    program.cut()
    await vi.waitUntil(() => program.calls.filter(({ name }) => name === 'latentModel').length === 2)
    expect(latent.spec.map.split).toBe('validation')
  })
})

describe('the map', () => {
  it('shows only the one that was asked for last', async () => {
    const { latent, begun, finish, specs } = await openLatent()
    latent.setMap({ seed: 1 })
    await begun(1)
    latent.setMap({ seed: 2 })
    await begun(2)
    finish(2)
    await vi.waitUntil(() => latent.mapping.map !== null)
    expect(latent.mapping.map!.spec.seed).toBe(2)
    expect(specs.map(({ seed }) => seed)).toEqual([1, 2])
    expect(latent.mapping.mapWork.error).toBeNull()
  })

  it('is made again by an engine that no longer knows it', async () => {
    const { program, known, make, begun, specs } = await openLatent()
    await make({ seed: 5 }, 1)
    known.clear()
    program.cut()
    await begun(2)
    expect(specs[1]).toEqual(specs[0])
  })

  it('lets go of a selection only with the items', async () => {
    const { latent, make } = await openLatent()
    await make({}, 1)
    latent.select([3, 1, 3])
    expect(latent.selection).toEqual([1, 3])
    await make({ method: { type: 'umap', neighbours: 15, minDistance: 0.1 } }, 2)
    expect(latent.selection).toEqual([1, 3])
    await make({ split: 'test' }, 3)
    expect(latent.selection).toEqual([])
  })

  it('says why it could not be made, and not that it was given up', async () => {
    const { latent, program, begun } = await openLatent()
    latent.setMap({})
    await begun(1)
    program.tellEngine({ id: '1', event: 'failed', error: { code: 'latents-unsuitable' } })
    await vi.waitUntil(() => latent.mapping.mapWork.error !== null)
    expect(latent.mapping.mapWork.error).toMatchObject({ code: 'latents-unsuitable' })
    latent.setMap({})
    await begun(2)
    latent.mapping.mapWork.cancel()
    await vi.waitUntil(() => !latent.mapping.mapWork.isRunning)
    expect(latent.mapping.mapWork.error).toBeNull()
  })
})

describe('a selection', () => {
  it('is items of the dataset by their places there', async () => {
    const { latent, make } = await openLatent()
    await make({}, 1)
    const { data } = model
    expect(latent.anchorsOf([2, 0])).toEqual([
      { from: 'item', data, index: 90 },
      { from: 'item', data, index: 7 },
    ])
    expect(latent.groupOf([1])).toEqual({ data, indexes: [3] })
    expect(latent.groupOf([])).toBeNull()
  })
})

describe('the path', () => {
  const seeds = (latent: Latent): number[] =>
    latent.spec.track.map((anchor) => (anchor.from === 'seed' ? anchor.seed : -1))

  it('is added to, moved and taken from, and has room for 64', async () => {
    const { latent } = await openLatent()
    latent.addToTrack([0, 1, 2, 3].map((seed) => ({ from: 'seed', seed, index: 0 })))
    latent.moveOnTrack(0, 2)
    expect(seeds(latent)).toEqual([1, 2, 0, 3])
    latent.moveOnTrack(9, 0)
    latent.removeFromTrack(1)
    expect(seeds(latent)).toEqual([1, 0, 3])
    latent.addToTrack(Array.from({ length: 100 }, () => ({ from: 'seed', seed: 9, index: 0 })))
    expect(latent.spec.track).toHaveLength(64)
  })
})

describe('the code', () => {
  it('goes back and forth through what was kept', async () => {
    const { latent } = await openLatent()
    latent.setCode([1])
    latent.setCode([1.5], false)
    latent.setCode([2])
    expect([latent.canUndo, latent.canRedo]).toEqual([true, false])
    latent.undo()
    expect(latent.code).toEqual([1])
    latent.undo()
    expect(latent.code).toBeNull()
    latent.redo()
    latent.setCode([3])
    expect(latent.canRedo).toBe(false)
  })
})
