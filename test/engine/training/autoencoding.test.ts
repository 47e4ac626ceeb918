import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AutoencoderSpec } from '../../../src-main/contract/architecture.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { buildAutoencoder } from '../../../src-main/engine/models/autoencoder.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { autoencodingTask } from '../../../src-main/engine/training/autoencoding.ts'
import { trainedBy, type Place, type Task } from '../../../src-main/engine/training/task.ts'
import { autoencoder, autoencoderRecipe, dense } from '../../support/recipes.ts'
import { shades, splitOf } from '../../support/training.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

const shape = [4, 3, 1]
const size = 12

function taskOf(fields: object = {}, validation = 5) {
  const recipe = autoencoderRecipe({ batch: 4, ...fields })
  const model = recipe.model as AutoencoderSpec
  const dataset = shades(10 + validation, shape)
  const split = splitOf(10, validation)
  const task = autoencodingTask({
    ...{ backend, recipe: { ...recipe, model }, model: buildAutoencoder(model, shape) },
    ...{ dataset, split, product: '0.0.0' },
  })
  return { task, samples: dataset.samples }
}
const place = (epoch: number, offset: number, count = 4): Place => ({ epoch, offset, count, batch: 4 })
const draw = (task: Task, epoch: number, offset: number, count = 4) =>
  task.draw(task.stages.at(-1)!, place(epoch, offset, count))

/** Which sample each of a batch is. */
const itemsOf = (clean: ArrayLike<number>, samples: Float32Array[]): number[] =>
  Array.from({ length: clean.length / size }, (_, i) =>
    samples.findIndex((sample) => sample.every((value, j) => value === clean[i * size + j])),
  )

