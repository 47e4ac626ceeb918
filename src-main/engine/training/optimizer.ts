import { add, addN, div, maximum, mul, sqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core'
import type { TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'

/*
 * Adam (Kingma & Ba, ICLR 2015) as plain functions on named tensors. Numbers that change from step to step are inputs of
 * the step, because a traced step has all others baked in.
 */

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** The inputs that `adam` reads: numbers as tensors without dimensions. */
export const adamInputs: TensorSpecs = {
  stepSize: { shape: [], dtype: 'float32' },
  secondCorrection: { shape: [], dtype: 'float32' },
}

/** Values of `adamInputs` at a step (0 is the first): both corrections of the moments' bias towards zero. */
export function adamValues(rate: number, step: number): { stepSize: number; secondCorrection: number } {
  return { stepSize: rate / (1 - beta1 ** (step + 1)), secondCorrection: 1 / (1 - beta2 ** (step + 1)) }
}

export interface AdamState {
  weights: Tensors
  /** Moving averages of the gradients and of their squares. */
  moment1: Tensors
  moment2: Tensors
}

/** One update: θ ← θ − rate · m̂ / (√v̂ + ε), where m̂ and v̂ are the moments with their bias corrected. */
export function adam(state: AdamState, gradients: Tensors, inputs: Tensors): AdamState {
  const next: AdamState = { weights: {}, moment1: {}, moment2: {} }
  for (const [name, gradient] of Object.entries(gradients)) {
    const moment1 = add(mul(state.moment1[name]!, beta1), mul(gradient, 1 - beta1))
    const moment2 = add(mul(state.moment2[name]!, beta2), mul(square(gradient), 1 - beta2))
    const deviation = add(sqrt(mul(moment2, inputs['secondCorrection']!)), epsilon)
    const change = div(mul(moment1, inputs['stepSize']!), deviation)
    next.weights[name] = sub(state.weights[name]!, change)
    next.moment1[name] = moment1
    next.moment2[name] = moment2
  }
  return next
}

/** Scales gradients down so that their norm over all weights is at most `norm` (Pascanu et al., ICML 2013). */
export function clipByGlobalNorm(gradients: Tensors, norm: number): Tensors {
  const squares = Object.values(gradients).map((gradient): Tensor => sum(square(gradient)))
  const total = sqrt(addN(squares))
  const scale = div(norm, maximum(total, norm))
  return mapTensors(gradients, (gradient) => mul(gradient, scale))
}

/** Moves an average of the weights towards them: average ← decay · average + (1 − decay) · weights. */
export function updateAverage(average: Tensors, weights: Tensors, decay: Tensor): Tensors {
  return mapTensors(average, (mean, name) => add(mul(mean, decay), mul(weights[name]!, sub(1, decay))))
}

const mapTensors = (tensors: Tensors, change: (tensor: Tensor, name: string) => Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]))
