import { add, addN, div, maximum, mul, sqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core'
import type { TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'

/*
 * Adam (Kingma & Ba, ICLR 2015) as plain functions on named tensors. Numbers that change from step to step are inputs of
 * the step, because a traced step has all others baked in.
 */

const beta2 = 0.999
const epsilon = 1e-8

/** The inputs that `adam` reads: numbers as tensors without dimensions. */
export const adamInputs: TensorSpecs = {
  stepSize: { shape: [], dtype: 'float32' },
  adamEpsilon: { shape: [], dtype: 'float32' },
}

/** Values of `adamInputs` at a step (0 is the first). @param beta1 decay of the first moment */
export function adamValues(
  rate: number,
  step: number,
  beta1: number,
): { stepSize: number; adamEpsilon: number } {
  const scale1 = (1 - beta1) / (1 - beta1 ** (step + 1))
  const scale2 = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)))
  return { stepSize: (rate * scale1) / scale2, adamEpsilon: epsilon / scale2 }
}

export interface AdamState {
  weights: Tensors
  /** Decaying sums of the gradients and of their squares: the paper's m and v without their factors 1 − β. */
  moment1: Tensors
  moment2: Tensors
}

/**
 * One update: θ ← θ − rate · m̂ / (√v̂ + ε), where m̂ and v̂ are the moments with their bias corrected. All factors that are the same
 * for every weight are in `stepSize` and `adamEpsilon`, which spares three passes of thirteen over all of them.
 */
export function adam(state: AdamState, gradients: Tensors, inputs: Tensors, beta1: number): AdamState {
  const next: AdamState = { weights: {}, moment1: {}, moment2: {} }
  for (const [name, gradient] of Object.entries(gradients)) {
    const moment1 = add(mul(state.moment1[name]!, beta1), gradient)
    const moment2 = add(mul(state.moment2[name]!, beta2), square(gradient))
    const direction = div(moment1, add(sqrt(moment2), inputs['adamEpsilon']!))
    next.weights[name] = sub(state.weights[name]!, mul(direction, inputs['stepSize']!))
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
