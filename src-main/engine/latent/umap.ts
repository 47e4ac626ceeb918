import type { MapMethod } from '../../contract/latent.ts'
import type { JobContext } from '../jobs/context.ts'
import { fuzzyGraph } from '../numeric/fuzzy-graph.ts'
import { nearestOthers } from '../numeric/nearest.ts'
import { fitPca, projectPca } from '../numeric/pca.ts'
import type { Random } from '../numeric/random.ts'
import { fitCurve, layOutGraph } from '../numeric/umap.ts'
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
  // The neighbours take about as long as the layout, the graph a hundredth of it.
  const step = stepping(context, 2 * count)
  const near = await nearestOthers(codes, size, Math.min(neighbours, count) - 1, step)
  const graph = await fuzzyGraph(near, () => step(count))
  const places = startOf(codes, size, random.fork(sources.pca))
  await layOutGraph(places, graph, fitCurve(minDistance), random.fork(sources.umap), (share) =>
    step(count + Math.floor(count * share)),
  )
  return places
}

/** The principal components, with a little noise: places that are the same would stay together. */
function startOf(codes: Float32Array, size: number, random: Random): Float32Array {
  const pca = fitPca(codes, size, Math.min(2, size), random)
  const projected = projectPca(pca, codes)
  const dimensions = pca.components.length
  const largest = projected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return Float32Array.from({ length: (2 * codes.length) / size }, (_, at) => {
    const value = at % 2 < dimensions ? projected[(at >> 1) * dimensions + (at % 2)]! : 0
    return ((startSide / 2) * value) / largest + 1e-4 * random.normal()
  })
}
