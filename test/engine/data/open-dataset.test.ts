import { copyFile, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DataSource, type DataSourceInput } from '../../../src-main/contract/dataset.ts'
import type { Progress } from '../../../src-main/contract/jobs.ts'
import { DataSpec, type ImageData, type RowData } from '../../../src-main/contract/recipe.ts'
import type { Dataset } from '../../../src-main/engine/data/dataset.ts'
import { openDataset } from '../../../src-main/engine/data/open-dataset.ts'
import type { OpenOptions } from '../../../src-main/engine/data/sample-source.ts'
import type * as SampleImages from '../../../src-main/engine/storage/sample-images.ts'
import { idxBytes, writeData, writeFlat } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { writePicture } from '../../support/pictures.ts'

/** How often which file was decoded. */
const decodes = vi.hoisted(() => new Map<string, number>())
vi.mock('../../../src-main/engine/storage/sample-images.ts', async (original) => {
  const images = await original<typeof SampleImages>()
  const readSample: typeof images.readSample = (path, format) => {
    decodes.set(path, (decodes.get(path) ?? 0) + 1)
    return images.readSample(path, format)
  }
  return { ...images, readSample }
})
beforeEach(() => decodes.clear())

const file = temporaryFolder()
const imageSpec = (fields: Partial<ImageData> = {}): ImageData =>
  DataSpec.parse({ type: 'images', width: 8, height: 8, ...fields }) as ImageData
const rowSpec: RowData = { type: 'rows', scale: 'none', window: null }

const open = (
  source: DataSourceInput,
  spec: ImageData | RowData = imageSpec(),
  options: Partial<OpenOptions> = {},
): Promise<Dataset> => openDataset(DataSource.parse(source), spec, { cacheFolder: file('cache'), ...options })
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => (error as { detail: unknown }).detail,
  )
const names = (data: Dataset): string[] => all(data).map((index) => data.name(index))
const all = ({ count }: Dataset): number[] => Array.from({ length: count }, (_, index) => index)

/** Twelve pictures in three folders, two files that are no pictures, a picture that is cut off, and one that is none. */
beforeAll(async () => {
  for (let i = 0; i < 12; i++)
    await writePicture(
      file('photos', ['cats', 'dogs/large', 'dogs/small'][i % 3]!, `${i}.png`),
      i,
      20 + i,
      16,
    )
  await writeData(file('photos/notes.txt'), 'hello')
  await writeData(file('photos/cats/.hidden.png'), 'hello')
  await copyFile(file('photos/cats/0.png'), file('photos/dogs/cut.png'))
  await truncate(file('photos/dogs/cut.png'), 200)
  await writeData(file('photos/dogs/none.jpg'), 'hello')
  await writeData(file('photos/dogs/empty.png'), '')
})

