import type { Corruption, SimpleCorruption } from '../../contract/corruption.ts'
import type { Random } from '../numeric/random.ts'
import { jpegRoundTrip } from '../storage/jpeg-round-trip.ts'
import { addCameraNoise } from './camera-noise.ts'
import type { Patch } from './patches.ts'

export interface Corrupted {
  noisy: Patch
  /** The noise's standard deviation in [0, 1] units: what the network is told. */
  sigma: number
}

/**
 * A noisy version of a clean patch. Corruptions apply in the order of the recipe; each first draws whether it applies at all
 * (`oneOf`: which chain), then its parameters, then its noise. Gray patches get gray noise.
 *
 * The network is told the σ that it would be told of a real picture: variances of noise add up; JPEG, which also takes
 * noise away, sets σ to the root mean square of what then differs from the clean patch; rounding leaves σ as it is.
 */
export async function corrupt(
  clean: Patch,
  corruptions: readonly Corruption[],
  random: Random,
): Promise<Corrupted> {
  const noisy = { ...clean, data: clean.data.slice() }
  let variance = 0

  const applyAll = async (chain: readonly Corruption[]): Promise<void> => {
    for (const corruption of chain) {
      if (corruption.type === 'oneOf') await applyAll(choose(corruption.options, random).corruptions)
      else if (random.uniform() < corruption.probability) await apply(corruption)
    }
  }

  const apply = async (corruption: SimpleCorruption): Promise<void> => {
    switch (corruption.type) {
      case 'gaussian': {
        const sigma = between(corruption.sigma, random) / 255
        for (let i = 0; i < noisy.data.length; i++) noisy.data[i]! += sigma * random.normal()
        variance += sigma ** 2
        return
      }
      case 'camera': {
        const noise = {
          sigma: between(corruption.sigma, random) / 255,
          shotShare: between(corruption.shotShare, random),
          blur: between(corruption.blur, random),
        }
        variance += addCameraNoise(noisy, noise, random)
        return
      }
      case 'jpeg': {
        const [low, high] = corruption.quality
        const quality = low + random.integer(high - low + 1)
        const { size, channels, data } = noisy
        const shape = { width: size, height: size, channels }
        const decoded = await jpegRoundTrip(toBytes(data), shape, quality)
        for (let i = 0; i < data.length; i++) data[i] = decoded[i]! / 255
        variance = meanSquare(data, clean.data)
        return
      }
      case 'quantize':
        noisy.data.set(toBytes(noisy.data))
        for (let i = 0; i < noisy.data.length; i++) noisy.data[i]! /= 255
    }
  }

  await applyAll(corruptions)
  return { noisy, sigma: Math.sqrt(variance) }
}

function choose<T extends { weight: number }>(options: readonly T[], random: Random): T {
  let rest = random.uniform() * options.reduce((sum, { weight }) => sum + weight, 0)
  return options.find(({ weight }) => (rest -= weight) < 0) ?? options.at(-1)!
}

const between = ([low, high]: readonly [number, number], random: Random): number =>
  low + (high - low) * random.uniform()

/** [0, 1] to 8 bits: clipped, rounded half to even, as clamped arrays do. */
function toBytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8ClampedArray(data.length)
  for (let i = 0; i < data.length; i++) bytes[i] = data[i]! * 255
  return new Uint8Array(bytes.buffer)
}

function meanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum / a.length
}
