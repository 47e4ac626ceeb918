import { readFile, rm } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { GanSpec } from '../../../src-main/contract/architecture.ts'
import type { Recipe } from '../../../src-main/contract/recipe.ts'
import { rowWarnings } from '../../../src-main/contract/run-warnings.ts'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { checkRecipe, recipeInput } from '../../../src-main/engine/models/check-recipe.ts'
import { differenceFromEngine } from '../../../src-main/engine/jobs/export-check.ts'
import { readNetwork, readTrainedRun } from '../../../src-main/engine/jobs/trained-run.ts'
import { buildGan, type Gan } from '../../../src-main/engine/models/gan.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { readCheckpoint } from '../../../src-main/engine/storage/checkpoints.ts'
import { overrideRecipe } from '../../../src-main/engine/storage/recipes.ts'
import { readHistory, runFile } from '../../../src-main/engine/storage/runs.ts'
import {
  adversarialInputs,
  adversarialStage,
  discriminatorTerms,
  generatorTerms,
  type AdversarialLoss,
} from '../../../src-main/engine/training/adversarial-terms.ts'
import { adversarialTask } from '../../../src-main/engine/training/adversarial.ts'
import { initialState, optimizerValues, trainingStep } from '../../../src-main/engine/training/step.ts'
import type { Stage } from '../../../src-main/engine/training/task.ts'
import { train, type TrainOptions } from '../../../src-main/engine/training/train.ts'
import { runEager } from '../../support/eager.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { ganRecipe } from '../../support/recipes.ts'
import { shippedRecipe } from '../../support/shipped-recipes.ts'
import { shades, splitOf, untimed } from '../../support/training.ts'

const temporary = temporaryFolder()
let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

const shape = [4, 3, 1]
function partsOf(recipe: Recipe): { gan: Gan; loss: AdversarialLoss; model: GanSpec } {
  const { model, loss } = recipe
  if (model.type !== 'gan' || loss.type !== 'adversarial') throw new Error('no GAN')
  return { gan: buildGan(model, recipeInput(recipe)!), loss, model }
}

const items = { training: 150, validation: 40 }
function taskOf(recipe: Recipe) {
  checkRecipe(recipe, null)
  const { gan, loss, model } = partsOf(recipe)
  const split = splitOf(items.training, items.validation)
  const dataset = shades(items.training + items.validation, shape)
  const given = { backend, gan, split, dataset, product: '0.0.0' }
  return { gan, task: adversarialTask({ ...given, recipe: { ...recipe, model, loss } }) }
}

function trainingOf(recipe: Recipe, out: string, resume: boolean): TrainOptions {
  const count = items.training + items.validation
  return {
    ...{ backend, recipe, out, resume, task: taskOf(recipe).task, startFrom: null, product: '0.0.0' },
    data: {
      ...{ sources: ['/pictures'], labels: null, kind: 'folder', items: count, shape, sha256: 'data' },
      ...{ labelNames: null, scaling: null, skipped: [], skippedCount: 0 },
    },
    split: { ...items, test: 0, stratified: false, sha256: 'split' },
  }
}

async function start(recipe: Recipe, out: string, changes: Partial<TrainOptions> = {}) {
  const options = { ...trainingOf(recipe, out, changes.resume ?? false), ...changes }
  try {
    return await train(options)
  } finally {
    await options.task.close()
  }
}

/** Random values of a step's inputs; every sample counts. */
function inputsOf(gan: Gan, batch: number, seed: number): TensorMap {
  const random = createRandom(seed)
  return Object.fromEntries(
    Object.entries(adversarialInputs(gan, batch)).map(([name, spec]) => {
      const draw = { clean: () => random.uniform(), noise: () => random.normal() }[name] ?? (() => 1)
      const length = spec.shape.reduce((a, b) => a * b, 1)
      return [name, { ...spec, data: Float32Array.from({ length }, draw) }]
    }),
  )
}

