import {
  backend_util,
  type AvgPoolAttrs,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type FusedConv2DAttrs,
  type FusedDepthwiseConv2DAttrs,
  type ResizeBilinearAttrs,
  type ResizeNearestNeighborAttrs,
} from '@tensorflow/tfjs-core'
import { activate, binary, scalar, unsupported } from './fold.ts'
import { convFilterGradient, convForward, convInputGradient } from './convolution.ts'
import { resizeMatrix, transposed } from './resampling.ts'
import type { Recorder, Value, Window } from './ir.ts'
import type { Inputs, KernelTable } from './kernels.ts'

type Shape4 = [number, number, number, number]
const shape4 = (shape: readonly number[]): Shape4 => [...shape] as Shape4

function windowOf(info: backend_util.Conv2DInfo): Window {
  const { top, left } = info.padInfo
  const after = (out: number, stride: number, extent: number, input: number, before: number) =>
    (out - 1) * stride + extent - input - before
  const extent = (size: number, dilation: number) => (size - 1) * dilation + 1
  return {
    kernel: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [info.dilationHeight, info.dilationWidth],
    padBegin: [top, left],
    padEnd: [
      after(
        info.outHeight,
        info.strideHeight,
        extent(info.filterHeight, info.dilationHeight),
        info.inHeight,
        top,
      ),
      after(
        info.outWidth,
        info.strideWidth,
        extent(info.filterWidth, info.dilationWidth),
        info.inWidth,
        left,
      ),
    ],
  }
}

interface ConvAttrs {
  strides: number | [number, number]
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
  dilations?: number | [number, number]
  dataFormat?: string
}

function convInfo(x: readonly number[], kernel: readonly number[], a: ConvAttrs, depthwise: boolean) {
  if (a.dataFormat !== undefined && a.dataFormat !== 'NHWC') throw unsupported('NHWC', a.dataFormat)
  return backend_util.computeConv2DInfo(
    shape4(x),
    shape4(kernel),
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    depthwise,
  )
}

function conv(r: Recorder, x: Value, kernel: Value, attributes: ConvAttrs, depthwise: boolean): Value {
  const info = convInfo(x.shape, kernel.shape, attributes, depthwise)
  return convForward(r, x, kernel, { window: windowOf(info), depthwise }, info.outShape)
}

const forward =
  (depthwise: boolean) =>
  (r: Recorder, { x, filter }: Inputs<'x' | 'filter'>, a: Conv2DAttrs | DepthwiseConv2dNativeAttrs) =>
    conv(r, x, filter, a, depthwise)

const fused =
  (depthwise: boolean) =>
  (
    r: Recorder,
    { x, filter, bias, preluActivationWeights }: Inputs<'x' | 'filter', 'bias' | 'preluActivationWeights'>,
    attributes: FusedConv2DAttrs | FusedDepthwiseConv2DAttrs,
  ) => {
    const y = conv(r, x, filter, attributes, depthwise)
    const biased = bias === undefined ? y : binary(r, 'Add', y, bias)
    return activate(r, biased, attributes.activation, preluActivationWeights, attributes.leakyreluAlpha)
  }

const inputGradient =
  (depthwise: boolean) =>
  (
    r: Recorder,
    { dy, filter }: Inputs<'dy' | 'filter'>,
    attributes: Conv2DBackpropInputAttrs | DepthwiseConv2dNativeBackpropInputAttrs,
  ) => {
    const info = convInfo(attributes.inputShape, filter.shape, attributes, depthwise)
    return convInputGradient(r, dy, filter, { window: windowOf(info), depthwise }, info.inShape)
  }

const filterGradient =
  (depthwise: boolean) =>
  (
    r: Recorder,
    { x, dy }: Inputs<'x' | 'dy'>,
    attributes: Conv2DBackpropFilterAttrs | DepthwiseConv2dNativeBackpropFilterAttrs,
  ) => {
    const info = convInfo(x.shape, attributes.filterShape, attributes, depthwise)
    return convFilterGradient(r, x, dy, { window: windowOf(info), depthwise }, attributes.filterShape)
  }

function poolInfo(x: Value, { filterSize, strides, pad, dimRoundingMode }: AvgPoolAttrs) {
  return backend_util.computePool2DInfo(shape4(x.shape), filterSize, strides, 1, pad, dimRoundingMode)
}

/** For each output position, one over the number of image pixels (not padding) in its window: [1, h', w', 1]. */
function inverseCounts(r: Recorder, info: backend_util.Conv2DInfo): Value {
  const counts = (out: number, stride: number, size: number, before: number, input: number) =>
    Array.from({ length: out }, (_, i) => {
      const start = i * stride - before
      return Math.min(start + size, input) - Math.max(start, 0)
    })
  const { top, left } = info.padInfo
  const rows = counts(info.outHeight, info.strideHeight, info.filterHeight, top, info.inHeight)
  const columns = counts(info.outWidth, info.strideWidth, info.filterWidth, left, info.inWidth)
  const inverse = rows.flatMap((a) => columns.map((b) => 1 / (a * b)))
  return r.constant(inverse, [1, info.outHeight, info.outWidth, 1], 'float32')
}

/** How many times larger along each axis, or undefined where that is no whole number. */
function wholeFactor(small: readonly number[], large: readonly number[]): [number, number] | undefined {
  const [h, w] = [large[1]! / small[1]!, large[2]! / small[2]!]
  return Number.isInteger(h) && Number.isInteger(w) ? [h, w] : undefined
}

