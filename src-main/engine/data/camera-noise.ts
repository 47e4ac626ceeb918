import type { CameraCorruption } from '../../contract/corruption.ts'
import type { Random } from '../numeric/random.ts'
import { bayerColour, demosaick, demosaickDirected } from './bayer.ts'
import type { Sample } from './sample.ts'

/** One camera at one sensitivity. */
export interface CameraNoise {
  /** Variance of the raw values, white = 1, for each unit of light: photons are counted. */
  shot: number
  /** Variance of the raw values without light. */
  read: number
  /** White balance: red and blue are multiplied by these. */
  redGain: number
  blueGain: number
  /** How far the sensor's colours are from sRGB's: 0 not at all, 1 as `colourMatrix`. */
  colour: number
  /** Exponents of the tone curve, behind sRGB's: 1 is sRGB, 2.4 linear light; and of an S, steeper in the middle the larger it is. */
  tone: number
  contrast: number
  /** Whether a pixel measures one colour (Bayer), or all: photographs made smaller come close to that. */
  mosaic: boolean
  /** Demosaicking: 0 bilinear to 1 Malvar, He & Cutler. */
  sharpness: number
  /** Whether it goes along edges instead. */
  directed: boolean
  /** The camera's own smoothing: standard deviations in pixels, at most 4, and the share of the colour noise that it lets stand. */
  lumaBlur: number
  chromaBlur: number
  chromaShare: number
}

/** From a usual sensor's colours to sRGB, rows of sum 1: it takes colours apart, and makes colour noise stronger. */
const colourMatrix = [1.8, -0.7, -0.1, -0.2, 1.6, -0.4, 0, -0.5, 1.5] as const
const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const

/** Y′CbCr as JPEG has it (ITU-T T.871), without its offsets, and back. */
const toYcc = [0.299, 0.587, 0.114, -0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312] as const
const fromYcc = [1, 0, 1.402, 1, -0.344136, -0.714136, 1, 1.772, 0] as const

/** Pixels around the picture for which noise is drawn, too, so that no blur sees a border; even, to keep the Bayer pattern. */
const reach = 12

/**
 * Draws a camera. Read noise goes with shot noise, since both grow with the sensitivity: ln read = 2.18 ln shot + 1.2 ± 0.26, as
 * Brooks et al. (CVPR 2019) fitted it to the Darmstadt cameras. Gains go from their daylight to tungsten light. Draws thirteen numbers.
 */
export function drawCamera(ranges: CameraCorruption, random: Random): CameraNoise {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform()
  const logBetween = ([low, high]: readonly [number, number]): number =>
    Math.exp(between(Math.log(low), Math.log(high)))
  const shot = logBetween(ranges.shot)
  const read = Math.exp(2.18 * Math.log(shot) + 1.2 + 0.26 * random.normal())
  const redGain = between(1.2, 2.4)
  const blueGain = between(1.5, 3.2)
  const colour = between(0, 1)
  const tone = logBetween(ranges.tone)
  const contrast = between(...ranges.contrast)
  const mosaic = random.uniform() < ranges.mosaic
  const sharpness = between(0, 1)
  const directed = random.uniform() < ranges.directed
  const isSmooth = random.uniform() < ranges.smoothed
  const lumaBlur = between(...ranges.lumaBlur)
  const chromaBlur = logBetween(ranges.chromaBlur)
  const chromaShare = between(0.3, 1)
  return {
    ...{ shot, read, redGain, blueGain, colour, tone, contrast, mosaic, sharpness, directed },
    ...(isSmooth ? { lumaBlur, chromaBlur, chromaShare } : { lumaBlur: 0, chromaBlur: 0, chromaShare: 1 }),
  }
}

/**
 * Adds noise as a camera makes it, in place, and nothing else that a camera does. The picture is taken back to what the
 * sensor saw (Brooks et al., "Unprocessing images for learned raw denoising", CVPR 2019; Guo et al., CBDNet, CVPR 2019): from
 * sRGB to linear light, to the sensor's colours, without white balance. There the noise is drawn, with the variance
 * shot · signal + read (Foi et al., "Practical Poissonian-Gaussian noise modeling and fitting", TIP 2008), one colour a
 * pixel, and goes the way of a picture: white balance, demosaicking, colours, tone curve, and the camera's own smoothing,
 * which blurs colour more than light. Since demosaicking is linear, the noise can go alone: the picture keeps its sharpness, so
 * that a network learns to take noise away and not to sharpen. Where it goes along edges it is not, and the noise is that of flat parts. Not clipped. Alpha stays as it is; gray pictures get the luma of the noise.
 *
 * Draws a normal for each pixel (without mosaic three), also of a border 12 wide.
 *
 * @returns the mean square of what was added, over the colours.
 */
export function addCameraNoise(picture: Sample, camera: CameraNoise, random: Random): number {
  const { width, height, channels, data } = picture
  const [wide, tall] = [width + 2 * reach, height + 2 * reach]
  const curve = toneCurve(camera)
  const planes = lightOf(picture, wide, tall, curve)
  const toSrgb = identity.map((one, i) => one + camera.colour * (colourMatrix[i]! - one))
  addInLight(planes, sensorNoise(planes, wide, tall, camera, inverse(toSrgb), random), toSrgb, curve)
  const size = wide * tall
  const [luma, cb, cr] = [0, 1, 2].map((i) => {
    const plane = planes.subarray(i * size, (i + 1) * size)
    return blurredMiddle(plane, wide, tall, i === 0 ? camera.lumaBlur : camera.chromaBlur)
  })
  let sum = 0
  const colours = Math.min(channels, 3)
  for (let i = 0; i < width * height; i++) {
    const ycc = [luma![i]!, cb![i]! * camera.chromaShare, cr![i]! * camera.chromaShare]
    for (let c = 0; c < colours; c++) {
      const change = channels === 1 ? ycc[0]! : times(fromYcc, c, ycc[0]!, ycc[1]!, ycc[2]!)
      data[i * channels + c]! += change
      sum += change ** 2
    }
  }
  return sum / (width * height * colours)
}

