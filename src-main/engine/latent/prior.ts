import { createRandom } from '../numeric/random.ts'

/**
 * Draws from the prior N(0, 1): number `first` to `first + count − 1` of a seed, the same however many are asked for at once.
 * @returns [count, size]
 */
export function priorCodes(seed: number, first: number, count: number, size: number): Float32Array {
  const source = createRandom(seed)
  const codes = new Float32Array(count * size)
  for (let i = 0; i < count; i++) {
    const random = source.fork(first + i)
    for (let j = 0; j < size; j++) codes[i * size + j] = random.normal()
  }
  return codes
}
