import type { LatentDirections } from '../../contract/latent.ts'
import { fitPca, projectPca } from '../numeric/pca.ts'
import { createRandom } from '../numeric/random.ts'
import type { Latents } from './latents.ts'

const mostComponents = 16

/** What directions are found out from. */
export type Spread = Pick<Latents, 'codes' | 'size' | 'count' | 'zLogVar'>

/**
 * How codes spread: of each dimension mean, deviation, and of variational models mean KL to the prior, ½ (μ² + σ² − log σ² − 1); and their
 * principal components.
 * @param firstLayer of a GAN, whose codes are noise: what the generator's first layer makes of the codes, [count, …]; the components are then
 *   those of GANSpace (Härkönen et al. 2020).
 */
export function directionsOf(codes: Spread, firstLayer: Float32Array | null): LatentDirections {
  const { size } = codes
  const { mean, deviation } = momentsOf(codes)
  const kl = klOf(codes)
  const activity = kl ?? deviation
  const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => activity[b]! - activity[a]!)
  return {
    ...{ mean, deviation, kl, order },
    components: firstLayer === null ? principal(codes) : ganspace(codes, firstLayer, deviation),
  }
}

function momentsOf({ codes, size, count }: Spread): Pick<LatentDirections, 'mean' | 'deviation'> {
  const mean = new Array<number>(size).fill(0)
  const variance = new Array<number>(size).fill(0)
  for (let at = 0; at < codes.length; at++) mean[at % size]! += codes[at]! / count
  for (let at = 0; at < codes.length; at++)
    variance[at % size]! += (codes[at]! - mean[at % size]!) ** 2 / count
  return { mean, deviation: variance.map(Math.sqrt) }
}

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
 * Principal components of the first layer, taken back to codes: the direction of z that goes with a component x is the least-squares slope of
 * z on x, Σ (z − z̄) x / Σ x².
 */
function ganspace(
  { codes, size, count }: Spread,
  features: Float32Array,
  deviation: number[],
): LatentDirections['components'] {
  const pca = fitPca(features, features.length / count, Math.min(mostComponents, size), createRandom(0))
  const places = projectPca(pca, features)
  const number = pca.components.length
  return pca.components.map((_, component) => {
    const slope = new Array<number>(size).fill(0)
    for (let i = 0; i < count; i++) {
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
