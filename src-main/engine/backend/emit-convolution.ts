import { iohw, nchw, oihw, type Emitter, type EmitterTable } from './emit-layout.ts'
import { sizeOf, type Convolution, type Value, type Window } from './ir.ts'

/** Padding as ONNX lists it: top, left, bottom, right. */
const everyIs = (wanted: number, values: readonly number[]): boolean => values.every((n) => n === wanted)

/** How far a window reaches beyond its first position, top, left, bottom, right, less the padding there. */
const turnedPads = ({ kernel, dilation, padBegin, padEnd }: Window): number[] =>
  [...padBegin, ...padEnd].map((p, i) => (kernel[i % 2]! - 1) * dilation[i % 2]! - p)

const padsOf = ({ padBegin, padEnd }: Window): number[] => [...padBegin, ...padEnd.map((p) => Math.max(0, p))]

/** A depthwise kernel [h, w, c, m] as the grouped kernel [c·m, 1, h, w]. */
function groupedKernel(e: Emitter, kernel: Value): string {
  const [h, w, c, m] = kernel.shape as [number, number, number, number]
  return e.graph.node('Reshape', [e.ordered(kernel, iohw), e.graph.int64([c * m, 1, h, w])])
}

/**
 * Makes the nodes of a convolution's value.
 * @param bias the name of a vector to add to each channel, or none
 */
type EmitConvolution = (e: Emitter, value: Value, convolution: Convolution, bias: string[]) => string

/**
 * Whether one side of a convolution has so few channels that the work is better arranged around that side. Convolutions of the
 * runtimes copy k² values for each pixel and channel that they read, transposed ones for each that they write.
 */
const few = (channels: number, others: number): boolean => 4 * channels <= others

export const emitConvolution: EmitConvolution = (e, value, { window, depthwise }, bias) => {
  const [x, kernel] = value.inputs as [Value, Value]
  const turnable = e.fixed && !depthwise && everyIs(1, [...window.stride, ...window.dilation])
  const pads = turnedPads(window)
  if (turnable && few(value.shape[3]!, x.shape[3]!) && [...pads, ...padsOf(window)].every((p) => p >= 0))
    return e.graph.node('ConvTranspose', [e.ordered(x, nchw), turnedKernel(e, kernel), ...bias], {
      kernel_shape: window.kernel,
      pads,
    })
  const weights = depthwise ? groupedKernel(e, kernel) : e.ordered(kernel, oihw)
  return e.graph.node('Conv', [e.ordered(x, nchw), weights, ...bias], {
    kernel_shape: window.kernel,
    strides: window.stride,
    dilations: window.dilation,
    pads: padsOf(window),
    group: depthwise ? kernel.shape[2]! : 1,
  })
}

/**
 * The gradient for the input: at stride 1 a convolution with the kernel turned by 180° and its channels swapped, which
 * runtimes do faster than a transposed convolution; with strides a transposed one.
 */
export const emitInputGradient: EmitConvolution = (e, value, { window, depthwise }, bias) => {
  const [dy, kernel] = value.inputs as [Value, Value]
  const { kernel: size, stride, dilation, padBegin, padEnd } = window
  const pads = turnedPads(window)
  const asConvolution =
    !depthwise &&
    everyIs(1, [...stride, ...dilation]) &&
    [...pads, ...padBegin, ...padEnd].every((p) => p >= 0)
  if (asConvolution) {
    const turned = size.some((s) => s > 1) ? turnedKernel(e, kernel) : e.ordered(kernel, iohw)
    return e.graph.node('Conv', [e.ordered(dy, nchw), turned, ...bias], { kernel_shape: size, pads })
  }
  const weights = depthwise ? groupedKernel(e, kernel) : e.ordered(kernel, oihw)
  return e.graph.node('ConvTranspose', [e.ordered(dy, nchw), weights, ...bias], {
    kernel_shape: size,
    strides: stride,
    dilations: dilation,
    pads: padsOf(window),
    output_padding: padEnd.map((p) => Math.max(0, -p)),
    group: depthwise ? kernel.shape[2]! : 1,
  })
}

