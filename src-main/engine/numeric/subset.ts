import type { Random } from './random.ts'

/** The same numbers in an order of chance: Fisher–Yates. */
export function shuffled(numbers: ArrayLike<number>, random: Random): Int32Array {
  const order = Int32Array.from(numbers)
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const swapped = order[i]!
    order[i] = order[j]!
    order[j] = swapped
  }
  return order
}

/** Of the numbers 0 … count − 1 at most so many, each as likely, in ascending order: the first steps of Fisher–Yates. */
export function drawSubset(count: number, most: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  if (count <= most) return all
  for (let i = 0; i < most; i++) {
    const j = i + random.integer(count - i)
    const swapped = all[i]!
    all[i] = all[j]!
    all[j] = swapped
  }
  return all.slice(0, most).sort()
}

/** Rows by their numbers. @param values [count, columns] */
export function rowsAt(values: Float32Array, columns: number, items: ArrayLike<number>): Float32Array {
  const rows = new Float32Array(items.length * columns)
  for (let i = 0; i < items.length; i++)
    rows.set(values.subarray(items[i]! * columns, (items[i]! + 1) * columns), i * columns)
  return rows
}

/** So many items at most, evenly spread. */
export const evenly = <T>(items: T[], count: number): T[] =>
  items.length <= count
    ? items
    : Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)
