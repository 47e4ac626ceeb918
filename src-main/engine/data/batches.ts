import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Random } from '../numeric/random.ts'
import { corrupt } from './corruption.ts'
import type { ReadRgb } from './images.ts'
import { drawPatch, type Patch } from './patches.ts'

/** Training input: `clean` and `noisy` [N, P, P, 3] in [0, 1] (noisy not clipped), `sigma` [N, P, P, 1] in the same unit. */
export interface Batch extends Record<string, TensorData> {
  clean: TensorData
  noisy: TensorData
  sigma: TensorData
}

/**
 * Draws the patches of one step, one after the other: the image, then what `drawPatch` and `corrupt` draw. All of it comes from
 * `random`, so that a batch depends on nothing but the files and that source: give every step a source of its own
 * (`random.fork(step)`), and batches may be drawn ahead, or again after a break, and stay the same.
 * @param files images at least as large as a patch.
 */
export async function drawBatch(
  files: readonly string[],
  read: ReadRgb,
  recipe: Recipe,
  random: Random,
): Promise<Batch> {
  const size = recipe.data.patch
  const shape = (channels: number): number[] => [recipe.batch, size, size, channels]
  const pixels = size * size
  const clean = new Float32Array(recipe.batch * pixels * 3)
  const noisy = new Float32Array(clean.length)
  const sigma = new Float32Array(recipe.batch * pixels)
  for (let i = 0; i < recipe.batch; i++) {
    const image = await read(files[random.integer(files.length)]!)
    const patch = drawPatch(image, recipe.data, random)
    const corrupted = await corrupt(patch, recipe.corruption, random)
    copyRgb(patch, clean.subarray(3 * i * pixels))
    copyRgb(corrupted.noisy, noisy.subarray(3 * i * pixels))
    sigma.fill(corrupted.sigma, i * pixels, (i + 1) * pixels)
  }
  return {
    clean: { shape: shape(3), dtype: 'float32', data: clean },
    noisy: { shape: shape(3), dtype: 'float32', data: noisy },
    sigma: { shape: shape(1), dtype: 'float32', data: sigma },
  }
}

/** Copies a patch into place as RGB: gray becomes R = G = B. */
function copyRgb({ data, channels }: Patch, target: Float32Array): void {
  if (channels === 3) target.set(data)
  else for (let i = 0; i < data.length; i++) target.fill(data[i]!, 3 * i, 3 * i + 3)
}
