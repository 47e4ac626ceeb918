import { describe, expect, it } from 'vitest'
import { chooseThreshold, itemsNeeded, percentilesOf } from '../../../src-main/engine/anomaly/threshold.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const none = new Float32Array()
const rule = { type: 'false-alarms', rate: 0.05 } as const
const scoresOf = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i + 1)

describe('a threshold from false alarms', () => {
  it('is the lowest score that promises the rate', () => {
    // (99 − k + 1) / 100 ≤ 0.05 from k = 95 on.
    const { value, items, falseAlarms } = chooseThreshold(
      rule,
      { normal: scoresOf(99), anomalous: none },
      'x',
    )
    expect([value, items]).toEqual([95, 99])
    expect(falseAlarms.rate).toBeCloseTo(4 / 99, 12)
    // scipy.stats.beta.ppf([0.025, 0.975], 5, 95)
    expect(falseAlarms.low).toBeCloseTo(0.01659991, 6)
    expect(falseAlarms.high).toBeCloseTo(0.10022791, 6)
  })

  it('keeps its promise on scores that it has not seen, and its limits hold 95 % of the time', () => {
    const random = createRandom(4)
    const trials = 600
    let [mean, within] = [0, 0]
    for (let trial = 0; trial < trials; trial++) {
      // Of scores that are uniform the true rate of false alarms above v is 1 − v.
      const normal = Float32Array.from({ length: 60 }, () => random.uniform()).sort()
      const { value, falseAlarms } = chooseThreshold(rule, { normal, anomalous: none }, 'x')
      mean += (1 - value) / trials
      if (1 - value >= falseAlarms.low && 1 - value <= falseAlarms.high) within += 1 / trials
    }
    // k = 58 of 60: 3 / 61 are to be expected.
    expect(mean).toBeCloseTo(3 / 61, 2)
    expect(within).toBeGreaterThan(0.92)
    expect(within).toBeLessThan(0.98)
  })

  it.each([
    [0.05, 20],
    [0.01, 99],
    [0.001, 999],
    [0.5, 20],
  ])('of a rate of %d takes %d items, and says so', (rate, needed) => {
    const asked = { type: 'false-alarms', rate } as const
    expect(itemsNeeded(asked)).toBe(needed)
    expect(() => chooseThreshold(asked, { normal: scoresOf(needed - 1), anomalous: none }, 'x')).toThrow(
      `calibration-too-small: x: expected at least ${needed} held-out normal items: received ${needed - 1}`,
    )
    expect(chooseThreshold(asked, { normal: scoresOf(needed), anomalous: none }, 'x').items).toBe(needed)
  })
})

describe('other thresholds', () => {
  const calibration = { normal: scoresOf(100), anomalous: Float32Array.of(90.5, 200, 300) }

  it('takes mean and standard deviations, with Clopper’s and Pearson’s limits', () => {
    const { value, falseAlarms } = chooseThreshold({ type: 'deviations', count: 1 }, calibration, 'x')
    expect(value).toBeCloseTo(50.5 + Math.sqrt((100 ** 2 - 1) / 12), 6)
    expect(falseAlarms.rate).toBe(0.21)
    // scipy.stats.binomtest(21, 100).proportion_ci(0.95, 'exact')
    expect(falseAlarms.low).toBeCloseTo(0.1349437, 6)
    expect(falseAlarms.high).toBeCloseTo(0.3029154, 6)
  })

  it('takes the best F1 where anomalies are labelled, and refuses it elsewhere', () => {
    expect(chooseThreshold({ type: 'best-f1' }, calibration, 'x').value).toBe(150)
    expect(() => chooseThreshold({ type: 'best-f1' }, { ...calibration, anomalous: none }, 'x')).toThrow(
      'labels-unusable',
    )
  })

  it('refuses statistics of five items, but takes a number that was set', () => {
    const few = { normal: scoresOf(5), anomalous: none }
    expect(() => chooseThreshold({ type: 'deviations', count: 3 }, few, 'x')).toThrow('at least 20')
    const { falseAlarms } = chooseThreshold({ type: 'set', value: 4 }, few, 'x')
    expect(falseAlarms.rate).toBe(0.2)
    // What five items say is next to nothing.
    expect(falseAlarms.high - falseAlarms.low).toBeGreaterThan(0.7)
  })
})

it('places scores among those of normal items', () => {
  expect([...percentilesOf(Float32Array.of(0, 1, 1.5, 9), Float32Array.of(1, 2, 3, 4))]).toEqual([
    0, 0, 25, 100,
  ])
})
