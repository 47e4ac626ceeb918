import { abs, mean, sqrt, square, sub, add, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'

/** Rounds off the Charbonnier loss near zero; small beside one step of 8 bits (1 / 255). */
const charbonnierEpsilon = 1e-3

/**
 * The difference of two tensors of the same shape as one number, the mean over all elements: `l1` |d|, `mse` d²,
 * `charbonnier` √(d² + ε²) with ε = 10⁻³ (Charbonnier et al., ICIP 1994).
 */
export function lossOf(type: Recipe['loss']['type'], output: Tensor, target: Tensor): Scalar {
  const difference = sub(output, target)
  switch (type) {
    case 'l1':
      return mean(abs(difference))
    case 'mse':
      return mean(square(difference))
    case 'charbonnier':
      return mean(sqrt(add(square(difference), charbonnierEpsilon ** 2)))
  }
}
