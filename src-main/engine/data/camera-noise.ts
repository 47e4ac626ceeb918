import type { Random } from '../numeric/random.ts'
import type { Patch } from './patches.ts'

export interface CameraNoise {
  /** Standard deviation at mid-gray, in the encoded values' unit [0, 1]. */
  sigma: number
  /** Share of shot noise in the variance at mid-gray; the rest is read noise. */
  shotShare: number
  /** Standard deviation of the blur that correlates neighbours, in pixels. */
  blur: number
}

/**
 * Adds noise as a camera makes it, in place. A sensor counts photons: in linear light the variance is
 * shot · signal + read² (Foi et al., "Practical Poissonian-Gaussian noise modeling and fitting", TIP 2008). The tone curve
 * then stretches the noise of the shadows and demosaicking spreads it over neighbours (Guo et al., CBDNet, CVPR 2019;
 * Brooks et al., "Unprocessing images for learned raw denoising", CVPR 2019). So: decode to linear light, add white noise
 * that was blurred and brought back to unit variance, encode again. Not clipped.
 *
 * Draws one normal for every sample of the patch and of a border as wide as the blur reaches.
 *
 * @returns the variance added, mean over the patch, to first order in σ.
 */
export function addCameraNoise(
  patch: Patch,
  { sigma, shotShare, blur }: CameraNoise,
  random: Random,
): number {
  const { size, channels, data } = patch
  const noise = correlatedNoise(size, channels, blur, random)
  const middle = decode(0.5)
  const variance = (sigma / slope(0.5, middle)) ** 2
  const shot = (variance * shotShare) / middle
  const read = variance * (1 - shotShare)
  let added = 0
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    const light = decode(value)
    const deviation = Math.sqrt(shot * Math.max(light, 0) + read)
    data[i] = encode(light + deviation * noise[i]!)
    added += (deviation * slope(value, light)) ** 2
  }
  return added / data.length
}

/**
 * The tone curve: gamma 2.2 whose start is shifted by `toe`, so that its slope at black stays finite, as that of real
 * curves does (4.5 times that at mid-gray). Below black it goes on as a straight line.
 */
const gamma = 2.2
const toe = 0.02
const low = toe ** (1 / gamma)
const scale = (1 + toe) ** (1 / gamma) - low
const slopeAtBlack = low / (gamma * scale * toe)

const encode = (light: number): number =>
  light < 0 ? light * slopeAtBlack : ((light + toe) ** (1 / gamma) - low) / scale
const decode = (value: number): number =>
  value < 0 ? value / slopeAtBlack : (value * scale + low) ** gamma - toe
/** d encode / d light at an encoded value and its linear light. */
const slope = (value: number, light: number): number =>
  value < 0 ? slopeAtBlack : (value * scale + low) / (gamma * scale * (light + toe))

/** Unit normal noise, interleaved, each channel blurred on its own by a separable Gaussian of that deviation in pixels. */
function correlatedNoise(size: number, channels: number, blur: number, random: Random): Float32Array {
  const radius = Math.ceil(3 * blur)
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    blur === 0 ? 1 : Math.exp(-((i - radius) ** 2) / (2 * blur ** 2)),
  )
  // White noise through a filter has the sum of the squared taps as variance; this makes it 1 in each direction.
  const norm = Math.hypot(...kernel)
  const wide = size + 2 * radius
  const white = new Float32Array(wide * wide * channels)
  for (let i = 0; i < white.length; i++) white[i] = random.normal()
  if (radius === 0) return white
  const rows = new Float32Array(wide * size * channels)
  for (let y = 0; y < wide; y++) {
    for (let i = 0; i < size * channels; i++) {
      let sum = 0
      for (let k = 0; k < kernel.length; k++)
        sum += kernel[k]! * white[y * wide * channels + i + k * channels]!
      rows[y * size * channels + i] = sum / norm
    }
  }
  const noise = new Float32Array(size * size * channels)
  for (let i = 0; i < noise.length; i++) {
    let sum = 0
    for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * rows[i + k * size * channels]!
    noise[i] = sum / norm
  }
  return noise
}
