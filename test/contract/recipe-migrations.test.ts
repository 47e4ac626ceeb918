import { describe, expect, test } from 'vitest'
import { migrateRecipe } from '../../src-main/contract/recipe-migrations.ts'
import { Recipe } from '../../src-main/contract/recipe.ts'

/** As version 1 wrote it, with its defaults left out. */
const first = {
  version: 1,
  name: 'photo',
  model: { type: 'denoiser', widths: [48, 96], blocks: [2, 2] },
  data: { patch: 96, grayShare: 0.2 },
  corruption: [{ type: 'gaussian', sigma: [0, 55] }],
  loss: { type: 'l1' },
  optimizer: { type: 'adam', rate: 0.0006, warmup: 200 },
  batch: 12,
  steps: 60000,
}

describe('a recipe of version 1', () => {
  test('means what it meant', () => {
    expect(Recipe.parse(migrateRecipe(first))).toEqual({
      version: 2,
      name: 'photo',
      description: '',
      data: {
        ...{ type: 'patches', patch: 96, channels: 3, range: 'white', scale: [1, 1] },
        ...{ augment: true, grayShare: 0.2 },
      },
      split: { validation: 8, test: 0 },
      model: {
        ...{ type: 'denoiser', channels: 3, widths: [48, 96], blocks: [2, 2], condition: 'sigma' },
        ...{ residual: true, shuffle: 1 },
      },
      corruption: [{ type: 'gaussian', sigma: [0, 55], probability: 1 }],
      supervision: { type: 'clean' },
      loss: { type: 'l1', reduction: 'mean' },
      penalties: [],
      optimizer: {
        type: 'adam',
        rate: 0.0006,
        beta1: 0.9,
        schedule: 'cosine',
        warmup: 200,
        finalShare: 0.01,
        clipNorm: null,
        averageDecay: 0,
      },
      batch: 12,
      epochs: null,
      steps: 60000,
      pretraining: null,
      earlyStopping: null,
      keep: 'last',
      seed: 1,
      validateEvery: 500,
      checkpointEvery: 500,
      validateSigma: [15, 25, 50],
    })
  })

  test('keeps what it says itself', () => {
    const said = { ...first, data: { patch: 64, heldOut: 3 }, validateEvery: 7, validateSigma: [30], seed: 5 }
    expect(Recipe.parse(migrateRecipe(said))).toMatchObject({
      split: { validation: 3, test: 0 },
      validateEvery: 7,
      validateSigma: [30],
      seed: 5,
    })
  })

  test('is refused for what version 1 did not know either', () => {
    const unknown = Recipe.safeParse(migrateRecipe({ ...first, data: { patch: 64, crop: 3 } }))
    expect(unknown.error?.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['crop'],
      path: ['data'],
    })
  })
})

test('what has no version that is known is left for the schema to refuse', () => {
  for (const json of [null, 3, [], {}, { version: 0 }, { version: 3 }, { version: 'two' }]) {
    expect(migrateRecipe(json)).toBe(json)
    expect(Recipe.safeParse(json).success).toBe(false)
  }
})
