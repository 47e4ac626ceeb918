import { describe, expect, it } from 'vitest'
import { betaQuantile, incompleteBeta, logGamma, shareLimits } from '../../../src-main/engine/numeric/beta.ts'

/** Relative difference. */
const off = (value: number, expected: number): number => Math.abs(value / expected - 1)

// The figures are those of SciPy 1.17.1: scipy.special.betainc, scipy.stats.beta.ppf, and
// scipy.stats.binomtest(k, n).proportion_ci(0.95, 'exact').
describe('the Beta distribution', () => {
  it('has the logarithm of Γ', () => {
    expect(logGamma(1)).toBeCloseTo(0, 12)
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12)
    // 10! = Γ(11)
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 11)
    expect(logGamma(0.01)).toBeCloseTo(4.599479878042022, 10)
  })

  it.each([
    [2, 3, 0.4, 0.5247999999999999],
    [0.5, 0.5, 0.1, 0.20483276469913345],
    [11, 190, 0.05, 0.41693281791882825],
    [1, 20, 0.01, 0.18209306240276915],
    [500, 2, 0.999, 0.9095684172917773],
    [3, 998, 0.001, 0.080209342840201],
  ])('distributes as SciPy’s: Beta(%d, %d) at %d', (a, b, x, expected) => {
    expect(off(incompleteBeta(a, b, x), expected)).toBeLessThan(1e-11)
  })

  it.each([
    [2, 3, 0.025, 0.06758598648854294],
    [3, 198, 0.025, 0.003104107621553509],
    [3, 198, 0.975, 0.035654668397239776],
    [1, 20, 0.975, 0.1684334709830853],
    [20, 1, 0.025, 0.8315665290169146],
    [0.5, 0.5, 0.3, 0.2061073738537634],
    [203, 1842, 0.975, 0.11258901448417483],
  ])('has the quantiles of SciPy’s: Beta(%d, %d) at %d', (a, b, p, expected) => {
    expect(off(betaQuantile(p, a, b), expected)).toBeLessThan(1e-10)
  })

  it.each([
    [0, 20, 0, 0.16843347098308548],
    [2, 204, 0.0011895134350119205, 0.03496451112408712],
    [20, 20, 0.8315665290169146, 1],
    [7, 300, 0.009431502061794793, 0.047482565029754537],
  ])('has Clopper’s and Pearson’s limits of %d in %d', (count, all, low, high) => {
    const limits = shareLimits(count, all)
    expect(limits[0]).toBeCloseTo(low, 11)
    expect(limits[1]).toBeCloseTo(high, 11)
  })
})
