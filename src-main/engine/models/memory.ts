import { denoiserStride, type AutoencoderSpec } from '../../contract/architecture.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Recipe } from '../../contract/recipe.ts'
import { buildAutoencoder } from './autoencoder.ts'
import { batchSizes } from './check-recipe.ts'
import { sizeOf } from './layers.ts'
import { networkOf } from './network.ts'

const float = 4
const mebibyte = 2 ** 20

/*
 * How much a training takes beyond the program and the data, measured as the growth of the process over six steps of the traced engine
 * (`bench/training-memory.ts`; 40 MiB to 0.7 GiB, sixteen recipes and batches): from 14 % below to 26 % above it.
 */

/** Recording and compiling a step, whatever it is; that of a GAN is two. */
const fixed = { one: 40 * mebibyte, gan: 60 * mebibyte }
/** Weights and moments are held by the trainer, by the program, and twice by the runtime, which reads one set and writes another. */
const stateCopies = 4
/** Of every layer's output: before and after the activation, and the gradient. */
const unitCopies = 3
/** Of every sample: what was read, what the runtime takes, and what the loss is computed from. */
const inputCopies = 4
/** Of the Jacobian's rows at each layer, for an exact contractive penalty: there, times the slopes, and their gradients. */
const jacobianCopies = 4.5
/** The discriminator sees real samples, generated ones, and these again after its update; the generator runs once. */
const ganPasses = 2

/** What the estimate needs to know of a network. */
interface Size {
  parameters: number
  /** Elements that one sample takes. */
  units: number
  input: number
  jacobian: number
}

function sizeOfNetwork({ model, penalties }: Recipe, input: number[]): Size {
  const { layers } = networkOf(model, input)
  const units = layers.reduce((sum, { output }) => sum + sizeOf(output), 0)
  return {
    parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
    units: model.type === 'gan' ? ganPasses * units : units,
    input: sizeOf(input),
    jacobian: hasJacobian(penalties) && model.type === 'autoencoder' ? jacobianOf(model, input) : 0,
  }
}

const hasJacobian = (penalties: Recipe['penalties']): boolean =>
  penalties.some((penalty) => penalty.type === 'contractive' && penalty.projections === null)

function jacobianOf(model: AutoencoderSpec, input: number[]): number {
  const { denseEncoder, code } = buildAutoencoder(model, input)
  return denseEncoder!.slice(0, -1).reduce((sum, { output }) => sum + sizeOf(output) * sizeOf(code), 0)
}

/**
 * About how much memory a training takes, in bytes, beyond the program itself and the data.
 * @param input shape of a sample
 */
export const trainingMemory = (recipe: Recipe, input: number[]): number =>
  memoryAt(recipe, sizeOfNetwork(recipe, input), Math.max(...batchSizes(recipe)))

function memoryAt(
  { model, optimizer }: Recipe,
  { parameters, units, input, jacobian }: Size,
  batch: number,
): number {
  // Weights, two moments, and their average.
  const state = optimizer.averageDecay > 0 ? 4 : 3
  const clipping = optimizer.clipNorm === null ? 0 : 2
  const sample = unitCopies * units + inputCopies * input + jacobianCopies * jacobian
  return (
    (model.type === 'gan' ? fixed.gan : fixed.one) +
    float * ((stateCopies * state + clipping) * parameters + batch * sample)
  )
}

/**
 * Refuses a recipe whose training does not fit into the memory, before it starts.
 * @param input shape of a sample
 * @param free bytes that may be taken
 * @throws recipe-too-large with the batch, or where a single sample is too much the size, that would fit
 */
export function checkMemory(recipe: Recipe, input: number[], free: number): void {
  const size = sizeOfNetwork(recipe, input)
  const batch = Math.max(...batchSizes(recipe))
  const needed = memoryAt(recipe, size, batch)
  if (needed <= free) return
  const one = memoryAt(recipe, size, 1)
  const sample = memoryAt(recipe, size, 2) - one
  const expected =
    one <= free
      ? `batch: at most ${1 + Math.floor((free - one) / sample)}`
      : (smallerSamples(recipe, input, free) ?? 'model: fewer or narrower layers')
  throw new DarkroomError('recipe-too-large', {
    expected,
    received: `batch ${batch}: about ${inGibibytes(needed)}, of ${inGibibytes(free)} that are free`,
  })
}

/** The largest samples of the same proportions that fit one at a time, in words; null where none do, or the recipe does not set their size. */
function smallerSamples(recipe: Recipe, [height, width, channels]: number[], free: number): string | null {
  const { data, model } = recipe
  if (data.type === 'rows') return null
  const unit = model.type === 'denoiser' ? denoiserStride(model) : 4
  const smallest = data.type === 'patches' ? 8 : 2
  for (let rows = height! - (height! % unit || unit); rows >= smallest; rows -= unit) {
    const columns = Math.round((rows * width!) / height! / unit) * unit
    if (columns < smallest || !fitsAlone(recipe, [rows, columns, channels!], free)) continue
    return data.type === 'patches'
      ? `data.patch: at most ${rows}, with batch 1`
      : `data.height and data.width: at most ${rows} and ${columns}, with batch 1`
  }
  return null
}

function fitsAlone(recipe: Recipe, input: number[], free: number): boolean {
  try {
    return memoryAt(recipe, sizeOfNetwork(recipe, input), 1) <= free
  } catch (error) {
    // A decoder of its own may be made for one size only.
    if (error instanceof DarkroomError && error.detail.code === 'recipe-invalid') return false
    throw error
  }
}

const inGibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
