import type { Engine } from '../../../../src-main/contract/engine.ts'
import type { Codes, SampleSource } from '../../../../src-main/contract/latent.ts'

/** Where the codes of the grid come from. Draw number n of the same is always the same. */
export type Drawn =
  | { from: 'source'; source: SampleSource; seed: number; temperature: number }
  /** Around a code, which is draw number 0. */
  | {
      from: 'near'
      code: readonly number[]
      seed: number
      /** In standard deviations of the codes. */
      radius: number
      /** Of each dimension; null: 1. */
      deviation: readonly number[] | null
    }

/**
 * What a mixture begins as: a number of Gaussians that is soon fitted. How many are best is found out by fitting ever more, which takes three
 * times as long.
 */
export const firstMixture: Extract<SampleSource, { type: 'mixture' }> = {
  ...{ type: 'mixture', data: null, components: 10, perClass: false, label: null },
}

/** One cell of the grid. */
export interface Draw {
  /** From 0. */
  number: number
  /** Class, where they are drawn per class. */
  label: string | null
  code: number[]
}

/** Draws number `first` to `first + count − 1`. */
export async function drawCodes(
  engine: Pick<Engine, 'drawCodes'>,
  run: string,
  drawn: Drawn,
  first: number,
  count: number,
): Promise<Codes> {
  const { seed } = drawn
  if (drawn.from === 'source') {
    const { source, temperature } = drawn
    return engine.drawCodes({ run, source, seed, first, count, temperature })
  }
  // The prior's draws are N(0, 1): the same noise for every radius, so that a wider one moves the same pictures further away.
  const noise = await engine.drawCodes({ run, seed, first, count })
  return { ...noise, codes: around(noise.codes, drawn, first) }
}

/** @param noise [count, size], of the draws from number `first` on */
export function around(
  noise: Float32Array,
  { code, radius, deviation }: Pick<Drawn & { from: 'near' }, 'code' | 'radius' | 'deviation'>,
  first: number,
): Float32Array {
  const size = code.length
  return noise.map((value, at) => {
    const dimension = at % size
    const isItself = first === 0 && at < size
    return code[dimension]! + (isItself ? 0 : radius * (deviation?.[dimension] ?? 1) * value)
  })
}
