import { describe, expect, it } from 'vitest'
import { align, bestOf, sharedKeys } from '../../../src-renderer/views/train/compare/align.ts'

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
  ])('the best %s of %o is %o', (term, values, expected) => {
    expect(bestOf(term, values)).toEqual(expected)
  })
})
