import type { Latents } from '../../src-main/engine/latent/latents.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { recipe, runDetail } from './fake-runs.ts'

/** Latents of a run that there is not: codes as they are given, samples of one pixel each. */
export function fakeLatents(codes: Float32Array, size: number, changes: Partial<Latents> = {}): Latents {
  const count = codes.length / size
  const { info } = runDetail('/runs/fake', [])
  const input = [1, 1, 1]
  return {
    run: { path: '/runs/fake', info: { ...info, recipe }, weights: {}, step: null },
    model: {
      ...{ input, code: [size], variational: false, encode: null, firstLayer: null },
      decode: (values) => Promise.resolve(new Float32Array(values.length / size)),
      dispose: () => Promise.resolve(),
    },
    ...{ count, size, codes, zLogVar: null, errors: null, labels: null, splits: null },
    indexes: Int32Array.from({ length: count }, (_, i) => i),
    name: (i) => `/data/pictures/${i}.png`,
    read: (items) => Promise.resolve(Float32Array.from(items, (item) => item / count)),
    close: () => Promise.resolve(),
    ...changes,
  }
}

/** So many heaps of codes, far apart, each of as many as the others; and which heap each belongs to. */
export function heaps(count: number, each: number, size: number): { codes: Float32Array; of: Int32Array } {
  const random = createRandom(7)
  const centres = Array.from({ length: count }, () =>
    Array.from({ length: size }, () => 12 * random.uniform()),
  )
  const of = Int32Array.from({ length: count * each }, (_, i) => i % count)
  const codes = Float32Array.from({ length: of.length * size }, (_, at) => {
    const heap = of[Math.floor(at / size)]!
    return centres[heap]![at % size]! + 0.3 * random.normal()
  })
  return { codes, of }
}
