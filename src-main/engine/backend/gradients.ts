// tfjs-core ships its gradients as sources for bundlers only: no file of the package that Node can load registers them.
// tfjs-layers' Node bundle holds a copy and registers it for all of tfjs. Nothing else of that package is used.
import '@tensorflow/tfjs-layers'
import {
  Cumsum,
  Elu,
  Exp,
  Maximum,
  Minimum,
  MirrorPad,
  Relu,
  Sigmoid,
  Softmax,
  SquaredDifference,
  Tanh,
  addN,
  broadcast_util,
  cast,
  cumsum,
  engine,
  exp,
  getBackend,
  getKernel,
  greaterEqual,
  lessEqual,
  logicalNot,
  minimum,
  mul,
  pad,
  registerGradient,
  reshape,
  reverse,
  scalar,
  sigmoid,
  slice,
  softmax,
  square,
  step,
  sub,
  sum,
  tanh,
  zerosLike,
  type CumsumAttrs,
  type GradConfig,
  type KernelConfig,
  type MirrorPadAttrs,
  type NamedAttrMap,
  type SoftmaxAttrs,
  type Tensor,
} from '@tensorflow/tfjs-core'

/** Sums a gradient over the axes along which its operand was broadcast. */
function unbroadcast(gradient: Tensor, shape: number[]): Tensor {
  const axes = broadcast_util.getReductionAxes(shape, gradient.shape)
  return reshape(axes.length === 0 ? gradient : sum(gradient, axes), shape)
}

const binary = (
  kernelName: string,
  gradientA: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
  gradientB: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
): GradConfig => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor]
    return {
      a: () => unbroadcast(gradientA(dy as Tensor, a, b), a.shape),
      b: () => unbroadcast(gradientB(dy as Tensor, a, b), b.shape),
    }
  },
})

/** Of two equal operands the first gets the gradient. */
const choice = (kernelName: string, first: (a: Tensor, b: Tensor) => Tensor): GradConfig =>
  binary(
    kernelName,
    (dy, a, b) => mul(dy, cast(first(a, b), 'float32')),
    (dy, a, b) => mul(dy, cast(logicalNot(first(a, b)), 'float32')),
  )

/** (a − b)²: 2 (a − b) for a, the negative for b. */
const squaredDifference = binary(
  SquaredDifference,
  (dy, a, b) => mul(dy, mul(scalar(2), sub(a, b))),
  (dy, a, b) => mul(dy, mul(scalar(2), sub(b, a))),
)

/** A gradient computed from the input `name` alone. */
const fromInput = (
  kernelName: string,
  name: string,
  gradient: (dy: Tensor, x: Tensor, attributes: NamedAttrMap) => Tensor,
): GradConfig => ({
  kernelName,
  inputsToSave: [name],
  gradFunc: (dy, [x], attributes) => ({
    [name]: () => gradient(dy as Tensor, x!, attributes),
  }),
})

/** A kernel with the inputs `dy` and `x` that only some backends have (`native-kernels.ts`): dy where x > 0, 0 elsewhere. */
export const ReluGrad = 'ReluGrad'

/** One kernel where the running backend has it: tfjs's own way takes three, and the native engine's step is five more. */
function reluGradient(dy: Tensor, x: Tensor): Tensor {
  const kernel = getKernel(ReluGrad, getBackend()) as KernelConfig | undefined
  if (kernel === undefined) return mul(dy, cast(step(x), 'float32'))
  return engine().runKernel(ReluGrad, { dy, x })
}

/** Relu's gradient is linear in dy, and constant in x but at 0. */
const secondRelu: GradConfig = {
  kernelName: ReluGrad,
  inputsToSave: ['x'],
  gradFunc: (ddy, [x]) => ({ dy: () => reluGradient(ddy as Tensor, x!), x: () => zerosLike(x!) }),
}

function sigmoidGradient(dy: Tensor, x: Tensor): Tensor {
  const y = sigmoid(x)
  return mul(dy, mul(y, sub(scalar(1), y)))
}

function softmaxGradient(dy: Tensor, logits: Tensor, attributes: NamedAttrMap): Tensor {
  const { dim } = attributes as unknown as SoftmaxAttrs
  const y = softmax(logits, dim)
  const weighted = mul(dy, y)
  return sub(weighted, mul(sum(weighted, dim, true), y))
}

/** The sum in the other direction. */
function cumsumGradient(dy: Tensor, attributes: NamedAttrMap): Tensor {
  const { axis, exclusive, reverse } = attributes as unknown as CumsumAttrs
  return cumsum(dy, axis, exclusive, !reverse)
}

/** Adds what the mirror images got to the pixels that they show, axis by axis: the transpose of mirrorPad. */
function mirrorPadGradient(dy: Tensor, x: Tensor, attributes: NamedAttrMap): Tensor {
  const { paddings, mode } = attributes as unknown as MirrorPadAttrs
  // `reflect` leaves the edge itself out of the mirror image, `symmetric` doubles it.
  const edge = mode === 'reflect' ? 1 : 0
  return paddings.reduce((gradient, [before, after], axis) => {
    const size = x.shape[axis]!
    const part = (begin: number, length: number) =>
      slice(
        gradient,
        gradient.shape.map((_, i) => (i === axis ? begin : 0)),
        gradient.shape.map((d, i) => (i === axis ? length : d)),
      )
    const mirrored = (begin: number, length: number, offset: number) => {
      const room: [number, number][] = x.shape.map((_, i) =>
        i === axis ? [offset, size - offset - length] : [0, 0],
      )
      return pad(reverse(part(begin, length), axis), room)
    }
    const parts = [part(before, size)]
    if (before > 0) parts.push(mirrored(0, before, edge))
    if (after > 0) parts.push(mirrored(before + size, after, size - edge - after))
    return addN(parts)
  }, dy)
}

const mended: GradConfig[] = [
  choice(Maximum, greaterEqual),
  choice(Minimum, lessEqual),
  squaredDifference,
  fromInput(Cumsum, 'x', (dy, _, attributes) => cumsumGradient(dy, attributes)),
  fromInput(MirrorPad, 'x', mirrorPadGradient),
  fromInput(Relu, 'x', reluGradient),
  secondRelu,
  fromInput(Exp, 'x', (dy, x) => mul(dy, exp(x))),
  fromInput(Sigmoid, 'x', sigmoidGradient),
  fromInput(Tanh, 'x', (dy, x) => mul(dy, sub(scalar(1), square(tanh(x))))),
  // 1 above zero, e^x below.
  fromInput(Elu, 'x', (dy, x) => mul(dy, exp(minimum(x, scalar(0))))),
  fromInput(Softmax, 'logits', softmaxGradient),
]

/**
 * Makes gradients known to tfjs, for whatever backend runs the operations: importing this file brings tfjs-core's own,
 * and this call replaces those that are wrong in version 4.22.0. Calling it again changes nothing.
 *
 * - maximum, minimum and squaredDifference forget to sum over broadcast axes.
 * - cumsum along an axis that is not the last gives its gradient transposed.
 * - mirrorPad drops what the mirror images get.
 * - Gradients written in terms of the saved *output* (sigmoid, tanh, exp, …) lose its dependence on the input when they
 *   are themselves differentiated: the tape records the copy of the output before the operation that made it. A
 *   contractive penalty then trains silently in the wrong direction. Written in terms of the input they are right; the
 *   recording backend sees that the output is known already, so nothing is computed twice.
 * - relu's takes several kernels; where the backend has one for it, that is used.
 */
export function registerGradients(): void {
  mended.forEach(registerGradient)
}
