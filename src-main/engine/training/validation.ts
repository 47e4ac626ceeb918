import { denoiserStride } from '../../contract/architecture.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import { psnr } from '../analysis/psnr.ts'
import { ssim } from '../analysis/ssim.ts'
import type { Backend } from '../backend/backend.ts'
import { corrupt } from '../data/corruption.ts'
import type { ReadRgb, RgbImage, ScannedImage } from '../data/images.ts'
import type { Sample } from '../data/sample.ts'
import { denoiserShapes } from '../models/denoiser.ts'
import type { Random } from '../numeric/random.ts'
import { reconstructionLoss } from './losses.ts'
import { restorerInputs, restorerPass, type RestorerRecipe } from './restorer-terms.ts'

/** Larger crops of the held-out images tell little more and cost time that training could use. Pixels. */
const largestCrop = 256

/** What a network makes of the middle of a held-out image; all three of one shape, the output clipped to [0, 1]. */
export interface Restored {
  clean: Sample
  corrupted: Sample
  output: Sample
}

export interface Validator {
  /**
   * Means over the images: `loss`; with `validateSigma` a `psnr-<σ>` for each, on white Gaussian noise, in float and not clipped; otherwise
   * `psnr` of the output beside `psnr-input` of what it was made from, `ssim`, and over missing pixels `psnr-missing`. dB, data range 1.
   * Empty without images.
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
  read: ReadRgb
  random: Random
}

/**
 * Makes a network ready to be measured on the middles of held-out images: the same corruption every time, noise the same for every σ.
 * Nothing of the images is kept but what `read` keeps.
 */
export async function createValidator(options: ValidatorOptions): Promise<Validator> {
  const { backend, recipe, images, read, random } = options
  if (images.length === 0) {
    const [measure, restore] = [() => Promise.resolve({}), () => Promise.resolve([])]
    return { measure, restore, dispose: () => Promise.resolve() }
  }
  const { model, validateSigma } = recipe
  const stride = denoiserStride(model)
  const smallest = Math.min(largestCrop, ...images.flatMap(({ width, height }) => [width, height]))
  const size = Math.floor(smallest / stride) * stride
  // A sum over elements is told for an area as large as a patch, to stand beside that of training.
  const lossScale = reconstructionLoss(recipe).reduction === 'sum' ? (recipe.data.patch / size) ** 2 : 1

  const tensor = (channels: number, data: Float32Array): TensorData => ({
    shape: [1, size, size, channels],
    dtype: 'float32',
    data,
  })
  const pass = restorerPass(recipe)
  const program = await backend.compile((state, inputs) => ({ state, outputs: pass(state, inputs) }), {
    state: zeros(denoiserShapes(model)),
    inputs: restorerInputs(recipe, 1, size),
  })
  const sampleWeight: TensorData = { shape: [1], dtype: 'float32', data: Float32Array.of(1) }

  /** @param condition [size, size]: noise level or mask; not read where the network is told neither. */
  const run = async (clean: Sample, noisy: Float32Array, condition: Float32Array) => {
    const { loss, output } = await program.run({
      ...{ clean: tensor(3, clean.data), noisy: tensor(3, noisy), sampleWeight },
      ...(model.condition === 'none' ? {} : { [model.condition]: tensor(1, condition) }),
    })
    const data = (output!.data as Float32Array).map((value) => Math.min(1, Math.max(0, value)))
    return { loss: lossScale * loss!.data[0]!, output: { ...clean, data } }
  }
  const level = (sigma: number): Float32Array => new Float32Array(size * size).fill(sigma)
  const cleanOf = async (index: number): Promise<Sample> => centre(await read(images[index]!.file), size)

  const restore = async (index: number) => {
    const clean = await cleanOf(index)
    const { noisy, sigma, mask } = await corrupt(clean, recipe.corruption, random.fork(index))
    const told = model.condition === 'mask' ? (mask ?? level(0)) : level(sigma)
    const { loss, output } = await run(clean, noisy.data, told)
    return { loss, clean, corrupted: noisy, output, mask }
  }

  const measureNoise = async (index: number): Promise<Record<string, number>> => {
    const clean = await cleanOf(index)
    const source = random.fork(index)
    const noise = clean.data.map(() => source.normal())
    const values: Record<string, number> = {}
    for (const sigma of validateSigma) {
      const noisy = clean.data.map((value, i) => value + (noise[i]! * sigma) / 255)
      const { output } = await run(clean, noisy, level(sigma / 255))
      values[`psnr-${sigma}`] = psnr(output.data, clean.data, 1)
    }
    return values
  }

  const measureOne = async (index: number): Promise<Record<string, number>> => {
    const { loss, clean, corrupted, output, mask } = await restore(index)
    if (validateSigma.length > 0) return { loss, ...(await measureNoise(index)) }
    const isMissing = (i: number): boolean => mask![Math.floor(i / 3)] === 1
    const missing = (data: Float32Array): Float32Array => data.filter((_, i) => isMissing(i))
    return {
      ...{ loss, psnr: psnr(output.data, clean.data, 1), 'psnr-input': psnr(corrupted.data, clean.data, 1) },
      ssim: ssim(output.data, clean.data, { width: size, height: size, channels: 3, dataRange: 1 }),
      ...(mask?.includes(1) && { 'psnr-missing': psnr(missing(output.data), missing(clean.data), 1) }),
    }
  }

  return {
    async measure(weights) {
      await program.writeState(weights)
      const rows: Record<string, number>[] = []
      for (const index of images.keys()) rows.push(await measureOne(index))
      return meansOf(rows)
    },
    async restore(weights, count) {
      await program.writeState(weights)
      const restored: Restored[] = []
      for (const index of images.slice(0, count).keys()) restored.push(await restore(index))
      return restored
    },
    dispose: () => program.dispose(),
  }
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

const zeros = (shapes: Record<string, number[]>): TensorMap =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, n) => product * n, 1))
      return [name, { shape, dtype: 'float32', data }]
    }),
  )

/** The middle of an image as RGB in [0, 1]. */
function centre({ width, height, data }: RgbImage, size: number): Sample {
  const left = (width - size) >> 1
  const top = (height - size) >> 1
  const crop = new Float32Array(size * size * 3)
  for (let y = 0; y < size; y++) {
    const from = 3 * ((top + y) * width + left)
    for (let i = 0; i < 3 * size; i++) crop[3 * size * y + i] = data[from + i]! / 255
  }
  return { width: size, height: size, channels: 3, data: crop }
}
