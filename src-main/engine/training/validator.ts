import type { TensorMap } from '../../contract/tensors.ts'
import { psnr } from '../analysis/psnr.ts'
import { ssim } from '../analysis/ssim.ts'
import type { Backend } from '../backend/backend.ts'
import type { ReadPictures, ScannedImage } from '../data/images.ts'
import type { Levels } from '../storage/levels.ts'
import type { Sample } from '../data/sample.ts'
import type { Random } from '../numeric/random.ts'
import type { RestorerRecipe } from './restorer-terms.ts'

/** Larger crops of the held-out images tell little more and cost time that training could use. Pixels. */
const largestCrop = 256

/** What a network makes of the middle of a held-out image; all of one shape, the output clipped to [0, 1]. */
export interface Restored {
  /** Null where nobody knows it. */
  clean: Sample | null
  corrupted: Sample
  output: Sample
}

export interface Validator {
  /**
   * Means over the images: `loss`; with `validateSigma` a `psnr-<σ>` for each, on white Gaussian noise, in float and not clipped; otherwise
   * `psnr` of the output beside `psnr-input` of what it was made from, `ssim`, and over missing pixels `psnr-missing`. dB, data range 1.
   * Where nobody knows the clean picture there is only the loss. Empty without images.
   */
  measure(weights: TensorMap): Promise<Record<string, number>>
  /** The first images, corrupted as they are when they are measured. */
  restore(weights: TensorMap, count: number): Promise<Restored[]>
  dispose(): Promise<void>
}

export interface ValidatorOptions {
  backend: Backend
  recipe: RestorerRecipe
  images: readonly ScannedImage[]
  read: ReadPictures
  levels: Levels | null
  random: Random
}

export const emptyValidator: Validator = {
  measure: () => Promise.resolve({}),
  restore: () => Promise.resolve([]),
  dispose: () => Promise.resolve(),
}

/** What a validator of one kind has of its own. */
export interface Measuring {
  writeWeights: (weights: TensorMap) => Promise<void>
  /** One row of `measure`. */
  measureOne: (index: number) => Promise<Record<string, number>>
  restoreOne: (index: number) => Promise<Restored>
  dispose: () => Promise<void>
}

/** Goes through the held-out images, one after another. */
export function validatorOf(images: readonly ScannedImage[], measuring: Measuring): Validator {
  const { writeWeights, measureOne, restoreOne, dispose } = measuring
  return {
    async measure(weights) {
      await writeWeights(weights)
      const rows: Record<string, number>[] = []
      for (const index of images.keys()) rows.push(await measureOne(index))
      return meansOf(rows)
    },
    async restore(weights, count) {
      await writeWeights(weights)
      const restored: Restored[] = []
      for (const index of images.slice(0, count).keys()) restored.push(await restoreOne(index))
      return restored
    },
    dispose,
  }
}

/** How near an output comes to the clean picture, and how near its input was: PSNR in dB, SSIM; data range 1. */
export const qualityOf = (clean: Sample, corrupted: Sample, output: Sample): Record<string, number> => ({
  psnr: psnr(output.data, clean.data, 1),
  'psnr-input': psnr(corrupted.data, clean.data, 1),
  ssim: ssim(output.data, clean.data, { ...output, dataRange: 1 }),
})

/** Side of the middles that are looked at: a multiple of the stride that fits into every image, or its every nth pixel. */
export function cropSide(images: readonly ScannedImage[], stride: number, step: number): number {
  const sides = images.flatMap(({ width, height }) => [width, height])
  return Math.floor(Math.min(largestCrop, ...sides.map((side) => Math.floor(side / step))) / stride) * stride
}

/** The mean of each value over the rows that have it. An image that is matched to the bit (PSNR ∞) says nothing of the others. */
function meansOf(rows: Record<string, number>[]): Record<string, number> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const means = names.flatMap((name): [string, number][] => {
    const values = rows.flatMap((row) => (Number.isFinite(row[name]) ? [row[name]!] : []))
    return values.length === 0 ? [] : [[name, values.reduce((sum, value) => sum + value, 0) / values.length]]
  })
  return Object.fromEntries(means)
}

/** Weights that a program is compiled with, before it is given those to measure. */
export const zeros = (shapes: Record<string, number[]>): TensorMap =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, n) => product * n, 1))
      return [name, { shape, dtype: 'float32', data }]
    }),
  )

export const clipped = (values: Float32Array): Float32Array =>
  values.map((value) => Math.min(1, Math.max(0, value)))
