import { keep, mul, valueAndGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import type { Step, Tensors } from '../backend/backend.ts'
import { adam, adamInputs, adamValues, clipByGlobalNorm, updateAverage } from './optimizer.ts'
import { averageDecay } from './schedule.ts'
import { trainedBy, type Stage, type Update } from './task.ts'

type Optimizer = Recipe['optimizer']

/** Parts of the training state; a tensor is called `<part>/<weight>`. Moments are those of the weights that are trained. */
type Part = 'weights' | 'moment1' | 'moment2' | 'average'

/** The state before the first step of a stage. */
export function initialState(
  optimizer: Optimizer,
  weights: TensorMap,
  stage: Pick<Stage, 'updates' | 'averages'>,
): TensorMap {
  const some = (names: string[]): TensorMap => Object.fromEntries(names.map((name) => [name, weights[name]!]))
  const trained = trainedBy(stage)
  const zeros = mapEntries(some(trained), (weight) => ({
    ...weight,
    data: new Float32Array(weight.data.length),
  }))
  return {
    ...join('weights', weights),
    ...join('moment1', zeros),
    ...join('moment2', zeros),
    ...(optimizer.averageDecay > 0 ? join('average', some(stage.averages ?? trained)) : {}),
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
    ...adamValues(rate, step, optimizer.beta1),
    ...(decay > 0 ? { averageDecay: averageDecay(decay, step) } : {}),
  }
  return mapEntries(numbers, (value): TensorData => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  }))
}

/**
 * One step of training, each of a stage's updates in turn: forward pass, loss, gradients, new weights; then the average. Outputs: the
 * terms of the losses, each before its update, and of a single update `loss`, what it minimises.
 */
export function trainingStep(optimizer: Optimizer, { updates }: Pick<Stage, 'updates'>): Step {
  return (state, inputs) => {
    let weights = part('weights', state)
    let moments = { moment1: part('moment1', state), moment2: part('moment2', state) }
    let outputs: Tensors = {}
    for (const update of updates) {
      weights = { ...weights, ...update.moves?.(weights, inputs) }
      const { gradients, loss, others } = descend(update, weights, inputs)
      const clipped =
        optimizer.clipNorm === null ? gradients : clipByGlobalNorm(gradients, optimizer.clipNorm)
      const { rateFactor = 1 } = update
      const scaled = rateFactor === 1 ? {} : { stepSize: mul(inputs['stepSize']!, rateFactor) }
      const next = adam({ weights, ...moments }, clipped, { ...inputs, ...scaled }, optimizer.beta1)
      weights = { ...weights, ...next.weights }
      moments = {
        moment1: { ...moments.moment1, ...next.moment1 },
        moment2: { ...moments.moment2, ...next.moment2 },
      }
      // Losses that pull against each other are told by their own names alone.
      outputs = { ...outputs, ...(updates.length === 1 ? { loss } : {}), ...others }
    }
    const average =
      optimizer.averageDecay > 0
        ? updateAverage(part('average', state), weights, inputs['averageDecay']!)
        : {}
    return {
      state: {
        ...join('weights', weights),
        ...join('moment1', moments.moment1),
        ...join('moment2', moments.moment2),
        ...join('average', average),
      },
      outputs,
    }
  }
}

/** The gradients of an update's loss, and its terms: `loss`, and the others by name. */
function descend(
  { trains, constants, terms }: Update,
  weights: Tensors,
  given: Tensors,
): { gradients: Tensors; loss: Scalar; others: Tensors } {
  const byName = (tensors: Tensor[]): Tensors =>
    Object.fromEntries(trains.map((name, i) => [name, tensors[i]!] as const))
  const inputs = { ...given, ...constants?.(weights, given) }
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
  return { gradients: byName(grads), loss, others }
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
