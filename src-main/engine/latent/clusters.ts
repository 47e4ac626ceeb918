import { kmeansGenerator } from 'ml-kmeans'
import { DarkroomError } from '../../contract/errors.ts'
import type { ClusterMethod, Clusters } from '../../contract/latent.ts'
import type { JobContext } from '../jobs/context.ts'
import { adjustedRandIndex, normalisedMutualInformation } from '../numeric/agreement.ts'
import { hdbscan } from '../numeric/hdbscan.ts'
import { fitMixture } from '../numeric/mixture.ts'
import { assignComponents } from '../numeric/mixture-density.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { meanSilhouette } from '../numeric/silhouette.ts'
import { drawSubset, rowsAt } from '../numeric/subset.ts'
import type { Latents } from './latents.ts'
import { checkSpread } from './spread.ts'
import { pausing, stepping } from './stepping.ts'

type ClusterContext = Pick<JobContext, 'signal' | 'pause' | 'emit'>
type Points = Pick<Latents, 'codes' | 'size' | 'count'>

/** Numbers of clusters that are tried where none is given. */
const triedCounts = { from: 2, to: 20 }
/** Items that the number of clusters is chosen by, and that silhouettes are measured on. */
const mostMeasured = 2000
/** Rounds of k-means at most. */
const rounds = 100
/** ml-random takes seeds of 31 bits. */
const largestSeed = 2 ** 31 - 1
const sources = { subset: 1, kmeans: 2, mixture: 3 }

/**
 * Finds clusters among latents, and says how well they are apart, and how well they agree with the labels.
 * @throws latents-unsuitable for fewer than two items, more clusters than items, or codes that are all the same
 */
export async function clustersOf(
  latents: Latents,
  method: ClusterMethod,
  seed: number,
  context: ClusterContext,
): Promise<Clusters> {
  const { count, codes, size, labels } = latents
  const least = Math.max(2, method.type === 'density' ? method.smallest : (method.count ?? 2))
  if (count < least)
    throw new DarkroomError('latents-unsuitable', {
      file: latents.run.path,
      expected: `at least ${least} items`,
      received: `${count}`,
    })
  checkSpread(latents)
  const random = createRandom(seed)
  const { of, sizes } = largestFirst(await find(latents, method, random, context))
  const clustered = Int32Array.from(of.keys()).filter((item) => of[item]! >= 0)
  const measured = drawSubset(clustered.length, mostMeasured, random.fork(sources.subset)).map(
    (place) => clustered[place]!,
  )
  const silhouette = await meanSilhouette(
    rowsAt(codes, size, measured),
    size,
    Array.from(measured, (item) => of[item]!),
    pausing(context),
  )
  return {
    ...{ sizes, noise: count - clustered.length, of, silhouette, measured: measured.length },
    ...agreement(of, labels),
  }
}

function find(
  latents: Points,
  method: ClusterMethod,
  random: Random,
  context: ClusterContext,
): Promise<Int32Array> {
  switch (method.type) {
    case 'kmeans':
      return kmeans(latents, method.count, random, context)
    case 'mixture':
      return mixture(latents, method.count, random.fork(sources.mixture), context)
    case 'density':
      return density(latents, method.smallest, context)
  }
}

/** k-means from a k-means++ start; without a number the one whose clusters are best apart, found on a part of the items. */
async function kmeans(
  latents: Points,
  count: number | null,
  random: Random,
  context: ClusterContext,
): Promise<Int32Array> {
  const step = pausing(context)
  const seed = random.fork(sources.kmeans).integer(largestSeed)
  const wanted = count ?? (await bestCount(latents, seed, random, context))
  const rows = vectors(latents.codes, latents.size)
  let clusters: number[] = []
  let round = 0
  for (const { clusters: found } of kmeansGenerator(rows, wanted, { seed, maxIterations: rounds })) {
    await step()
    tell(context, round++, rounds)
    clusters = found
  }
  return Int32Array.from(clusters)
}

async function bestCount(
  latents: Points,
  seed: number,
  random: Random,
  context: ClusterContext,
): Promise<number> {
  const step = pausing(context)
  const { size } = latents
  const part = rowsAt(
    latents.codes,
    size,
    drawSubset(latents.count, mostMeasured, random.fork(sources.subset)),
  )
  const rows = vectors(part, size)
  let best = { count: triedCounts.from, silhouette: -Infinity }
  for (let count = triedCounts.from; count <= Math.min(triedCounts.to, rows.length - 1); count++) {
    let clusters: number[] = []
    for (const { clusters: found } of kmeansGenerator(rows, count, { seed, maxIterations: rounds })) {
      await step()
      clusters = found
    }
    tell(context, count, triedCounts.to)
    const silhouette = (await meanSilhouette(part, size, clusters, step)) ?? -1
    if (silhouette > best.silhouette) best = { count, silhouette }
  }
  return best.count
}

async function mixture(
  { codes, size, count }: Points,
  components: number | null,
  random: Random,
  context: ClusterContext,
): Promise<Int32Array> {
  const step = stepping(context, count)
  const fitted = await fitMixture(codes, size, {
    ...{ components, random },
    step: (share) => step(Math.round(share * count)),
  })
  return assignComponents(fitted, codes)
}

function density(
  { codes, size, count }: Points,
  smallest: number,
  context: ClusterContext,
): Promise<Int32Array> {
  return hdbscan(codes, size, smallest, stepping(context, 2 * count))
}

const tell = ({ emit }: ClusterContext, done: number, total: number): void =>
  emit({ event: 'progress', progress: { done, total, secondsLeft: null } })

/** Clusters numbered by their size; those that none belongs to are left out. */
function largestFirst(clusters: Int32Array): { of: Int32Array; sizes: number[] } {
  const sizes = new Map<number, number>()
  for (const cluster of clusters) if (cluster >= 0) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1)
  const ordered = [...sizes].sort(([a, sizeOfA], [b, sizeOfB]) => sizeOfB - sizeOfA || a - b)
  const numbers = new Map(ordered.map(([cluster], number) => [cluster, number]))
  return { of: clusters.map((cluster) => numbers.get(cluster) ?? -1), sizes: ordered.map(([, size]) => size) }
}

/** Of the items that have a label; noise is taken as a cluster of its own. */
function agreement(of: Int32Array, labels: Latents['labels']): Pick<Clusters, 'nmi' | 'ari'> {
  if (labels === null) return { nmi: null, ari: null }
  const labelled = Array.from(of.keys()).filter((item) => labels.of[item]! >= 0)
  const found = labelled.map((item) => of[item]! + 1)
  const known = labelled.map((item) => labels.of[item]!)
  return { nmi: normalisedMutualInformation(found, known), ari: adjustedRandIndex(found, known) }
}

const vectors = (rows: Float32Array, size: number): number[][] =>
  Array.from({ length: rows.length / size }, (_, i) => Array.from(rows.subarray(i * size, (i + 1) * size)))
