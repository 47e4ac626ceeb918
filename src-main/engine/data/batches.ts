import type { RecipeOf } from '../../contract/recipe.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Random } from '../numeric/random.ts'
import { corrupt } from './corruption.ts'
import { readTake, type ReadPictures, type ScannedImage } from './images.ts'
import { drawPatch, type Cutting } from './patches.ts'
import type { Sample } from './sample.ts'

/**
 * Training input: `target` and `noisy` [N, P, P, C] in [0, 1] (noisy not clipped), `sigma` [N, P, P, 1] in the same unit, `mask`
 * [N, P, P, 1] with 1 where pixels are missing.
 */
export interface PatchBatch {
  /** Before the corruption. */
  target: TensorData
  noisy: TensorData
  sigma: TensorData
  mask: TensorData
}

/**
 * Draws the patches of one step of a training with clean targets, one after the other: the image, then what `drawPatch` and `corrupt` draw. All of it comes from
 * `random`, so that a batch depends on nothing but the files and that source: give every step a source of its own
 * (`random.fork(step)`), and batches may be drawn ahead, or again after a break, and stay the same.
 * @param images at least as large as a patch; the first take of each is used.
 */
export async function drawBatch(
  images: readonly ScannedImage[],
  read: ReadPictures,
  recipe: Pick<RecipeOf<'patches'>, 'data' | 'corruption'>,
  cutting: Cutting,
  batch: number,
  random: Random,
): Promise<PatchBatch> {
  const size = recipe.data.patch
  const pixels = size * size
  const { channels } = cutting
  const maps = (channels: number): TensorData => ({
    shape: [batch, size, size, channels],
    dtype: 'float32',
    data: new Float32Array(batch * pixels * channels),
  })
  const drawn = { target: maps(channels), noisy: maps(channels), sigma: maps(1), mask: maps(1) }
  const drawing = { ...cutting, step: 1, keepsAxes: false }
  for (let i = 0; i < batch; i++) {
    const image = await readTake(read, images[random.integer(images.length)]!.takes[0]!)
    const patch = drawPatch(image, recipe.data, drawing, random)
    const { noisy, sigma, mask } = await corrupt(patch, recipe.corruption, random)
    copyChannels(patch, drawn.target.data as Float32Array, i, channels)
    copyChannels(noisy, drawn.noisy.data as Float32Array, i, channels)
    drawn.sigma.data.fill(sigma, i * pixels, (i + 1) * pixels)
    if (mask !== null) drawn.mask.data.set(mask, i * pixels)
  }
  return drawn
}

/** Copies a patch to its place in a batch of so many channels: gray becomes R = G = B. */
function copyChannels(patch: Sample, target: Float32Array, place: number, channels: number): void {
  const { data } = patch
  const at = place * patch.width * patch.height * channels
  if (patch.channels === channels) target.set(data, at)
  else for (let i = 0; i < data.length; i++) target.fill(data[i]!, at + 3 * i, at + 3 * i + 3)
}
