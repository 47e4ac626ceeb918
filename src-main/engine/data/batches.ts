import type { RecipeOf } from '../../contract/recipe.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Random } from '../numeric/random.ts'
import { corrupt } from './corruption.ts'
import type { ReadRgb } from './images.ts'
import { drawPatch } from './patches.ts'
import type { Sample } from './sample.ts'

/**
 * Training input: `clean` and `noisy` [N, P, P, 3] in [0, 1] (noisy not clipped), `sigma` [N, P, P, 1] in the same unit, `mask`
 * [N, P, P, 1] with 1 where pixels are missing.
 */
export interface PatchBatch {
  clean: TensorData
  noisy: TensorData
  sigma: TensorData
  mask: TensorData
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
  recipe: Pick<RecipeOf<'patches'>, 'data' | 'corruption'>,
  batch: number,
  random: Random,
): Promise<PatchBatch> {
  const size = recipe.data.patch
  const pixels = size * size
  const images = (channels: number): TensorData => ({
    shape: [batch, size, size, channels],
    dtype: 'float32',
    data: new Float32Array(batch * pixels * channels),
  })
  const drawn = { clean: images(3), noisy: images(3), sigma: images(1), mask: images(1) }
  for (let i = 0; i < batch; i++) {
    const image = await read(files[random.integer(files.length)]!)
    const patch = drawPatch(image, recipe.data, random)
    const { noisy, sigma, mask } = await corrupt(patch, recipe.corruption, random)
    copyRgb(patch, drawn.clean.data as Float32Array, 3 * i * pixels)
    copyRgb(noisy, drawn.noisy.data as Float32Array, 3 * i * pixels)
    drawn.sigma.data.fill(sigma, i * pixels, (i + 1) * pixels)
    if (mask !== null) drawn.mask.data.set(mask, i * pixels)
  }
  return drawn
}

/** Copies a patch into place as RGB: gray becomes R = G = B. */
function copyRgb({ data, channels }: Sample, target: Float32Array, at: number): void {
  if (channels === 3) target.set(data, at)
  else for (let i = 0; i < data.length; i++) target.fill(data[i]!, at + 3 * i, at + 3 * i + 3)
}