describe('a folder of images', () => {
  it('is read recursively, in order, without what cannot be read, each with its reason', async () => {
    const data = await open({ sources: [file('photos')], labels: 'folders' })
    expect(data).toMatchObject({ kind: 'folder', shape: [8, 8, 1], count: 12, skippedCount: 3 })
    expect(all(data).map((index) => data.name(index).slice(file('photos/').length))).toEqual([
      ...['cats/0.png', 'cats/3.png', 'cats/6.png', 'cats/9.png'],
      ...['dogs/large/1.png', 'dogs/large/10.png', 'dogs/large/4.png', 'dogs/large/7.png'],
      ...['dogs/small/11.png', 'dogs/small/2.png', 'dogs/small/5.png', 'dogs/small/8.png'],
    ])
    expect(data.labels!.names).toEqual(['cats', 'dogs'])
    expect([...data.labels!.of]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(data.skipped.map(({ code, file: path }) => [path!.slice(file('photos/').length), code])).toEqual([
      ['dogs/cut.png', 'image-unreadable'],
      ['dogs/empty.png', 'image-empty'],
      ['dogs/none.jpg', 'image-unreadable'],
    ])
    const values = await data.read([5, 0])
    expect(values).toHaveLength(128)
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(values.subarray(64)).toEqual(await data.read([0]))
    values.fill(7)
    expect((await data.read([5]))[0]).not.toBe(7)
    await data.close()
  })

  it('is decoded once: a later run finds the samples, other ones are decoded where files or the recipe changed', async () => {
    const folder = file('changing')
    for (let i = 0; i < 4; i++) await writePicture(file('changing', `${i}.png`), i, 12, 12)
    const cache = { cacheFolder: file('cache-changing') }
    const first = await open({ sources: [folder] }, imageSpec(), cache)
    expect([...decodes.values()]).toEqual([1, 1, 1, 1])
    for (let epoch = 0; epoch < 3; epoch++) await first.read(all(first))
    const second = await open({ sources: [folder] }, imageSpec(), { ...cache, memory: 0 })
    expect([...decodes.values()]).toEqual([1, 1, 1, 1])
    expect(second.sha256).toBe(first.sha256)
    expect(await second.read(all(second))).toEqual(await first.read(all(first)))

    await utimes(file('changing/2.png'), 1, 1)
    expect((await open({ sources: [folder] }, imageSpec(), cache)).sha256).toBe(first.sha256)
    expect([...decodes.values()]).toEqual([2, 2, 2, 2])
    await writePicture(file('changing/4.png'), 4, 12, 12)
    expect((await open({ sources: [folder] }, imageSpec(), cache)).count).toBe(5)
    expect(decodes.get(file('changing/0.png'))).toBe(3)
    const wide = await open({ sources: [folder] }, imageSpec({ width: 10 }), cache)
    expect(wide.shape).toEqual([8, 10, 1])
    expect(decodes.get(file('changing/0.png'))).toBe(4)
    await second.close()
  })

  it('remembers what was left out', async () => {
    const before = await open({ sources: [file('photos')] })
    decodes.clear()
    const after = await open({ sources: [file('photos')] })
    expect(decodes.size).toBe(0)
    expect(after.skipped).toEqual(before.skipped)
    expect(after.skippedCount).toBe(3)
  })

  it('has the same fingerprint in memory and in a file, and another one for other values, shapes or labels', async () => {
    const source = { sources: [file('photos')] }
    const options = { cacheFolder: file('cache-fingerprint') }
    const held = await open(source, imageSpec(), options)
    await rm(file('cache-fingerprint'), { recursive: true })
    const filed = await open(source, imageSpec(), { ...options, memory: 300 })
    expect(filed.sha256).toBe(held.sha256)
    expect(await filed.read([11, 2, 3, 2])).toEqual(await held.read([11, 2, 3, 2]))
    const others = [
      await open({ ...source, labels: 'folders' }),
      await open(source, imageSpec({ channels: 3 })),
      await open(source, imageSpec({ fit: 'stretch' })),
      await open({ sources: [file('photos/dogs'), file('photos/cats')] }),
    ]
    expect(new Set([held, ...others].map(({ sha256 }) => sha256)).size).toBe(5)
    await filed.close()
  })

  it('has the same fingerprint wherever it lies', async () => {
    await mkdir(file('moved'))
    for (const name of await readdir(file('photos/cats')))
      await copyFile(file('photos/cats', name), file('moved', name))
    const [here, there] = [
      await open({ sources: [file('photos/cats')] }),
      await open({ sources: [file('moved')] }),
    ]
    expect(there.sha256).toBe(here.sha256)
  })

  it('takes the names of several folders for labels, files by themselves, and copies as they come', async () => {
    await copyFile(file('photos/cats/0.png'), file('photos/cats/copy.png'))
    const data = await open({ sources: [file('photos/cats'), file('photos/dogs/large')], labels: 'folders' })
    expect(data.labels!.names).toEqual(['cats', 'large'])
    expect(data.count).toBe(9)
    await rm(file('photos/cats/copy.png'))
    const files = await open({ sources: [file('photos/cats/0.png'), file('photos/cats/3.png')] })
    expect(files.count).toBe(2)
  })

  it('tells how far it is', async () => {
    const told: Progress[] = []
    await open({ sources: [file('photos')] }, imageSpec({ width: 9 }), {
      onProgress: (progress) => told.push(progress),
    })
    expect(told[0]).toMatchObject({ done: 1, total: 15 })
    expect(told.at(-1)).toMatchObject({ done: 15, total: 15 })
  })

  it('can be cancelled, and leaves nothing behind', async () => {
    const controller = new AbortController()
    const cache = file('cache-cancelled')
    const opening = open({ sources: [file('photos')] }, imageSpec(), {
      cacheFolder: cache,
      memory: 0,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    expect(await failure(opening)).toEqual({ code: 'cancelled' })
    expect(decodes.size).toBeLessThanOrEqual(15)
    expect(await readdir(cache).catch(() => [])).toEqual([])
    expect(
      await failure(open({ sources: [file('photos')] }, imageSpec(), { signal: controller.signal })),
    ).toEqual({
      code: 'cancelled',
    })
  })

  it('keeps the cache within its limit', async () => {
    const cache = { cacheFolder: file('cache-limited'), cacheLimit: 1000 }
    for (const width of [8, 9, 10, 11])
      await (await open({ sources: [file('photos')] }, imageSpec({ width }), cache)).close()
    expect(await readdir(cache.cacheFolder)).toHaveLength(1)
  })

  it('is refused where there is nothing to train on', async () => {
    await mkdir(file('nothing'))
    await writeData(file('texts/a.txt'), '')
    await writeData(file('broken/a.png'), 'no picture')
    const missing = { code: 'training-data-missing' }
    expect(await failure(open({ sources: [file('nothing')] }))).toMatchObject({
      ...missing,
      received: 'no file',
    })
    expect(await failure(open({ sources: [file('texts')] }))).toMatchObject({
      ...missing,
      received: '1 files of other kinds',
    })
    expect(await failure(open({ sources: [file('broken')] }))).toMatchObject({
      ...missing,
      received: '1 that cannot',
    })
    expect(await failure(open({ sources: [file('photos'), file('gone')] }))).toEqual({
      code: 'file-not-found',
      file: file('gone'),
    })
  })

  it('is refused where labels are missing or too few', async () => {
    const sources = [file('photos/cats')]
    const unusable = { code: 'labels-unusable' }
    expect(await failure(open({ sources, labels: 'folders' }))).toMatchObject({
      ...unusable,
      received: 'none',
    })
    expect(await failure(open({ sources, labels: 'column:0' }))).toMatchObject({
      ...unusable,
      expected: 'folders, or a file of labels',
    })
    const labels = await writeData(file('three.csv'), 'a\nb\nc\n')
    expect(await failure(open({ sources, labels }))).toEqual({
      code: 'labels-unusable',
      file: labels,
      expected: '4 labels, one for each item',
      received: '3',
    })
    const wide = await writeData(file('wide.csv'), 'a,b\nb,c\n')
    expect(await failure(open({ sources, labels: wide }))).toMatchObject({ ...unusable, file: wide })
    expect(await failure(open({ sources, labels: file('gone.idx') }))).toMatchObject({
      code: 'file-not-found',
    })
  })

  it('takes labels from a file for all image files, those that are left out included', async () => {
    const labels = await writeData(
      file('fifteen.csv'),
      `class\n${Array.from({ length: 15 }, (_, i) => `c${i}`).join('\n')}\n`,
    )
    const data = await open({ sources: [file('photos')], labels })
    const { names, of } = data.labels!
    expect(names).toHaveLength(12)
    // Numbers 4, 5 and 10 of the list cannot be read.
    expect(names[of[4]!]).toBe('c6')
    expect(names.filter((name) => ['c4', 'c5', 'c10'].includes(name))).toEqual([])
  })

  it('has labels for some images alone: by empty lines, or by names', async () => {
    const sources = [file('photos')]
    const ofLabels = async (name: string, text: string): Promise<Record<string, string>> => {
      const data = await open({ sources, labels: await writeData(file(name), text) })
      const { names: known, of } = data.labels!
      return Object.fromEntries(
        all(data).flatMap((i) =>
          of[i] === -1 ? [] : [[data.name(i).slice(file('photos/').length), known[of[i]!]!]],
        ),
      )
    }
    const paths = ['cats/3.png', 'dogs/small/8.png']
    const [cat, dog] = paths as [string, string]
    const expected = { [cat]: 'tabby', [dog]: 'beagle' }
    // Fifteen files; numbers 4, 5 and 10 cannot be read.
    const inOrder = Array.from({ length: 15 }, (_, i) => (i === 1 ? 'tabby' : i === 14 ? 'beagle' : ''))
    expect(await ofLabels('some.txt', `${inOrder.join('\n')}\n`)).toEqual(expected)
    expect(await ofLabels('header.txt', `kind\n${inOrder.join('\n')}\n`)).toEqual(expected)
    expect(await ofLabels('named.csv', `name,label\n${file('photos', cat)},tabby\n8.png,beagle\n`)).toEqual(
      expected,
    )
    expect(await ofLabels('two.csv', 'cats/3.png,tabby\nsmall\\8.png,beagle\n')).toEqual(expected)
    const table = 'index,label,image,sure\n4,tabby,3.png,0.9\n7,beagle,small/8.png,0.2\n'
    expect(await ofLabels('table.csv', table)).toEqual(expected)
  })

  it('is refused labels of names that no image has, or several', async () => {
    const refused = async (text: string): Promise<unknown> =>
      failure(open({ sources: [file('photos')], labels: await writeData(file('names.csv'), text) }))
    expect(await refused('name,label\n3.png,a\n77.png,b\n')).toEqual({
      code: 'labels-unusable',
      file: file('names.csv'),
      expected: 'names of items',
      received: 'line 3: 77.png',
    })
    await writePicture(file('twins/a/1.png'), 1, 8, 8)
    await writePicture(file('twins/b/1.png'), 2, 8, 8)
    const labels = await writeData(file('names.csv'), 'name,label\n1.png,a\n')
    expect(await failure(open({ sources: [file('twins')], labels }))).toMatchObject({
      expected: 'names that one item alone has',
      received: 'line 2: 1.png, which 2 items have',
    })
  })
})

describe('an IDX file', () => {
  const values = Uint8Array.from({ length: 5 * 6 * 4 }, (_, i) => (i * 37) % 256)
  let images: string
  beforeAll(async () => {
    images = await writeData(file('images-idx3-ubyte.gz'), idxBytes([5, 6, 4], values))
  })
  const size = { width: 4, height: 6 }

  it('holds images with labels, as they are', async () => {
    const labels = await writeData(file('labels-idx1-ubyte'), idxBytes([5], [7, 10, 7, 2, 10]))
    const data = await open({ sources: [images], labels }, imageSpec(size), {
      cacheFolder: file('cache-idx'),
    })
    expect(data).toMatchObject({ kind: 'idx', shape: [6, 4, 1], count: 5, skippedCount: 0 })
    expect(data.name(2)).toBe('images-idx3-ubyte.gz#2')
    expect(data.labels).toEqual({ names: ['2', '7', '10'], of: Int32Array.of(1, 2, 1, 0, 2) })
    expect(await data.read([0, 1, 2, 3, 4])).toEqual(Float32Array.from(values, (value) => value / 255))
    expect(await readdir(file('cache-idx')).catch(() => 'none')).toBe('none')
  })

  it('takes every byte as value / 255', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const all = await writeData(file('bytes-idx3-ubyte'), idxBytes([1, 16, 16], bytes))
    const data = await open({ sources: [all] }, imageSpec({ width: 16, height: 16 }))
    expect(await data.read([0])).toEqual(Float32Array.from(bytes, (byte) => byte / 255))
  })

  it('is the same in a file, and brought to other sizes and channels', async () => {
    const filed = await open({ sources: [images] }, imageSpec(size), { memory: 0 })
    const held = await open({ sources: [images] }, imageSpec(size))
    expect(await filed.read([4, 1])).toEqual(await held.read([4, 1]))
    expect(filed.sha256).toBe(held.sha256)
    await filed.close()
    const colour = await open({ sources: [images] }, imageSpec({ ...size, channels: 4 }))
    expect([...(await colour.read([0]))].slice(0, 8)).toEqual(
      [values[0]!, values[0]!, values[0]!, 255, values[1]!, values[1]!, values[1]!, 255].map((value) =>
        Math.fround(value / 255),
      ),
    )
    const large = await open({ sources: [images] }, imageSpec({ width: 8, height: 12 }))
    expect((await large.read([0])).length).toBe(96)
  })

  it('is known by how it begins where its name says nothing', async () => {
    const unnamed = await writeData(file('clothes.gz'), idxBytes([5, 6, 4], values))
    expect((await open({ sources: [unnamed] }, imageSpec(size))).kind).toBe('idx')
    const other = await writeData(file('other.gz'), 'hello')
    expect(await failure(open({ sources: [other] }, imageSpec(size)))).toMatchObject({
      code: 'data-unreadable',
    })
  })

  it('spreads other types than bytes by their range', async () => {
    const read = async (type: 'float' | 'short', numbers: number[]): Promise<number[]> => {
      const path = await writeData(file(`${type}${numbers.join()}.idx`), idxBytes([1, 2, 2], numbers, type))
      const data = await open({ sources: [path] }, imageSpec({ width: 2, height: 2 }))
      return [...(await data.read([0]))].map((value) => Math.round(value * 255))
    }
    expect(await read('float', [0, 0.2, 0.6, 1])).toEqual([0, 51, 153, 255])
    expect(await read('short', [0, 1, 100, 255])).toEqual([0, 1, 100, 255])
    expect(await read('short', [-1000, 0, 500, 1000])).toEqual([0, 128, 191, 255])
  })

  it('holds rows where it has two dimensions', async () => {
    const path = await writeData(file('rows.idx'), idxBytes([2, 3], [1, 2, 3.5, -4, 5, 6], 'double'))
    const data = await open({ sources: [path] }, rowSpec)
    expect(data.shape).toEqual([3])
    expect([...(await data.read([1]))]).toEqual([-4, 5, 6])
    const broken = await writeData(file('nan.idx'), idxBytes([2, 1], [1, NaN], 'float'))
    expect(await failure(open({ sources: [broken] }, rowSpec))).toMatchObject({
      code: 'data-unreadable',
      received: 'item 1 holds another',
    })
  })

  it('is refused where it is cut off, empty, of labels, or for another recipe', async () => {
    const cut = await writeData(file('cut.idx'), idxBytes([5, 6, 4], values).subarray(0, 70))
    expect(await failure(open({ sources: [cut] }, imageSpec(size)))).toMatchObject({
      code: 'data-unreadable',
      file: cut,
      received: '2 whole items',
    })
    expect(await failure(open({ sources: [images] }, rowSpec))).toEqual({
      code: 'data-unsuitable',
      file: images,
      expected: 'a recipe with data.type "images"',
      received: '"rows"',
    })
    const labels = await writeData(file('only-labels.idx'), idxBytes([3], [1, 2, 3]))
    expect(await failure(open({ sources: [labels] }))).toMatchObject({ code: 'data-unsuitable' })
    const none = await writeData(file('none.idx'), idxBytes([0, 6, 4], []))
    expect(await failure(open({ sources: [none] }, imageSpec(size)))).toMatchObject({
      code: 'training-data-missing',
    })
    expect(await failure(open({ sources: [images, file('photos')] }))).toMatchObject({
      code: 'data-unsuitable',
    })
    expect(await failure(open({ sources: [images], labels: 'folders' }))).toMatchObject({
      code: 'labels-unusable',
    })
  })
})

describe('a CSV file', () => {
  it('holds rows and their labels', async () => {
    const path = await writeData(file('rows.csv'), 'class,a,b\nodd,1,2\n,3,4.5\neven,-5,6\n')
    const data = await open({ sources: [path], labels: 'column:class' }, rowSpec)
    expect(data).toMatchObject({ kind: 'csv', shape: [2], count: 3 })
    expect(data.labels).toEqual({ names: ['even', 'odd'], of: Int32Array.of(1, -1, 0) })
    expect([...(await data.read([2, 0]))]).toEqual([-5, 6, 1, 2])
    expect(data.name(1)).toBe('rows.csv#1')
  })

  it('has labels for some rows alone: empty cells, or a table of their names', async () => {
    const rows = await writeData(file('partly.csv'), 'a,kind\n1,x\n2,\n3,y\n')
    const partly = await open({ sources: [rows], labels: 'column:kind' }, rowSpec)
    expect(partly.labels).toEqual({ names: ['x', 'y'], of: Int32Array.of(0, -1, 1) })
    const plain = await writeData(file('plain.csv'), 'a\n1\n2\n3\n')
    const labels = await writeData(file('plain-labels.csv'), 'name,label\nplain.csv#2,y\n')
    const named = await open({ sources: [plain], labels }, rowSpec)
    expect(named.labels).toEqual({ names: ['y'], of: Int32Array.of(-1, -1, 0) })
  })

  it('is kept in a file where it does not fit, with its labels', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${i % 3},${i},${i / 4}`)
    const path = await writeData(file('many.csv.gz'), rows.join('\n'))
    const source = { sources: [path], labels: 'column:0' }
    const held = await open(source, rowSpec)
    const filed = await open(source, rowSpec, { memory: 100 })
    const again = await open(source, rowSpec, { memory: 100 })
    for (const data of [filed, again]) {
      expect(data.sha256).toBe(held.sha256)
      expect(data.labels).toEqual(held.labels)
      expect(await data.read([49, 3])).toEqual(await held.read([49, 3]))
      await data.close()
    }
  })

  it('is refused for images, with gaps, and where it holds nothing', async () => {
    const path = await writeData(file('gap.csv'), 'a,b\n1,2\n3,\n')
    expect(await failure(open({ sources: [path] }))).toMatchObject({
      code: 'data-unsuitable',
      expected: 'a recipe with data.type "rows"',
    })
    expect(await failure(open({ sources: [path] }, rowSpec))).toMatchObject({
      code: 'data-unreadable',
      file: path,
      received: 'line 3, column 2 (b): nothing',
    })
    const header = await writeData(file('header.csv'), 'a,b\n')
    expect(await failure(open({ sources: [header] }, rowSpec))).toMatchObject({
      code: 'training-data-missing',
    })
    const other = await writeData(file('table.xlsx'), 'PK')
    expect(await failure(open({ sources: [other] }, rowSpec))).toMatchObject({
      code: 'data-unreadable',
      file: other,
    })
  })

  it('changes its samples when the file changes', async () => {
    const path = await writeData(file('edited.csv'), '1,2\n3,4\n')
    const before = await open({ sources: [path] }, rowSpec, { memory: 0 })
    await writeFile(path, (await readFile(path, 'utf8')).replace('4', '45'))
    const after = await open({ sources: [path] }, rowSpec, { memory: 0 })
    expect([...(await after.read([1]))]).toEqual([3, 45])
    expect(after.sha256).not.toBe(before.sha256)
    await before.close()
    await after.close()
  })
})

describe('images as samples', () => {
  it('lie over black without an alpha channel of their own, and keep it with one', async () => {
    await writeFlat(file('alpha/a.png'), { r: 200, g: 100, b: 50, alpha: 0.5 })
    await writeFlat(file('alpha/b.png'), { r: 255, g: 255, b: 255, alpha: 0 })
    const first = async (channels: 1 | 3 | 4): Promise<number[]> => {
      const data = await open({ sources: [file('alpha')] }, imageSpec({ channels }))
      return [...(await data.read([0]))].slice(0, channels).map((value) => Math.round(255 * value))
    }
    expect(await first(4)).toEqual([200, 100, 50, 128])
    expect(await first(3)).toEqual([100, 50, 25])
    expect(await first(1)).toEqual([Math.round((0.299 * 200 + 0.587 * 100 + 0.114 * 50) * (128 / 255))])
  })
})

describe('only the items with some labels', () => {
  it('are those of their folder alone: the same samples, names, labels and fingerprint', async () => {
    const source = { sources: [file('photos')], labels: 'folders' }
    const whole = await open(source)
    for (const memory of [undefined, 300]) {
      const dogs = await open({ ...source, only: ['dogs'] }, imageSpec(), {
        cacheFolder: file('cache-only'),
        ...(memory && { memory }),
      })
      const alone = await open({ sources: [file('photos/dogs')] })
      expect(dogs.count).toBe(8)
      expect(dogs.labels).toEqual({ names: ['dogs'], of: new Int32Array(8) })
      expect(names(dogs)).toEqual(names(alone))
      expect(await dogs.read([7, 0, 3])).toEqual(await alone.read([7, 0, 3]))
      expect(dogs.samplesSha256).toBe(alone.samplesSha256)
      expect(dogs.sha256).not.toBe(alone.sha256)
      expect(all(dogs).map((index) => whole.name(dogs.place(index)))).toEqual(names(dogs))
      await dogs.close()
    }
  })

  it('are found by a column of a table and by a file, one of them or several', async () => {
    const table = await writeData(file('only.csv'), 'a,kind\n1,x\n2,y\n3,\n4,z\n5,x\n')
    const some = await open({ sources: [table], labels: 'column:kind', only: ['z', 'x'] }, rowSpec)
    expect(await some.read(all(some))).toEqual(Float32Array.of(1, 4, 5))
    expect(some.labels).toEqual({ names: ['x', 'z'], of: Int32Array.of(0, 1, 0) })
    expect(names(some)).toEqual(['only.csv#0', 'only.csv#3', 'only.csv#4'])
    const labels = await writeData(file('only.txt'), 'n\ny\nn\nn\ny\n')
    const images = await writeData(
      file('only.idx'),
      idxBytes(
        [5, 2, 2],
        Array.from({ length: 20 }, (_, i) => i),
      ),
    )
    const yes = await open({ sources: [images], labels, only: ['y'] }, imageSpec({ width: 2, height: 2 }))
    expect([...(await yes.read(all(yes)))].map((value) => Math.round(255 * value))).toEqual([
      ...[4, 5, 6, 7],
      ...[16, 17, 18, 19],
    ])
  })

  it('are refused without labels, and where a label is none, naming those there are', async () => {
    const source = { sources: [file('photos')], labels: 'folders' }
    expect(await failure(open({ ...source, labels: null, only: ['dogs'] }))).toEqual({
      code: 'argument-invalid',
      file: '--only',
      expected: 'labels beside it, which say what each item is (--labels)',
      received: 'dogs',
    })
    expect(await failure(open({ ...source, only: ['dogs', 'horses'] }))).toEqual({
      code: 'argument-invalid',
      file: '--only',
      expected: 'labels that there are: cats, dogs',
      received: 'horses',
    })
  })
})
