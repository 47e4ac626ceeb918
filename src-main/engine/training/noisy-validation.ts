import { denoiserStride } from '../../contract/architecture.ts'
import { corrupt } from '../data/corruption.ts'
import { readTake } from '../data/images.ts'
import { cutCentre } from '../data/patches.ts'
import type { Sample } from '../data/sample.ts'
import { denoiserForward, denoiserShapes } from '../models/denoiser.ts'
import { createNoiseOf, drawNoisyCentre, type NoisyPictures } from './noisy-batch.ts'
import { restorerInputs, restorerPass } from './restorer-terms.ts'
import {
  clipped,
  cropSide,
  emptyValidator,
  qualityOf,
  validatorOf,
  zeros,
  type Restored,
  type Validator,
  type ValidatorOptions,
} from './validator.ts'

/**
 * A validator of networks that learn from noisy pictures alone: the loss of their own supervision on held-out pictures, with the same random
 * numbers every time. Quality can be told only where the noise was made by the recipe's corruption, or where the second takes are better.
 */
export async function createNoisyValidator(options: ValidatorOptions): Promise<Validator> {
  const { backend, recipe, images, read, levels, random } = options
  if (images.length === 0) return emptyValidator
  const { model, supervision, corruption } = recipe
  const isHalved = supervision.type === 'neighbor2neighbor'
  const stride = denoiserStride({ ...model, shuffle: 1 })
  const size = cropSide(images, isHalved ? 2 * stride : stride, model.shuffle)
  const lossSize = isHalved ? size / 2 : size
  const lossScale =
    recipe.loss.type === 'mse' && recipe.loss.reduction === 'sum' ? (recipe.data.patch / lossSize) ** 2 : 1

  const pass = restorerPass(recipe)
  const forward = denoiserForward(model)
  const state = zeros(denoiserShapes(model))
  const losses = await backend.compile(
    (state, inputs) => ({
      state,
      outputs: { loss: pass.run(state, { ...inputs, ...pass.constants?.(state, inputs) }).loss },
    }),
    { state, inputs: restorerInputs(recipe, 1, lossSize) },
  )
  const shape = [1, size, size, model.channels]
  const denoising = await backend.compile((state, inputs) => ({ state, outputs: forward(state, inputs) }), {
    ...{ state, inputs: { noisy: { shape, dtype: 'float32' } } },
  })
  const pictures: NoisyPictures = { recipe, read, levels, noiseOf: createNoiseOf(recipe, read, levels) }
  const gamma = supervision.type === 'neighbor2neighbor' ? supervision.gamma : 0

  const lossOf = async (index: number): Promise<number> => {
    const drawn = await drawNoisyCentre(pictures, images[index]!, lossSize, random.fork(index))
    drawn['gamma']?.data.fill(gamma)
    return lossScale * (await losses.run(drawn))['loss']!.data[0]!
  }
  const centreOf = async (index: number, take: number): Promise<Sample> => {
    const cutting = { channels: model.channels, levels, step: model.shuffle }
    return cutCentre(await readTake(read, images[index]!.takes[take]!), size, cutting)
  }
  const restoreOne = async (index: number): Promise<Restored> => {
    const taken = await centreOf(index, 0)
    const isMade = corruption.length > 0
    const corrupted = isMade ? (await corrupt(taken, corruption, random.fork(index))).noisy : taken
    const isBetter = !isMade && supervision.type === 'noise2noise' && !supervision.symmetric
    const clean = isMade ? taken : isBetter ? await centreOf(index, 1) : null
    const { denoised } = await denoising.run({ noisy: { shape, dtype: 'float32', data: corrupted.data } })
    return { clean, corrupted, output: { ...taken, data: clipped(denoised!.data as Float32Array) } }
  }
  return validatorOf(images, {
    async writeWeights(weights) {
      await losses.writeState(weights)
      await denoising.writeState(weights)
    },
    async measureOne(index) {
      const loss = await lossOf(index)
      const { clean, corrupted, output } = await restoreOne(index)
      return { loss, ...(clean !== null && qualityOf(clean, corrupted, output)) }
    },
    restoreOne,
    async dispose() {
      await losses.dispose()
      await denoising.dispose()
    },
  })
}
