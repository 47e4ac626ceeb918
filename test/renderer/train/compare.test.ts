import { describe, expect, it } from 'vitest'
import type { Recipe } from '../../../src-main/contract/recipe.ts'
import type { RunInfo } from '../../../src-main/contract/runs.ts'
import {
  align,
  bestOf,
  obstacleTo,
  sharedKeys,
  type Obstacle,
} from '../../../src-renderer/views/train/compare/align.ts'
import { shippedRecipe } from '../../support/shipped-recipes.ts'

describe('align', () => {
  it('puts lines over all places at which one of them has a value', () => {
    expect(
      align([
        { x: [1, 2, 3], values: [10, null, 30] },
        { x: [0.5, 3, 4], values: [5, 33, 44] },
      ]),
    ).toEqual({
      x: [0.5, 1, 3, 4],
      values: [
        [null, 10, 30, null],
        [5, null, 33, 44],
      ],
    })
  })

  it('leaves out what has no value at all', () => {
    expect(align([{ x: [1, 2], values: [] }])).toEqual({ x: [], values: [[]] })
  })
})

describe('what is compared', () => {
  it('begins with the validation loss', () => {
    expect(
      sharedKeys([
        { keys: ['training.loss', 'rate', 'validation.psnr'] },
        { keys: ['training.kl', 'validation.loss', 'training.loss'] },
      ]),
    ).toEqual(['validation.loss', 'validation.psnr', 'training.loss', 'training.kl', 'rate'])
  })

  it.each([
    ['psnr-25', [20, 30, null], [false, true, false]],
    ['elbo', [-110, -100], [false, true]],
    ['loss', [0.2, 0.1], [false, true]],
    ['loss', [0.1, 0.1], [false, false]],
    ['loss', [0.1, null], [false, false]],
    ['active', [0.2, 0.9], [false, false]],
    ['kl', [20, 3], [false, false]],
    ['psnr-input', [20, 21], [false, false]],
  ])('the best %s of %o is %o', (term, values, expected) => {
    expect(bestOf(term, values)).toEqual(expected)
  })
})

describe('figures of several runs', () => {
  const run = (name: string, changes: Partial<Recipe> = {}, sha256 = 'same', shape = [28, 28, 1]) =>
    ({ recipe: { ...shippedRecipe(name).recipe, ...changes }, data: { sha256, shape } }) as RunInfo
  const plain = run('undercomplete')
  const pairs = { type: 'noise2noise', symmetric: true } as const

  it.each<[string, string, RunInfo, Obstacle | null]>([
    ['of other data', 'psnr', run('undercomplete', {}, 'other'), 'data'],
    ['of pictures of another size', 'psnr', run('undercomplete', {}, 'same', [14, 14, 1]), 'data'],
    ['of another network', 'loss', run('deep'), null],
    ['of another loss', 'loss', run('undercomplete', { loss: { type: 'l1', reduction: 'sum' } }), 'loss'],
    ['of another mean', 'elbo', run('undercomplete', { loss: { type: 'mse', reduction: 'mean' } }), 'loss'],
    ['of another loss', 'psnr', run('undercomplete', { loss: { type: 'l1', reduction: 'sum' } }), null],
    ['with a penalty', 'loss', run('undercomplete', { penalties: [{ type: 'l2', weight: 1 }] }), 'loss'],
    [
      'with a penalty',
      'reconstruction',
      run('undercomplete', { penalties: [{ type: 'l2', weight: 1 }] }),
      null,
    ],
    ['of other targets', 'loss', run('undercomplete', { supervision: pairs }), 'loss'],
    ['of other targets', 'psnr', run('undercomplete', { supervision: pairs }), null],
    ['that saw noise', 'psnr', run('denoising'), 'task'],
    ['that saw noise', 'psnr-25', run('denoising'), null],
  ])('%s: %s', (_, term, other, expected) => {
    expect(obstacleTo(term, [plain, other])).toBe(expected)
  })
})
