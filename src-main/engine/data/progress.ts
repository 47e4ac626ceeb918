import type { Progress } from '../../contract/jobs.ts'

/** Between two reports, and before the time left is told. Milliseconds. */
const interval = 100
const settledAfter = 1000

/** Tells how far a pass over `total` items is, at most ten times a second, and at its end. The result is called for each item. */
export function createProgress(total: number, tell: (progress: Progress) => void): (current: string) => void {
  const startedAt = performance.now()
  let toldAt = -Infinity
  let done = 0
  return (current) => {
    done++
    const now = performance.now()
    if (done < total && now - toldAt < interval) return
    toldAt = now
    const elapsed = now - startedAt
    const secondsLeft = elapsed < settledAfter ? null : ((elapsed / done) * (total - done)) / 1000
    tell({ done, total, secondsLeft, current })
  }
}
