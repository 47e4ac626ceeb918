import type { AutoencoderSpec, DenoiserSpec, GanSpec } from '../../contract/architecture.ts'
import type { Corruption, SimpleCorruption } from '../../contract/corruption.ts'
import { denoiserStride } from '../../contract/architecture.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { isNoise } from '../../contract/models.ts'
import type { Penalty, Recipe } from '../../contract/recipe.ts'
import { buildAutoencoder } from './autoencoder.ts'
import { denoiserShapes } from './denoiser.ts'
import { buildGan } from './gan.ts'

const refuse = (expected: string, received: unknown): DarkroomError =>
  new DarkroomError('recipe-invalid', {
    expected,
    received: typeof received === 'string' ? received : JSON.stringify(received),
  })

/** Shape of a sample as the recipe itself says it; null of rows, whose columns only the data know. */
export function recipeInput({ data }: Recipe): number[] | null {
  switch (data.type) {
    case 'patches':
      return [data.patch, data.patch, data.channels]
    case 'images':
      return [data.height, data.width, data.channels]
    case 'rows':
      return null
  }
}

/** The sizes of batches that a recipe asks for. */
export const batchSizes = ({ batch }: Pick<Recipe, 'batch'>): number[] =>
  typeof batch === 'number' ? [batch] : batch.map(({ size }) => size)

/**
 * Refuses a recipe whose parts do not fit together, as far as its schema cannot say it.
 * @param input shape of a sample; null where it is not known yet: what depends on it is then not looked at.
 * @throws recipe-invalid, what was expected beginning with the field's path
 */
export function checkRecipe(recipe: Recipe, input: number[] | null): void {
  const { model } = recipe
  checkLength(recipe)
  checkBatch(recipe)
  checkSplit(recipe)
  checkCorruption(recipe)
  if ((model.type === 'gan') !== (recipe.loss.type === 'adversarial'))
    throw refuse('loss.type: adversarial, for model.type gan and no other', recipe.loss.type)
  if (model.type !== 'denoiser' && recipe.supervision.type !== 'clean')
    throw refuse(`supervision.type: clean, for model.type ${model.type}`, recipe.supervision.type)
  if (model.type === 'denoiser') checkRestorer(recipe, model)
  else if (model.type === 'gan') checkGan(recipe, model, input ?? recipeInput(recipe))
  else checkAutoencoder(recipe, model, input ?? recipeInput(recipe))
}

function checkLength({ epochs, steps }: Recipe): void {
  if ((epochs === null) === (steps === null)) throw refuse('epochs or steps, one of them', { epochs, steps })
}

function checkBatch({ batch }: Recipe): void {
  if (typeof batch === 'number') return
  if (batch[0]!.fromEpoch !== 0) throw refuse('batch.0.fromEpoch: 0', batch[0]!.fromEpoch)
  batch.forEach(({ fromEpoch }, i) => {
    const before = batch[i - 1]?.fromEpoch ?? -1
    if (fromEpoch <= before) throw refuse(`batch.${i}.fromEpoch: above ${before}`, fromEpoch)
  })
}

function checkSplit({ split, earlyStopping, keep }: Recipe): void {
  const shares = [split.validation, split.test].filter((size) => size < 1)
  const all = shares.reduce((sum, share) => sum + share, 0)
  if (all >= 1) throw refuse('split: shares of less than 1 together', split)
  if (split.validation > 0) return
  const needed = earlyStopping !== null ? 'earlyStopping' : keep === 'best' ? 'keep: best' : null
  if (needed !== null) throw refuse(`split.validation: more than 0, for ${needed}`, 0)
}

/** Every corruption of a recipe with the path of its field, those of chains too. */
function listCorruptions(
  corruptions: readonly Corruption[],
  path = 'corruption',
): [string, SimpleCorruption][] {
  return corruptions.flatMap((corruption, i): [string, SimpleCorruption][] => {
    if (corruption.type !== 'oneOf') return [[`${path}.${i}`, corruption]]
    return corruption.options.flatMap((option, j) =>
      listCorruptions(option.corruptions, `${path}.${i}.options.${j}.corruptions`),
    )
  })
}

const forPictures: SimpleCorruption['type'][] = ['camera', 'jpeg', 'downscale', 'blocks']

function checkCorruption({ data, corruption }: Recipe): void {
  for (const [path, one] of listCorruptions(corruption)) {
    if (data.type === 'rows' && forPictures.includes(one.type))
      throw refuse(`${path}.type: for rows one of gaussian, mask, salt-pepper, quantize`, one.type)
    for (const [field, value] of Object.entries(one)) {
      if (Array.isArray(value) && value[0]! > value[1]!)
        throw refuse(`${path}.${field}: the smaller number first`, value)
    }
  }
}

function checkRestorer(recipe: Recipe, model: DenoiserSpec): void {
  const { data, corruption, penalties, loss, pretraining, supervision, validateSigma } = recipe
  if (data.type !== 'patches') throw refuse('data.type: patches, for model.type denoiser', data.type)
  if (data.channels !== model.channels)
    throw refuse(`data.channels: those of the model, ${model.channels}`, data.channels)
  // Names model.blocks where there are more or fewer than widths.
  denoiserShapes(model)
  const stride = denoiserStride(model)
  if (data.patch % stride !== 0)
    throw refuse(`data.patch: a multiple of ${stride} for ${model.widths.length} scales`, data.patch)
  if (model.shuffle > 1 && model.condition !== 'none')
    throw refuse('model.condition: none, for model.shuffle 2', model.condition)
  if (loss.type === 'bce') throw refuse('loss.type: another than bce, whose output is a sigmoid', 'bce')
  if (penalties.length > 0) throw refuse('penalties: none, for model.type denoiser', penalties[0]!.type)
  if (pretraining !== null) throw refuse('pretraining: null, for model.type denoiser', pretraining)
  if (supervision.type !== 'clean') checkNoisyOnly(recipe, model)
  else if (corruption.length === 0)
    throw refuse('corruption: at least one, for model.type denoiser and supervision.type clean', 'none')
  const cut = listCorruptions(corruption).some(([, { type }]) => type === 'blocks')
  if (model.condition === 'mask' && !cut)
    throw refuse('corruption: blocks, for model.condition mask', corruption)
  if (model.condition !== 'sigma' && validateSigma.length > 0)
    throw refuse(`validateSigma: empty, for model.condition ${model.condition}`, validateSigma)
}

