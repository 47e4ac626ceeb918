import {
  add,
  concat,
  conv2d,
  conv2dTranspose,
  mul,
  relu,
  reshape,
  sub,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import { DarkroomError } from '../../contract/errors.ts'
import type { DenoiserSpec, LayerSummary } from '../../contract/architecture.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import { constant } from '../backend/constant.ts'
import { exportForward, type ExportInput } from '../backend/export.ts'
import type { Random } from '../numeric/random.ts'
import { smoothFill } from './smooth-fill.ts'

/**
 * Name and shape of every weight, in the order of the computation. Convolution kernels are HWIO, those of transposed
 * convolutions [h, w, out, in], as tfjs has them. There are no biases: a bias-free network scales with its input, and so
 * generalises over noise levels (Mohan et al., "Robust and interpretable blind image denoising", ICLR 2020).
 */
export function denoiserShapes(spec: DenoiserSpec): Record<string, number[]> {
  const { widths, blocks, channels, condition } = spec
  if (widths.length !== blocks.length) {
    throw new DarkroomError('recipe-invalid', {
      expected: `as many model.blocks as model.widths (${widths.length})`,
      received: `${blocks.length}`,
    })
  }
  const shapes: Record<string, number[]> = {}
  const addBlocks = (side: string, scale: number): void => {
    const width = widths[scale]!
    for (let block = 0; block < blocks[scale]!; block++) {
      shapes[`${side}.block${block}.conv0.kernel`] = [3, 3, width, width]
      shapes[`${side}.block${block}.conv1.kernel`] = [3, 3, width, width]
    }
  }
  const last = widths.length - 1
  const inputs = channels + (condition === 'none' ? 0 : 1)
  shapes['head.kernel'] = [3, 3, 4 * inputs, widths[0]!]
  for (let scale = 0; scale < last; scale++) {
    addBlocks(`down${scale}`, scale)
    shapes[`down${scale}.downsample.kernel`] = [2, 2, widths[scale]!, widths[scale + 1]!]
  }
  addBlocks('middle', last)
  for (let scale = last - 1; scale >= 0; scale--) {
    shapes[`up${scale}.upsample.kernel`] = [2, 2, widths[scale]!, widths[scale + 1]!]
    addBlocks(`up${scale}`, scale)
  }
  shapes['tail.kernel'] = [3, 3, widths[0]!, 4 * channels]
  return shapes
}

/** The network's table for pictures of one side; each row is a convolution. */
export function denoiserLayers(spec: DenoiserSpec, side: number): LayerSummary[] {
  let at = side / 2
  return Object.entries(denoiserShapes(spec)).map(([weight, shape]) => {
    const name = weight.slice(0, -'.kernel'.length)
    const [height, width, c, d] = shape as [number, number, number, number]
    const isUp = name.endsWith('.upsample')
    const isDown = name.endsWith('.downsample')
    at = isUp ? at * 2 : isDown ? at / 2 : at
    const kind = `${isUp ? 'conv-transpose' : 'conv'} ${height}×${width}${isUp || isDown ? '/2' : ''} ${isUp ? c : d}`
    return { name, kind, output: [at, at, isUp ? c : d], parameters: sizeOf(shape) }
  })
}

/**
 * Fresh weights: uniform in ±1/√fanIn with fanIn = h·w·shape[2], PyTorch's default (Kaiming uniform with a = √5). The last
 * convolution of a residual block is scaled by 0.3 and the tail by 0.1, so that training starts near the identity, or
 * where nothing is added to the picture, near black.
 */
export function initDenoiser(spec: DenoiserSpec, random: Random): TensorMap {
  const weights: TensorMap = {}
  for (const [name, shape] of Object.entries(denoiserShapes(spec))) {
    const [height, width, fan] = shape as [number, number, number]
    const gain = name.endsWith('.conv1.kernel') ? 0.3 : name === 'tail.kernel' ? 0.1 : 1
    const bound = gain / Math.sqrt(height * width * fan)
    const data = Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * random.uniform() - 1))
    weights[name] = { shape, dtype: 'float32', data }
  }
  return weights
}