describe('a step of a GAN', () => {
  const recipe = ganRecipe()
  const { gan, loss } = partsOf(recipe)
  const stage = adversarialStage(gan, loss)
  const { optimizer } = recipe
  const weights = gan.init(createRandom(1))
  const inputs = { ...inputsOf(gan, 8, 2), ...optimizerValues(optimizer, optimizer.rate, 0) }
  const stepOf = (one: Pick<Stage, 'updates' | 'averages'>, from: TensorMap) =>
    runEager(trainingStep(optimizer, one), initialState(optimizer, from, one), inputs)

  it('updates the discriminator, then the generator against the new one', async () => {
    const weightsIn = (state: TensorMap): TensorMap =>
      Object.fromEntries(
        Object.entries(state).flatMap(([name, tensor]) =>
          name.startsWith('weights/') ? [[name.slice(8), tensor] as const] : [],
        ),
      )
    const both = weightsIn((await stepOf(stage, weights)).state)
    const first = weightsIn((await stepOf({ updates: [stage.updates[0]!] }, weights)).state)
    for (const name of gan.discriminator.trained) expect(both[name]).toEqual(first[name])
    for (const name of gan.generator.trained) expect(first[name]).toEqual(weights[name])
    const second = weightsIn((await stepOf({ updates: [stage.updates[1]!] }, first)).state)
    expect(both).toEqual(second)
    expect(both['generator.0.kernel']).not.toEqual(weights['generator.0.kernel'])
    expect(both['generator.0.movingMean']).not.toEqual(weights['generator.0.movingMean'])
    expect(both['discriminator.0.right']).not.toEqual(weights['discriminator.0.right'])
  })

  it('averages the generator with its moving statistics, and nothing of the discriminator', async () => {
    const { state } = await stepOf(stage, weights)
    const averaged = Object.keys(state).filter((name) => name.startsWith('average/'))
    expect(averaged.sort()).toEqual(
      [...gan.generator.trained, ...gan.generator.moved].map((name) => `average/${name}`).sort(),
    )
    // The first decay is 2 / 11.
    for (const name of ['generator.0.kernel', 'generator.0.movingVariance']) {
      const [before, after, average] = [weights[name]!, state[`weights/${name}`]!, state[`average/${name}`]!]
      average.data.forEach((value, i) =>
        expect(value).toBeCloseTo((2 * before.data[i]! + 9 * after.data[i]!) / 11, 5),
      )
    }
  })

  it('gives the discriminator a rate of its own', async () => {
    const moved = async (discriminatorRate: number, name: string): Promise<number> => {
      const { state } = await stepOf(adversarialStage(gan, { ...loss, discriminatorRate }), weights)
      return state[`weights/${name}`]!.data[0]! - weights[name]!.data[0]!
    }
    expect(
      (await moved(3, 'discriminator.0.kernel')) / (await moved(1, 'discriminator.0.kernel')),
    ).toBeCloseTo(3, 2)
  })

  it('does on the default engine what tfjs does', async () => {
    const step = trainingStep(optimizer, stage)
    const first = initialState(optimizer, weights, stage)
    const program = await backend.compile(step, { state: first, inputs })
    const outputs = await program.run(inputs)
    const state = await program.readState()
    await program.dispose()
    const reference = await runEager(step, first, inputs)
    const terms = ['discriminator', 'generator', 'verdict-generated', 'verdict-real']
    expect(Object.keys(outputs).sort()).toEqual(terms)
    for (const name of terms) expect(outputs[name]!.data[0]).toBeCloseTo(reference.outputs[name]!.data[0]!, 5)
    for (const [name, { data }] of Object.entries(reference.state))
      data.forEach((value, i) => expect(state[name]!.data[i], name).toBeCloseTo(value, 4))
  })
})

