/** How often which pair of numbers stands at the same place of two lists, both from 0. */
interface Contingency {
  count: number
  rows: number[]
  columns: number[]
  /** What is not 0. */
  cells: { row: number; column: number; count: number }[]
}

/**
 * Normalised mutual information, I(U; V) divided by the arithmetic mean of H(U) and H(V): 0 for independent, 1 for equal partitions, however
 * their parts are numbered. Two partitions of one part each are equal.
 * @param a part of every item, from 0; `b` likewise.
 */
export function normalisedMutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { count, rows, columns, cells } = tabulate(a, b)
  const entropy = (sizes: number[]): number =>
    sizes.reduce((sum, size) => sum - (size > 0 ? (size / count) * Math.log(size / count) : 0), 0)
  const mean = (entropy(rows) + entropy(columns)) / 2
  if (mean === 0) return 1
  const shared = cells.reduce((sum, cell) => {
    const expected = (rows[cell.row]! * columns[cell.column]!) / count
    return sum + (cell.count / count) * Math.log(cell.count / expected)
  }, 0)
  return Math.max(0, shared / mean)
}

/** Adjusted Rand index (Hubert & Arabie 1985): 1 for equal partitions, 0 on average for random ones. */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { count, rows, columns, cells } = tabulate(a, b)
  const pairs = (n: number): number => (n * (n - 1)) / 2
  const sum = (sizes: number[]): number => sizes.reduce((all, size) => all + pairs(size), 0)
  const together = cells.reduce((all, cell) => all + pairs(cell.count), 0)
  const [inRows, inColumns] = [sum(rows), sum(columns)]
  const expected = (inRows * inColumns) / Math.max(1, pairs(count))
  const most = (inRows + inColumns) / 2
  return most === expected ? 1 : (together - expected) / (most - expected)
}

function tabulate(a: ArrayLike<number>, b: ArrayLike<number>): Contingency {
  const rows: number[] = []
  const columns: number[] = []
  const cells = new Map<string, Contingency['cells'][number]>()
  for (let i = 0; i < a.length; i++) {
    const [row, column] = [a[i]!, b[i]!]
    rows[row] = (rows[row] ?? 0) + 1
    columns[column] = (columns[column] ?? 0) + 1
    const key = `${row} ${column}`
    const cell = cells.get(key)
    if (cell === undefined) cells.set(key, { row, column, count: 1 })
    else cell.count++
  }
  const filled = (sizes: number[]): number[] => Array.from(sizes, (size: number | undefined) => size ?? 0)
  return { count: a.length, rows: filled(rows), columns: filled(columns), cells: [...cells.values()] }
}