/**
 * The network as plain operations on named weights, the same as in `bench/torch/photo_net.py`. Inputs: `noisy`
 * [N, H, W, channels] in [0, 1] and what its spec's `condition` says: `sigma` [N, H, W, 1], the noise's standard deviation in the same unit
 * (σ / 255), or `mask` [N, H, W, 1], 1 where pixels are missing; H and W multiples of `denoiserStride`. Output: `denoised`, as `noisy`,
 * not clipped.
 *
 * It begins with the picture, whose missing pixels are filled smoothly, and gives the change to it; of a picture with missing pixels only
 * those are changed. With `residual` off it gives the picture itself. `shuffle` is not its business: it is given what that makes of a picture.
 *
 * A residual U-Net at half resolution: space-to-depth and the noise map from FFDNet (Zhang, Zuo & Zhang, TIP 2018), summed
 * skips and bias-free residual blocks from DRUNet (Zhang et al., TPAMI 2021).
 */
export function denoiserForward(spec: DenoiserSpec): (weights: Tensors, inputs: Tensors) => Tensors {
  const last = spec.widths.length - 1
  return (weights, inputs) => {
    const kernel = (name: string): Tensor4D => named(weights, `${name}.kernel`)
    const runBlocks = (side: string, scale: number, x: Tensor4D): Tensor4D => {
      for (let block = 0; block < spec.blocks[scale]!; block++) {
        const name = `${side}.block${block}`
        const hidden = relu(conv2d(x, kernel(`${name}.conv0`), 1, 'same'))
        x = add(x, conv2d(hidden, kernel(`${name}.conv1`), 1, 'same'))
      }
      return x
    }

    const noisy = named(inputs, 'noisy')
    const mask = spec.condition === 'mask' ? named(inputs, 'mask') : null
    const start = mask === null ? noisy : smoothFill(noisy, mask, spec.widths.length)
    const told = spec.condition === 'none' ? [] : [named(inputs, spec.condition)]
    const top = conv2d(spaceToDepth(concat([start, ...told], 3)), kernel('head'), 1, 'same')
    const skips: Tensor4D[] = []
    let x = top
    for (let scale = 0; scale < last; scale++) {
      x = runBlocks(`down${scale}`, scale, x)
      skips.push(x)
      x = conv2d(x, kernel(`down${scale}.downsample`), 2, 'valid')
    }
    x = runBlocks('middle', last, x)
    for (let scale = last - 1; scale >= 0; scale--) {
      const skip = skips[scale]!
      x = add(conv2dTranspose(x, kernel(`up${scale}.upsample`), skip.shape, 2, 'valid'), skip)
      x = runBlocks(`up${scale}`, scale, x)
    }
    const change = depthToSpace(conv2d(add(x, top), kernel('tail'), 1, 'same'))
    if (!spec.residual) return { denoised: change }
    return { denoised: sub(start, mask === null ? change : mul(change, mask)) }
  }
}

/**
 * A network that is told nothing, applied to the pictures that every nth pixel of every nth row makes, and what comes out put together again
 * (pixel-shuffle downsampling, Zhou et al., AAAI 2020). H and W are multiples of n times those of the network.
 */
function overShuffled(spec: DenoiserSpec): (weights: Tensors, inputs: Tensors) => Tensors {
  const forward = denoiserForward(spec)
  const { shuffle, channels } = spec
  if (shuffle === 1) return forward
  const depth = shuffle ** 2 * channels
  return (weights, inputs) => {
    const parts = spaceToDepth(named(inputs, 'noisy'))
    const denoised = Array.from({ length: shuffle ** 2 }, (_, part) => {
      // A convolution that picks channels: a slice would hold the picture's size.
      const pick = new Float32Array(depth * channels)
      for (let c = 0; c < channels; c++) pick[(part * channels + c) * channels + c] = 1
      const kernel = constant(pick, [1, 1, depth, channels]) as Tensor4D
      return named(forward(weights, { noisy: conv2d(parts, kernel, 1, 'valid') }), 'denoised')
    })
    return { denoised: depthToSpace(concat(denoised, 3)) }
  }
}

