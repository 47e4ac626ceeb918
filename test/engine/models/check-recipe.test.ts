import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { migrateRecipe } from '../../../src-main/contract/recipe-migrations.ts'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import { checkRecipe } from '../../../src-main/engine/models/check-recipe.ts'
import {
  autoencoder,
  autoencoderRecipe,
  conv,
  denoiserRecipe,
  dense,
  ganRecipe,
} from '../../support/recipes.ts'

const folder = join(import.meta.dirname, '../../../assets/recipes')
const shipped = readdirSync(folder).map((file): [string, Recipe] => [
  file,
  Recipe.parse(migrateRecipe(JSON.parse(readFileSync(join(folder, file), 'utf8')))),
])

test.each(shipped)('%s fits together', (_, recipe) => {
  checkRecipe(recipe, recipe.data.type === 'rows' ? [140] : null)
})

const variational = { ...autoencoder([], 4), variational: true }
const kl = { type: 'kl' }
const rows = { data: { type: 'rows' } }
const blocks = { type: 'blocks', count: [1, 2], side: [2, 4] }
const gaussian = { type: 'gaussian', sigma: [0, 50] }

describe('an autoencoder’s recipe', () => {
  test.each<[string, object, string, string]>([
    ['neither epochs nor steps', { epochs: null }, 'epochs or steps', '{"epochs":null,"steps":null}'],
    ['both epochs and steps', { steps: 5 }, 'epochs or steps', '{"epochs":1,"steps":5}'],
    ['batches that begin late', { batch: [{ fromEpoch: 1, size: 4 }] }, 'batch.0.fromEpoch: 0', '1'],
    [
      'batches out of order',
      {
        batch: [
          { fromEpoch: 0, size: 4 },
          { fromEpoch: 3, size: 8 },
          { fromEpoch: 3, size: 9 },
        ],
      },
      'batch.2.fromEpoch: above 3',
      '3',
    ],
    [
      'nothing left to train on',
      { split: { validation: 0.5, test: 0.5 } },
      'split:',
      '{"validation":0.5,"test":0.5}',
    ],
    [
      'early stopping unseen',
      { split: { validation: 0 }, earlyStopping: { patience: 2 } },
      'split.validation: more than 0, for earlyStopping',
      '0',
    ],
    [
      'the best, unseen',
      { split: { validation: 0 }, keep: 'best' },
      'split.validation: more than 0, for keep',
      '0',
    ],
    ['patches', { data: { type: 'patches', patch: 16 } }, 'data.type: images or rows', 'patches'],
    ['σ to validate at', { validateSigma: [25] }, 'validateSigma: empty', '[25]'],
    [
      'cross-entropy of a linear output',
      { loss: { type: 'bce' }, model: { ...autoencoder([], 4), decoder: { output: 'linear' } } },
      'model.decoder.output: sigmoid',
      'linear',
    ],
    [
      'cross-entropy of values of any range',
      { loss: { type: 'bce' }, data: { type: 'rows', scale: 'none' } },
      'data.scale',
      'none',
    ],
    ['SSIM of rows', { loss: { type: 'ssim' }, ...rows }, 'loss.type: another than ssim', 'ssim'],
    [
      'SSIM of tiny images',
      { loss: { type: 'ssim' }, data: { type: 'images', width: 7 } },
      'data.width: at least 8',
      '7',
    ],
    ['a variational model without KL', { model: variational }, 'penalties: kl', '[]'],
    ['KL of another model', { penalties: [kl] }, 'model.variational: true', 'false'],
    ['a penalty twice', { model: variational, penalties: [kl, kl] }, 'penalties.1.type: each once', 'kl'],
    [
      'sparsity of a rectified code',
      { penalties: [{ type: 'sparsity', weight: 1 }] },
      'model.encoder.activation: sigmoid',
      'relu',
    ],
    [
      'an exact contractive penalty on convolutions',
      { model: autoencoder([conv(3)], 4), penalties: [{ type: 'contractive', weight: 1 }] },
      'penalties.0.projections: a number',
      'null',
    ],
    [
      'pretraining of a variational model',
      { model: variational, penalties: [kl], pretraining: { epochs: 1, rate: 0.1 } },
      'pretraining: null',
      '{"epochs":1,"rate":0.1}',
    ],
    [
      'pretraining of convolutions',
      { model: autoencoder([conv(3)], 4), pretraining: { epochs: 1, rate: 0.1 } },
      'pretraining: dense layers only',
      'conv 3×3/2 3 relu',
    ],
    [
      'layers that do not fit',
      { model: autoencoder([dense(3), conv(3)], 4) },
      'model.encoder.layers.1',
      'conv after dense',
    ],
    ['blocks missing from rows', { ...rows, corruption: [blocks] }, 'corruption.0.type: for rows', 'blocks'],
    [
      'JPEG of rows, in a chain',
      {
        ...rows,
        corruption: [
          {
            type: 'oneOf',
            options: [{ weight: 1, corruptions: [gaussian, { type: 'jpeg', quality: [1, 2] }] }],
          },
        ],
      },
      'corruption.0.options.0.corruptions.1.type: for rows',
      'jpeg',
    ],
    [
      'a range upside down',
      { corruption: [{ type: 'gaussian', sigma: [9, 5] }] },
      'corruption.0.sigma: the smaller',
      '[9,5]',
    ],
  ])('with %s is refused by the name of the field', (_, fields, expected, received) => {
    const recipe = autoencoderRecipe(fields)
    expect(() => {
      checkRecipe(recipe, recipe.data.type === 'rows' ? [20] : null)
    }).toThrow(
      expect.objectContaining({
        detail: { code: 'recipe-invalid', expected: expect.stringContaining(expected) as string, received },
      }),
    )
  })

  test('on rows is checked as far as can be while the columns are unknown', () => {
    checkRecipe(autoencoderRecipe({ ...rows, model: autoencoder([conv(3), conv(3)], null) }), null)
    expect(() => {
      checkRecipe(autoencoderRecipe({ ...rows, penalties: [kl] }), null)
    }).toThrow(/model\.variational/)
  })
})

