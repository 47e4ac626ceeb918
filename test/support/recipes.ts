import { Recipe } from '../../src-main/contract/recipe.ts'

/** A small recipe of an autoencoder on images, with what is given in place of its own fields. */
export const autoencoderRecipe = (fields: object = {}): Recipe =>
  Recipe.parse({
    version: 2,
    name: 'test',
    data: { type: 'images' },
    model: { type: 'autoencoder', encoder: { layers: [], latentDim: 4 }, decoder: {} },
    loss: { type: 'mse' },
    optimizer: { rate: 0.01, schedule: 'constant' },
    batch: 4,
    epochs: 1,
    ...fields,
  })

/** The same for a denoiser on patches. */
export const denoiserRecipe = (fields: object = {}): Recipe =>
  Recipe.parse({
    version: 2,
    name: 'test',
    data: { type: 'patches', patch: 16 },
    model: { type: 'denoiser', widths: [4, 6], blocks: [1, 1] },
    corruption: [{ type: 'gaussian', sigma: [0, 50] }],
    loss: { type: 'l1', reduction: 'mean' },
    optimizer: { rate: 0.001 },
    batch: 2,
    steps: 10,
    ...fields,
  })

export const dense = (units: number, activation = 'relu') => ({ type: 'dense', units, activation })
export const conv = (filters: number, stride = 2, activation = 'relu') => ({
  ...{ type: 'conv', filters, stride, activation },
})
export const convTranspose = (filters: number, stride = 2) => ({ type: 'conv-transpose', filters, stride })

/** A spec of an autoencoder, as it is written. */
export const autoencoder = (layers: object[], latentDim: number | null, rest: object = {}) => ({
  ...{ type: 'autoencoder', encoder: { layers, latentDim }, decoder: {} },
  ...rest,
})

/** The same for a GAN on pictures of 12 pixels. */
export const ganRecipe = (fields: object = {}): Recipe =>
  Recipe.parse({
    ...{ version: 2, name: 'test', data: { type: 'images', width: 3, height: 4 } },
    model: {
      ...{ type: 'gan', latentDim: 4 },
      generator: { layers: [dense(24)], norm: 'batch' },
      discriminator: { layers: [dense(24, 'leaky-relu')], norm: 'spectral' },
    },
    loss: { type: 'adversarial', smoothing: 0.1, discriminatorRate: 2 },
    optimizer: { rate: 0.004, beta1: 0.5, schedule: 'constant', averageDecay: 0.98 },
    ...{ batch: 32, epochs: 3, ...fields },
  })
