import { beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { DataSource } from '../../../src-main/contract/dataset.ts'
import { DataSpec, type ImageData } from '../../../src-main/contract/recipe.ts'
import type { Dataset, Split } from '../../../src-main/engine/data/dataset.ts'
import { openDataset } from '../../../src-main/engine/data/open-dataset.ts'
import { splitDataset } from '../../../src-main/engine/data/split.ts'
import { tileStarts } from '../../../src-main/engine/data/tiles.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { idxBytes, writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
const spec = (fields: Partial<ImageData> = {}): ImageData =>
  DataSpec.parse({ type: 'images', width: 4, height: 4, tiles: 3, ...fields }) as ImageData
const open = (
  source: { sources: string[]; labels?: string | null; only?: string[] },
  fields: Partial<ImageData> = {},
): Promise<Dataset> => openDataset(DataSource.parse(source), spec(fields), { cacheFolder: file('cache') })
const pixel = (seed: number, x: number, y: number): number => (31 * seed + 7 * x + 13 * y) % 256

/** A gray picture whose pixels say where they are. */
async function writeGray(path: string, seed: number, width: number, height: number): Promise<void> {
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    pixel(seed, i % width, Math.floor(i / width)),
  )
  await writeData(
    path,
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer(),
  )
}

beforeAll(async () => {
  await writeGray(file('free/a.png'), 1, 9, 7)
  await writeGray(file('free/small.png'), 9, 3, 20)
  for (let i = 0; i < 9; i++) await writeGray(file('free', `b${i}.png`), 10 + i, 4, 8)
  for (let i = 0; i < 10; i++) await writeGray(file('crack', `c${i}.png`), 30 + i, 7, 4)
})

describe('tiles', () => {
  it('lie so far apart, the last one flush with the edge', () => {
    expect(tileStarts(10, 4, 3)).toEqual([0, 3, 6])
    expect(tileStarts(11, 4, 3)).toEqual([0, 3, 6, 7])
    expect(tileStarts(4, 4, 3)).toEqual([0])
    expect(tileStarts(12, 4, 9)).toEqual([0, 8])
  })

  it('are the pixels of images of any size, with their places, names and labels; smaller images are left out', async () => {
    const data = await open({ sources: [file('free'), file('crack')], labels: 'folders' })
    expect(data).toMatchObject({ shape: [4, 4, 1], skippedCount: 1 })
    expect(data.skipped[0]).toMatchObject({
      code: 'data-unsuitable',
      file: file('free/small.png'),
      received: '3×20',
    })
    const { type, of, names, sizes, starts, extent } = data.groups!
    expect({ type, extent }).toEqual({ type: 'tiles', extent: [4, 4] })
    expect(names).toHaveLength(20)
    const first = [...of.keys()].filter((item) => names[of[item]!] === file('free/a.png'))
    expect(sizes[of[first[0]!]!]).toEqual([7, 9])
    expect(first.map((item) => [...starts.subarray(2 * item, 2 * item + 2)])).toEqual([
      ...[
        [0, 0],
        [0, 3],
        [0, 5],
      ],
      ...[
        [3, 0],
        [3, 3],
        [3, 5],
      ],
    ])
    expect(data.name(first[4]!)).toBe(`${file('free/a.png')}@3,3`)
    const tile = await data.read([first[5]!])
    expect([...tile].map((value) => Math.round(255 * value))).toEqual(
      Array.from({ length: 16 }, (_, i) => pixel(1, 5 + (i % 4), 3 + Math.floor(i / 4))),
    )
    for (const item of of.keys())
      expect(data.labels!.names[data.labels!.of[item]!]).toBe(/free|crack/.exec(names[of[item]!]!)![0])
    // Found again in the cache, with all its places.
    expect((await open({ sources: [file('free'), file('crack')], labels: 'folders' })).groups).toEqual(
      data.groups,
    )
  })

  it('of some labels know the images that are left', async () => {
    const data = await open({ sources: [file('free'), file('crack')], labels: 'folders', only: ['crack'] })
    const alone = await open({ sources: [file('crack')] })
    expect(data.groups).toEqual(alone.groups)
    expect(data.samplesSha256).toBe(alone.samplesSha256)
  })

  it('are cut from images of an IDX file', async () => {
    const values = Array.from({ length: 2 * 5 * 6 }, (_, i) => i)
    const data = await open({ sources: [await writeData(file('images.idx'), idxBytes([2, 5, 6], values))] })
    expect(data.count).toBe(8)
    expect(data.groups).toMatchObject({
      names: ['images.idx#0', 'images.idx#1'],
      sizes: [
        [5, 6],
        [5, 6],
      ],
    })
    expect(Math.round(255 * (await data.read([7]))[0]!)).toBe(30 + 6 + 2)
  })

  it('go where their image goes, each class of images alike', async () => {
    const data = await open({ sources: [file('free'), file('crack')], labels: 'folders' })
    const split = splitDataset(data, { validation: 0.2, test: 2 }, createRandom(3))
    const parts = (['training', 'validation', 'test'] as const).map((part) => imagesOf(data, split, part))
    expect(parts.map((images) => images.length)).toEqual([14, 4, 2])
    expect(new Set(parts.flat()).size).toBe(20)
    expect(split.stratified).toBe(true)
    expect(parts[1]!.filter((name) => name.includes('crack'))).toHaveLength(2)
    const items = [...split.training, ...split.validation, ...split.test].sort((a, b) => a - b)
    expect(items).toEqual([...data.groups!.of.keys()])
  })
})

const imagesOf = ({ groups }: Dataset, split: Split, part: 'training' | 'validation' | 'test'): string[] => [
  ...new Set([...split[part]].map((item) => groups!.names[groups!.of[item]!]!)),
]
