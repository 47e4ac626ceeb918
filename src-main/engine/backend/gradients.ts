// tfjs-core ships its gradients as sources for bundlers only: no file of the package that Node can load registers them.
// tfjs-layers' Node bundle holds a copy and registers it for all of tfjs. Nothing else of that package is used.
import '@tensorflow/tfjs-layers'
import {
  Maximum,
  Minimum,
  SquaredDifference,
  broadcast_util,
  cast,
  greaterEqual,
  lessEqual,
  logicalNot,
  mul,
  registerGradient,
  reshape,
  scalar,
  sub,
  sum,
  type GradConfig,
  type Tensor,
} from '@tensorflow/tfjs-core'

/** Sums a gradient over the axes along which its operand was broadcast. */
function unbroadcast(gradient: Tensor, shape: number[]): Tensor {
  const axes = broadcast_util.getReductionAxes(shape, gradient.shape)
  return reshape(axes.length === 0 ? gradient : sum(gradient, axes), shape)
}

/** Of two equal operands the first gets the gradient. */
const choice = (kernelName: string, chosen: (a: Tensor, b: Tensor) => Tensor): GradConfig => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor]
    const upstream = dy as Tensor
    return {
      a: () => unbroadcast(mul(upstream, cast(chosen(a, b), 'float32')), a.shape),
      b: () => unbroadcast(mul(upstream, cast(logicalNot(chosen(a, b)), 'float32')), b.shape),
    }
  },
})

const squaredDifferenceGradient: GradConfig = {
  kernelName: SquaredDifference,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor]
    const slope = (x: Tensor, y: Tensor) => mul(dy as Tensor, mul(scalar(2), sub(x, y)))
    return {
      a: () => unbroadcast(slope(a, b), a.shape),
      b: () => unbroadcast(slope(b, a), b.shape),
    }
  },
}

/**
 * Makes gradients known to tfjs, for whatever backend runs the operations: importing this file brings tfjs-core's own,
 * and this call replaces the three of version 4.22.0 that forget to sum over broadcast axes (maximum, minimum and
 * squaredDifference of tensors of different shapes). Calling it again changes nothing.
 */
export function registerGradients(): void {
  registerGradient(choice(Maximum, greaterEqual))
  registerGradient(choice(Minimum, lessEqual))
  registerGradient(squaredDifferenceGradient)
}
