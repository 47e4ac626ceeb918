import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AutoencoderSpec } from '../../../src-main/contract/architecture.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import { meanSquaredError, psnr } from '../../../src-main/engine/analysis/psnr.ts'
import { ssim } from '../../../src-main/engine/analysis/ssim.ts'
import type { Backend, Program } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { buildAutoencoder } from '../../../src-main/engine/models/autoencoder.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { measureAutoencoder } from '../../../src-main/engine/training/measure.ts'
import { autoencoder, autoencoderRecipe, dense } from '../../support/recipes.ts'
import { shades } from '../../support/training.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

/** A recipe's network on ten samples of its shape, five a time so that the last batch is filled up. */
function caseOf(shape: number[], fields: object) {
  const recipe = autoencoderRecipe({ batch: 4, ...fields })
  const model = buildAutoencoder(recipe.model as AutoencoderSpec, shape)
  const dataset = shades(10, shape)
  const options = { backend, recipe, model, dataset, indexes: Int32Array.from([1, 3, 4, 5, 6, 8, 9]) }
  const samples = [...options.indexes].map((index) => dataset.samples[index]!)
  return { options, model, samples }
}

const zeros = (shapes: Record<string, number[]>): TensorMap =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, dtype: 'float32', data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
    ]),
  )
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('measureAutoencoder', () => {
  it('takes PSNR and SSIM of each image, and the loss of each sample once', async () => {
    const shape = [12, 13, 1]
    const { options, model, samples } = caseOf(shape, { penalties: [{ type: 'l1', weight: 0.5 }] })
    const values = await measureAutoencoder(options, zeros(model.shapes))
    // A sigmoid of zeros: every output is gray.
    const gray = new Float32Array(12 * 13).fill(0.5)
    const size = { width: 13, height: 12, channels: 1, dataRange: 1 }
    expect(values['psnr']).toBeCloseTo(mean(samples.map((sample) => psnr(sample, gray, 1))), 4)
    expect(values['ssim']).toBeCloseTo(mean(samples.map((sample) => ssim(gray, sample, size))), 4)
    const error = mean(samples.map((sample) => 12 * 13 * meanSquaredError(sample, gray)))
    expect(values['reconstruction']).toBeCloseTo(error, 4)
    expect(values).toMatchObject({ l1: 0, active: 0 })
    expect(values['loss']).toBeCloseTo(error, 4)
  })

  it('says which share of the code is used', async () => {
    const { options, model } = caseOf([8], { data: { type: 'rows' } })
    const weights = zeros(model.shapes)
    weights['code.bias']!.data.set([1, 0.005, 0.02, -1])
    // ReLU leaves 1, 0.005, 0.02 and 0; from 0.01 on a unit is used.
    expect((await measureAutoencoder(options, weights))['active']).toBe(0.5)
    expect(Object.keys(await measureAutoencoder(options, weights)).sort()).toEqual([
      ...['active', 'loss', 'reconstruction'],
    ])
  })

  it.each([
    ['bce', (size: number) => size * Math.log(2)],
    ['mse', (size: number, error: number) => size * (error + 0.5 * Math.log(Math.PI))],
    [
      'gaussian',
      (size: number, error: number) =>
        size * (error / (2 * 0.1 ** 2) + Math.log(0.1) + 0.5 * Math.log(2 * Math.PI)),
    ],
  ])('gives the ELBO in nats of a %s likelihood, whatever the reduction', async (type, nll) => {
    const model = autoencoder([], 2, { variational: true })
    const penalties = [{ type: 'kl', weight: 3, warmup: 10, freeBits: 2 }]
    const fields = { model, penalties, loss: { type, reduction: 'mean' } }
    const { options, model: network, samples } = caseOf([4, 3, 1], fields)
    const weights = zeros(network.shapes)
    weights['zMean.bias']!.data.set([1.5, 0])
    weights['zLogVar.bias']!.data.set([-1, 0])
    const kl = 0.5 * (1.5 ** 2 + Math.exp(-1) - 1 + 1)
    const gray = new Float32Array(12).fill(0.5)
    const errors = samples.map((sample) => meanSquaredError(sample, gray))
    const values = await measureAutoencoder(options, weights)
    expect(values['kl']).toBeCloseTo(kl, 5)
    expect(values['elbo']).toBeCloseTo(-nll(12, mean(errors)) - kl, 3)
    expect(values['active']).toBe(0.5)
    // β at its full height, and free bits.
    expect(values['loss']! - values['reconstruction']!).toBeCloseTo(3 * (Math.max(kl, 2) + 2), 4)
  })

  it('has no ELBO where the loss is no likelihood', async () => {
    const model = autoencoder([], 2, { variational: true })
    const { options, model: network } = caseOf([6], {
      ...{ data: { type: 'rows' }, model, loss: { type: 'charbonnier' }, penalties: [{ type: 'kl' }] },
    })
    expect(await measureAutoencoder(options, zeros(network.shapes))).not.toHaveProperty('elbo')
  })

  it('lets timers and messages in between two batches, whatever the engine', async () => {
    const { options, model } = caseOf([8], { data: { type: 'rows' } })
    // As onnxruntime on WebAssembly, which comes back without a turn of the event loop.
    const nothing = () => Promise.resolve()
    const program = { run: () => Promise.resolve({}), writeState: nothing, dispose: nothing }
    const busy = { compile: () => Promise.resolve(program as unknown as Program) }
    let turns = 0
    const turn = setImmediate(() => turns++)
    await measureAutoencoder({ ...options, backend: busy }, zeros(model.shapes))
    clearImmediate(turn)
    expect(turns).toBe(1)
  })

  it('is the same each time, and does not depend on what else is measured', async () => {
    const fields = {
      ...{ model: autoencoder([dense(5)], 2, { variational: true }), penalties: [{ type: 'kl' }] },
      corruption: [{ type: 'gaussian', sigma: [20, 60] }],
    }
    const { options, model } = caseOf([4, 3, 1], fields)
    const weights = model.init(createRandom(3))
    const all = await measureAutoencoder(options, weights)
    expect(await measureAutoencoder(options, weights)).toEqual(all)
    const done: number[] = []
    const onProgress = (items: number): void => void done.push(items)
    const [first, second] = [options.indexes.subarray(0, 3), options.indexes.subarray(3)]
    const one = await measureAutoencoder({ ...options, indexes: first, onProgress }, weights)
    const two = await measureAutoencoder({ ...options, indexes: second }, weights)
    for (const name of ['reconstruction', 'psnr', 'elbo', 'kl'])
      expect((3 * one[name]! + 4 * two[name]!) / 7).toBeCloseTo(all[name]!, 4)
    expect(done).toEqual([3])
  })
})