test('losses are those of the papers, and finite however sure the discriminator is', async () => {
  const gan: Gan = { ...partsOf(ganRecipe()).gan, discriminate: (_, x) => x }
  const loss: AdversarialLoss = { type: 'adversarial', smoothing: 0.1, discriminatorRate: 1 }
  const termsAt = async (real: number, made: number): Promise<Record<string, number>> => {
    const tensor = (value: number): TensorData => ({
      shape: [1],
      dtype: 'float32',
      data: Float32Array.of(value),
    })
    const inputs = { clean: tensor(real), sampleWeight: tensor(1), made: tensor(made) }
    const { outputs } = await runEager(
      (_, given) => ({
        state: {},
        outputs: {
          ...discriminatorTerms(gan, loss)({}, given, given['made']!),
          ...generatorTerms(gan)({}, given['made']!),
        },
      }),
      {},
      inputs,
    )
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]))
  }
  const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit))
  const terms = await termsAt(1.5, -0.5)
  const [real, made] = [sigmoid(1.5), sigmoid(-0.5)]
  expect(terms['discriminator']).toBeCloseTo(
    -0.9 * Math.log(real) - 0.1 * Math.log(1 - real) - Math.log(1 - made),
    5,
  )
  expect(terms['generator']).toBeCloseTo(-Math.log(made), 5)
  expect(terms['verdict-real']).toBeCloseTo(real, 5)
  expect(terms['verdict-generated']).toBeCloseTo(made, 5)
  for (const value of Object.values(await termsAt(500, -500))) expect(Number.isFinite(value)).toBe(true)
  expect((await termsAt(500, -500))['generator']).toBeCloseTo(500, 3)
})

describe('a GAN in training', () => {
  it('learns samples as varied as the data, where a generator that collapsed is told by its diversity', async () => {
    const recipe = ganRecipe({ epochs: 80 })
    const out = temporary('learns')
    const { validation } = await start(recipe, out)
    const { task, gan } = taskOf(recipe)
    const untrained = (await task.validate(task.stages[0]!, gan.init(createRandom(1))))['diversity']!
    expect(validation['diversity']).toBeGreaterThan(0.5)
    expect(validation['diversity']).toBeLessThan(1.5)
    expect(validation['verdict-generated']).toBeGreaterThan(0.1)
    for (const row of await readHistory(out)) {
      expect(Object.values(row.training).every(Number.isFinite)).toBe(true)
      expect(row.training['loss']).toBeUndefined()
    }
    const last = (await readHistory(out)).at(-1)!
    expect(rowWarnings(last)).toEqual([])

    // All samples the same: nothing of the noise comes through.
    const weights = gan.init(createRandom(1))
    weights['generator.output.kernel']!.data.fill(0)
    const collapsed = await task.validate(task.stages[0]!, weights)
    expect(collapsed['diversity']).toBeLessThan(Math.min(0.01, untrained))
    expect(rowWarnings({ ...last, validation: collapsed })).toEqual(['warning.gan-collapsed'])
    const won = { ...last, training: { ...last.training, 'verdict-generated': 1e-4 } }
    expect(rowWarnings(won)).toEqual(['warning.discriminator-won'])
    expect(rowWarnings({ ...won, epoch: 1 })).toEqual([])
    await task.close()
  })

  it('gives the same to the bit when it is broken off and resumed', async () => {
    const recipe = ganRecipe()
    const [whole, parts] = [temporary('whole'), temporary('parts')]
    await start(recipe, whole)
    const controller = new AbortController()
    let steps = 0
    const pause = (): Promise<void> => {
      if (steps++ === 7) controller.abort()
      return Promise.resolve()
    }
    await expect(start(recipe, parts, { signal: controller.signal, pause })).rejects.toMatchObject({
      detail: { code: 'cancelled' },
    })
    await start(recipe, parts, { resume: true })
    const outcome = async (out: string) => ({
      ...{ ...(await readCheckpoint(out)), seconds: 0 },
      weights: await readFile(runFile(out, 'weights')),
      model: await readFile(runFile(out, 'model')),
      history: untimed(await readHistory(out)),
    })
    expect(await outcome(parts)).toEqual(await outcome(whole))
  })

  it('leaves a run whose generator is the whole model, made again where its file is gone, and no encoder', async () => {
    const out = temporary('run')
    await start(ganRecipe({ epochs: 1 }), out)
    const run = await readTrainedRun(out)
    const written = await readNetwork(run, 'decoder', '0.0.0')
    await rm(written.file)
    const { bytes } = await readNetwork(run, 'decoder', '0.0.0')
    expect(bytes).toEqual(new Uint8Array(written.bytes))
    const network = {
      spec: run.info.recipe.model,
      input: shape,
      weights: run.weights,
      part: 'decoder',
    } as const
    const { difference, scale } = await differenceFromEngine(backend, bytes, network)
    expect(difference / scale).toBeLessThan(1e-5)
    await expect(readNetwork(run, 'encoder', '0.0.0')).rejects.toMatchObject({
      detail: { code: 'model-without-encoder' },
    })
  })

  it('shows a grid of samples from the same noise each time', async () => {
    const { task, gan } = taskOf(ganRecipe())
    const [one, other] = [gan.init(createRandom(1)), gan.init(createRandom(2))]
    const first = await task.preview(one)
    expect(Buffer.from((await task.preview(one))!)).toEqual(Buffer.from(first!))
    expect(Buffer.from((await task.preview(other))!)).not.toEqual(Buffer.from(first!))
    const { width, height } = await sharp(first!).metadata()
    expect([width, height]).toEqual([8 * (3 * 24 + 2) + 2, 8 * (4 * 24 + 2) + 2])
    await task.close()
  })

  it('draws what follows from the seed and the place alone', async () => {
    const place = { epoch: 1, offset: 32, count: 20, batch: 32 }
    const [a, b] = [taskOf(ganRecipe()).task, taskOf(ganRecipe()).task]
    await a.draw(a.stages[0]!, { ...place, offset: 0, count: 32 })
    const drawn = await a.draw(a.stages[0]!, place)
    expect(await b.draw(b.stages[0]!, place)).toEqual(drawn)
    expect(new Set(drawn['noise']!.data).size).toBe(32 * 4)
    const { task: seeded } = taskOf(ganRecipe({ seed: 2 }))
    expect(await seeded.draw(seeded.stages[0]!, place)).not.toEqual(drawn)
  })
})

