import type { Codes, LatentModel } from '../../../src-main/contract/latent.ts'

/** Numbers in a code. */
export const codeSize = ({ code }: Pick<LatentModel, 'code'>): number =>
  code.reduce((product, side) => product * side, 1)

/** One of several codes that travel flattened. */
export const codeAt = ({ size, codes }: Codes, index: number): number[] => [
  ...codes.subarray(index * size, (index + 1) * size),
]

export const flatCodes = (codes: readonly (readonly number[])[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(codes.flat())

/** Euclidean. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, place) => value - b[place]!))
