import { nchw, type Emitter, type EmitterTable } from './emit-layout.ts'
import { sizeOf, type Value, type Window } from './ir.ts'

const poolAttributes = ({ kernel, stride, padBegin, padEnd }: Window) => ({
  kernel_shape: kernel,
  strides: stride,
  pads: [...padBegin, ...padEnd.map((p) => Math.max(0, p))],
})

/** Whether the windows cover the image exactly once. */
const tiles = ({ kernel, stride, padBegin, padEnd }: Window): boolean =>
  kernel[0] === kernel[1] &&
  stride.every((s) => s === kernel[0]) &&
  [...padBegin, ...padEnd].every((p) => p === 0)

/**
 * The gradient of max pooling, out of standard operators that every execution provider has (MaxUnpool is not among
 * them, and cannot do overlapping windows). For each position in the window ("tap"): where the image there equals the
 * maximum and no earlier tap took it, the gradient belongs there.
 */
function maxPoolGradient(e: Emitter, value: Value, window: Window): string {
  const { graph } = e
  const [dy, x, y] = value.inputs as [Value, Value, Value]
  const maximum = e.ordered(y, nchw)
  const zero = graph.float(0)
  const seen = tiles(window) ? seenTiled(e, x, window) : seenShifted(e, x, y, window)
  let left = e.ordered(dy, nchw)
  const shares = seen.map((tap, i) => {
    const hit = graph.node('Equal', [tap, maximum])
    const share = graph.node('Where', [hit, left, zero])
    if (i < seen.length - 1) left = graph.node('Where', [hit, zero, left])
    return share
  })
  const channels = value.shape[3]!
  const stacked = graph.node('Concat', shares, { axis: 1 })
  if (tiles(window)) return graph.node('DepthToSpace', [stacked], { blocksize: window.kernel[0] })
  return scatterTaps(e, stacked, window, channels)
}

/** The image as each tap sees it, for windows that tile: parts of a space-to-depth. */
function seenTiled(e: Emitter, x: Value, window: Window): string[] {
  const { graph } = e
  const channels = x.shape[3]!
  const deep = graph.node('SpaceToDepth', [e.ordered(x, nchw)], { blocksize: window.kernel[0] })
  return Array.from({ length: sizeOf(window.kernel) }, (_, i) =>
    graph.node('Slice', [
      deep,
      graph.int64([i * channels]),
      graph.int64([(i + 1) * channels]),
      graph.int64([1]),
    ]),
  )
}

/** The same for any windows: strided slices of the padded image. */
function seenShifted(e: Emitter, x: Value, y: Value, { kernel, stride, padBegin, padEnd }: Window): string[] {
  const { graph } = e
  const pads = [0, 0, ...padBegin, 0, 0, ...padEnd.map((p) => Math.max(0, p))]
  const padded = graph.node('Pad', [e.ordered(x, nchw), graph.int64(pads), graph.float(-Infinity)])
  const extent = (i: 0 | 1) => (y.shape[i + 1]! - 1) * stride[i] + 1
  return Array.from({ length: sizeOf(kernel) }, (_, i) => {
    const [row, column] = [Math.floor(i / kernel[1]), i % kernel[1]]
    return graph.node('Slice', [
      padded,
      graph.int64([row, column]),
      graph.int64([row + extent(0), column + extent(1)]),
      graph.int64([2, 3]),
      graph.int64(stride),
    ])
  })
}

/** Adds each tap's share back to where it was seen: a transposed convolution whose kernels are all zero but for a one. */
function scatterTaps(e: Emitter, stacked: string, window: Window, channels: number): string {
  const { graph } = e
  const count = sizeOf(window.kernel)
  // Channels are stacked tap by tap; tap t of any channel goes to every position t of its own channel.
  const kernel = new Float32Array(count * channels * channels * count)
  for (let tap = 0; tap < count; tap++)
    for (let c = 0; c < channels; c++) kernel[((tap * channels + c) * channels + c) * count + tap] = 1
  const weights = graph.constant(kernel, [count * channels, channels, ...window.kernel], 'float32')
  return graph.node('ConvTranspose', [stacked, weights], {
    ...poolAttributes(window),
    output_padding: window.padEnd.map((p) => Math.max(0, -p)),
  })
}

const asNchw = (shape: readonly number[]): number[] => nchw.map((axis) => shape[axis]!)

export const emitImage = {
  depthToSpace(e, value, { block }) {
    const x = e.ordered(value.inputs[0]!, nchw)
    e.hold(value, e.graph.node('DepthToSpace', [x], { blocksize: block }), nchw)
  },
  spaceToDepth(e, value, { block }) {
    const x = e.ordered(value.inputs[0]!, nchw)
    e.hold(value, e.graph.node('SpaceToDepth', [x], { blocksize: block }), nchw)
  },
  maxPool(e, value, { window }) {
    const x = e.ordered(value.inputs[0]!, nchw)
    e.hold(value, e.graph.node('MaxPool', [x], poolAttributes(window)), nchw)
  },
  maxPoolGradient(e, value, { window }) {
    e.hold(value, maxPoolGradient(e, value, window), nchw)
  },
  averagePool(e, value, { window }) {
    const x = e.ordered(value.inputs[0]!, nchw)
    e.hold(value, e.graph.node('AveragePool', [x], poolAttributes(window)), nchw)
  },
  upsampleNearest(e, value, { factor }) {
    const x = e.ordered(value.inputs[0]!, nchw)
    const scales = e.graph.constant(Float32Array.of(1, 1, ...factor), [4], 'float32')
    const resized = e.graph.node('Resize', [x, '', scales], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    })
    e.hold(value, resized, nchw)
  },
  resizeBilinear(e, value, { coordinates }) {
    const [x] = value.inputs as [Value]
    const factors = [1, 2].map((axis) => value.shape[axis]! / x.shape[axis]!)
    // Whole factors are said as such, which leaves the graph free of the image's size.
    const target = factors.every(Number.isInteger)
      ? [e.graph.constant(Float32Array.of(1, 1, ...factors), [4], 'float32')]
      : ['', e.graph.int64(asNchw(value.shape))]
    const resized = e.graph.node('Resize', [e.ordered(x, nchw), '', ...target], {
      mode: 'linear',
      coordinate_transformation_mode: coordinates,
    })
    e.hold(value, resized, nchw)
  },
  resample(e, value) {
    const [x, rows, columns] = value.inputs as [Value, Value, Value]
    const wide = e.graph.node('MatMul', [e.ordered(x, nchw), e.plain(columns)])
    e.hold(value, e.graph.node('MatMul', [e.plain(rows), wide]), nchw)
  },
} satisfies Partial<EmitterTable>