/** What is learnt from noisy pictures alone is the mean of what they may show: other losses have another minimum, or need a target. */
function checkNoisyOnly({ data, corruption, loss, supervision }: Recipe, model: DenoiserSpec): void {
  const forNoisy = `for supervision.type ${supervision.type}`
  if (model.condition !== 'none') throw refuse(`model.condition: none, ${forNoisy}`, model.condition)
  // The risk that recorruption estimates is that of the mean square.
  const losses = supervision.type === 'recorrupted' ? ['mse'] : ['mse', 'l1']
  if (!losses.includes(loss.type)) throw refuse(`loss.type: ${losses.join(' or ')}, ${forNoisy}`, loss.type)
  if (corruption.length > 0 && !isNoise(corruption))
    throw refuse(`corruption: noise, or none, ${forNoisy}`, corruption)
  if (data.type !== 'patches') return
  if (data.grayShare > 0) throw refuse(`data.grayShare: 0, ${forNoisy}`, data.grayShare)
  // Resizing makes the noise of neighbours alike.
  if (data.scale.some((factor) => factor !== 1)) throw refuse(`data.scale: 1 to 1, ${forNoisy}`, data.scale)
}

function checkAutoencoder(recipe: Recipe, model: AutoencoderSpec, input: number[] | null): void {
  const { data, loss, pretraining, validateSigma } = recipe
  if (data.type === 'patches')
    throw refuse('data.type: images or rows, for model.type autoencoder', 'patches')
  if (validateSigma.length > 0)
    throw refuse('validateSigma: empty, for model.type autoencoder', validateSigma)
  if (loss.type === 'bce' && model.decoder.output !== 'sigmoid')
    throw refuse('model.decoder.output: sigmoid, for loss.type bce', model.decoder.output)
  if (loss.type === 'bce' && data.type === 'rows' && data.scale === 'none')
    throw refuse('data.scale: all or column, for loss.type bce', 'none')
  if (loss.type === 'ssim') checkSsim(data)
  if (pretraining !== null && model.variational)
    throw refuse('pretraining: null, for a variational model', pretraining)
  checkPenalties(recipe.penalties, model)
  if (input === null) return
  const network = buildAutoencoder(model, input)
  if (pretraining !== null) network.pairs()
}

/** What compares outputs with inputs has no meaning where there are only samples: neither has the lowest validation loss. */
function checkGan(recipe: Recipe, model: GanSpec, input: number[] | null): void {
  const { data, keep } = recipe
  const forGan = 'for model.type gan'
  if (data.type === 'patches') throw refuse(`data.type: images or rows, ${forGan}`, 'patches')
  if (data.type === 'rows' && data.scale === 'none')
    throw refuse(`data.scale: all or column, ${forGan}`, 'none')
  for (const field of ['corruption', 'penalties', 'validateSigma'] as const)
    if (recipe[field].length > 0) throw refuse(`${field}: none, ${forGan}`, recipe[field])
  for (const field of ['pretraining', 'earlyStopping'] as const)
    if (recipe[field] !== null) throw refuse(`${field}: null, ${forGan}`, recipe[field])
  if (keep !== 'last') throw refuse(`keep: last, ${forGan}`, keep)
  const isBatched = model.generator.norm === 'batch' || model.discriminator.norm === 'batch'
  const smallest = Math.min(...batchSizes(recipe))
  if (isBatched && smallest < 2) throw refuse('batch: at least 2, for batch normalisation', smallest)
  if (input !== null) buildGan(model, input)
}

/** A window of seven pixels is the smallest that says something about structure. */
const smallestSsimSide = 8

function checkSsim(data: Recipe['data']): void {
  if (data.type !== 'images') throw refuse('loss.type: another than ssim, for rows', 'ssim')
  for (const side of ['width', 'height'] as const) {
    if (data[side] < smallestSsimSide)
      throw refuse(`data.${side}: at least ${smallestSsimSide}, for loss.type ssim`, data[side])
  }
}

function checkPenalties(penalties: Penalty[], model: AutoencoderSpec): void {
  const { encoder } = model
  const isDense = encoder.layers.every(({ type }) => type === 'dense')
  const codeActivation = encoder.latentDim === null ? encoder.layers.at(-1)?.activation : encoder.activation
  if (model.variational && !penalties.some(({ type }) => type === 'kl'))
    throw refuse('penalties: kl, for a variational model', penalties)
  for (const [i, penalty] of penalties.entries()) {
    const path = `penalties.${i}`
    if (penalties.findIndex(({ type }) => type === penalty.type) < i)
      throw refuse(`${path}.type: each once`, penalty.type)
    if (penalty.type === 'kl' && !model.variational)
      throw refuse('model.variational: true, for a kl penalty', false)
    if (penalty.type === 'sparsity' && (codeActivation !== 'sigmoid' || model.variational))
      throw refuse('model.encoder.activation: sigmoid, for a sparsity penalty', codeActivation)
    if (penalty.type === 'contractive' && penalty.projections === null && !isDense)
      throw refuse(`${path}.projections: a number, for an encoder that is not dense`, null)
  }
}