/** Linear light of a picture and of its mirrored surroundings: [3, tall, wide]. */
function lightOf(
  { width, height, channels, data }: Sample,
  wide: number,
  tall: number,
  { toLight }: ToneCurve,
): Float32Array {
  const light = new Float32Array(3 * wide * tall)
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const from = (mirrored(y - reach, height) * width + mirrored(x - reach, width)) * channels
      for (let c = 0; c < 3; c++)
        light[(c * tall + y) * wide + x] = toLight(data[from + (channels === 1 ? 0 : c)]!)
    }
  }
  return light
}

/** The noise of the sensor, white-balanced and demosaicked: [3, tall, wide] in the sensor's colours. */
function sensorNoise(
  light: Float32Array,
  wide: number,
  tall: number,
  { shot, read, redGain, blueGain, mosaic, sharpness, directed }: CameraNoise,
  toSensor: readonly number[],
  random: Random,
): Float32Array {
  const size = wide * tall
  const gains = [redGain, 1, blueGain]
  const draw = (c: number, i: number): number => {
    const raw = times(toSensor, c, light[i]!, light[size + i]!, light[2 * size + i]!) / gains[c]!
    return Math.sqrt(shot * Math.max(raw, 0) + read) * random.normal() * gains[c]!
  }
  if (!mosaic) return Float32Array.from({ length: 3 * size }, (_, i) => draw(Math.floor(i / size), i % size))
  const measured = Float32Array.from({ length: size }, (_, i) =>
    draw(bayerColour(i % wide, Math.floor(i / wide)), i),
  )
  return directed ? demosaickDirected(measured, wide, tall) : demosaick(measured, wide, tall, sharpness)
}

/** Turns linear light into what the noise changes in the encoded picture, as Y′CbCr, in place. */
function addInLight(
  light: Float32Array,
  noise: Float32Array,
  toSrgb: readonly number[],
  { fromLight }: ToneCurve,
): void {
  const size = light.length / 3
  for (let i = 0; i < size; i++) {
    const drawn = [noise[i]!, noise[size + i]!, noise[2 * size + i]!] as const
    const changed = [0, 1, 2].map((c) => {
      const clean = light[c * size + i]!
      return fromLight(clean + times(toSrgb, c, ...drawn)) - fromLight(clean)
    }) as [number, number, number]
    for (let c = 0; c < 3; c++) light[c * size + i] = times(toYcc, c, ...changed)
  }
}

/** A plane without its border, blurred by a Gaussian of that standard deviation in pixels. */
function blurredMiddle(plane: Float32Array, wide: number, tall: number, deviation: number): Float32Array {
  const [width, height] = [wide - 2 * reach, tall - 2 * reach]
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    deviation === 0 ? Number(i === reach) : Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  )
  const total = taps.reduce((sum, tap) => sum + tap)
  const rows = new Float32Array(tall * width)
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let k = 0; k < taps.length; k++) sum += taps[k]! * plane[y * wide + x + k]!
      rows[y * width + x] = sum / total
    }
  }
  const out = new Float32Array(height * width)
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let k = 0; k < taps.length; k++) sum += taps[k]! * rows[i + k * width]!
    out[i] = sum / total
  }
  return out
}

interface ToneCurve {
  toLight: (value: number) => number
  fromLight: (light: number) => number
}

/** sRGB's curve, then the exponent, then the S; and the way back. */
function toneCurve({ tone, contrast }: CameraNoise): ToneCurve {
  if (tone === 1 && contrast === 1) return { toLight: decode, fromLight: encode }
  return {
    toLight: (value) => decode(power(sCurve(value, 1 / contrast), 1 / tone)),
    fromLight: (light) => sCurve(power(encode(light), tone), contrast),
  }
}

/** From 0 to 1, with slope `exponent` at a half, and on beyond both; 1 / exponent is the way back. */
const sCurve = (x: number, exponent: number): number =>
  x < 0.5 ? power(2 * x, exponent) / 2 : 1 - power(2 - 2 * x, exponent) / 2

/** x to a power, with its sign kept. */
const power = (x: number, exponent: number): number => Math.sign(x) * Math.abs(x) ** exponent

/** sRGB's tone curve (IEC 61966-2-1), which goes on straight below black. */
const decode = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
const encode = (light: number): number =>
  light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055

/** Mirrors an index into 0 … length − 1, the ends not repeated. */
function mirrored(i: number, length: number): number {
  const period = Math.max(1, 2 * length - 2)
  const at = ((i % period) + period) % period
  return at < length ? at : period - at
}

/** One row of a 3×3 matrix times three colours. */
const times = (matrix: readonly number[], row: number, r: number, g: number, b: number): number =>
  matrix[3 * row]! * r + matrix[3 * row + 1]! * g + matrix[3 * row + 2]! * b

/** The inverse of a 3×3 matrix, by its cofactors. */
function inverse(m: readonly number[]): number[] {
  const cofactor = (row: number, column: number): number => {
    const at = (y: number, x: number): number => m[3 * ((row + y) % 3) + ((column + x) % 3)]!
    return at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
  }
  const determinant = [0, 1, 2].reduce((sum, column) => sum + m[column]! * cofactor(0, column), 0)
  return Array.from({ length: 9 }, (_, i) => cofactor(i % 3, Math.floor(i / 3)) / determinant)
}
