import { keep, valueAndGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import type { Step, Tensors } from '../backend/backend.ts'
import { adam, adamInputs, adamValues, clipByGlobalNorm, updateAverage } from './optimizer.ts'
import { averageDecay } from './schedule.ts'
import type { Stage } from './task.ts'

type Optimizer = Recipe['optimizer']

/** Parts of the training state; a tensor is called `<part>/<weight>`. Moments and averages are those of the weights that are trained. */
type Part = 'weights' | 'moment1' | 'moment2' | 'average'

/** The state before the first step of a stage. */
export function initialState(
  optimizer: Optimizer,
  weights: TensorMap,
  { trains }: Pick<Stage, 'trains'>,
): TensorMap {
  const trained = Object.fromEntries(trains.map((name) => [name, weights[name]!]))
  const zeros = mapEntries(trained, (weight) => ({ ...weight, data: new Float32Array(weight.data.length) }))
  return {
    ...join('weights', weights),
    ...join('moment1', zeros),
    ...join('moment2', zeros),
    ...(optimizer.averageDecay > 0 ? join('average', trained) : {}),
  }
}

/** The weights to use: averaged where the recipe averages. */
export const resultWeights = (state: TensorMap): TensorMap => ({
  ...part('weights', state),
  ...part('average', state),
})

/** The inputs of a step besides its batch. */
export function optimizerInputs(optimizer: Optimizer): TensorSpecs {
  return {
    ...adamInputs,
    ...(optimizer.averageDecay > 0 ? { averageDecay: { shape: [], dtype: 'float32' } } : {}),
  }
}

/** Values of `optimizerInputs` at a step of a stage (0 is the first). */
export function optimizerValues(optimizer: Optimizer, rate: number, step: number): TensorMap {
  const decay = optimizer.averageDecay
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

/** One step of training: forward pass, loss, gradients, update of weights and average. Outputs: the terms of the loss, before the update. */
export function trainingStep(optimizer: Optimizer, { trains, terms }: Pick<Stage, 'trains' | 'terms'>): Step {
  return (state, inputs) => {
    const weights = part('weights', state)
    const byName = (tensors: Tensor[]): Tensors =>
      Object.fromEntries(trains.map((name, i) => [name, tensors[i]!] as const))
    let kept: Tensors = {}
    const lossOfWeights = (...tensors: Tensor[]): Scalar => {
      const { loss, ...others } = terms({ ...weights, ...byName(tensors) }, inputs)
      // tfjs would free them together with all that was only needed for the loss. Copies: a term may be the loss itself.
      kept = mapEntries(others, (term) => keep(term.clone()))
      return loss
    }

    const { value: loss, grads } = valueAndGrads(lossOfWeights)(trains.map((name) => weights[name]!))
    const others = mapEntries(kept, (term): Tensor => {
      const output = term.clone()
      term.dispose()
      return output
    })
    const gradients =
      optimizer.clipNorm === null ? byName(grads) : clipByGlobalNorm(byName(grads), optimizer.clipNorm)
    const moments = { moment1: part('moment1', state), moment2: part('moment2', state) }
    const next = adam({ weights, ...moments }, gradients, inputs)
    const average =
      optimizer.averageDecay > 0
        ? updateAverage(part('average', state), next.weights, inputs['averageDecay']!)
        : {}
    return {
      state: {
        ...join('weights', { ...weights, ...next.weights }),
        ...join('moment1', next.moment1),
        ...join('moment2', next.moment2),
        ...join('average', average),
      },
      outputs: { loss, ...others },
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
