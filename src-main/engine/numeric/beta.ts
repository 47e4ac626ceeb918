/*
 * The Beta distribution: what is known of a share after counting. Accurate to about 1e-12 for parameters up to some millions.
 */

/** Coefficients of Lanczos' approximation with g = 7 (Numerical Recipes, §6.1, in nine terms). */
const lanczos = [
  ...[0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313],
  ...[-176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6],
  1.5056327351493116e-7,
]

/** ln Γ(x), x > 0. */
export function logGamma(x: number): number {
  // Below a half the series is not accurate; the reflection Γ(x) = Γ(x + 1) / x leads there.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  const z = x - 1
  const t = z + 7.5
  const sum = lanczos.reduce((total, c, i) => (i === 0 ? c : total + c / (z + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** The regularised incomplete beta function I_x(a, b): the distribution function of Beta(a, b). 0 ≤ x ≤ 1, a and b > 0. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  // The fraction converges fast on this side of the mean only.
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, x)) / a
    : 1 - (front * betaFraction(b, a, 1 - x)) / b
}

/** The continued fraction of I_x(a, b) by Lentz's method (Numerical Recipes, §6.4). */
function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300
  const safe = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / safe(1 + even * d)
    c = safe(1 + even / c)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / safe(1 + odd * d)
    c = safe(1 + odd / c)
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return h
}

/** The quantile of Beta(a, b): the x with I_x(a, b) = p, by bisection. 0 ≤ p ≤ 1. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  let [low, high] = [0, 1]
  // As far as two numbers between which there is none.
  for (let middle = 0.5; middle > low && middle < high; middle = (low + high) / 2) {
    if (incompleteBeta(a, b, middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Limits between which a share lies with 95 % confidence after `count` of `all` were seen (Clopper & Pearson 1934). */
export function shareLimits(count: number, all: number): [number, number] {
  return [
    count === 0 ? 0 : betaQuantile(0.025, count, all - count + 1),
    count === all ? 1 : betaQuantile(0.975, count + 1, all - count),
  ]
}
