import { describe, expect, it } from 'vitest'
import { usualNormal } from '../../../src-renderer/views/analyse/anomalies/rules.ts'
import {
  byFallingScore,
  filtered,
  filtersOf,
  shareAbove,
  verdictOf,
} from '../../../src-renderer/views/analyse/anomalies/scores/verdicts.ts'

const scores = Float32Array.of(0.1, 0.9, 0.5, 0.9, 0.7)
const truth = Int8Array.of(1, 0, 0, 1, -1)

describe('verdicts', () => {
  it('go by the label where it is known; at the threshold an item is not above it', () => {
    const all = [...scores.keys()].map((item) => verdictOf({ scores, truth }, item, scores[2]!))
    expect(all).toEqual(['passed', 'found', 'missed', 'false-alarm', 'above'])
    expect(verdictOf({ scores, truth: null }, 0, 0.5)).toBe('below')
  })
  it('filter the items, the highest score first', () => {
    const ordered = byFallingScore(scores)
    expect([...ordered]).toEqual([1, 3, 4, 2, 0])
    expect(filtered({ scores, truth: null }, ordered, 0.6, 'above')).toEqual([1, 3, 4])
    expect(filtered({ scores, truth }, ordered, 0.6, 'missed')).toEqual([2])
    expect(filtered({ scores, truth }, ordered, 0.6, 'all')).toHaveLength(5)
    expect(filtersOf({ truth: null })).toEqual(['all', 'above', 'below'])
  })
  it('count rising values above a threshold', () => {
    const rising = Float32Array.of(1, 2, 2, 3)
    expect([0, 1, 2, 3].map((value) => shareAbove(rising, value))).toEqual([1, 0.75, 0.25, 0])
    expect(shareAbove(new Float32Array(), 1)).toBe(0)
  })
  it('take labels that say so for normal, otherwise all', () => {
    expect(usualNormal(['MT_Blowhole', 'MT_Free'])).toEqual(['MT_Free'])
    expect(usualNormal(['1', '2'])).toEqual(['1', '2'])
  })
})
