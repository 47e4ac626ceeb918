import { denoiserStride } from '../../contract/architecture.ts'
import type { TensorData } from '../../contract/tensors.ts'
import { psnr } from '../analysis/psnr.ts'
import { corrupt } from '../data/corruption.ts'
import { readTake } from '../data/images.ts'
import { cutCentre } from '../data/patches.ts'
import type { Sample } from '../data/sample.ts'
import { denoiserShapes } from '../models/denoiser.ts'
import { reconstructionLoss } from './losses.ts'
import { createNoisyValidator } from './noisy-validation.ts'
import { restorerInputs, restorerPass } from './restorer-terms.ts'
import {
  clipped,
  cropSide,
  emptyValidator,
  qualityOf,
  validatorOf,
  zeros,
  type Validator,
  type ValidatorOptions,
} from './validator.ts'

/**
 * Makes a network ready to be measured on the middles of held-out images: the same corruption every time, noise the same for every σ.
 * Nothing of the images is kept but what `read` keeps.
 */
export async function createValidator(options: ValidatorOptions): Promise<Validator> {
  const { backend, recipe, images, read, levels, random } = options
  if (recipe.supervision.type !== 'clean') return createNoisyValidator(options)
  if (images.length === 0) return emptyValidator
  const { model, validateSigma } = recipe
  const { channels } = model
  const size = cropSide(images, denoiserStride(model), 1)
  // A sum over elements is told for an area as large as a patch, to stand beside that of training.
  const lossScale = reconstructionLoss(recipe).reduction === 'sum' ? (recipe.data.patch / size) ** 2 : 1

  const tensor = (channels: number, data: Float32Array): TensorData => ({
    shape: [1, size, size, channels],
    dtype: 'float32',
    data,
  })
  const pass = restorerPass(recipe)
  const program = await backend.compile(
    (state, inputs) => ({ state, outputs: { ...pass.run(state, inputs) } }),
    {
      state: zeros(denoiserShapes(model)),
      inputs: restorerInputs(recipe, 1, size),
    },
  )
  const sampleWeight: TensorData = { shape: [1], dtype: 'float32', data: Float32Array.of(1) }

  /** @param condition [size, size]: noise level or mask; not read where the network is told neither. */
  const run = async (clean: Sample, noisy: Float32Array, condition: Float32Array) => {
    const { loss, output } = await program.run({
      ...{ target: tensor(channels, clean.data), noisy: tensor(channels, noisy), sampleWeight },
      ...(model.condition === 'none' ? {} : { [model.condition]: tensor(1, condition) }),
    })
    const data = clipped(output!.data as Float32Array)
    return { loss: lossScale * loss!.data[0]!, output: { ...clean, data } }
  }
  const level = (sigma: number): Float32Array => new Float32Array(size * size).fill(sigma)
  const cleanOf = async (index: number): Promise<Sample> =>
    cutCentre(await readTake(read, images[index]!.takes[0]!), size, { channels, levels, step: 1 })

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
    const isMissing = (i: number): boolean => mask![Math.floor(i / channels)] === 1
    const missing = (data: Float32Array): Float32Array => data.filter((_, i) => isMissing(i))
    return {
      loss,
      ...qualityOf(clean, corrupted, output),
      ...(mask?.includes(1) && { 'psnr-missing': psnr(missing(output.data), missing(clean.data), 1) }),
    }
  }

  return validatorOf(images, {
    writeWeights: (weights) => program.writeState(weights),
    measureOne,
    restoreOne: restore,
    dispose: () => program.dispose(),
  })
}
