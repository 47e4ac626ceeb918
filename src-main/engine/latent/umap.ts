import { UMAP } from 'umap-js'
import type { MapMethod } from '../../contract/latent.ts'
import type { JobContext } from '../jobs/context.ts'
import { nearestOthers } from '../numeric/nearest.ts'
import { fitPca, projectPca } from '../numeric/pca.ts'
import type { Random } from '../numeric/random.ts'
import type { Latents } from './latents.ts'
import { stepping } from './stepping.ts'

type UmapMethod = Extract<MapMethod, { type: 'umap' }>
type UmapContext = Pick<JobContext, 'signal' | 'pause' | 'emit'>

/** Side of the square that the map starts in, as the reference implementation has it. */
const startSide = 20
const sources = { pca: 1, umap: 2 }

/**
 * UMAP (McInnes, Healy & Melville 2018) of codes, with their exact neighbours, starting from their two principal components: so its outline
 * follows the data and not chance (Kobak & Linderman 2021).
 * @returns [count, 2]
 * @throws the reason of the signal where it is to stop
 */
export async function umapOf(
  { codes, size, count }: Pick<Latents, 'codes' | 'size' | 'count'>,
  { neighbours, minDistance }: Pick<UmapMethod, 'neighbours' | 'minDistance'>,
  random: Random,
  context: UmapContext,
): Promise<Float32Array> {
  const step = stepping(context, count)
  const near = await nearestOthers(codes, size, Math.min(neighbours, count) - 1, step)
  const chance = random.fork(sources.umap)
  const umap = new UMAP({
    nNeighbors: near.k + 1,
    minDist: minDistance,
    random: () => chance.uniform(),
  })
  // Every row begins with itself, as the library has it where it looks for neighbours by itself.
  const withSelf = (values: ArrayLike<number>, self: (i: number) => number): number[][] =>
    Array.from({ length: count }, (_, i) => [
      self(i),
      ...Array.from({ length: near.k }, (_, j) => values[i * near.k + j]!),
    ])
  umap.setPrecomputedKNN(
    withSelf(near.indexes, (i) => i),
    withSelf(near.distances, () => 0),
  )
  const rows = Array.from({ length: count }, (_, i) => Array.from(codes.subarray(i * size, (i + 1) * size)))
  const epochs = umap.initializeFit(rows)
  const places = umap.getEmbedding()
  startFrom(places, codes, size, random.fork(sources.pca))
  for (let epoch = 0; epoch < epochs; epoch++) {
    await step(Math.round((count * epoch) / epochs))
    umap.step()
  }
  return Float32Array.from(umap.getEmbedding().flat())
}

/** Sets places to the principal components, with a little noise: places that are the same would stay together. */
function startFrom(places: number[][], codes: Float32Array, size: number, random: Random): void {
  const pca = fitPca(codes, size, Math.min(2, size), random)
  const projected = projectPca(pca, codes)
  const dimensions = pca.components.length
  let largest = 0
  for (const value of projected) largest = Math.max(largest, Math.abs(value))
  for (const [i, place] of places.entries())
    for (let c = 0; c < 2; c++) {
      const value = c < dimensions ? projected[i * dimensions + c]! : 0
      place[c] = ((startSide / 2) * value) / largest + 1e-4 * random.normal()
    }
}
