import { describe, expect, test } from 'vitest'
import type { Recipe } from '../../../src-main/contract/recipe.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Step } from '../../../src-main/engine/backend/backend.ts'
import { openWasm } from '../../../src-main/engine/backend/wasm.ts'
import { buildAutoencoder, type Autoencoder } from '../../../src-main/engine/models/autoencoder.ts'
import { checkRecipe } from '../../../src-main/engine/models/check-recipe.ts'
import { createRandom, type Random } from '../../../src-main/engine/numeric/random.ts'
import { initialState, optimizerValues, trainingStep } from '../../../src-main/engine/training/step.ts'
import { autoencoderInputs, autoencoderTerms } from '../../../src-main/engine/training/terms.ts'
import { runEager } from '../../support/eager.ts'
import { autoencoder, autoencoderRecipe, conv, dense } from '../../support/recipes.ts'
import { openStep } from '../../support/run-graph.ts'

interface Case {
  recipe: Recipe
  model: Autoencoder
}

const caseOf = (input: number[], fields: object): Case => {
  const data =
    input.length === 1
      ? { type: 'rows' }
      : { type: 'images', height: input[0], width: input[1], channels: input[2] }
  const recipe = autoencoderRecipe({ data, ...fields })
  checkRecipe(recipe, input)
  if (recipe.model.type !== 'autoencoder') throw new Error('no autoencoder')
  return { recipe, model: buildAutoencoder(recipe.model, input) }
}

const smoothCode = (layers: object[], latentDim: number, activation: string) => ({
  ...autoencoder(layers, latentDim),
  encoder: { layers, latentDim, activation },
})
const tanhConv = [conv(3, 2, 'tanh'), conv(4, 2, 'elu')]
const masking = { corruption: [{ type: 'mask', share: [0.1, 0.4] }] }

/** Smooth activations only, so that central differences hold. */
const cases: Record<string, Case> = {
  'dense, MSE, λ Σ w²': caseOf([3, 4, 1], {
    model: smoothCode([dense(6, 'tanh')], 3, 'elu'),
    penalties: [{ type: 'l2', weight: 0.05 }],
  }),
  'tied, Charbonnier': caseOf([9], {
    model: { ...smoothCode([dense(6, 'tanh')], 3, 'sigmoid'), tied: true },
    loss: { type: 'charbonnier' },
  }),
  'sparse, ρ, cross-entropy': caseOf([9], {
    model: smoothCode([], 12, 'sigmoid'),
    loss: { type: 'bce' },
    penalties: [{ type: 'sparsity', weight: 2, target: 0.1 }],
  }),
  'λ Σ|h| on a map, denoising': caseOf([8, 6, 1], {
    model: autoencoder([conv(3, 2, 'tanh'), conv(2, 2, 'sigmoid')], null),
    loss: { type: 'mse', reduction: 'mean' },
    penalties: [{ type: 'l1', weight: 0.3 }],
    ...masking,
  }),
  'contractive, one layer': caseOf([9], {
    model: smoothCode([], 5, 'sigmoid'),
    penalties: [{ type: 'contractive', weight: 0.7 }],
  }),
  'contractive, three layers': caseOf([9], {
    model: smoothCode([dense(7, 'tanh'), dense(6, 'elu')], 5, 'sigmoid'),
    penalties: [{ type: 'contractive', weight: 0.7 }],
  }),
  'contractive, estimated, convolutions': caseOf([6, 6, 1], {
    model: smoothCode(tanhConv, 4, 'tanh'),
    penalties: [{ type: 'contractive', weight: 0.7, projections: 2 }],
  }),
  'variational, Bernoulli, free bits, warm-up': caseOf([7, 6, 1], {
    model: { ...autoencoder(tanhConv, 3), variational: true },
    loss: { type: 'bce' },
    penalties: [{ type: 'kl', weight: 4, warmup: 10, freeBits: 0.02 }],
  }),
  'variational, Gaussian, rows': caseOf([13], {
    model: { ...autoencoder([conv(3, 2, 'tanh'), conv(2, 2, 'tanh')], 2), variational: true },
    loss: { type: 'gaussian', sigma: 0.3 },
    penalties: [{ type: 'kl' }],
  }),
  'SSIM mix, colour': caseOf([12, 13, 3], {
    model: autoencoder([conv(4, 2, 'tanh')], null),
    loss: { type: 'ssim', weight: 0.7 },
  }),
}

