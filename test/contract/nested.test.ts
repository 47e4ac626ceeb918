import { describe, expect, it } from 'vitest'
import { differences, leafText, leavesOf } from '../../src-main/contract/nested.ts'
import { recipe } from '../support/fake-runs.ts'

describe('settings that differ', () => {
  it('are named by their way through the recipe', () => {
    const other = {
      ...recipe,
      model: { ...recipe.model, encoder: { layers: [], latentDim: 32, activation: 'relu' } },
      penalties: [{ type: 'l1', weight: 0.1 }],
    }
    expect(differences([recipe, recipe])).toEqual([])
    expect(differences([recipe, other])).toEqual([
      { path: 'model.encoder.layers.0.type', values: ['dense', undefined] },
      { path: 'model.encoder.layers.0.units', values: [128, undefined] },
      { path: 'model.encoder.layers.0.activation', values: ['relu', undefined] },
      { path: 'model.encoder.latentDim', values: [64, 32] },
      { path: 'penalties.0.type', values: [undefined, 'l1'] },
      { path: 'penalties.0.weight', values: [undefined, 0.1] },
    ])
  })

  it('have lists of numbers in one piece, and can be read', () => {
    const leaves = leavesOf({ widths: [8, 16], rate: null })
    expect(leaves).toEqual([
      { path: 'widths', value: [8, 16] },
      { path: 'rate', value: null },
    ])
    expect(leaves.map(({ value }) => leafText(value))).toEqual(['8, 16', 'null'])
  })
})
