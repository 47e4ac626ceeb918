import type { Corruption, SimpleCorruption } from '../../contract/corruption.ts'
import type { Random } from '../numeric/random.ts'
import { cropRaster, enlargeBicubic, reduceBicubic } from '../numeric/resample.ts'
import { jpegRoundTrip } from '../storage/jpeg-round-trip.ts'
import { addCameraNoise, drawCamera } from './camera-noise.ts'
import type { Sample } from './sample.ts'

export interface Corrupted {
  /** Of the clean sample's shape; may lie outside of [0, 1]. */
  noisy: Sample
  /** The noise's standard deviation in [0, 1] units: what a network that asks for it is told. */
  sigma: number
  /** [height, width]: 1 where a pixel is missing, 0 elsewhere; null where no blocks were cut out. */
  mask: Float32Array | null
}

/**
 * A corrupted copy of a clean sample. Corruptions apply in the order of the recipe; each first draws whether it applies at all
 * (`oneOf`: which chain), then its parameters, then its noise. Gray samples get gray noise.
 *
 * The network is told the σ that it would be told of a real picture: variances of noise add up; JPEG, which also takes
 * noise away, sets σ to the root mean square of what then differs from the clean sample; rounding, and what is no noise, leave σ as it is.
 * Camera noise and JPEG, which have no alpha, leave alpha as it is.
 */
export async function corrupt(
  clean: Sample,
  corruptions: readonly Corruption[],
  random: Random,
): Promise<Corrupted> {
  const noisy = { ...clean, data: clean.data.slice() }
  const { data } = noisy
  let variance = 0
  let mask: Float32Array | null = null

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
        for (let i = 0; i < data.length; i++) data[i]! += sigma * random.normal()
        variance += sigma ** 2
        return
      }
      case 'camera':
        variance += addCameraNoise(noisy, drawCamera(corruption, random), random)
        return
      case 'jpeg': {
        const [low, high] = corruption.quality
        await compress(noisy, low + random.integer(high - low + 1))
        variance = meanSquare(data, clean.data)
        return
      }
      case 'quantize':
        data.set(toBytes(data))
        for (let i = 0; i < data.length; i++) data[i]! /= 255
        return
      case 'mask': {
        const share = between(corruption.share, random)
        for (let i = 0; i < data.length; i++) if (random.uniform() < share) data[i] = 0
        return
      }
      case 'salt-pepper': {
        const share = between(corruption.share, random)
        for (let i = 0; i < data.length; i++) {
          const drawn = random.uniform()
          if (drawn < share) data[i] = drawn < share / 2 ? 0 : 1
        }
        return
      }
      case 'downscale': {
        const larger = enlargeBicubic(reduceBicubic(noisy, corruption.factor), corruption.factor)
        data.set(cropRaster(larger, noisy.width, noisy.height).data)
        return
      }
      case 'misjudged': {
        const factor = corruption.factor * Math.exp(corruption.spread * random.normal())
        variance = (Math.sqrt(variance) * factor + between(corruption.excess, random) / 255) ** 2
        return
      }
      case 'blocks':
        mask ??= new Float32Array(noisy.width * noisy.height)
        cutBlocks(noisy, mask, corruption, random)
    }
  }

  await applyAll(corruptions)
  return { noisy, sigma: Math.sqrt(variance), mask }
}

function choose<T extends { weight: number }>(options: readonly T[], random: Random): T {
  let rest = random.uniform() * options.reduce((sum, { weight }) => sum + weight, 0)
  return options.find(({ weight }) => (rest -= weight) < 0) ?? options.at(-1)!
}

const between = ([low, high]: readonly [number, number], random: Random): number =>
  low + (high - low) * random.uniform()

const integerBetween = ([low, high]: readonly [number, number], random: Random): number =>
  low + random.integer(high - low + 1)

/** JPEG there and back, in place; alpha stays. */
async function compress({ width, height, channels, data }: Sample, quality: number): Promise<void> {
  const colours = channels === 1 ? 1 : 3
  const bytes = toBytes(data)
  const pixels = channels === 4 ? bytes.filter((_, i) => i % 4 !== 3) : bytes
  const decoded = await jpegRoundTrip(pixels, { width, height, channels: colours }, quality)
  for (let i = 0, from = 0; i < data.length; i++) if (i % channels < colours) data[i] = decoded[from++]! / 255
}

/** Cuts rectangles out, anywhere inside and no larger than the sample: its values become 0 there, the mask's 1. */
function cutBlocks(
  { width, height, channels, data }: Sample,
  mask: Float32Array,
  { count, side }: Extract<SimpleCorruption, { type: 'blocks' }>,
  random: Random,
): void {
  for (let left = integerBetween(count, random); left > 0; left--) {
    const blockWidth = Math.min(integerBetween(side, random), width)
    const blockHeight = Math.min(integerBetween(side, random), height)
    const x = random.integer(width - blockWidth + 1)
    const y = random.integer(height - blockHeight + 1)
    for (let row = y; row < y + blockHeight; row++) {
      const start = row * width + x
      mask.fill(1, start, start + blockWidth)
      data.fill(0, start * channels, (start + blockWidth) * channels)
    }
  }
}

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