const table = Object.entries(cases)
const batch = 4

function inputsOf({ recipe, model }: Case, random: Random): TensorMap {
  const specs = autoencoderInputs(recipe, model, batch)
  const normal = new Set(['epsilon', 'projection'])
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => {
      const length = shape.reduce((a, b) => a * b, 1)
      const next = (): number => (normal.has(name) ? random.normal() : random.uniform())
      return [name, { shape, dtype, data: Float32Array.from({ length }, next) }]
    }),
  )
}

const termsOf = async (
  { recipe, model }: Case,
  weights: TensorMap,
  inputs: TensorMap,
): Promise<Record<string, number>> => {
  const terms = autoencoderTerms(recipe, model)
  const { outputs } = await runEager((w, given) => ({ state: {}, outputs: terms(w, given) }), weights, inputs)
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]))
}

/** Weights with biases that are not zero, so that nothing hides behind zeros. */
function weightsOf({ model }: Case, random: Random): TensorMap {
  const weights = model.init(random)
  for (const [name, { data }] of Object.entries(weights))
    if (name.endsWith('.bias')) for (let i = 0; i < data.length; i++) data[i] = 0.2 * random.normal()
  return weights
}

function stepOf({ recipe, model }: Case): { step: Step; state: TensorMap; inputs: (i: number) => TensorMap } {
  const weights = weightsOf({ recipe, model }, createRandom(3))
  const stage = { updates: [{ trains: Object.keys(weights), terms: autoencoderTerms(recipe, model) }] }
  return {
    step: trainingStep(recipe.optimizer, stage),
    state: initialState(recipe.optimizer, weights, stage),
    inputs: (i) => ({
      ...inputsOf({ recipe, model }, createRandom(10)),
      ...optimizerValues(recipe.optimizer, recipe.optimizer.rate, i),
    }),
  }
}

const farthest = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  let worst = 0
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!))
  return worst
}

