import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJob } from '../../../bench/support.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import type { OpenLatentModel } from '../../../src-main/engine/inference/latent-model.ts'
import {
  openRunData,
  readTrainedRun,
  type RunData,
  type TrainedRun,
} from '../../../src-main/engine/jobs/trained-run.ts'
import { scoreGeneration, type GenerationScores } from '../../../src-main/engine/latent/generation.ts'
import { openRunModel, ownSource } from '../../../src-main/engine/latent/model.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoder, dense } from '../../support/recipes.ts'
import { fashion } from '../../support/trained.ts'
import { writeRecipe, writeShades } from '../../support/trainings.ts'
import { resultOf } from '../../support/jobs.ts'

const temporary = temporaryFolder()
let engine: ReturnType<typeof createEngine>
let backend: Backend
let run: TrainedRun
let data: RunData

/** A small VAE of the clothes that ship, trained for seconds. */
beforeAll(async () => {
  engine = createEngine({ threads: 1, home: temporary('home') })
  backend = await openBackend('traced', { threads: 1 })
  const set = [
    'data.width=14',
    'data.height=14',
    'epochs=1',
    'batch=32',
    'model.encoder.layers=[{"type":"dense","units":128}]',
  ]
  const source = { sources: fashion.sources, labels: null }
  await resultOf(engine, {
    type: 'train',
    recipe: 'vae',
    overrides: set,
    data: source,
    out: temporary('vae'),
  })
  run = await readTrainedRun(temporary('vae'))
  data = await openRunData(run, ownSource(run.info), context())
}, 120_000)
afterAll(async () => {
  await data.dataset.close()
  await engine.close()
  await backend.close()
})

const context = () => ({
  ...{ backend, home: temporary('home'), signal: new AbortController().signal },
  ...{ pause: () => Promise.resolve(), emit: () => undefined },
})
const scoresOf = (decode: OpenLatentModel['decode']): Promise<GenerationScores> => {
  const { input, code } = { input: [14, 14, 1], code: [16] }
  const model = { input, code, variational: true, encode: null, firstLayer: null, decode }
  const fake = { ...model, dispose: () => Promise.resolve() }
  return scoreGeneration(fake, data, data.split!, data.split!.test, context())
}

describe('scores of what a model of clothes generates', () => {
  let ofModel: GenerationScores

  it('lie between those of noise and those of real clothes', async () => {
    const model = openRunModel(run, backend)
    ofModel = await scoresOf((codes) => model.decode(codes))
    await model.dispose()
    const random = createRandom(3)
    const noise = await scoresOf((codes) =>
      Promise.resolve(Float32Array.from({ length: (codes.length / 16) * 196 }, () => random.uniform())),
    )
    expect(ofModel).toMatchObject({ features: 'components', accuracy: null, count: 300 })
    const [good, bad] = [ofModel.values, noise.values]
    expect(good['frechet']).toBeLessThan(0.5 * bad['frechet']!)
    expect(good['frechet']).toBeGreaterThan(3 * good['frechet-real']!)
    expect(good['precision']).toBeGreaterThan(bad['precision']!)
    expect(bad['precision']).toBeLessThan(0.05)
    expect(good['nearest']).toBeLessThan(0.7 * bad['nearest']!)
  }, 60_000)

  it('tell a model that gives its training items back from one that does not', async () => {
    const copies = await scoresOf((codes) =>
      data.dataset.read(data.split!.training.subarray(0, codes.length / 16)),
    )
    expect(copies.values['memorised']).toBeGreaterThan(0.95)
    expect(copies.values['nearest']).toBeLessThan(0.05)
    expect(copies.values['frechet']).toBeLessThan(0.5 * ofModel.values['frechet']!)
    expect(ofModel.values['memorised']).toBeLessThan(0.1)
  }, 60_000)
})

describe('an evaluation of what is generated', () => {
  const recipe = { loss: { type: 'bce' }, penalties: [{ type: 'kl' }] }

  it('goes by a classifier where there are labels, the same each time; and only by items that were kept out', async () => {
    const shades = await writeShades(temporary('data'), 80)
    const source = { sources: [shades], labels: temporary('data', 'labels.idx.gz') }
    const variational = autoencoder([dense(8)], 3, { variational: true })
    const file = await writeRecipe(temporary('shades.json'), { ...recipe, model: variational })
    await resultOf(engine, { type: 'train', recipe: file, data: source, out: temporary('shades') })
    const job = { type: 'evaluate-run', run: temporary('shades'), data: source, generation: true } as const
    const first = await resultOf(engine, job)
    expect(first).toMatchObject({
      ...{ type: 'evaluate-run', split: 'test', same: true, items: 8 },
      generation: { features: 'classifier', count: 8, accuracy: expect.any(Number) as number },
    })
    expect(await resultOf(engine, job)).toEqual(first)
    expect(await runJob(engine, { ...job, split: 'training' })).toMatchObject({
      ...{ event: 'failed', error: { code: 'data-unsuitable', received: 'training' } },
    })
  }, 60_000)

  it('is what a GAN is measured by, of which nothing else is known', async () => {
    const source = { sources: [await writeShades(temporary('data'), 80)], labels: null }
    const file = await writeRecipe(temporary('gan.json'), {
      model: {
        ...{ type: 'gan', latentDim: 4 },
        ...{ generator: { layers: [dense(8)] }, discriminator: { layers: [dense(8)] } },
      },
      loss: { type: 'adversarial' },
    })
    await resultOf(engine, { type: 'train', recipe: file, data: source, out: temporary('gan') })
    expect(
      await resultOf(engine, { type: 'evaluate-run', run: temporary('gan'), data: source }),
    ).toMatchObject({
      values: { frechet: expect.any(Number) as number, recall: expect.any(Number) as number },
      generation: { features: 'components', count: 8, accuracy: null },
    })
  })

  it('is refused for what has no prior', async () => {
    const shades = await writeShades(temporary('data'), 80)
    const file = await writeRecipe(temporary('plain.json'))
    const source = { sources: [shades], labels: null }
    await resultOf(engine, { type: 'train', recipe: file, data: source, out: temporary('plain') })
    const job = { type: 'evaluate-run', run: temporary('plain'), data: source, generation: true } as const
    expect(await runJob(engine, job)).toMatchObject({
      ...{ event: 'failed', error: { code: 'argument-invalid', file: temporary('plain') } },
    })
  })
})
