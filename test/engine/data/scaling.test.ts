import { describe, expect, it } from 'vitest'
import { applyScaling, fitScaling, undoScaling } from '../../../src-main/engine/data/scaling.ts'

// Four rows of three columns; the last one is held out, the third column is constant.
const rows = [
  [0, 10, 5],
  [2, 30, 5],
  [4, 20, 5],
  [9, 50, 7],
]
const dataset = {
  shape: [3],
  read: (indexes: ArrayLike<number>) =>
    Promise.resolve(Float32Array.from(Array.from(indexes).flatMap((index) => rows[index]!))),
}
const training = Int32Array.of(0, 1, 2)

describe('scaling', () => {
  it('takes the range of the training rows alone', async () => {
    expect(await fitScaling(dataset, training, { scale: 'all', window: null })).toEqual({
      minimum: [0],
      maximum: [30],
    })
    expect(await fitScaling(dataset, training, { scale: 'column', window: null })).toEqual({
      minimum: [0, 10, 5],
      maximum: [4, 30, 5],
    })
    expect(await fitScaling(dataset, training, { scale: 'none', window: null })).toBeNull()
  })

  it('brings training rows to [0, 1]; held-out values may lie outside, constant columns are 0', async () => {
    const scaling = (await fitScaling(dataset, training, { scale: 'column', window: null }))!
    const all = await dataset.read([0, 1, 2, 3])
    expect([...applyScaling(all, scaling)]).toEqual([0, 0, 0, 0.5, 1, 0, 1, 0.5, 0, 2.25, 2, 2])
  })

  it('is refused where no training value differs from another in its column', async () => {
    const flat = { shape: [2], read: () => Promise.resolve(Float32Array.of(1, 7, 1, 7)) }
    const spec = { scale: 'column', window: null } as const
    await expect(fitScaling(flat, Int32Array.of(0, 1), spec)).rejects.toThrow(
      /data-unsuitable.*the same values in every row/,
    )
    expect(await fitScaling(flat, Int32Array.of(0, 1), { ...spec, scale: 'all' })).toEqual({
      minimum: [1],
      maximum: [7],
    })
  })

  it('is undone', async () => {
    for (const mode of ['all', 'column'] as const) {
      const scaling = (await fitScaling(dataset, training, { scale: mode, window: null }))!
      const back = undoScaling(applyScaling(await dataset.read([0, 3]), scaling), scaling)
      expect([...back].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([...rows[0]!, ...rows[3]!])
    }
  })
})