/** What learning from noisy pictures alone needs. */
const fromNoisy = {
  ...{ supervision: { type: 'neighbor2neighbor' }, corruption: [], loss: { type: 'mse' } },
  model: { type: 'denoiser', widths: [4, 6], blocks: [1, 1], condition: 'none' },
}

describe('a denoiser’s recipe', () => {
  test('needs no corruption where there are noisy pictures alone', () => {
    expect(() => {
      checkRecipe(denoiserRecipe(fromNoisy), null)
    }).not.toThrow()
  })

  test.each<[string, object, string, string]>([
    ['whole images', { data: { type: 'images' } }, 'data.type: patches', 'images'],
    [
      'a patch that cannot be halved so often',
      { data: { type: 'patches', patch: 18 } },
      'data.patch: a multiple of 4',
      '18',
    ],
    ['too few blocks', { model: { type: 'denoiser', widths: [4, 6], blocks: [1] } }, 'model.blocks', '1'],
    ['cross-entropy', { loss: { type: 'bce' } }, 'loss.type: another than bce', 'bce'],
    ['penalties', { penalties: [{ type: 'l2', weight: 1 }] }, 'penalties: none', 'l2'],
    ['pretraining', { pretraining: { epochs: 1, rate: 1 } }, 'pretraining: null', '{"epochs":1,"rate":1}'],
    ['nothing to undo', { corruption: [] }, 'corruption: at least one', 'none'],
    [
      'a mask of nothing',
      {
        model: { type: 'denoiser', widths: [4], blocks: [1], condition: 'mask' },
        corruption: [{ type: 'quantize' }],
      },
      'corruption: blocks, for model.condition mask',
      '[{"type":"quantize","probability":1}]',
    ],
    [
      'noise levels that it is not told',
      { model: { type: 'denoiser', widths: [4], blocks: [1], condition: 'none' }, validateSigma: [25] },
      'validateSigma: empty, for model.condition none',
      '[25]',
    ],
    [
      'other channels than its network',
      { data: { type: 'patches', patch: 16, channels: 1 } },
      'data.channels: those of the model, 3',
      '1',
    ],
    [
      'every second pixel and a noise level',
      { model: { type: 'denoiser', widths: [4], blocks: [1], shuffle: 2 } },
      'model.condition: none, for model.shuffle 2',
      'sigma',
    ],
    [
      'noisy pictures alone and a network that is told their noise',
      { supervision: { type: 'noise2void' } },
      'model.condition: none',
      'sigma',
    ],
    [
      'noisy pictures alone and another loss',
      { ...fromNoisy, loss: { type: 'charbonnier' } },
      'loss.type: mse or l1',
      'charbonnier',
    ],
    [
      'recorrupted pictures and absolute differences',
      { ...fromNoisy, supervision: { type: 'recorrupted' }, loss: { type: 'l1' } },
      'loss.type: mse, for',
      'l1',
    ],
    [
      'noisy pictures alone that are resized',
      { ...fromNoisy, data: { type: 'patches', patch: 16, scale: [1, 2] } },
      'data.scale: 1 to 1',
      '[1,2]',
    ],
    [
      'noisy pictures alone with blocks cut out',
      { ...fromNoisy, corruption: [{ type: 'mask', share: [0.1, 0.1] }] },
      'corruption: noise, or none',
      '[{"type":"mask","share":[0.1,0.1],"probability":1}]',
    ],
  ])('with %s is refused by the name of the field', (_, fields, expected, received) => {
    expect(() => {
      checkRecipe(denoiserRecipe(fields), null)
    }).toThrow(
      expect.objectContaining({
        detail: { code: 'recipe-invalid', expected: expect.stringContaining(expected) as string, received },
      }),
    )
  })
})

describe('a GAN’s recipe', () => {
  test.each<[string, object, string, string]>([
    ['another loss', { loss: { type: 'mse' } }, 'loss.type: adversarial', 'mse'],
    ['patches', { data: { type: 'patches', patch: 16 } }, 'data.type: images or rows', 'patches'],
    ['rows of any size', { data: { type: 'rows', scale: 'none' } }, 'data.scale: all or column', 'none'],
    [
      'a penalty',
      { penalties: [{ type: 'l2', weight: 1 }] },
      'penalties: none',
      '[{"type":"l2","weight":1}]',
    ],
    ['the best weights kept', { keep: 'best' }, 'keep: last', 'best'],
    [
      'a reason to stop early',
      { earlyStopping: { patience: 1 } },
      'earlyStopping: null',
      '{"patience":1,"minDelta":0}',
    ],
    ['batches of one', { batch: 1 }, 'batch: at least 2, for batch normalisation', '1'],
  ])('with %s is refused by the name of the field', (_, fields, expected, received) => {
    expect(() => {
      checkRecipe(ganRecipe(fields), null)
    }).toThrow(
      expect.objectContaining({
        detail: { code: 'recipe-invalid', expected: expect.stringContaining(expected) as string, received },
      }),
    )
  })

  test('is the only one with its loss', () => {
    const loss = { type: 'adversarial' }
    expect(() => {
      checkRecipe(autoencoderRecipe({ loss }), null)
    }).toThrow(/loss\.type: adversarial, for model\.type gan and no other/)
  })
})
