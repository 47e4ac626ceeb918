import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { measureBaselines, type Baselines } from '../../bench/autoencoders/measure.ts'
import { DataSpec, type ImageData } from '../../src-main/contract/recipe.ts'
import { openDataset } from '../../src-main/engine/data/open-dataset.ts'
import { splitDataset } from '../../src-main/engine/data/split.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { sources } from '../../src-main/engine/training/sources.ts'
import { fashion, openTrainer, type Trainer } from '../support/trained.ts'

// Trainings of seconds, which beside other work may take minutes.
vi.setConfig({ testTimeout: 300_000 })

/** Seconds instead of minutes on 2,400 images; everything else is the recipe's. */
const short = ['epochs=3', 'batch=32', 'optimizer.rate=0.003']
/** For networks with a code of a thousand units. */
const shorter = ['epochs=1', 'batch=32']
const free = 'penalties.0.weight=0'

let trainer: Trainer
/** Of the split that the recipes draw. */
let baselines: Baselines
beforeAll(async () => {
  trainer = await openTrainer()
  const spec = DataSpec.parse({ type: 'images', width: 28, height: 28, channels: 1 }) as ImageData
  const dataset = await openDataset(fashion, spec, { cacheFolder: trainer.folder })
  const random = createRandom(1).fork(sources.split)
  const split = splitDataset(dataset, { validation: 0.1, test: 0.1 }, random)
  baselines = await measureBaselines({ dataset, split, shown: new Int32Array() }, [2])
  await dataset.close()
}, 60_000)
afterAll(() => trainer.close())

describe('on held-out pictures of clothes', () => {
  it('undercomplete beats the mean image, tied does so with half the weights', async () => {
    const plain = await trainer.train('undercomplete', short)
    const tied = await trainer.train('tied', short)
    expect(plain.error).toBeLessThan(0.5 * baselines.mean)
    expect(tied.error).toBeLessThan(0.5 * baselines.mean)
    expect(plain.parameters).toBe(784 * 64 + 64 + 64 * 784 + 784)
    expect(tied.parameters).toBe(784 * 64 + 64 + 784)
  })

  it('deep beats PCA with two numbers', async () => {
    const { error } = await trainer.train('deep', [...short, 'epochs=4', 'model.encoder.latentDim=2'])
    expect(error).toBeLessThan(0.9 * baselines.pca.get(2)!)
  })

  it('stacked begins the training of the whole from a better place than deep', async () => {
    const deep = await trainer.train('deep', ['epochs=1', 'batch=32'])
    const stacked = await trainer.train('stacked', ['epochs=1', 'batch=32', 'pretraining.epochs=3'])
    expect(stacked.firstEpoch).toBeLessThan(0.95 * deep.firstEpoch)
    expect(stacked.error).toBeLessThan(0.5 * baselines.mean)
  })

  it('sparse takes fewer units for a picture than without its penalty', async () => {
    const [priced, unpriced] = [
      await trainer.train('sparse', shorter),
      await trainer.train('sparse', [...shorter, free]),
    ]
    expect(priced.values['l1']).toBeLessThan(0.5 * unpriced.values['l1']!)
    expect(priced.used).toBeLessThan(0.8 * unpriced.used)
    expect(priced.error).toBeLessThan(0.6 * baselines.mean)
  })

  it('sparse-kl brings the units near their rate', async () => {
    const [held, unheld] = [
      await trainer.train('sparse-kl', shorter),
      await trainer.train('sparse-kl', [...shorter, free]),
    ]
    expect(held.values['sparsity']).toBeLessThan(0.5 * unheld.values['sparsity']!)
    expect(held.error).toBeLessThan(0.6 * baselines.mean)
  })

  it('contractive has the flatter encoder', async () => {
    const [flat, steep] = [
      await trainer.train('contractive', short),
      await trainer.train('contractive', [...short, free]),
    ]
    expect(flat.values['contractive']).toBeLessThan(0.6 * steep.values['contractive']!)
    expect(flat.error).toBeLessThan(0.5 * baselines.mean)
  })

  it.each([
    ['denoising', 0.6],
    ['denoising-masking', 0.6],
    ['denoising-salt-pepper', 0.4],
    ['conv-denoising', 0.8],
  ])('%s beats the picture that it was given', async (recipe, share) => {
    const { error, inputError } = await trainer.train(recipe, short)
    expect(error).toBeLessThan(share * inputError!)
    expect(error).toBeLessThan(0.6 * baselines.mean)
  })

  it('conv beats the mean image', async () => {
    const { error } = await trainer.train('conv', [...short, 'epochs=2'])
    expect(error).toBeLessThan(0.5 * baselines.mean)
  })

  it('variational ones beat independent pixels, and β buys a smaller divergence', async () => {
    const [vae, convVae, betaVae] = [
      await trainer.train('vae', short),
      await trainer.train('conv-vae', [...short, 'epochs=2']),
      await trainer.train('beta-vae', [...short, 'penalties.0.warmup=0']),
    ]
    for (const { values } of [vae, convVae, betaVae])
      expect(values['elbo']).toBeGreaterThan(baselines.bernoulli + 50)
    expect(betaVae.values['kl']).toBeLessThan(0.7 * vae.values['kl']!)
  })
})

