import type { Curves } from '../run/curves.ts'

/** Curves over each other: places of x that any of them has, and the values of each there; null where one has none. */
export interface Aligned {
  x: number[]
  values: (number | null)[][]
}

export interface Line {
  x: readonly number[]
  values: readonly (number | null)[]
}

/** Lines with ascending places over all places that any of them has a value at. */
export function align(lines: readonly Line[]): Aligned {
  const seen = lines.map(({ x, values }) => x.filter((_, index) => values[index] != null))
  const x = [...new Set(seen.flat())].sort((a, b) => a - b)
  const place = new Map(x.map((value, index) => [value, index]))
  const values = lines.map((line) => {
    const aligned = Array.from<number | null>({ length: x.length }).fill(null)
    line.x.forEach((at, index) => {
      const value = line.values[index]
      if (value != null) aligned[place.get(at)!] = value
    })
    return aligned
  })
  return { x, values }
}

/** Keys of columns that any of the runs has, validation before training, `loss` first. */
export function sharedKeys(all: readonly Pick<Curves, 'keys'>[]): string[] {
  const rank = (key: string): number =>
    (key.startsWith('validation.') ? 0 : key.startsWith('training.') ? 2 : 4) +
    (key.endsWith('.loss') ? 0 : 1)
  return [...new Set(all.flatMap(({ keys }) => keys))].sort((a, b) => rank(a) - rank(b))
}

/** Measures of which more is better; of all others less is. */
const moreIsBetter = /^(psnr|ssim|elbo)/

/** Which of a measure's values are the best; none where there is nothing to compare, or where more is neither better nor worse. */
export function bestOf(term: string, values: readonly (number | null)[]): boolean[] {
  const known = values.filter((value) => value !== null)
  if (term === 'active' || new Set(known).size < 2) return values.map(() => false)
  const best = moreIsBetter.test(term) ? Math.max(...known) : Math.min(...known)
  return values.map((value) => value === best)
}