const conditionDescriptions = {
  sigma: 'Standard deviation of the noise, 0 to 1 (8-bit σ / 255)',
  mask: '1 where pixels are missing, 0 elsewhere',
}

/**
 * The network as an ONNX file for pictures of any size whose sides are multiples of `denoiserStride`: NCHW, `noisy` [1, C, H, W] and, as
 * its spec says, `sigma` or `mask` [1, 1, H, W] -> `denoised`. The metadata gets `spec` (JSON), from which the network can be built
 * again, `layout` and `range` beside what is given.
 * @throws model-incompatible when the weights are not those of the network.
 */
export function exportDenoiser(
  spec: DenoiserSpec,
  weights: TensorMap,
  metadata: Record<string, string>,
  producerVersion: string,
): Uint8Array {
  checkDenoiserWeights(spec, weights)
  const image = (channels: number, description: string): ExportInput => ({
    shape: [1, 'H', 'W', channels],
    dtype: 'float32',
    description,
  })
  const colours = spec.channels === 1 ? 'gray' : 'R, G, B'
  const noisy = image(spec.channels, `Encoded ${colours} in [0, 1]; may lie outside`)
  const inputs: Record<string, ExportInput> =
    spec.condition === 'none'
      ? { noisy }
      : { noisy, [spec.condition]: image(1, conditionDescriptions[spec.condition]) }
  return exportForward(overShuffled(spec), weights, inputs, {
    layout: 'NCHW',
    name: 'denoiser',
    producerVersion,
    metadata: { ...metadata, layout: 'NCHW', range: '[0, 1]', spec: JSON.stringify(spec) },
    descriptions: { denoised: 'As noisy, not clipped' },
  })
}

/** Refuses weights that are not those of the network: a missing, unknown, misshapen or non-finite one is named. */
export function checkDenoiserWeights(spec: DenoiserSpec, weights: TensorMap, file?: string): void {
  const where = file === undefined ? {} : { file }
  const shapes = denoiserShapes(spec)
  for (const [name, shape] of Object.entries(shapes)) {
    const weight = weights[name]
    const expected = `${name} float32 [${shape.join(', ')}]`
    const received = weight === undefined ? 'none' : `${weight.dtype} [${weight.shape.join(', ')}]`
    if (expected !== `${name} ${received}`) {
      throw new DarkroomError('model-incompatible', { ...where, expected, received })
    }
    if (!weight!.data.every(Number.isFinite)) {
      throw new DarkroomError('model-incompatible', {
        ...where,
        expected: `finite numbers in ${name}`,
        received: 'NaN or infinity',
      })
    }
  }
  const unknown = Object.keys(weights).find((name) => !(name in shapes))
  if (unknown !== undefined) {
    throw new DarkroomError('model-incompatible', {
      ...where,
      expected: 'only the weights of the network',
      received: unknown,
    })
  }
}

/**
 * [N, H, W, C] -> [N, H/2, W/2, 4C], channels ordered (dy, dx, c) as in TensorFlow and ONNX. Written with reshape and
 * transpose because tfjs has no gradient for depthToSpace.
 */
function spaceToDepth(x: Tensor4D): Tensor4D {
  const [n, h, w, c] = x.shape
  const cells = transpose(reshape(x, [n, h / 2, 2, w / 2, 2, c]), [0, 1, 3, 2, 4, 5])
  return reshape(cells, [n, h / 2, w / 2, 4 * c])
}

/** The inverse of `spaceToDepth`. */
function depthToSpace(x: Tensor4D): Tensor4D {
  const [n, h, w, c] = x.shape
  const cells = transpose(reshape(x, [n, h, w, 2, 2, c / 4]), [0, 1, 3, 2, 4, 5])
  return reshape(cells, [n, 2 * h, 2 * w, c / 4])
}

function named(tensors: Tensors, name: string): Tensor4D {
  const tensor: Tensor | undefined = tensors[name]
  if (tensor === undefined)
    throw new DarkroomError('model-incompatible', { expected: name, received: 'none' })
  return tensor as Tensor4D
}

const sizeOf = (shape: number[]): number => shape.reduce((product, n) => product * n, 1)
