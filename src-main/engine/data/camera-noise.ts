import type { Random } from '../numeric/random.ts'
import type { Sample } from './sample.ts'

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
 * Draws one normal for every value of the picture and of a border as wide as the blur reaches.
 *
 * Alpha stays as it is.
 *
 * @returns the variance added, mean over the colours, to first order in σ.
 */
export function addCameraNoise(
  picture: Sample,
  { sigma, shotShare, blur }: CameraNoise,
  random: Random,
): number {
  const { channels, data } = picture
  const noise = correlatedNoise(picture, blur, random)
  const middle = decode(0.5)
  const variance = (sigma / slope(0.5, middle)) ** 2
  const shot = (variance * shotShare) / middle
  const read = variance * (1 - shotShare)
  const colours = Math.min(channels, 3)
  let added = 0
  for (let i = 0; i < data.length; i++) {
    if (i % channels >= colours) continue
    const value = data[i]!
    const light = decode(value)
    const deviation = Math.sqrt(shot * Math.max(light, 0) + read)
    data[i] = encode(light + deviation * noise[i]!)
    added += (deviation * slope(value, light)) ** 2
  }
  return (added * channels) / (data.length * colours)
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

/** Unit normal noise of a picture's shape, each channel blurred on its own by a separable Gaussian of that deviation in pixels. */
function correlatedNoise({ width, height, channels }: Sample, blur: number, random: Random): Float32Array {
  const radius = Math.ceil(3 * blur)
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    blur === 0 ? 1 : Math.exp(-((i - radius) ** 2) / (2 * blur ** 2)),
  )
  // White noise through a filter has the sum of the squared taps as variance; this makes it 1 in each direction.
  const norm = Math.hypot(...kernel)
  const [row, wideRow, tall] = [width * channels, (width + 2 * radius) * channels, height + 2 * radius]
  const white = new Float32Array(tall * wideRow)
  for (let i = 0; i < white.length; i++) white[i] = random.normal()
  if (radius === 0) return white
  const rows = new Float32Array(tall * row)
  for (let y = 0; y < tall; y++) {
    for (let i = 0; i < row; i++) {
      let sum = 0
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * white[y * wideRow + i + k * channels]!
      rows[y * row + i] = sum / norm
    }
  }
  const noise = new Float32Array(height * row)
  for (let i = 0; i < noise.length; i++) {
    let sum = 0
    for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * rows[i + k * row]!
    noise[i] = sum / norm
  }
  return noise
}
