import { describe, expect, it } from 'vitest'
import type { Dataset, Split } from '../../../src-main/engine/data/dataset.ts'
import { splitDataset } from '../../../src-main/engine/data/split.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const tenth = { validation: 0.1, test: 0.1 }
const plain = (count: number) => ({ count, labels: null, groups: null })
/** So many items of each class, class by class, as sorted files have them; class −1 comes last. */
function classes(sizes: number[], unlabelled = 0): Pick<Dataset, 'count' | 'labels' | 'groups'> {
  const of = sizes.flatMap((size, label) => new Array<number>(size).fill(label))
  of.push(...new Array<number>(unlabelled).fill(-1))
  return { count: of.length, labels: { names: sizes.map(String), of: Int32Array.from(of) }, groups: null }
}
const everything = ({ training, validation, test }: Split): number[] =>
  [...training, ...validation, ...test].sort((a, b) => a - b)
const perClass = (part: Int32Array, { labels }: Pick<Dataset, 'labels'>, names: number): number[] =>
  Array.from({ length: names }, (_, label) => [...part].filter((index) => labels!.of[index] === label).length)

describe('splitDataset', () => {
  it('gives each item to one part, ascending, by the seed', () => {
    const split = splitDataset(plain(105), tenth, createRandom(1))
    expect([split.training.length, split.validation.length, split.test.length]).toEqual([83, 11, 11])
    expect(everything(split)).toEqual(Array.from({ length: 105 }, (_, i) => i))
    for (const part of [split.training, split.validation, split.test]) expect(part).toEqual(part.toSorted())
    expect(split.stratified).toBe(false)
    expect(splitDataset(plain(105), tenth, createRandom(1))).toEqual(split)
    expect(splitDataset(plain(105), tenth, createRandom(2)).sha256).not.toBe(split.sha256)
  })

  it('draws every item equally often', () => {
    const counts = new Array<number>(20).fill(0)
    for (let seed = 0; seed < 2000; seed++)
      for (const index of splitDataset(plain(20), { validation: 2, test: 3 }, createRandom(seed)).test)
        counts[index]!++
    // 300 expected, standard deviation 16.
    expect(Math.min(...counts)).toBeGreaterThan(230)
    expect(Math.max(...counts)).toBeLessThan(370)
  })

  it('takes shares below 1 and numbers from 1 on; 0 is none', () => {
    const sizes = (validation: number, test: number): number[] => {
      const split = splitDataset(plain(50), { validation, test }, createRandom(1))
      return [split.validation.length, split.test.length]
    }
    expect(sizes(0.25, 7)).toEqual([13, 7])
    expect(sizes(0, 0)).toEqual([0, 0])
    expect(sizes(0.001, 1)).toEqual([1, 1])
  })

  it('splits each class alike, to the item', () => {
    // The classes of ECG5000's training and test sets together.
    const sizes = [2043, 1237, 67, 136, 17]
    const data = classes(sizes)
    const split = splitDataset(data, tenth, createRandom(1))
    expect(split.stratified).toBe(true)
    expect(split.validation).toHaveLength(350)
    expect(perClass(split.validation, data, 5)).toEqual([204, 124, 7, 13, 2])
    expect(perClass(split.test, data, 5)).toEqual([204, 124, 7, 13, 2])
    expect(everything(split)).toHaveLength(3500)
  })

  it('keeps one item of each class for training, and takes items without a label as a class', () => {
    const data = classes([1, 1, 30, 2], 16)
    const split = splitDataset(data, { validation: 5, test: 10 }, createRandom(3))
    expect(split.stratified).toBe(true)
    expect([split.validation.length, split.test.length]).toEqual([5, 10])
    expect(perClass(split.training, data, 4).every((count) => count > 0)).toBe(true)
    const unlabelled = [...split.test].filter((index) => data.labels!.of[index] === -1)
    expect(unlabelled).toHaveLength(3)
  })

  it('is drawn over all items where classes are too small to be split', () => {
    const data = classes(new Array<number>(40).fill(1))
    const split = splitDataset(data, tenth, createRandom(1))
    expect(split.stratified).toBe(false)
    expect([split.training.length, split.validation.length, split.test.length]).toEqual([32, 4, 4])
  })

  it.each([
    [0, tenth],
    [1, { validation: 0, test: 0 }],
    [2, tenth],
    [20, { validation: 10, test: 10 }],
  ])('refuses %i items, saying how many are needed', (count, split) => {
    expect(() => splitDataset(plain(count), split, createRandom(1))).toThrow(
      expect.objectContaining({
        detail: {
          code: 'training-data-missing',
          expected: expect.stringMatching(/^at least \d+ items/) as string,
          received: String(count),
        },
      }) as Error,
    )
  })
})
