import { reshape } from './fold.ts'
import { sizeOf, type Convolution, type Recorder, type Value } from './ir.ts'

/*
 * Convolutions whose windows tile the image without gaps (a 2 × 2 kernel with stride 2, the usual way down and up a
 * U-Net) are a space-to-depth or depth-to-space move around a 1 × 1 convolution. HWIO order makes the kernel's reshape
 * free, and both the forward pass and the two gradients become plain matrix products.
 */

const pointwise: Convolution = {
  window: { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padBegin: [0, 0], padEnd: [0, 0] },
  depthwise: false,
}

/** The side of the tile, or undefined where the windows do not tile. */
function tileSide({ window, depthwise }: Convolution): number | undefined {
  const { kernel, stride, dilation, padBegin, padEnd } = window
  const side = kernel[0]
  const tiles =
    !depthwise &&
    side > 1 &&
    [kernel[1], ...stride].every((s) => s === side) &&
    dilation.every((d) => d === 1) &&
    [...padBegin, ...padEnd].every((p) => p === 0)
  return tiles ? side : undefined
}

function spaceToDepth(r: Recorder, x: Value, block: number): Value {
  const [n, h, w, c] = x.shape as [number, number, number, number]
  return r.record({ op: 'spaceToDepth', block }, [x], [n, h / block, w / block, c * block * block])
}

/** [k, k, in, out] → [1, 1, k·k·in, out]. */
const asPointwise = (r: Recorder, kernel: Value): Value =>
  reshape(r, kernel, [1, 1, sizeOf(kernel.shape.slice(0, 3)), kernel.shape[3]!])

/** (x, kernel) → y with the given shape. */
export function convForward(
  r: Recorder,
  x: Value,
  kernel: Value,
  convolution: Convolution,
  shape: readonly number[],
): Value {
  const side = tileSide(convolution)
  if (side === undefined) return r.record({ op: 'conv', ...convolution }, [x, kernel], shape)
  const inputs = [spaceToDepth(r, x, side), asPointwise(r, kernel)]
  return r.record({ op: 'conv', ...pointwise }, inputs, shape)
}

/** (dy, kernel) → dx with the given shape. */
export function convInputGradient(
  r: Recorder,
  dy: Value,
  kernel: Value,
  convolution: Convolution,
  shape: readonly number[],
): Value {
  const side = tileSide(convolution)
  if (side === undefined) return r.record({ op: 'convInputGradient', ...convolution }, [dy, kernel], shape)
  const deep = [...dy.shape.slice(0, 3), shape[3]! * side * side]
  const inputs = [dy, asPointwise(r, kernel)]
  const tiles = r.record({ op: 'convInputGradient', ...pointwise }, inputs, deep)
  return r.record({ op: 'depthToSpace', block: side }, [tiles], shape)
}

/** (x, dy) → dkernel with the given shape. */
export function convFilterGradient(
  r: Recorder,
  x: Value,
  dy: Value,
  convolution: Convolution,
  shape: readonly number[],
): Value {
  const side = tileSide(convolution)
  if (side === undefined) return r.record({ op: 'convFilterGradient', ...convolution }, [x, dy], shape)
  const flat = [1, 1, sizeOf(shape.slice(0, 3)), shape[3]!]
  const inputs = [spaceToDepth(r, x, side), dy]
  const gradient = r.record({ op: 'convFilterGradient', ...pointwise }, inputs, flat)
  return reshape(r, gradient, shape)
}
