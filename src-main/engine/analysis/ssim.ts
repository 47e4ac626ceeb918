import { DarkroomError } from '../../contract/errors.ts'

export interface SsimOptions {
  width: number
  height: number
  /** Interleaved channels; each is compared by itself and the results are averaged. */
  channels: number
  /** White minus black: 1 for images in [0, 1], 255 for 8-bit samples. */
  dataRange: number
}

const side = 11
const gaussian = Array.from({ length: side }, (_, i) =>
  Math.exp(-((i - (side - 1) / 2) ** 2) / (2 * 1.5 ** 2)),
)
const gaussianSum = gaussian.reduce((a, b) => a + b)
const window = gaussian.map((weight) => weight / gaussianSum)

/** The local means that SSIM is made of: of a, b, a², b² and ab. */
const moments = 5

/**
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural
 * similarity, IEEE TIP 2004), at full resolution: 11×11 Gaussian window with σ 1.5, K1 = 0.01, K2 = 0.03, population
 * variances, mean over the pixels whose window lies wholly inside the image, then over channels. The same as
 * scikit-image's `structural_similarity(..., gaussian_weights=True, sigma=1.5, use_sample_covariance=False)`.
 *
 * Memory: eleven rows, whatever the size of the image.
 * @param a interleaved row-major samples, [height, width, channels].
 * @returns 1 for equal images.
 * @throws argument-invalid for sizes that do not match, or a side below 11.
 */
export function ssim(a: ArrayLike<number>, b: ArrayLike<number>, options: SsimOptions): number {
  const { width, height, channels, dataRange } = options
  const samples = width * height * channels
  if (a.length !== samples || b.length !== samples || width < side || height < side)
    throw new DarkroomError('argument-invalid', {
      expected: `two images of ${width}×${height}×${channels}, at least ${side}×${side}`,
      received: `${a.length} and ${b.length} samples`,
    })
  const c1 = (0.01 * dataRange) ** 2
  const c2 = (0.03 * dataRange) ** 2
  const columns = width - side + 1
  const rows = height - side + 1
  // The separable window: rows are filtered once as they come in and kept in a ring for the columns.
  const ring = Array.from({ length: side }, () => new Float64Array(columns * moments))
  const local = new Float64Array(moments)
  let sum = 0
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      filterRow(a, b, y * width * channels + channel, channels, columns, ring[y % side]!)
      if (y < side - 1) continue
      for (let x = 0; x < columns; x++) {
        local.fill(0)
        for (let k = 0; k < side; k++) {
          const row = ring[(y + 1 + k) % side]!
          const weight = window[k]!
          for (let m = 0; m < moments; m++) local[m]! += weight * row[x * moments + m]!
        }
        const [meanA, meanB, squareA, squareB, product] = local as unknown as [
          number,
          number,
          number,
          number,
          number,
        ]
        const varianceA = squareA - meanA * meanA
        const varianceB = squareB - meanB * meanB
        const covariance = product - meanA * meanB
        sum +=
          ((2 * meanA * meanB + c1) * (2 * covariance + c2)) /
          ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2))
      }
    }
  }
  return sum / (rows * columns * channels)
}

/** Filters one row of one channel (samples `first`, `first + step`, ...) along x, into five moments a column. */
function filterRow(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  first: number,
  step: number,
  columns: number,
  out: Float64Array,
): void {
  for (let x = 0; x < columns; x++) {
    let [meanA, meanB, squareA, squareB, product] = [0, 0, 0, 0, 0]
    for (let k = 0; k < side; k++) {
      const index = first + (x + k) * step
      const valueA = a[index]!
      const valueB = b[index]!
      const weight = window[k]!
      meanA += weight * valueA
      meanB += weight * valueB
      squareA += weight * valueA * valueA
      squareB += weight * valueB * valueB
      product += weight * valueA * valueB
    }
    out.set([meanA, meanB, squareA, squareB, product], x * moments)
  }
}