describe('as networks', () => {
  it.each([
    ['undercomplete', [784], [64], 101_200],
    ['deep', [784], [32], 476_720],
    ['stacked', [784], [32], 476_720],
    ['tied', [784], [64], 51_024],
    ['sparse', [784], [1024], 1_607_440],
    ['sparse-kl', [784], [1024], 1_607_440],
    ['contractive', [784], [256], 402_448],
    ['denoising', [784], [256], 402_448],
    ['denoising-masking', [784], [256], 402_448],
    ['denoising-salt-pepper', [784], [256], 402_448],
    ['conv', [784], [64], 221_153],
    ['conv-denoising', [784], [7, 7, 8], 3217],
    ['vae', [784], [16], 415_024],
    ['conv-vae', [784], [16], 95_681],
    ['beta-vae', [784], [16], 415_024],
    ['signal', [140], [8], 10_484],
    ['signal-conv', [140], [8], 15_129],
  ])('%s has the code and the parameters that it should', async (recipe, [pixels], code, parameters) => {
    const described = await trainer.describe(recipe, [], pixels === 784 ? undefined : [pixels!])
    expect(described).toMatchObject({ code, parameters, recipe: { name: recipe } })
    expect(described.recipe.description).not.toBe('')
  })

  const layersOf = async (recipe: string, input?: number[]): Promise<string[]> =>
    (await trainer.describe(recipe, [], input)).layers.map(
      ({ kind, output }) => `${kind}: ${output.join('×')}`,
    )

  it('conv-denoising is two strided convolutions, two transposed ones, and one to a gray picture', async () => {
    expect(await layersOf('conv-denoising')).toEqual([
      'conv 3×3/2 16 relu: 14×14×16',
      'conv 3×3/2 8 relu: 7×7×8',
      'conv-transpose 3×3/2 8 relu: 14×14×8',
      'conv-transpose 3×3/2 16 relu: 28×28×16',
      'conv 3×3 1 sigmoid: 28×28×1',
    ])
  })

  it('signal is 140→32→16→8→16→32→140', async () => {
    expect(await layersOf('signal', [140])).toEqual([
      'dense 32 relu: 32',
      'dense 16 relu: 16',
      'dense 8 relu: 8',
      'dense 16 relu: 16',
      'dense 32 relu: 32',
      'dense 140 sigmoid: 140',
    ])
  })

  it('tied weights halve a network without biases', async () => {
    const small = [
      'model.encoder.layers=[{"type":"dense","units":5}]',
      'model.encoder.latentDim=3',
      'model.bias=false',
    ]
    const parameters = async (tied: boolean): Promise<number> =>
      (await trainer.describe('undercomplete', [...small, `model.tied=${tied}`], [7])).parameters
    expect([await parameters(false), await parameters(true)]).toEqual([100, 50])
  })
})
