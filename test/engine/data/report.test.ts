import { copyFile, mkdir, truncate, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DataReport } from '../../../src-main/contract/dataset.ts'
import { reportData } from '../../../src-main/engine/data/report.ts'
import { inspect } from '../../../src-main/engine/jobs/inspect.ts'
import type { JobContext, JobNews } from '../../../src-main/engine/jobs/context.ts'
import { idxBytes, writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { writePicture } from '../../support/pictures.ts'

const file = temporaryFolder()
const look = (
  source: string,
  labels: string | null = null,
  signal = new AbortController().signal,
): Promise<DataReport> =>
  reportData(
    { sources: [source], labels },
    { signal, onProgress: () => undefined, pause: () => Promise.resolve() },
  )

beforeAll(async () => {
  for (let i = 0; i < 5; i++)
    await writePicture(file('photos', i < 3 ? 'a' : 'b', `${i}.png`), i, 20, i < 4 ? 10 : 30)
  await copyFile(file('photos/a/0.png'), file('photos/b/copy.png'))
  await copyFile(file('photos/a/0.png'), file('photos/top.png'))
  await copyFile(file('photos/a/1.png'), file('photos/b/cut.png'))
  await truncate(file('photos/b/cut.png'), 150)
  await writeFile(file('photos/readme.md'), '')
})

describe('reportData', () => {
  it('tells of folders what is there, twice, bad, and no picture', async () => {
    const report = await look(file('photos'), 'folders')
    expect(report).toMatchObject({
      kind: 'folder',
      items: 7,
      sizes: [
        { width: 20, height: 10, count: 6 },
        { width: 20, height: 30, count: 1 },
      ],
      columns: null,
      columnNames: null,
      range: null,
      labels: [
        { name: 'a', count: 3 },
        { name: 'b', count: 3 },
      ],
      unlabelled: 1,
      duplicates: [[file('photos/a/0.png'), file('photos/b/copy.png'), file('photos/top.png')]],
      duplicateCount: 2,
      skipped: [{ code: 'image-unreadable', file: file('photos/b/cut.png') }],
      skippedCount: 1,
      ignoredCount: 1,
    })
    expect(report.bytes).toBeGreaterThan(1000)
  })

  it('counts pictures that are transparent somewhere, large ones among them', async () => {
    const opaque = { r: 200, g: 100, b: 50, alpha: 1 }
    const clear = { ...opaque, alpha: 0 }
    const draw = (name: string, side: number, background: typeof opaque) =>
      sharp({ create: { width: side, height: side, channels: 4, background } })
        .composite([
          {
            input: { create: { width: side / 2, height: side, channels: 4, background: opaque } },
            left: 0,
            top: 0,
          },
        ])
        .png()
        .toFile(file('alpha', name))
    await mkdir(file('alpha'))
    await draw('opaque.png', 8, opaque)
    await draw('clear.png', 8, clear)
    await draw('large.png', 1200, clear)
    expect(await look(file('alpha'))).toMatchObject({ items: 3, transparentCount: 2 })
  })

  it('reports a folder without pictures as empty', async () => {
    await writeData(file('empty/readme.md'), '')
    // What an export says of itself is none of the data.
    await writeData(file('empty/darkroom.json'), '{}')
    expect(await look(file('empty'))).toMatchObject({ items: 0, ignoredCount: 1, sizes: [], labels: null })
  })

  it('looks into IDX files, of images and of rows', async () => {
    const images = await writeData(
      file('i.idx.gz'),
      idxBytes([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4]),
    )
    const labels = await writeData(file('l.idx'), idxBytes([3], [1, 0, 1]))
    expect(await look(images, labels)).toMatchObject({
      kind: 'idx',
      items: 3,
      sizes: [{ width: 2, height: 2, count: 3 }],
      columns: null,
      labels: [
        { name: '0', count: 1 },
        { name: '1', count: 2 },
      ],
      duplicates: [['i.idx.gz#0', 'i.idx.gz#2']],
      duplicateCount: 1,
    })
    const rows = await writeData(file('r.idx'), idxBytes([2, 3], [1, 2, 3, -4, 5, 6], 'short'))
    expect(await look(rows)).toMatchObject({ items: 2, columns: 3, range: [-4, 6], sizes: [] })
  })

  it('looks into CSV files', async () => {
    const path = await writeData(file('r.csv'), 'class,x,y\n1,0.5,2\n,3,-1\n2,0.5,2\n')
    expect(await look(path, 'column:class')).toMatchObject({
      kind: 'csv',
      items: 3,
      columns: 2,
      columnNames: ['class', 'x', 'y'],
      range: [-1, 3],
      labels: [
        { name: '1', count: 1 },
        { name: '2', count: 1 },
      ],
      unlabelled: 1,
      duplicates: [['r.csv#0', 'r.csv#2']],
    })
    const headless = await writeData(file('headless.csv'), '1,0.5\n2,3\n')
    expect(await look(headless)).toMatchObject({ columns: 2, columnNames: null })
    const bad = await writeData(file('bad.csv'), '1,2\n1,\n')
    await expect(look(bad)).rejects.toMatchObject({ detail: { code: 'data-unreadable', file: bad } })
  })

  it.each([
    ['in its first column', 'class,x,y\nodd,0.5,2\nodd,3,-1\n', 'class', ['class', 'x', 'y'], 2],
    ['in its last column', 'x,y,class\n0.5,2,odd\n4,3,normal\n', 'class', ['x', 'y', 'class'], 2],
    ['below numbered columns', '0,1,class\n1,2,odd\n3,4,normal\n', 'class', ['0', '1', 'class'], 2],
    ['without a header', 'odd,0.5,2\nnormal,3,-1\n', '0', null, 2],
    ['without a header, of whole numbers', '1,2,odd\n3,4,normal\n5,6,odd\n', '2', null, 3],
    ['between decimal commas', 'a;b;c\n0,5;odd;1,5\n', 'b', ['a', 'b', 'c'], 1],
  ])('finds the column that holds words %s', async (_, content, column, columnNames, items) => {
    const path = await writeData(file('words.csv'), content)
    const { words, ...found } = await look(path)
    expect(words).toMatchObject({
      ...{ column, hasNumbers: false },
      detail: { code: 'labels-missing', file: path, expected: `column:${column} as labels` },
    })
    expect(found).toMatchObject({ kind: 'csv', items, columns: 2, columnNames, range: null, labels: null })
    expect(await look(path, `column:${column}`)).toMatchObject({ items, columns: 2, words: null })
  })

  it('tells a word among numbers from a column of words, and refuses words in several columns', async () => {
    const path = await writeData(file('stray.csv'), 'x,y\n1,2\n3,high\n')
    expect((await look(path)).words).toEqual({
      ...{ column: 'y', hasNumbers: true },
      detail: {
        code: 'data-unreadable',
        ...{ file: path, expected: 'a number in every cell', received: 'line 3, column 2 (y): high' },
      },
    })
    const several = await writeData(file('several.csv'), 'id,class,x\na1,odd,0.5\na2,normal,1\n')
    await expect(look(several)).rejects.toMatchObject({
      detail: { code: 'data-unreadable', received: '2: id, class' },
    })
  })

  it('is cancelled', async () => {
    const cancelled = { detail: { code: 'cancelled' } }
    await expect(look(file('photos'), null, AbortSignal.abort())).rejects.toMatchObject(cancelled)
    const path = await writeData(file('cancel.csv'), '1,2\n3,4\n')
    await expect(look(path, null, AbortSignal.abort())).rejects.toMatchObject(cancelled)
  })
})

describe('the job', () => {
  it('tells its progress and gives the report', async () => {
    const news: JobNews[] = []
    const context = {
      signal: new AbortController().signal,
      emit: (event: JobNews) => news.push(event),
      pause: () => Promise.resolve(),
    } as unknown as JobContext
    const data = { sources: [file('photos')], labels: null }
    const { items, duplicateCount, skippedCount } = await look(file('photos'))
    expect(await inspect({ type: 'inspect', data }, context)).toMatchObject({
      type: 'inspect',
      report: { items, duplicateCount, skippedCount },
    })
    expect(news.at(-1)).toMatchObject({ event: 'progress', progress: { done: 8, total: 8 } })
  })
})