describe('autoencodingTask', () => {
  it('takes every training sample once an epoch, in another order each time', async () => {
    const { task, samples } = taskOf()
    expect(task.samplesPerEpoch).toBe(10)
    const orders = await Promise.all(
      [0, 1].map(async (epoch) => {
        const batches = await Promise.all([
          draw(task, epoch, 0),
          draw(task, epoch, 4),
          draw(task, epoch, 8, 2),
        ])
        expect([...batches[2]['sampleWeight']!.data]).toEqual([1, 1, 0, 0])
        return batches.flatMap(({ clean }) => itemsOf(clean!.data, samples)).slice(0, 10)
      }),
    )
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()])
    expect(orders[0]).not.toEqual(orders[1])
    // Filled up with samples that count once already.
    const last = (await draw(task, 0, 8, 2))['clean']!
    expect(itemsOf(last.data, samples)).toEqual([...orders[0]!.slice(8), ...orders[0]!.slice(8)])
    expect(last.shape).toEqual([4, ...shape])
  })

  it('draws what follows from the seed and the place alone', async () => {
    const fields = {
      ...{ model: autoencoder([], 2, { variational: true }), penalties: [{ type: 'kl', warmup: 4 }] },
      ...{ corruption: [{ type: 'mask', share: [0.3, 0.7] }], data: { type: 'images', flip: true } },
    }
    const { task } = taskOf(fields)
    const ahead = [await draw(task, 2, 4), await draw(task, 0, 0)]
    const { task: other } = taskOf(fields)
    expect([await draw(other, 0, 0), await draw(other, 2, 4)]).toEqual(ahead.reverse())
    expect(await draw(other, 1, 4)).not.toEqual(ahead[1])
    const { task: seeded } = taskOf({ ...fields, seed: 2 })
    expect(await draw(seeded, 2, 4)).not.toEqual(ahead[1])
    // No sample has the noise of another.
    const { epsilon, klWeight } = ahead[1]!
    expect(new Set(epsilon!.data).size).toBe(8)
    expect(klWeight!.data[0]).toBeCloseTo(2.4 / 4, 6)
    expect((await draw(task, 9, 0))['klWeight']!.data[0]).toBe(1)
  })

  it('draws into the arrays of a batch that is needed no more', async () => {
    const fields = {
      ...{ model: autoencoder([], 2, { variational: true }), penalties: [{ type: 'kl' }] },
      corruption: [{ type: 'gaussian', sigma: [20, 60] }],
    }
    const { task } = taskOf(fields)
    const stage = task.stages[0]!
    for (const next of [place(0, 4), place(0, 8, 2)]) {
      const used = await task.draw(stage, place(1, 0))
      const drawn = await task.draw(stage, next, used)
      for (const name of ['clean', 'corrupted', 'epsilon']) expect(drawn[name]!.data).toBe(used[name]!.data)
      expect(drawn).toEqual(await task.draw(stage, next))
    }
  })

  it('corrupts the input and leaves the target as it is', async () => {
    const { task, samples } = taskOf({ corruption: [{ type: 'mask', share: [0.5, 0.5] }] })
    const { clean, corrupted } = await draw(task, 0, 0)
    expect(itemsOf(clean!.data, samples)).not.toContain(-1)
    const zeros = [...corrupted!.data].filter((value) => value === 0).length
    expect(zeros).toBeGreaterThan(10)
    expect(zeros).toBeLessThan(38)
    expect([...corrupted!.data].every((value, i) => value === 0 || value === clean!.data[i])).toBe(true)
  })

  it('mirrors half of the images, drawn anew each epoch', async () => {
    const { task, samples } = taskOf({ data: { type: 'images', flip: true } })
    const mirrored = samples.map((sample) => sample.map((_, i) => sample[i - (i % 3) + (2 - (i % 3))]!))
    let flips = 0
    for (let epoch = 0; epoch < 20; epoch++) {
      const { clean } = await draw(task, epoch, 0)
      const [straight, turned] = [itemsOf(clean!.data, samples), itemsOf(clean!.data, mirrored)]
      for (let i = 0; i < 4; i++)
        expect([straight[i], turned[i]].filter((item) => item === -1)).toHaveLength(1)
      flips += turned.filter((item) => item !== -1).length
    }
    expect(flips).toBeGreaterThan(25)
    expect(flips).toBeLessThan(55)
  })

  it('pretrains dense layers pair by pair', async () => {
    const { task } = taskOf({ model: autoencoder([dense(6)], 2), pretraining: { epochs: 3, rate: 0.5 } })
    expect(task.stages.map(({ name, rate, epochs }) => [name, rate, epochs])).toEqual([
      ['pretrain-1', 0.5, 3],
      ['pretrain-2', 0.5, 3],
      ['train', null, null],
    ])
    expect(trainedBy(task.stages[1]!)).toEqual([
      'code.kernel',
      'code.bias',
      'decoder.0.kernel',
      'decoder.0.bias',
    ])
    const weights = task.init(createRandom(1))
    for (const stage of task.stages) {
      expect(Object.keys(await task.draw(stage, place(0, 8, 2)))).toEqual(Object.keys(task.inputs(stage, 4)))
      expect((await task.validate(stage, weights))['loss']).toBeGreaterThan(0)
    }
    await task.close()
  })

  it.each([
    ['input and output', {}, 2],
    ['input, corrupted and output', { corruption: [{ type: 'gaussian', sigma: [50, 50] }] }, 3],
  ])('shows %s', async (_, fields, rows) => {
    const { task } = taskOf(fields)
    const weights = task.init(createRandom(1))
    const picture = await task.preview(weights)
    const { data, info } = await sharp(picture!).raw().toBuffer({ resolveWithObject: true })
    const { width, height } = await sharp((await taskOf({}, 0).task.preview(weights))!).metadata()
    // Five validation samples; without any, ten training samples.
    expect((info.width - 2) / 5).toBeCloseTo((width - 2) / 10, 6)
    expect((info.height - 2) / rows).toBeCloseTo((height - 2) / 2, 6)
    expect(new Set(data).size).toBeGreaterThan(20)
    expect(await task.preview(weights)).toEqual(picture)
    await task.close()
  })
})
