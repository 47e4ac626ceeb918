import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MapSpec } from '../../../src-main/contract/latent.ts'
import { checkMapHolds, mapItem, mapSheet } from '../../../src-main/engine/latent/map-items.ts'
import { mapPng } from '../../../src-main/engine/latent/map-picture.ts'
import { readMap } from '../../../src-main/engine/latent/map-store.ts'
import { mapCsv } from '../../../src-main/engine/latent/map-table.ts'
import { makeMap, type MapContext } from '../../../src-main/engine/latent/map.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { writeData } from '../../support/datasets.ts'
import { fakeLatents, heaps } from '../../support/latents.ts'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'maps-'))
})
afterAll(() => rm(home, { recursive: true }))

const context = (changes: Partial<MapContext> = {}): MapContext => ({
  home,
  signal: new AbortController().signal,
  pause: () => Promise.resolve(),
  emit: () => undefined,
  ...changes,
})
const spec = (method: object, changes: object = {}): MapSpec =>
  MapSpec.parse({ run: '/runs/fake', method, ...changes })

const { codes, of } = heaps(3, 40, 6)
const labels = { names: ['b,oot', 'coat', 'shirt'], of }

describe('a map of codes', () => {
  it('along components tells their share of the variance, and is kept', async () => {
    const latents = fakeLatents(codes, 6, { labels, errors: new Float32Array(120).fill(0.5) })
    const map = await makeMap(latents, spec({ type: 'pca' }), context())
    expect(map.summary.items).toBe(120)
    expect(map.summary.explained!.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
    expect(map.summary.explained![0]).toBeGreaterThan(map.summary.explained![1]!)
    // Three heaps lie in a plane, but for what they spread.
    expect(map.summary.trustworthiness).toBeGreaterThan(0.75)
    expect(map.columns.map(({ id }) => id)).toEqual(['label', 'error'])
    expect(await readMap(home, map.id)).toEqual(map)
    const other = await makeMap(latents, spec({ type: 'pca', x: 1, y: 2 }), context())
    expect(other.id).not.toBe(map.id)
    expect(other.points[0]).toBeCloseTo(map.points[1]!, 6)
  })

  it('of raw dimensions is those numbers of the codes', async () => {
    const latents = fakeLatents(codes, 6)
    const map = await makeMap(latents, spec({ type: 'raw', x: 4, y: 2 }), context())
    expect([...map.points.subarray(0, 4)]).toEqual([codes[4], codes[2], codes[10], codes[8]])
    expect(map.summary.explained).toBeNull()
  })

  it('of pixels is one of the samples', async () => {
    const samples = Float32Array.from({ length: 240 }, (_, i) => (i % 2 === 0 ? i : i % 3))
    const read = (items: ArrayLike<number>): Promise<Float32Array> =>
      Promise.resolve(
        Float32Array.from({ length: 2 * items.length }, (_, i) => samples[2 * items[i >> 1]! + (i % 2)]!),
      )
    const latents = fakeLatents(codes, 6, { read })
    latents.model.input = [1, 2, 1]
    const map = await makeMap(latents, spec({ type: 'pixels' }), context())
    expect(map.summary.explained).toHaveLength(2)
    // Some are equally far: rounding puts them in order.
    expect(map.summary.trustworthiness).toBeGreaterThan(0.999)
    // The same distances, turned and moved.
    const distance = (values: Float32Array): number =>
      Math.hypot(values[2]! - values[0]!, values[3]! - values[1]!)
    expect(distance(map.points)).toBeCloseTo(distance(samples), 3)
  })

  it('by UMAP keeps heaps apart, is the same again for the same seed, and another for another', async () => {
    const layOut = (seed: number, folder: string) =>
      makeMap(fakeLatents(codes, 6), spec({ type: 'umap' }, { seed }), context({ home: join(home, folder) }))
    const first = await layOut(1, 'a')
    expect(first.summary.trustworthiness).toBeGreaterThan(0.9)
    expect((await layOut(1, 'b')).points).toEqual(first.points)
    expect((await layOut(2, 'c')).points).not.toEqual(first.points)
  })

  it('by UMAP tells how far it is, and stops when asked to', async () => {
    const done: number[] = []
    const stopping = new AbortController()
    const emit: MapContext['emit'] = (news) => {
      if (news.event !== 'progress') return
      done.push(news.progress.done / news.progress.total)
      if (done.length === 5) stopping.abort()
    }
    const empty = join(home, 'stopped')
    await expect(
      makeMap(
        fakeLatents(codes, 6),
        spec({ type: 'umap' }),
        context({ home: empty, emit, signal: stopping.signal }),
      ),
    ).rejects.toThrow('aborted')
    expect(done.every((share) => share >= 0 && share <= 1)).toBe(true)
    expect(await readdir(empty).catch(() => [])).toEqual([])
  })

  it('takes columns of a table for the items that it names', async () => {
    const file = await writeData(
      join(home, 'attributes.csv'),
      'file,weight,kind\n0.png,1.5,old\n/data/pictures/2.png,,new\n7.png,-2,old\n',
    )
    const map = await makeMap(fakeLatents(codes, 6), spec({ type: 'raw' }, { attributes: file }), context())
    const [weight, kind] = map.columns
    expect(weight).toMatchObject({ id: 'csv:weight', kind: 'number' })
    expect([0, 2, 7, 1].map((i) => weight!.values[i])).toEqual([1.5, NaN, -2, NaN])
    expect(kind).toMatchObject({ id: 'csv:kind', kind: 'category', names: ['new', 'old'] })
    expect([0, 2, 7, 1].map((i) => kind!.values[i])).toEqual([1, 0, 1, -1])
  })

  it('is written as a table, and drawn', async () => {
    const map = await makeMap(fakeLatents(codes, 6, { labels }), spec({ type: 'pca' }), context())
    const [head, first] = mapCsv(map).split('\n')
    expect(head).toBe('name,x,y,label')
    expect(first).toMatch(/^\/data\/pictures\/0\.png,-?\d.*,-?\d.*,"b,oot"$/)
    expect(Number(first!.split(',')[1])).toBeCloseTo(map.points[0]!, 6)
    const png = Buffer.from(await mapPng(map))
    expect(png.readUInt32BE(16)).toBe(1200)
  })

  it('shows its items, until the run or the data have changed', async () => {
    const latents = fakeLatents(codes, 6, { labels })
    const map = await makeMap(latents, spec({ type: 'pca' }), context())
    const question = { map: map.id, indexes: [4, 0, 9], cell: 24, columns: 2, what: 'sample' } as const
    const sheet = await mapSheet(latents, { ...question, indexes: [...question.indexes] })
    expect([sheet.width, sheet.height]).toEqual([48, 48])
    expect(Buffer.from(sheet.bytes).readUInt32BE(16)).toBe(48)
    const item = await mapItem(latents, map, { map: map.id, index: 4 })
    expect(item).toMatchObject({ name: '/data/pictures/4.png', label: 'coat', error: null })
    expect(item.code).toEqual([...codes.subarray(24, 30)])
    expect(item.anchor).toMatchObject({ from: 'item', index: 4 })
    await expect(mapItem(latents, map, { map: map.id, index: 120 })).rejects.toThrow('an item from 0 to 119')
    checkMapHolds(map, latents)
    const changed = fakeLatents(
      codes.map((value) => 2 * value),
      6,
      { labels },
    )
    expect(() => checkMapHolds(map, changed)).toThrow('file-not-found')
  })
})

describe('what cannot be laid out', () => {
  const one = (method: object, given = codes, size = 6, changes: object = {}) =>
    makeMap(fakeLatents(given, size), spec(method, changes), context())

  it('is one item only', async () => {
    await expect(one({ type: 'pca' }, codes.subarray(0, 6))).rejects.toMatchObject({
      detail: { code: 'latents-unsuitable', expected: 'at least 3 items to lay out', received: '1' },
    })
  })

  it('is what a collapsed model makes: the same code for all', async () => {
    const same = codes.map((_, i) => (i % 6) / 3)
    for (const type of ['pca', 'umap', 'raw'])
      await expect(one({ type }, same)).rejects.toMatchObject({
        detail: { code: 'latents-unsuitable', received: expect.stringContaining('collapsed') as string },
      })
  })

  it('is what a variational model makes whose posterior has collapsed onto the prior', async () => {
    const random = createRandom(3)
    const collapsed = codes.map(() => 0.01 * random.normal())
    const latents = fakeLatents(collapsed, 6, { zLogVar: new Float32Array(collapsed.length) })
    await expect(makeMap(latents, spec({ type: 'pca' }), context())).rejects.toThrow('collapsed')
  })

  it('is a dimension that the code has not, or that says nothing', async () => {
    const part = codes.map((value, i) => (i % 6 === 3 ? 1 : value))
    await expect(one({ type: 'raw', y: 3 }, part)).rejects.toMatchObject({
      detail: {
        code: 'latents-unsuitable',
        expected: 'y: dimensions that differ between items: 0, 1, 2, 4, 5',
        received: 'dimension 3, the same for all',
      },
    })
    await expect(one({ type: 'raw', x: 6 })).rejects.toThrow('dimension 6 of 6')
    await expect(one({ type: 'pca', y: 6 })).rejects.toMatchObject({
      detail: { expected: 'y: components 0 to 5 of codes of 6 numbers', received: '6' },
    })
    const map = await one({ type: 'pca' }, part)
    expect(map.summary.collapsed).toBe(1)
  })

  it.each([
    ['', 'data-unreadable'],
    ['name\n0.png\n', 'data-unreadable'],
    ['name,a\n0.png,1,2\n', 'data-unreadable'],
    ['name,a\nelse.png,1\n', 'data-unsuitable'],
  ])('is a table of attributes like %j', async (text, code) => {
    const attributes = await writeData(join(home, 'bad.csv'), text)
    await expect(one({ type: 'raw' }, codes, 6, { attributes })).rejects.toMatchObject({ detail: { code } })
  })

  it('is a map that is no longer kept', async () => {
    for (const id of ['0'.repeat(32), '../../etc/passwd'])
      await expect(readMap(home, id)).rejects.toMatchObject({ detail: { code: 'file-not-found' } })
  })
})
