import { describe, expect, it } from 'vitest'
import { drawFromMixture, fitMixture } from '../../../src-main/engine/numeric/mixture.ts'
import { assignComponents } from '../../../src-main/engine/numeric/mixture-density.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

/** Three clouds in the plane, the first of them stretched along a diagonal, 300 points each in turn. */
function clouds(): Float32Array {
  const random = createRandom(5)
  return Float32Array.from({ length: 900 }, (_, i) => i).reduce((points, i) => {
    const [a, b] = [random.normal(), random.normal()]
    const place = [
      [2 * a, 2 * a + 0.3 * b],
      [12 + 0.5 * a, b],
      [-3 + a, 15 + 0.5 * b],
    ][i % 3]!
    points.set(place, 2 * i)
    return points
  }, new Float32Array(1800))
}
const points = clouds()
const fit = (components: number | null, seed = 1) =>
  fitMixture(points, 2, { components, random: createRandom(seed) })

describe('a Gaussian mixture', () => {
  it('is found again from its points, by as many components as the criterion asks for', async () => {
    const mixture = await fit(null)
    expect(mixture.weights).toHaveLength(3)
    expect(mixture.diagonal).toBe(false)
    const means = mixture.means.map((mean) => Array.from(mean)).sort((a, b) => a[0]! - b[0]!)
    for (const [i, expected] of [
      [-3, 15],
      [0, 0],
      [12, 0],
    ].entries()) {
      expect(Math.abs(means[i]![0]! - expected[0]!)).toBeLessThan(0.4)
      expect(Math.abs(means[i]![1]! - expected[1]!)).toBeLessThan(0.4)
    }
    const of = assignComponents(mixture, points)
    const same = Array.from(of.keys()).filter((i) => of[i] === of[i % 3])
    expect(same.length / of.length).toBeGreaterThan(0.99)
  })

  it('gains likelihood at every round', async () => {
    const { history } = await fit(6)
    expect(history.length).toBeGreaterThan(3)
    for (let i = 1; i < history.length; i++) expect(history[i]! - history[i - 1]!).toBeGreaterThan(-1e-3)
  })

  it('of one component has the mean and the covariance of the points', async () => {
    const { means, factors, weights } = await fit(1)
    const count = points.length / 2
    const mean = [0, 1].map((c) => points.filter((_, i) => i % 2 === c).reduce((s, v) => s + v / count, 0))
    expect(Array.from(weights)).toEqual([1])
    expect(means[0]![0]!).toBeCloseTo(mean[0]!, 4)
    let covariance = 0
    for (let i = 0; i < count; i++)
      covariance += ((points[2 * i]! - mean[0]!) * (points[2 * i + 1]! - mean[1]!)) / count
    // L Lᵀ, below the diagonal.
    expect(factors[0]![2]! * factors[0]![0]!).toBeCloseTo(covariance, 3)
  })

  it('is drawn from as it is spread; temperature 0 gives the means', async () => {
    const mixture = await fit(3)
    const random = createRandom(9)
    const drawn = Array.from({ length: 3000 }, () => drawFromMixture(mixture, random, 1))
    const nearFirst = drawn.filter(([x, y]) => Math.abs(x!) < 9 && Math.abs(y!) < 9)
    expect(nearFirst.length / drawn.length).toBeCloseTo(1 / 3, 1)
    const correlation = nearFirst.reduce((sum, [x, y]) => sum + x! * y!, 0) / nearFirst.length
    expect(Math.abs(correlation - 4)).toBeLessThan(0.6)
    const cold = drawFromMixture(mixture, random, 0)
    expect(mixture.means.some((mean) => Math.hypot(mean[0]! - cold[0]!, mean[1]! - cold[1]!) < 1e-5)).toBe(
      true,
    )
  })

  it('is the same for the same seed', async () => {
    expect(await fit(4, 3)).toEqual(await fit(4, 3))
  })

  it('has variances of their own only, where points are few or wide; and lives with points that are all the same', async () => {
    const few = await fitMixture(points.subarray(0, 12), 2, { components: 3, random: createRandom(1) })
    expect(few.diagonal).toBe(true)
    const wide = await fitMixture(points, 60, { components: 2, random: createRandom(1) })
    expect(wide.diagonal).toBe(true)
    const same = await fitMixture(new Float32Array(40).fill(2), 2, { components: 2, random: createRandom(1) })
    expect(Array.from(drawFromMixture(same, createRandom(1), 1), (v) => Math.round(v * 1000))).toEqual([
      2000, 2000,
    ])
  })

  it('says how far it is, often, and can be ended there', async () => {
    const shares: number[] = []
    await fitMixture(points, 2, {
      ...{ components: null, random: createRandom(1) },
      step: (share) => Promise.resolve(void shares.push(share)),
    })
    expect(shares.length).toBeGreaterThan(20)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThan(1)
    const step = (): Promise<void> => Promise.reject(new Error('enough'))
    await expect(fitMixture(points, 2, { components: 3, random: createRandom(1), step })).rejects.toThrow(
      'enough',
    )
  })
})