function turnedKernel(e: Emitter, kernel: Value): string {
  const { graph } = e
  const [last, beforeFirst] = [graph.int64([-1, -1]), graph.int64([-2147483648, -2147483648])]
  return graph.node('Slice', [e.ordered(kernel, iohw), last, beforeFirst, graph.int64([2, 3]), last])
}

/** Pixels an image must have for the filter gradient to be cheaper image by image in NCHW than over all of them in NHWC; measured. */
const largePlane = 256

/**
 * The gradient for the filter, Σ over batch and pixels of x(shifted) ⊗ dy, with no operator of its own in ONNX. Each of
 * the kernel's positions ("taps") sees x through a shifted window, and is a matrix product of its own.
 */
function filterGradient(e: Emitter, value: Value, window: Window): string {
  const [x, dy] = value.inputs as [Value, Value]
  const [ins, outs] = value.shape.slice(2) as [number, number]
  const isDense = everyIs(1, window.stride)
  if (few(outs, ins) && isDense && turnedPads(window).every((p) => p >= 0))
    return shiftedOutput(e, value, window)
  // With strides, slices of NCHW pick single values, those of NHWC all channels of a pixel at once.
  const large = isDense && sizeOf(dy.shape.slice(1, 3)) >= largePlane
  const products = (large ? imageProducts : rowProducts)(e, x, dy, window)
  const all = products.length === 1 ? products[0]! : e.graph.node('Concat', products, { axis: 0 })
  return e.graph.node('Reshape', [all, e.graph.int64(value.shape)])
}

const taps = ({ kernel, dilation }: Window): [number, number][] =>
  Array.from({ length: kernel[0] * kernel[1] }, (_, i) => [
    Math.floor(i / kernel[1]) * dilation[0],
    (i % kernel[1]) * dilation[1],
  ])

/** x as each tap sees it. `axes` are height and width in the order in which `x` is held. */
function shifted(e: Emitter, x: string, dy: Value, window: Window, axes: [number, number]): string[] {
  const { graph } = e
  const pads = padsOf(window)
  const amounts = Array.from({ length: 8 }, () => 0)
  axes.forEach((axis, i) => {
    amounts[axis] = pads[i]!
    amounts[axis + 4] = pads[i + 2]!
  })
  const padded = pads.some((p) => p > 0) ? graph.node('Pad', [x, graph.int64(amounts)]) : x
  const pointwise = sizeOf(window.kernel) === 1 && sizeOf(window.stride) === 1
  if (pointwise) return [padded]
  const extent = (i: 0 | 1) => (dy.shape[i + 1]! - 1) * window.stride[i] + 1
  return taps(window).map(([row, column]) =>
    graph.node('Slice', [
      padded,
      graph.int64([row, column]),
      graph.int64([row + extent(0), column + extent(1)]),
      graph.int64(axes),
      graph.int64(window.stride),
    ]),
  )
}

/** [in, out] for each tap, a product for each image, summed: for large images. */
function imageProducts(e: Emitter, x: Value, dy: Value, window: Window): string[] {
  const { graph } = e
  const [n, height, width, outs] = dy.shape as [number, number, number, number]
  const pixels = height * width
  const gradient = graph.node('Reshape', [e.ordered(dy, nchw), graph.int64([n, outs, pixels])])
  const columns = graph.node('Transpose', [gradient], { perm: [0, 2, 1] })
  return shifted(e, e.ordered(x, nchw), dy, window, [2, 3]).map((tap) => {
    const rows = graph.node('Reshape', [tap, graph.int64([n, x.shape[3]!, pixels])])
    const perImage = graph.node('MatMul', [rows, columns])
    return graph.node('ReduceSum', [perImage, graph.int64([0])], { keepdims: 0 })
  })
}

/**
 * [h, w, in, out] with dy shifted instead of x, the other way, so that few channels are copied: for large images with few
 * outputs.
 */
