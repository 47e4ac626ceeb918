import { DarkroomError } from '../../contract/errors.ts'
import type { LatentDirections } from '../../contract/latent.ts'
import { fitPca, projectPca } from '../numeric/pca.ts'
import { createRandom } from '../numeric/random.ts'
import type { Latents } from './latents.ts'

const mostComponents = 16

/** Draws that GANSpace looks at: so many numbers of the first layer, but no more draws than that. */
const firstLayerNumbers = 2 ** 22
const mostDraws = 2000

/** What directions are found out from. */
export type Spread = Pick<Latents, 'codes' | 'size' | 'count' | 'zLogVar'>

/** @throws latents-unsuitable where there is nothing to compare */
export function checkSeveral({ count, run }: { count: number; run: { path: string } }): void {
  if (count >= 2) return
  throw new DarkroomError('latents-unsuitable', {
    file: run.path,
    expected: 'at least 2 items, to see how their codes differ',
    received: `${count}`,
  })
}

/**
 * How codes spread: of each dimension mean, deviation, and of variational models mean KL to the prior; and their principal components. Of a
 * GAN, whose codes are noise, the components are those of its generator's first layer (GANSpace, Härkönen et al. 2020).
 */
export async function directionsOf(latents: Spread & Pick<Latents, 'model'>): Promise<LatentDirections> {
  const { size } = latents
  const { mean, deviation } = momentsOf(latents)
  const kl = klOf(latents)
  const activity = kl ?? deviation
  const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => activity[b]! - activity[a]!)
  const { firstLayer } = latents.model
  const components = firstLayer === null ? principal(latents) : await ganspace(latents, firstLayer, deviation)
  return { mean, deviation, kl, order, components }
}

function momentsOf({ codes, size, count }: Spread): Pick<LatentDirections, 'mean' | 'deviation'> {
  const mean = new Array<number>(size).fill(0)
  const variance = new Array<number>(size).fill(0)
  for (let at = 0; at < codes.length; at++) mean[at % size]! += codes[at]! / count
  for (let at = 0; at < codes.length; at++)
    variance[at % size]! += (codes[at]! - mean[at % size]!) ** 2 / count
  return { mean, deviation: variance.map(Math.sqrt) }
}

/** ½ (μ² + σ² − log σ² − 1) of each dimension, the mean over items, in nats. */
function klOf({ codes, size, count, zLogVar }: Spread): number[] | null {
  if (zLogVar === null) return null
  const kl = new Array<number>(size).fill(0)
  for (let at = 0; at < codes.length; at++) {
    const log = zLogVar[at]!
    kl[at % size]! += (codes[at]! ** 2 + Math.exp(log) - log - 1) / (2 * count)
  }
  return kl
}

function principal({ codes, size }: Spread): LatentDirections['components'] {
  const { components, variances, total } = fitPca(
    codes,
    size,
    Math.min(mostComponents, size),
    createRandom(0),
  )
  return components.map((component, i) => ({
    direction: Array.from(component),
    deviation: Math.sqrt(Math.max(0, variances[i]!)),
    share: total > 0 ? variances[i]! / total : 0,
  }))
}

/**
 * Principal components of what the first layer makes of codes, taken back to codes: the direction of z that goes with a component x is the
 * least-squares slope of z on x, Σ z x / Σ x².
 */
async function ganspace(
  { codes, size, count }: Spread,
  firstLayer: (codes: Float32Array) => Promise<Float32Array>,
  deviation: number[],
): Promise<LatentDirections['components']> {
  const columns = (await firstLayer(codes.subarray(0, size))).length
  const draws = Math.max(1, Math.min(count, mostDraws, Math.floor(firstLayerNumbers / columns)))
  const features = await firstLayer(codes.subarray(0, draws * size))
  const pca = fitPca(features, columns, Math.min(mostComponents, size, columns), createRandom(0))
  const places = projectPca(pca, features)
  const number = pca.components.length
  return pca.components.map((_, component) => {
    const slope = new Array<number>(size).fill(0)
    for (let i = 0; i < draws; i++) {
      // Places have mean 0, so that the mean of z takes no part.
      const place = places[i * number + component]!
      for (let j = 0; j < size; j++) slope[j]! += place * codes[i * size + j]!
    }
    const length = Math.hypot(...slope) || 1
    const direction = slope.map((value) => value / length)
    return {
      direction,
      deviation: Math.hypot(...direction.map((value, j) => value * deviation[j]!)),
      share: pca.total > 0 ? pca.variances[component]! / pca.total : 0,
    }
  })
}
