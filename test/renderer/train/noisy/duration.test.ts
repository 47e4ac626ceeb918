import { expect, it } from 'vitest'
import { durationOf } from '../../../../src-renderer/views/train/noisy/duration.ts'
import { noisyRecipe } from '../../../support/noisy-recipes.ts'

/** One layer of 10,000 weights at each of 64 × 64 places: 82 million operations forwards. */
const layers = [{ name: 'one', kind: 'conv', output: [64, 64, 16], parameters: 10_000 }]
const recipe = (changes: Record<string, unknown>) =>
  noisyRecipe('noise2void', { batch: 8, steps: 1000, ...changes }).recipe

it('grows with steps, the batch and the network, and shrinks with cores', () => {
  expect(durationOf(recipe({ steps: 1000 }), layers, 10, 2)).toBe('minutes')
  expect(durationOf(recipe({ steps: 50_000 }), layers, 10, 2)).toBe('hour')
  expect(durationOf(recipe({ steps: 50_000, batch: 32 }), layers, 10, 2)).toBe('hours')
  expect(durationOf(recipe({ steps: 1_000_000 }), layers, 10, 2)).toBe('night')
  expect(durationOf(recipe({ steps: 1_000_000 }), layers, 10, 64)).toBe('hour')
})

it('counts epochs by the pictures that there are', () => {
  const byEpochs = recipe({ steps: null, epochs: 5000 })
  expect(durationOf(byEpochs, layers, 8, 2)).toBe('minutes')
  expect(durationOf(byEpochs, layers, 80, 2)).toBe('hour')
})