function shiftedOutput(e: Emitter, value: Value, { kernel, dilation, ...window }: Window): string {
  const { graph } = e
  const [x, dy] = value.inputs as [Value, Value]
  const [n, height, width, ins] = x.shape as [number, number, number, number]
  const [pixels, count, outs] = [height * width, sizeOf(kernel), value.shape[3]!]
  const [top, left, bottom, right] = turnedPads({ kernel, dilation, ...window })
  const padded = graph.node('Pad', [
    e.ordered(dy, nchw),
    graph.int64([0, 0, top!, left!, 0, 0, bottom!, right!]),
  ])
  const reach = kernel.map((size, i) => (size - 1) * dilation[i]!)
  const shifts = taps({ kernel, dilation, ...window }).map(([row, column]) => [
    reach[0]! - row,
    reach[1]! - column,
  ])
  const views = shifts.map(([row, column]) =>
    graph.node('Slice', [
      padded,
      graph.int64([row!, column!]),
      graph.int64([row! + height, column! + width]),
      graph.int64([2, 3]),
    ]),
  )
  const all = views.length === 1 ? views[0]! : graph.node('Concat', views, { axis: 1 })
  const gradients = graph.node('Reshape', [all, graph.int64([n, count * outs, pixels])])
  const columns = graph.node('Transpose', [gradients], { perm: [0, 2, 1] })
  const rows = graph.node('Reshape', [e.ordered(x, nchw), graph.int64([n, ins, pixels])])
  const perImage = graph.node('MatMul', [rows, columns])
  const sums = graph.node('ReduceSum', [perImage, graph.int64([0])], { keepdims: 0 })
  const byTap = graph.node('Reshape', [sums, graph.int64([ins, ...kernel, outs])])
  return graph.node('Transpose', [byTap], { perm: [1, 2, 0, 3] })
}

/** [in, out] for each tap, one product over the pixels of all images. */
function rowProducts(e: Emitter, x: Value, dy: Value, window: Window): string[] {
  const { graph } = e
  const pixels = sizeOf(dy.shape.slice(0, 3))
  const gradient = graph.node('Reshape', [e.plain(dy), graph.int64([pixels, dy.shape[3]!])])
  return shifted(e, e.plain(x), dy, window, [1, 2]).map((tap) => {
    const rows = graph.node('Reshape', [tap, graph.int64([pixels, x.shape[3]!])])
    return graph.node('Gemm', [rows, gradient], { transA: 1 })
  })
}

/** [h, w, c, m] for a depthwise convolution: products by element, summed over batch and pixels. */
function depthwiseFilterGradient(e: Emitter, value: Value, window: Window): string {
  const { graph } = e
  const [x, dy] = value.inputs as [Value, Value]
  const [n, height, width] = dy.shape as [number, number, number]
  const [channels, multiplier] = [x.shape[3]!, value.shape[3]!]
  const pixels = height * width
  const gradient = graph.node('Reshape', [
    e.ordered(dy, nchw),
    graph.int64([n, channels, multiplier, pixels]),
  ])
  const sums = shifted(e, e.ordered(x, nchw), dy, window, [2, 3]).map((tap) => {
    const image = graph.node('Reshape', [tap, graph.int64([n, channels, 1, pixels])])
    const products = graph.node('Mul', [image, gradient])
    return graph.node('ReduceSum', [products, graph.int64([0, 3])], { keepdims: 0 })
  })
  return graph.node('Reshape', [graph.node('Concat', sums, { axis: 0 }), graph.int64(value.shape)])
}

export const emitConvolutions = {
  conv(e, value, convolution) {
    e.hold(value, emitConvolution(e, value, convolution, []), nchw)
  },
  convInputGradient(e, value, convolution) {
    e.hold(value, emitInputGradient(e, value, convolution, []), nchw)
  },
  convFilterGradient(e, value, { window, depthwise }) {
    e.hold(value, (depthwise ? depthwiseFilterGradient : filterGradient)(e, value, window))
  },
} satisfies Partial<EmitterTable>
