import {
  add,
  conv2d,
  leakyRelu,
  reverse,
  sub,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'

/*
 * A network small enough to be trained on one picture: five convolutions, no scales (after Mansour & Heckel, CVPR 2023). What it says is the
 * noise, which is taken away from what it sees. Kernels HWIO.
 */

const width = 48
const kernelSides = [3, 3, 3, 3, 1]
const leak = 0.2

/** Pixels that a result depends on, to each side. */
export const pageNetworkReach = kernelSides.reduce((sum, side) => sum + (side - 1) / 2, 0)

/** First weights: uniform within ±1/√(inputs of an output), as PyTorch begins with. */
export function initPageNetwork(channels: 1 | 3, random: Random): TensorMap {
  const weights: TensorMap = {}
  for (const [i, side] of kernelSides.entries()) {
    const ins = i === 0 ? channels : width
    const outs = i === kernelSides.length - 1 ? channels : width
    const bound = 1 / Math.sqrt(side * side * ins)
    const draw = (shape: number[], length: number): TensorMap[string] => ({
      ...{ shape, dtype: 'float32' },
      data: Float32Array.from({ length }, () => bound * (2 * random.uniform() - 1)),
    })
    weights[`kernel${i}`] = draw([side, side, ins, outs], side * side * ins * outs)
    weights[`bias${i}`] = draw([outs], outs)
  }
  return weights
}

/** [N, H, W, channels] -> the same, clean. */
export function runPageNetwork(weights: Tensors, x: Tensor): Tensor {
  let noise = x
  for (const i of kernelSides.keys()) {
    noise = add(conv2d(noise as Tensor4D, weights[`kernel${i}`] as Tensor4D, 1, 'same'), weights[`bias${i}`]!)
    if (i < kernelSides.length - 1) noise = leakyRelu(noise, leak)
  }
  return sub(x, noise)
}

/**
 * The network's weights as if the picture had been turned and mirrored before it, and turned back behind it: for convolutions without
 * steps that is the same as turning the kernels.
 * @param orientation 0–7: bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps rows and columns.
 */
export function orientedWeights(weights: Tensors, orientation: number): Tensors {
  const oriented = { ...weights }
  for (const i of kernelSides.keys()) {
    let kernel: Tensor = weights[`kernel${i}`]!
    const axes = [...(orientation & 1 ? [1] : []), ...(orientation & 2 ? [0] : [])]
    if (axes.length > 0) kernel = reverse(kernel, axes)
    if (orientation & 4) kernel = transpose(kernel, [1, 0, 2, 3])
    oriented[`kernel${i}`] = kernel
  }
  return oriented
}
