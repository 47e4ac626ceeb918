import { denoiserStride, type Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import { psnr } from '../analysis/psnr.ts'
import type { Backend } from '../backend/backend.ts'
import { readRgb, type RgbImage } from '../data/images.ts'
import { denoiserForward } from '../models/denoiser.ts'
import type { Random } from '../numeric/random.ts'

/** Larger crops of the held-out images tell little more and cost time that training could use. Pixels. */
const largestCrop = 256

export interface Validator {
  /** Mean PSNR (dB, data range 1, output clipped) over the held-out images, by σ on the 8-bit scale; empty without any. */
  validate(weights: TensorMap): Promise<Record<string, number>>
  dispose(): Promise<void>
}

/**
 * Makes a network ready to be measured on the centres of held-out images with white Gaussian noise, in float and not clipped:
 * the same noise every time, and for every σ.
 */
export async function createValidator(
  backend: Backend,
  recipe: Recipe,
  weights: TensorMap,
  files: string[],
  random: Random,
): Promise<Validator> {
  if (files.length === 0) return { validate: () => Promise.resolve({}), dispose: () => Promise.resolve() }
  const images = await Promise.all(files.map(readRgb))
  const stride = denoiserStride(recipe.model)
  const smallest = Math.min(largestCrop, ...images.flatMap(({ width, height }) => [width, height]))
  const size = Math.floor(smallest / stride) * stride
  const pairs = images.map((image, i) => {
    const clean = centre(image, size)
    const source = random.fork(i)
    return { clean, noise: clean.map(() => source.normal()) }
  })

  const tensor = (channels: number, data: Float32Array): TensorData => ({
    shape: [1, size, size, channels],
    dtype: 'float32',
    data,
  })
  const forward = denoiserForward(recipe.model)
  const program = await backend.compile((state, inputs) => ({ state, outputs: forward(state, inputs) }), {
    state: weights,
    inputs: {
      noisy: { shape: [1, size, size, 3], dtype: 'float32' },
      sigma: { shape: [1, size, size, 1], dtype: 'float32' },
    },
  })
  return {
    async validate(current) {
      await program.writeState(current)
      const result: Record<string, number> = {}
      for (const level of recipe.validateSigma) {
        const sigma = tensor(1, new Float32Array(size * size).fill(level / 255))
        let sum = 0
        for (const { clean, noise } of pairs) {
          const noisy = clean.map((value, i) => value + (noise[i]! * level) / 255)
          const { denoised } = await program.run({ noisy: tensor(3, noisy), sigma })
          const output = Float32Array.from(denoised!.data, (value) => Math.min(1, Math.max(0, value)))
          sum += psnr(output, clean, 1)
        }
        result[`${level}`] = sum / pairs.length
      }
      return result
    },
    dispose: () => program.dispose(),
  }
}

/** The middle of an image as RGB in [0, 1]. */
function centre({ width, height, data }: RgbImage, size: number): Float32Array {
  const left = (width - size) >> 1
  const top = (height - size) >> 1
  const crop = new Float32Array(size * size * 3)
  for (let y = 0; y < size; y++) {
    const from = 3 * ((top + y) * width + left)
    for (let i = 0; i < 3 * size; i++) crop[3 * size * y + i] = data[from + i]! / 255
  }
  return crop
}
