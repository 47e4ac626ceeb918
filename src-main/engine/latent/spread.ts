import { DarkroomError } from '../../contract/errors.ts'
import type { Latents } from './latents.ts'

type Spread = Pick<Latents, 'codes' | 'size' | 'count' | 'zLogVar'>

/** Variance of zMean from which a dimension of a variational code counts as active (Burda, Grosse & Salakhutdinov 2016). */
const activeVariance = 0.01
/** Relative to the largest value: below it codes differ by rounding. */
const rounding = 1e-6

/** Dimensions of the code that say nothing of an item: the same for all, or of a variational code varying less than an active one. */
export function inactiveOf({ codes, size, count, zLogVar }: Spread): number[] {
  const sum = new Float64Array(size)
  const squares = new Float64Array(size)
  const first = codes.subarray(0, size)
  let largest = 0
  // Differences from the first code, whose squares do not lose what varies in what is large.
  for (let from = 0; from < codes.length; from += size)
    for (let i = 0; i < size; i++) {
      const difference = codes[from + i]! - first[i]!
      sum[i]! += difference
      squares[i]! += difference * difference
      largest = Math.max(largest, Math.abs(codes[from + i]!))
    }
  const least = zLogVar === null ? (rounding * largest) ** 2 : activeVariance
  return Array.from({ length: size }, (_, i) => i).filter(
    (i) => squares[i]! / count - (sum[i]! / count) ** 2 <= least,
  )
}

/** @throws latents-unsuitable where all dimensions say nothing: the model has collapsed */
export function checkSpread(latents: Spread & { run: { path: string } }): void {
  if (inactiveOf(latents).length < latents.size) return
  throw new DarkroomError('latents-unsuitable', {
    file: latents.run.path,
    expected: 'codes that differ from item to item',
    received: `the same in all ${latents.size} dimensions for all ${latents.count} items: they are alike, or the model has collapsed`,
  })
}