test.each([
  ['gan', []],
  [
    'dcgan',
    ['generator.layers.0.units=392', 'generator.layers.1.filters=4', 'discriminator.layers.0.filters=4'],
  ],
  [
    'dcgan-64',
    ['generator.layers.0.units=64', 'generator.layers.1.filters=4', 'generator.layers.2.filters=4'],
  ],
])('a step of the recipe %s, made small, lowers what it is to lower', async (name, overrides) => {
  const recipe = overrideRecipe(shippedRecipe(name).recipe, overrides)
  const { gan, loss } = partsOf(recipe)
  const { optimizer } = recipe
  const stage = adversarialStage(gan, loss)
  const inputs = inputsOf(gan, 4, 1)
  const program = await backend.compile(trainingStep(optimizer, stage), {
    state: initialState(optimizer, gan.init(createRandom(1)), stage),
    inputs: { ...inputs, ...optimizerValues(optimizer, optimizer.rate, 0) },
  })
  const rows: Record<string, number>[] = []
  for (let step = 0; step < 4; step++) {
    const outputs = await program.run({ ...inputs, ...optimizerValues(optimizer, optimizer.rate, step) })
    rows.push(Object.fromEntries(Object.entries(outputs).map(([term, { data }]) => [term, data[0]!])))
  }
  await program.dispose()
  for (const row of rows) expect(Object.values(row).every(Number.isFinite)).toBe(true)
  // With the same samples each time the two pull at the same verdicts: at least one of them gets better.
  const [first, last] = [rows[0]!, rows.at(-1)!]
  const gains = ['discriminator', 'generator'].map((term) => first[term]! - last[term]!)
  expect(Math.max(...gains)).toBeGreaterThan(0)
})