describe('training with each term of the loss', () => {
  test.each(table)('%s: traced and eager steps agree, and lower the loss', async (_, one) => {
    const { step, state, inputs } = stepOf(one)
    const traced = await openStep(step, state, inputs(0))
    let eager = state
    const losses: number[] = []
    for (let i = 0; i < 4; i++) {
      const outputs = await traced.run(inputs(i))
      const reference = await runEager(step, eager, inputs(i))
      eager = reference.state
      expect(Object.keys(outputs).sort()).toEqual(Object.keys(reference.outputs).sort())
      for (const [name, { data }] of Object.entries(reference.outputs))
        expect(Math.abs(outputs[name]!.data[0]! / data[0]! - 1), `${name}, step ${i}`).toBeLessThan(1e-4)
      losses.push(outputs['loss']!.data[0]!)
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    const end = traced.state()
    for (const [name, { data }] of Object.entries(eager))
      if (name.startsWith('weights/')) expect(farthest(end[name]!.data, data), name).toBeLessThan(1e-4)
  })

  test.each(table)('%s: the gradient is that of central differences', async (_, one) => {
    const weights = weightsOf(one, createRandom(3))
    const inputs = inputsOf(one, createRandom(10))
    const direction = new Map(
      Object.entries(weights).map(([name, { data }], i) => [name, noise(data.length, i)]),
    )
    const moved = (by: number): TensorMap =>
      Object.fromEntries(
        Object.entries(weights).map(([name, w]) => [
          name,
          { ...w, data: Float32Array.from(w.data, (value, i) => value + by * direction.get(name)![i]!) },
        ]),
      )
    const h = 0.01
    const [after, before] = [await termsOf(one, moved(h), inputs), await termsOf(one, moved(-h), inputs)]
    const measured = (after['loss']! - before['loss']!) / (2 * h)

    // Adam's first moment after one step is the gradient.
    const { step, state } = stepOf(one)
    const first = await runEager(step, state, {
      ...inputs,
      ...optimizerValues(one.recipe.optimizer, 0.01, 0),
    })
    let slope = 0
    for (const [name, d] of direction)
      first.state[`moment1/${name}`]!.data.forEach((moment, i) => (slope += moment * d[i]!))
    expect(Math.abs(slope - measured)).toBeLessThan(0.01 * Math.max(1, Math.abs(measured)))
  })

  test.each(table)('%s: samples of weight 0 only fill up the batch', async (_, one) => {
    const weights = weightsOf(one, createRandom(3))
    const inputs = inputsOf(one, createRandom(10))
    inputs['sampleWeight'] = { shape: [batch], dtype: 'float32', data: Float32Array.of(1, 1, 1, 0) }
    const others = structuredClone(inputs)
    const last = others['clean']!
    last.data.fill(0.25, (last.data.length / batch) * (batch - 1))
    if (others['corrupted']) others['corrupted'].data.fill(0.5, (last.data.length / batch) * (batch - 1))
    const [terms, same] = [await termsOf(one, weights, inputs), await termsOf(one, weights, others)]
    for (const [name, value] of Object.entries(terms)) expect(same[name], name).toBeCloseTo(value, 4)
  })
})

test('the same steps on the WebAssembly engine', async () => {
  const backend = await openWasm({ threads: 1 })
  for (const name of ['contractive, estimated, convolutions', 'SSIM mix, colour']) {
    const { step, state, inputs } = stepOf(cases[name]!)
    const program = await backend.compile(step, { state, inputs: inputs(0) })
    const { loss } = await program.run(inputs(0))
    const reference = await runEager(step, state, inputs(0))
    expect(Math.abs(loss!.data[0]! / reference.outputs['loss']!.data[0]! - 1), name).toBeLessThan(1e-5)
    const end = await program.readState()
    for (const [weight, { data }] of Object.entries(reference.state)) {
      const size = (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
      expect(farthest(end[weight]!.data, data), `${name}, ${weight}`).toBeLessThan(1e-4 * size)
    }
    await program.dispose()
  }
  await backend.close()
})

describe('terms', () => {
  test('the loss is the reconstruction and each penalty times its weight', async () => {
    const one = cases['sparse, ρ, cross-entropy']!
    const terms = await termsOf(one, weightsOf(one, createRandom(3)), inputsOf(one, createRandom(10)))
    expect(Object.keys(terms)).toEqual(['loss', 'reconstruction', 'sparsity'])
    expect(terms['loss']).toBeCloseTo(terms['reconstruction']! + 2 * terms['sparsity']!, 4)
  })

  test('β warms up, free bits hold the loss and not what is reported', async () => {
    const one = cases['variational, Bernoulli, free bits, warm-up']!
    const weights = weightsOf(one, createRandom(3))
    const inputs = inputsOf(one, createRandom(10))
    const at = async (klWeight: number) =>
      termsOf(one, weights, {
        ...inputs,
        klWeight: { shape: [], dtype: 'float32', data: Float32Array.of(klWeight) },
      })
    const [none, half, all] = [await at(0), await at(0.5), await at(1)]
    expect(none['loss']).toBeCloseTo(none['reconstruction']!, 5)
    expect(half['loss']! - none['loss']!).toBeCloseTo((all['loss']! - none['loss']!) / 2, 4)
    expect(all['kl']).toBe(none['kl'])

    // zMean = 0 and zLogVar = 0 for every input: no divergence, and free bits for each of three dimensions.
    const flat = Object.fromEntries(
      Object.entries(weights).map(([name, w]) => [
        name,
        name.startsWith('z') ? { ...w, data: w.data.map(() => 0) } : w,
      ]),
    )
    const free = await termsOf(one, flat, {
      ...inputs,
      klWeight: { shape: [], dtype: 'float32', data: Float32Array.of(1) },
    })
    expect(free['kl']).toBe(0)
    expect(free['loss']! - free['reconstruction']!).toBeCloseTo(4 * 3 * 0.02, 4)
  })
})

function noise(length: number, seed: number): number[] {
  const random = createRandom(100 + seed)
  return Array.from({ length }, () => random.normal() / 10)
}
