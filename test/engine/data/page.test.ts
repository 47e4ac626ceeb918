import { writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataPageQuestion } from '../../../src-main/contract/dataset.ts'
import { createDataPages, type DataPages } from '../../../src-main/engine/data/page.ts'
import { idxBytes, writeData, writeFlat } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
let pages: DataPages
beforeAll(async () => {
  pages = createDataPages(file('cache'))
  for (let i = 0; i < 5; i++)
    await writeFlat(
      file('photos', i < 2 ? 'a' : 'b', `${i}.png`),
      { r: 50 * i, g: 0, b: 0 },
      { width: 40, height: 20 },
    )
  await writeFile(file('photos/b/9.png'), 'no picture')
})
afterAll(() => pages.close())

const ask = (sources: string[], fields: object = {}, labels: string | null = null) =>
  pages.page(DataPageQuestion.parse({ data: { sources, labels }, cell: 22, columns: 3, count: 6, ...fields }))
async function middle(png: Uint8Array, column: number, row: number): Promise<number[]> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  const at = 3 * ((row * 22 + 11) * info.width + column * 22 + 11)
  return [...data.subarray(at, at + 3)]
}

describe('a page of a dataset', () => {
  it('shows images of folders in cells of one size, with name and label', async () => {
    const { items, sheet } = await ask([file('photos')], {}, 'folders')
    expect(items.map(({ index, name, label }) => [index, name.slice(file('photos/').length), label])).toEqual(
      [
        [0, 'a/0.png', 'a'],
        [1, 'a/1.png', 'a'],
        [2, 'b/2.png', 'b'],
        [3, 'b/3.png', 'b'],
        [4, 'b/4.png', 'b'],
        [5, 'b/9.png', 'b'],
      ],
    )
    expect(sheet).toMatchObject({ type: 'image/png', width: 66, height: 44 })
    expect(await sharp(sheet.bytes).metadata()).toMatchObject({ width: 66, height: 44 })
    expect(await middle(sheet.bytes, 1, 0)).toEqual([50, 0, 0])
    expect(await middle(sheet.bytes, 1, 1)).toEqual([200, 0, 0])
  })

  it('goes on where the last one ended, and is empty beyond the end', async () => {
    const { items, sheet } = await ask([file('photos')], { from: 4, count: 10 })
    expect(items.map(({ index, label }) => [index, label])).toEqual([
      [4, null],
      [5, null],
    ])
    expect([sheet.width, sheet.height]).toEqual([44, 22])
    expect((await ask([file('photos')], { from: 6 })).items).toEqual([])
  })

  it('is drawn once', async () => {
    const [first, second] = await Promise.all([ask([file('photos')]), ask([file('photos')])])
    expect(second).toBe(first)
    expect(await ask([file('photos')], { from: 1 })).not.toBe(first)
  })

  it('shows IDX files as they are, and rows as curves', async () => {
    const images = await writeData(file('i.idx'), idxBytes([2, 2, 2], [10, 10, 10, 10, 90, 90, 90, 90]))
    const { items, sheet } = await ask([images])
    expect(items).toEqual([
      { index: 0, name: 'i.idx#0', label: null },
      { index: 1, name: 'i.idx#1', label: null },
    ])
    expect(await middle(sheet.bytes, 1, 0)).toEqual([90, 90, 90])
    const rows = await writeData(file('rows.csv'), 'c,x,y\nup,0,1\ndown,1,0\n')
    const curves = await ask([rows], {}, 'column:c')
    expect(curves.items.map(({ label }) => label)).toEqual(['up', 'down'])
    for (const column of [0, 1]) expect((await middle(curves.sheet.bytes, column, 0))[2]).toBeGreaterThan(120)
  })

  it('fails where the data cannot be opened, and goes on with others', async () => {
    await expect(ask([file('gone')])).rejects.toMatchObject({ detail: { code: 'file-not-found' } })
    const sources = ['one', 'two', 'three'].map((name) => file(`${name}.csv`))
    for (const source of sources) await writeData(source, '1,2\n3,4\n')
    const answers = await Promise.all([...sources, ...sources].map((source) => ask([source])))
    expect(answers.every(({ items }) => items.length === 2)).toBe(true)
  })
})
