/** Pixels of any number of channels, interleaved, row-major. */
export interface Raster {
  width: number
  height: number
  channels: number
  data: Float32Array
}

/**
 * Bicubic reduction by a whole factor, to ⌈side / factor⌉, as MATLAB's `imresize(image, 1 / factor)` does it: what published
 * super-resolution figures are made with. The kernel is widened by the factor, so that nothing aliases.
 */
export function reduceBicubic(image: Raster, factor: number): Raster {
  return resample(image, 1 / factor, Math.ceil(image.width / factor), Math.ceil(image.height / factor))
}

/** Bicubic enlargement by a whole factor, as MATLAB's `imresize(image, factor)`. */
export function enlargeBicubic(image: Raster, factor: number): Raster {
  return resample(image, factor, image.width * factor, image.height * factor)
}

/** Bicubic resizing to any size with the same proportions; not clipped: the kernel overshoots at edges. */
export function resizeBicubic(image: Raster, width: number, height: number): Raster {
  return resample(image, width / image.width, width, height)
}

/** The left upper part of an image. */
export function cropRaster(image: Raster, width: number, height: number): Raster {
  const { channels, data } = image
  if (width === image.width && height === image.height) return image
  const out = new Float32Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    const start = y * image.width * channels
    out.set(data.subarray(start, start + width * channels), y * width * channels)
  }
  return { width, height, channels, data: out }
}

function resample(image: Raster, scale: number, width: number, height: number): Raster {
  return resampleColumns(resampleRows(image, scale, width), scale, height)
}

/** What the samples of a resampled axis are made of: `count` taps each. */
interface Taps {
  count: number
  /** [samples, count]: where each is read from. */
  from: Int32Array
  /** [samples, count]: they add up to 1. */
  weights: Float32Array
}

/**
 * Cubic convolution (Keys, IEEE TASSP 1981) with a = −½. Sample centres are at half-integers, so that sample i of the result lies at
 * (i + ½) / scale − ½. Beyond its ends an axis is mirrored, the end sample repeated.
 */
function tapsOf(length: number, scale: number, wanted: number): Taps {
  const shrink = Math.min(scale, 1)
  const radius = 2 / shrink
  const count = Math.ceil(2 * radius) + 1
  const from = new Int32Array(wanted * count)
  const weights = new Float32Array(wanted * count)
  for (let i = 0; i < wanted; i++) {
    const centre = (i + 0.5) / scale - 0.5
    const first = Math.ceil(centre - radius)
    let sum = 0
    for (let k = 0; k < count; k++) sum += cubic((first + k - centre) * shrink)
    for (let k = 0; k < count; k++) {
      const at = (((first + k) % (2 * length)) + 2 * length) % (2 * length)
      from[i * count + k] = at < length ? at : 2 * length - 1 - at
      weights[i * count + k] = cubic((first + k - centre) * shrink) / sum
    }
  }
  return { count, from, weights }
}

/** The kernel: 1 at 0, 0 at every other whole number. */
function cubic(x: number): number {
  const t = Math.abs(x)
  if (t <= 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0
}

function resampleRows({ width, height, channels, data }: Raster, scale: number, wanted: number): Raster {
  const { count, from, weights } = tapsOf(width, scale, wanted)
  const out = new Float32Array(wanted * height * channels)
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < wanted; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let k = x * count; k < (x + 1) * count; k++)
          sum += weights[k]! * data[(row + from[k]!) * channels + c]!
        out[to++] = sum
      }
    }
  }
  return { width: wanted, height, channels, data: out }
}

function resampleColumns({ width, height, channels, data }: Raster, scale: number, wanted: number): Raster {
  const { count, from, weights } = tapsOf(height, scale, wanted)
  const stride = width * channels
  const out = new Float32Array(wanted * stride)
  for (let y = 0; y < wanted; y++) {
    for (let i = 0; i < stride; i++) {
      let sum = 0
      for (let k = y * count; k < (y + 1) * count; k++) sum += weights[k]! * data[from[k]! * stride + i]!
      out[y * stride + i] = sum
    }
  }
  return { width, height: wanted, channels, data: out }
}
