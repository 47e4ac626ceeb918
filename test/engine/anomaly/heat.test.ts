import { describe, expect, it } from 'vitest'
import { heatColour } from '../../../src-main/contract/heat-colours.ts'
import { auroc, averagePrecision } from '../../../src-main/contract/detection.ts'
import { overlaid, resizedBy, smoothed } from '../../../src-main/engine/anomaly/heat.ts'
import { createPixelTally } from '../../../src-main/engine/anomaly/masks.ts'
import { fitWhitening, ledoitWolf, whitenedErrors } from '../../../src-main/engine/anomaly/whitening.ts'
import { createHistogram } from '../../../src-main/engine/numeric/histogram.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

describe('heat maps', () => {
  it('are smoothed by a Gaussian, and even where they are even, at the edges too', () => {
    const point = new Float32Array(15 * 21)
    point[7 * 21 + 10] = 1
    const soft = smoothed(point, 15, 21, 1.5)
    expect(soft.reduce((a, b) => a + b)).toBeCloseTo(1, 2)
    expect(soft[7 * 21 + 11]! / soft[7 * 21 + 10]!).toBeCloseTo(Math.exp(-1 / (2 * 1.5 ** 2)), 5)
    for (const value of smoothed(new Float32Array(35).fill(3), 7, 5, 2)) expect(value).toBeCloseTo(3, 5)
  })

  it('have colours that grow lighter, from transparent on', () => {
    const shares = Array.from({ length: 101 }, (_, i) => i / 100)
    const light = shares.map(heatColour).map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b)
    light.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(light[i]! - 0.5))
    expect(heatColour(-1)).toEqual([0, 0, 4, 0])
    expect(heatColour(7)).toEqual([252, 255, 164, 204])
  })

  it('lie over a picture by their opacity', () => {
    const frame = (...data: number[]) => ({ width: 1, height: 1, data: Uint8Array.from(data) })
    expect([...overlaid(frame(0, 0, 200, 255), frame(100, 50, 0, 51)).data]).toEqual([20, 10, 160, 255])
    const four = {
      width: 2,
      height: 2,
      data: Uint8Array.from([0, 10, 20, 30].flatMap((v) => [v, v, v, 255])),
    }
    expect([...resizedBy(four, 1 / 2).data]).toEqual([15, 15, 15, 255])
    expect(resizedBy(four, 3)).toMatchObject({ width: 6, height: 6 })
  })
})

describe('a histogram', () => {
  it('has quantiles to 0.05 %, whatever the range', () => {
    const values = Float32Array.from({ length: 10_001 }, (_, i) => 10 ** (i / 1000 - 5)).sort()
    const histogram = createHistogram()
    histogram.add(values)
    histogram.addOne(0)
    for (const share of [0.01, 0.5, 0.999])
      expect(histogram.quantile(share) / values[Math.round(share * 10_000)]!).toBeCloseTo(1, 2)
    expect(createHistogram().quantile(0.5)).toBe(0)
  })

  it('gives pixels the figures of their scores themselves', () => {
    const random = createRandom(3)
    const mask = Uint8Array.from({ length: 2000 }, () => (random.uniform() < 0.1 ? 1 : 0))
    const heat = Float32Array.from(mask, (one) => Math.exp(random.normal() + one))
    const tally = createPixelTally()
    tally.add(heat.subarray(0, 700), mask.subarray(0, 700))
    tally.add(heat.subarray(700), mask.subarray(700))
    tally.add(Float32Array.of(0.1, 0.2), null)
    const truth = [...Array.from(mask, (one) => 1 - one), 1, 1]
    const scores = [...heat, 0.1, 0.2]
    expect(tally.figures()!.auroc).toBeCloseTo(auroc(scores, truth), 3)
    expect(tally.figures()!.averagePrecision).toBeCloseTo(averagePrecision(scores, truth), 2)
    expect(createPixelTally().figures()).toBeNull()
  })
})

describe('whitening', () => {
  const rows = Float32Array.from({ length: 36 }, (_, at) => {
    const t = Math.floor(at / 3)
    return [Math.sin(t), 2 * Math.sin(t) + 0.1 * Math.cos(3 * t), 0.2 * Math.cos(2 * t)][at % 3]!
  })

  // sklearn.covariance.LedoitWolf on the same rows: shrinkage_, covariance_ and mahalanobis of the first three.
  it('is scikit-learn’s LedoitWolf', () => {
    const mean = Float64Array.from(
      [0, 1, 2],
      (c) => rows.filter((_, i) => i % 3 === c).reduce((a, b) => a + b) / 12,
    )
    const { matrix, shrinkage } = ledoitWolf(rows, mean)
    expect(shrinkage).toBeCloseTo(0.07897929304636062, 6)
    const theirs = [
      ...[0.525624742528924, 0.9165221007891963, 0.0009584711114620279],
      ...[0.9165221007891963, 1.898650180146082, 0.00250597291492331],
      ...[0.0009584711114620279, 0.00250597291492331, 0.08603665257941975],
    ]
    theirs.forEach((value, i) => expect(matrix[i]!).toBeCloseTo(value, 6))
    const whitening = fitWhitening(rows, 3)
    expect(whitening.form).toBe('full')
    const distances = [0.4916382446390596, 1.3591341904485608, 1.9948419347323743]
    distances.forEach((distance, i) => {
      const errors = whitenedErrors(whitening, rows.slice(3 * i, 3 * i + 3))
      expect(errors.reduce((a, b) => a + b)).toBeCloseTo(distance, 4)
    })
  })

  it('of long residuals takes their variances, and divides by none that is nothing', () => {
    const size = 1025
    const residuals = Float32Array.from({ length: 4 * size }, (_, at) =>
      at % size === 0 ? 0 : at < 2 * size ? 1 : -1,
    )
    const whitening = fitWhitening(residuals, size)
    expect(whitening.form).toBe('diagonal')
    expect(whitening.inverse[1]).toBeCloseTo(1, 5)
    expect(whitening.inverse[0]).toBeLessThanOrEqual(101)
  })
})
