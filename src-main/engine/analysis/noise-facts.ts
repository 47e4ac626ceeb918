import type { NoiseFacts } from '../../contract/evidence.ts'
import { blockSteps } from './blocking.ts'
import { estimateNoise } from './noise.ts'
import type { SampledPage } from './sampled-page.ts'
import { noiseCorrelation } from './whiteness.ts'

/** What a picture's noise is like. Time and memory are bounded, whatever the size of the picture. */
export function measureNoise(page: SampledPage): NoiseFacts {
  return {
    sigma: estimateNoise(page),
    correlation: noiseCorrelation(page),
    blocking: blockSteps(page),
    isGray: page.channels === 1,
  }
}
