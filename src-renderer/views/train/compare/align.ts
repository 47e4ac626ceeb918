import type { RunInfo } from '../../../../src-main/contract/runs.ts'
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

/** What must be known of a run to tell whether its figures mean the same as another's. */
type Measured = Pick<RunInfo, 'recipe' | 'data'>

/** Why a measure of several runs says nothing about which is better. */
export type Obstacle = 'data' | 'task' | 'loss'

/**
 * Why the values of a measure cannot be compared; null where they can. All need the same data in the same form, and the same corruption
 * to undo (but for `psnr-25`, whose noise is its own); losses and likelihoods the same formula over the same targets, whole ones the same
 * penalties, too.
 */
export function obstacleTo(term: string, runs: readonly Measured[]): Obstacle | null {
  const isSame = (part: (run: Measured) => unknown): boolean =>
    new Set(runs.map((run) => JSON.stringify(part(run)))).size <= 1
  if (!isSame(({ data }) => [data.sha256, data.shape])) return 'data'
  if (!/^(psnr|ssim)-/.test(term) && !isSame(({ recipe }) => recipe.corruption)) return 'task'
  if (/^(psnr|ssim|diversity)/.test(term)) return null
  if (!isSame(({ recipe }) => [recipe.loss, recipe.supervision])) return 'loss'
  return term === 'loss' && !isSame(({ recipe }) => recipe.penalties) ? 'loss' : null
}

/** Measures that say which run is better: a penalty by itself, how many units are in use, or how noisy the pictures were, does not. */
const judging = /^(loss|reconstruction|psnr(?!-input)|ssim|elbo)/
/** Measures of which more is better; of all others less is. */
const moreIsBetter = /^(psnr|ssim|elbo)/

/** Which of a measure's values are the best; none where there is nothing to compare, or where more is neither better nor worse. */
export function bestOf(term: string, values: readonly (number | null)[]): boolean[] {
  const known = values.filter((value) => value !== null)
  if (!judging.test(term) || new Set(known).size < 2) return values.map(() => false)
  const best = moreIsBetter.test(term) ? Math.max(...known) : Math.min(...known)
  return values.map((value) => value === best)
}
