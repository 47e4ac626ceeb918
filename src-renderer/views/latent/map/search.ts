/** Items whose name has all the words in it, in order; none without a word. */
export function itemsNamed(names: readonly string[], text: string): number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return names.flatMap((name, item) => {
    const lower = name.toLowerCase()
    return words.every((word) => lower.includes(word)) ? [item] : []
  })
}

/** The next of some things around a circle; back with −1. @param at −1: before the first */
export const stepAround = (at: number, by: 1 | -1, count: number): number =>
  at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count
