import { describe, expect, it } from 'vitest'
import { DataSource, type DataSourceInput } from '../../../src-main/contract/dataset.ts'
import type { RowData } from '../../../src-main/contract/recipe.ts'
import type { Dataset, Split } from '../../../src-main/engine/data/dataset.ts'
import { openDataset } from '../../../src-main/engine/data/open-dataset.ts'
import { fitScaling, applyScaling } from '../../../src-main/engine/data/scaling.ts'
import { splitDataset } from '../../../src-main/engine/data/split.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
const spec = (length: number, stride: number): RowData => ({
  ...{ type: 'rows', scale: 'column' },
  window: { length, stride },
})
const open = (source: DataSourceInput, of: RowData, memory?: number): Promise<Dataset> =>
  openDataset(DataSource.parse(source), of, {
    cacheFolder: file('cache'),
    ...(memory !== undefined && { memory }),
  })

/** Row i holds i, 100 + i and −i. */
const series = (rows: number, label: (row: number) => string = () => ''): Promise<string> =>
  writeData(
    file(`series-${rows}.csv`),
    `a,b,c,state\n${Array.from({ length: rows }, (_, i) => `${i},${100 + i},${-i},${label(i)}`).join('\n')}\n`,
  )
const source = (path: string): DataSourceInput => ({ sources: [path], labels: 'column:state' })
const normal = (row: number): string => (row === 17 ? 'fault' : 'normal')

/** Rows that the windows of a part hold. */
const rowsIn = ({ groups }: Dataset, part: Int32Array): Set<number> =>
  new Set(
    [...part].flatMap((window) =>
      Array.from({ length: groups!.extent[0]! }, (_, row) => groups!.starts[window]! + row),
    ),
  )
const shared = (a: Set<number>, b: Set<number>): number => [...a].filter((row) => b.has(row)).length

describe('windows of a series', () => {
  it('are its rows one after the other, so far apart; rows behind the last whole one are in none', async () => {
    const path = await series(30, normal)
    for (const memory of [undefined, 40]) {
      const data = await open(source(path), spec(4, 3), memory)
      expect(data).toMatchObject({ shape: [12], count: 9 })
      expect([...(await data.read([2, 8]))]).toEqual([
        ...[6, 106, -6, 7, 107, -7, 8, 108, -8, 9, 109, -9],
        ...[24, 124, -24, 25, 125, -25, 26, 126, -26, 27, 127, -27],
      ])
      expect(data.groups).toEqual({
        ...{ type: 'windows', names: [path], sizes: [[30]], extent: [4] },
        ...{ of: new Int32Array(9), starts: Int32Array.from([0, 3, 6, 9, 12, 15, 18, 21, 24]) },
      })
      expect(data.name(2)).toBe('series-30.csv#6')
      await data.close()
    }
    const [some, others] = [await open(source(path), spec(4, 3)), await open(source(path), spec(4, 2))]
    expect(some.sha256).not.toBe(others.sha256)
  })

  it('have the rarest label of their rows: one of a fault makes it a window of that fault', async () => {
    const path = await series(40, (row) => (row === 17 ? 'fault' : row < 20 ? 'normal' : ''))
    const data = await open(source(path), spec(4, 2))
    const { names, of } = data.labels!
    expect(names).toEqual(['fault', 'normal'])
    expect([...of].map((label, i) => [2 * i, label]).filter(([, label]) => label === 0)).toEqual([
      [14, 0],
      [16, 0],
    ])
    expect(of[9]).toBe(1)
    expect(of[10]).toBe(-1)
    const fine = await open({ ...source(path), only: ['normal'] }, spec(4, 2))
    expect(fine.count).toBe(8)
    expect([...rowsIn(fine, Int32Array.from(fine.groups!.of.keys()))]).not.toContain(17)
  })

  it('are scaled column by column, by the rows for training alone', async () => {
    const data = await open(source(await series(30, normal)), spec(4, 3))
    const scaling = (await fitScaling(data, Int32Array.of(1, 2), spec(4, 3)))!
    expect(scaling).toEqual({ minimum: [3, 103, -9], maximum: [9, 109, -3] })
    const values = [...applyScaling(await data.read([1]), scaling)].map((value) => Math.round(6 * value))
    expect(values).toEqual([...[0, 0, 6], ...[1, 1, 5], ...[2, 2, 4], ...[3, 3, 3]])
  })

  it('of different parts share no row, and few windows are left out', async () => {
    for (const [length, stride] of [
      [10, 1],
      [10, 4],
      [16, 16],
      [7, 20],
    ] as const) {
      const data = await open(source(await series(1000, normal)), spec(length, stride))
      for (let seed = 0; seed < 6; seed++) {
        const split = splitDataset(data, { validation: 0.1, test: 0.2 }, createRandom(seed))
        const [training, validation, test] = [split.training, split.validation, split.test].map((part) =>
          rowsIn(data, part),
        ) as [Set<number>, Set<number>, Set<number>]
        expect([shared(training, validation), shared(training, test), shared(validation, test)]).toEqual([
          ...[0, 0, 0],
        ])
        expect(split.validation).toHaveLength(Math.round(0.1 * data.count))
        expect(split.test).toHaveLength(Math.round(0.2 * data.count))
        const used = split.training.length + split.validation.length + split.test.length
        expect(used).toBeGreaterThan(0.75 * data.count)
        if (stride >= length) expect(used).toBe(data.count)
        for (const part of [split.training, split.validation, split.test])
          expect(part).toEqual(part.toSorted((a, b) => a - b))
      }
    }
  })

  it('are split by the seed, anywhere in the series', async () => {
    const data = await open(source(await series(1000, normal)), spec(10, 2))
    const splits = [1, 1, 2, 3, 4].map((seed) =>
      splitDataset(data, { validation: 0.1, test: 0.1 }, createRandom(seed)),
    )
    expect(splits[0]).toEqual(splits[1])
    expect(new Set(splits.map(({ sha256 }) => sha256)).size).toBe(4)
    const seen = (part: keyof Pick<Split, 'training' | 'test'>): Set<number> =>
      new Set(
        Array.from({ length: 300 }, (_, seed) =>
          splitDataset(data, { validation: 0.1, test: 0.1 }, createRandom(seed))[part].values(),
        ).flatMap((values) => [...values]),
      )
    expect(seen('test').size).toBe(data.count)
    expect(seen('training').size).toBe(data.count)
  })

  it('are refused where the series is too short for one, and where nothing is left to train on', async () => {
    const path = await series(30, normal)
    await expect(open(source(path), spec(31, 1))).rejects.toMatchObject({
      detail: { code: 'training-data-missing', file: path, received: '30' },
    })
    const data = await open(source(path), spec(12, 1))
    expect(() => splitDataset(data, { validation: 0.1, test: 0.1 }, createRandom(1))).toThrow(
      /training-data-missing.*share no row.*19 windows of 12 rows/,
    )
  })
})
