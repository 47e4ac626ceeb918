import type { Random } from '../numeric/random.ts'
import type { Sample } from './sample.ts'

/** Pairs of neighbours in a cell of 2×2 pixels, numbered row by row; each is taken in either order. */
const pairs = [
  [0, 1],
  [2, 3],
  [0, 2],
  [1, 3],
] as const

/** Which pixel of each cell two pictures of half the sides take: 0 to 3, row by row. */
export interface Neighbours {
  first: Uint8Array
  second: Uint8Array
}

/** Draws two neighbours of each cell of 2×2 pixels (Huang et al., CVPR 2021, figure 3): for each the pair and its order at once. */
export function drawNeighbours(cells: number, random: Random): Neighbours {
  const first = new Uint8Array(cells)
  const second = new Uint8Array(cells)
  for (let i = 0; i < cells; i++) {
    const drawn = random.integer(8)
    const [a, b] = pairs[drawn >> 1]!
    first[i] = drawn % 2 === 0 ? a : b
    second[i] = drawn % 2 === 0 ? b : a
  }
  return { first, second }
}

/** One pixel of each cell of a picture with even sides: a picture of half the sides. */
export function subSample({ width, height, channels, data }: Sample, chosen: Uint8Array): Sample {
  const half = { width: width / 2, height: height / 2, channels }
  const out = new Float32Array(half.width * half.height * channels)
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      const cell = y * half.width + x
      const from = channels * ((2 * y + (chosen[cell]! >> 1)) * width + 2 * x + (chosen[cell]! & 1))
      for (let channel = 0; channel < channels; channel++)
        out[channels * cell + channel] = data[from + channel]!
    }
  }
  return { ...half, data: out }
}

/** [cells, 4]: 1 for the pixel that is taken of each. */
export function oneHot(chosen: Uint8Array): Float32Array {
  const map = new Float32Array(4 * chosen.length)
  chosen.forEach((pixel, cell) => {
    map[4 * cell + pixel] = 1
  })
  return map
}
