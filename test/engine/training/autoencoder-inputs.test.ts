import { describe, expect, it } from 'vitest'
import { readBatch } from '../../../src-main/engine/training/autoencoder-inputs.ts'

describe('readBatch', () => {
  // 15 / 22 of 22 is 14.999…: no share of a batch is to be computed with.
  it.each([
    [15, 22, 1],
    [31, 43, 3],
    [50, 100, 140],
    [57, 58, 784],
  ])('fills a batch up, whatever is left of the items: %i of %i', async (items, batch, size) => {
    const dataset = {
      read(indexes: ArrayLike<number>, into = new Float32Array(indexes.length * size)) {
        expect(into).toHaveLength(indexes.length * size)
        for (let i = 0; i < indexes.length; i++) into.fill(indexes[i]!, i * size, (i + 1) * size)
        return Promise.resolve(into)
      },
    }
    const indexes = Int32Array.from({ length: items }, (_, i) => 1000 + i)
    const values = await readBatch(dataset, indexes, batch, [size])
    const expected = Array.from({ length: batch * size }, (_, at) => 1000 + (Math.floor(at / size) % items))
    expect([...values]).toEqual(expected)
  })
})