type ResizeKind = 'nearest' | 'bilinear'

function resample(
  r: Recorder,
  x: Value,
  shape: readonly number[],
  kind: ResizeKind,
  a: ResizeBilinearAttrs | ResizeNearestNeighborAttrs,
) {
  const rows = resizeMatrix(kind, x.shape[1]!, shape[1]!, a.alignCorners, a.halfPixelCenters)
  const columns = transposed(resizeMatrix(kind, x.shape[2]!, shape[2]!, a.alignCorners, a.halfPixelCenters))
  const matrices = [rows, columns].map((m) => r.constant(m.data, [m.rows, m.columns], 'float32'))
  return r.record({ op: 'resample' }, [x, ...matrices], shape)
}

function resampleGradient(
  r: Recorder,
  dy: Value,
  shape: readonly number[],
  kind: ResizeKind,
  a: ResizeBilinearAttrs | ResizeNearestNeighborAttrs,
) {
  const rows = transposed(resizeMatrix(kind, shape[1]!, dy.shape[1]!, a.alignCorners, a.halfPixelCenters))
  const columns = resizeMatrix(kind, shape[2]!, dy.shape[2]!, a.alignCorners, a.halfPixelCenters)
  const matrices = [rows, columns].map((m) => r.constant(m.data, [m.rows, m.columns], 'float32'))
  return r.record({ op: 'resample' }, [dy, ...matrices], shape)
}

const resized = (x: Value, size: [number, number]) => [x.shape[0]!, size[0], size[1], x.shape[3]!]

export const imageKernels = {
  // Convolution
  Conv2D: forward(false),
  FusedConv2D: fused(false),
  Conv2DBackpropInput: inputGradient(false),
  Conv2DBackpropFilter: filterGradient(false),
  DepthwiseConv2dNative: forward(true),
  FusedDepthwiseConv2D: fused(true),
  DepthwiseConv2dNativeBackpropInput: inputGradient(true),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(true),

  // Pooling
  MaxPool: (r, { x }: Inputs<'x'>, attributes: AvgPoolAttrs) => {
    const info = poolInfo(x, attributes)
    return r.record({ op: 'maxPool', window: windowOf(info) }, [x], info.outShape)
  },
  MaxPoolGrad: (r, { dy, input }: Inputs<'dy' | 'input'>, attributes: AvgPoolAttrs) => {
    const info = poolInfo(input, attributes)
    const window = windowOf(info)
    const y = r.record({ op: 'maxPool', window }, [input], info.outShape)
    return r.record({ op: 'maxPoolGradient', window }, [dy, input, y], input.shape)
  },
  AvgPool: (r, { x }: Inputs<'x'>, attributes: AvgPoolAttrs) => {
    const info = poolInfo(x, attributes)
    return r.record({ op: 'averagePool', window: windowOf(info) }, [x], info.outShape)
  },
  AvgPoolGrad: (r, { dy, input }: Inputs<'dy' | 'input'>, attributes: AvgPoolAttrs) => {
    const info = poolInfo(input, attributes)
    const window = windowOf(info)
    const share = binary(r, 'Mul', dy, inverseCounts(r, info))
    const [kh, kw] = window.kernel
    const tiles = kh === window.stride[0] && kw === window.stride[1] && wholeFactor(dy.shape, input.shape)
    if (tiles && tiles[0] === kh && tiles[1] === kw)
      return r.record({ op: 'upsampleNearest', factor: tiles }, [share], input.shape)
    const ones = r.uniform(1, [kh, kw, input.shape[3]!, 1], 'float32')
    return r.record({ op: 'convInputGradient', window, depthwise: true }, [share, ones], input.shape)
  },

  // Resizing
  ResizeNearestNeighbor: (r, { images }: Inputs<'images'>, a: ResizeNearestNeighborAttrs) => {
    const shape = resized(images, a.size)
    const factor = wholeFactor(images.shape, shape)
    if (factor && !a.alignCorners && !a.halfPixelCenters)
      return r.record({ op: 'upsampleNearest', factor }, [images], shape)
    return resample(r, images, shape, 'nearest', a)
  },
  ResizeNearestNeighborGrad: (r, { images, dy }: Inputs<'images' | 'dy'>, a: ResizeNearestNeighborAttrs) => {
    const factor = wholeFactor(images.shape, dy.shape)
    if (!factor || a.alignCorners || a.halfPixelCenters)
      return resampleGradient(r, dy, images.shape, 'nearest', a)
    const window: Window = {
      kernel: factor,
      stride: factor,
      dilation: [1, 1],
      padBegin: [0, 0],
      padEnd: [0, 0],
    }
    const mean = r.record({ op: 'averagePool', window }, [dy], images.shape)
    return binary(r, 'Mul', mean, scalar(r, factor[0] * factor[1]))
  },
  ResizeBilinear: (r, { images }: Inputs<'images'>, a: ResizeBilinearAttrs) => {
    const coordinates = a.alignCorners ? 'align_corners' : a.halfPixelCenters ? 'half_pixel' : 'asymmetric'
    return r.record({ op: 'resizeBilinear', coordinates }, [images], resized(images, a.size))
  },
  ResizeBilinearGrad: (r, { images, dy }: Inputs<'images' | 'dy'>, a: ResizeBilinearAttrs) =>
    resampleGradient(r, dy, images.shape, 'bilinear', a),
} satisfies KernelTable
