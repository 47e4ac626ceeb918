import { valueAndGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import type { Step, StepSignature, Tensors } from '../backend/backend.ts'
import { denoiserForward } from '../models/denoiser.ts'
import { lossOf } from './losses.ts'
import { adam, adamInputs, adamValues, clipByGlobalNorm, updateAverage } from './optimizer.ts'
import { averageDecay, learningRate } from './schedule.ts'

/** Parts of the training state; a tensor is called `<part>/<weight>`. */
type Part = 'weights' | 'moment1' | 'moment2' | 'average'

/** The state before the first step. */
export function initialState(recipe: Recipe, weights: TensorMap): TensorMap {
  const zeros = mapEntries(weights, (weight) => ({ ...weight, data: new Float32Array(weight.data.length) }))
  return {
    ...join('weights', weights),
    ...join('moment1', zeros),
    ...join('moment2', zeros),
    ...(recipe.optimizer.averageDecay > 0 ? join('average', weights) : {}),
  }
}

/** The weights to use: averaged where the recipe averages. */
export function resultWeights(recipe: Recipe, state: TensorMap): TensorMap {
  return part(recipe.optimizer.averageDecay > 0 ? 'average' : 'weights', state)
}

export function trainingSignature(recipe: Recipe, state: TensorMap): StepSignature {
  const { patch } = recipe.data
  const images = (channels: number): TensorSpecs[string] => ({
    shape: [recipe.batch, patch, patch, channels],
    dtype: 'float32',
  })
  const inputs: TensorSpecs = { clean: images(3), noisy: images(3), sigma: images(1), ...adamInputs }
  if (recipe.optimizer.averageDecay > 0) inputs['averageDecay'] = { shape: [], dtype: 'float32' }
  return { state, inputs }
}

/** The inputs of a step (0 is the first) besides its batch. */
export function stepNumbers(recipe: Recipe, step: number): TensorMap {
  const rate = learningRate(recipe.optimizer, step, recipe.steps)
  const decay = recipe.optimizer.averageDecay
  const numbers = {
    ...adamValues(rate, step),
    ...(decay > 0 ? { averageDecay: averageDecay(decay, step) } : {}),
  }
  return mapEntries(numbers, (value): TensorData => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  }))
}

/** One step of training: forward pass, loss, gradients, update of weights and average. Output: `loss`. */
export function trainingStep(recipe: Recipe): Step {
  const forward = denoiserForward(recipe.model)
  const { clipNorm, averageDecay } = recipe.optimizer
  return (state, inputs) => {
    const weights = part('weights', state)
    const names = Object.keys(weights)
    const byName = (tensors: Tensor[]): Tensors =>
      Object.fromEntries(names.map((name, i) => [name, tensors[i]!] as const))
    const lossOfWeights = (...tensors: Tensor[]): Scalar =>
      lossOf(recipe.loss.type, forward(byName(tensors), inputs)['denoised']!, inputs['clean']!)

    const { value: loss, grads } = valueAndGrads(lossOfWeights)(Object.values(weights))
    const gradients = clipNorm === null ? byName(grads) : clipByGlobalNorm(byName(grads), clipNorm)
    const next = adam(
      { weights, moment1: part('moment1', state), moment2: part('moment2', state) },
      gradients,
      inputs,
    )
    const average =
      averageDecay > 0 ? updateAverage(part('average', state), next.weights, inputs['averageDecay']!) : {}
    return {
      state: {
        ...join('weights', next.weights),
        ...join('moment1', next.moment1),
        ...join('moment2', next.moment2),
        ...join('average', average),
      },
      outputs: { loss },
    }
  }
}

const join = <T>(name: Part, tensors: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [`${name}/${key}`, tensor]))

const part = <T>(name: Part, state: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(state).flatMap(([key, tensor]) =>
      key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), tensor] as const] : [],
    ),
  )

const mapEntries = <From, To>(map: Record<string, From>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]))
