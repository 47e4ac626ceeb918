import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { TensorSpecs } from '../../../src-main/contract/tensors.ts'
import type { Tensors } from '../../../src-main/engine/backend/backend.ts'
import { emit } from '../../../src-main/engine/backend/emit.ts'
import { trace } from '../../../src-main/engine/backend/trace.ts'

const image = (...shape: number[]) => ({ shape, dtype: 'float32' as const })
const conv = (x: tf.Tensor, kernel: tf.Tensor) =>
  tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same')

function graphOf(
  specs: TensorSpecs,
  compute: (inputs: Tensors) => Tensors,
  layout: 'NHWC' | 'NCHW' = 'NHWC',
  fixed = false,
) {
  return emit(trace(specs, compute), { layout, fixed })
}

/** How often each operator occurs. */
function operators({ nodes }: ReturnType<typeof emit>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { operator } of nodes) counts[operator] = (counts[operator] ?? 0) + 1
  return counts
}

const spaceToDepth = (x: tf.Tensor, [n, h, w, c]: [number, number, number, number]) =>
  tf.reshape(tf.transpose(tf.reshape(x, [n, h / 2, 2, w / 2, 2, c]), [0, 1, 3, 2, 4, 5]), [
    n,
    h / 2,
    w / 2,
    4 * c,
  ])
const depthToSpace = (x: tf.Tensor, [n, h, w, c]: [number, number, number, number]) =>
  tf.reshape(tf.transpose(tf.reshape(x, [n, h, w, 2, 2, c / 4]), [0, 1, 3, 2, 4, 5]), [
    n,
    2 * h,
    2 * w,
    c / 4,
  ])

/** A denoiser like FFDNet: half resolution inside, three convolutions, biases. */
const specs: TensorSpecs = {
  noisy: image(1, 16, 16, 3),
  k0: image(3, 3, 12, 8),
  k1: image(3, 3, 8, 8),
  k2: image(3, 3, 8, 12),
  b0: image(8),
  b1: image(8),
}
const denoise = ({ noisy, k0, k1, k2, b0, b1 }: Tensors): Tensors => {
  const small = spaceToDepth(noisy!, [1, 16, 16, 3])
  const hidden = tf.relu(tf.add(conv(small, k0!), b0!))
  const features = tf.relu(tf.add(conv(hidden, k1!), b1!))
  const noise = depthToSpace(conv(features, k2!), [1, 8, 8, 12])
  return { denoised: tf.sub(noisy!, noise) }
}
/** Kernels come in as HWIO inputs here: each is transposed once, which a stored weight is not. */
const kernelTransposes = 3

describe('a denoiser', () => {
  test('has one transpose on the way in and one on the way out when its images are NHWC', () => {
    expect(operators(graphOf(specs, denoise))['Transpose']).toBe(kernelTransposes + 2)
  })

  test('has none when its images are NCHW', () => {
    const graph = graphOf(specs, denoise, 'NCHW')
    const perImage = graph.nodes.filter(
      ({ operator, inputs }) => operator === 'Transpose' && !inputs[0]!.startsWith('k'),
    )
    expect(perImage).toEqual([])
    expect(graph.inputs[0]).toMatchObject({ name: 'noisy', shape: [1, 3, 16, 16] })
  })

  test('moves blocks with one operator and adds biases inside the convolutions', () => {
    const counts = operators(graphOf(specs, denoise))
    expect(counts).toMatchObject({ SpaceToDepth: 1, DepthToSpace: 1, Conv: 3, Relu: 2, Sub: 1 })
    expect(counts['Add']).toBeUndefined()
    expect(counts['Reshape']).toBeUndefined()
  })

  test('trains with few transposes: those of the images, the kernels and their gradients', () => {
    const names = ['k0', 'k1', 'k2', 'b0', 'b1']
    const graph = graphOf(specs, (inputs) => {
      const loss = (...weights: tf.Tensor[]) =>
        tf.mean(
          tf.abs(
            denoise({ ...inputs, ...Object.fromEntries(names.map((n, i) => [n, weights[i]!])) })['denoised']!,
          ),
        )
      return Object.fromEntries(
        tf
          .grads(loss)(names.map((n) => inputs[n]!))
          .map((g, i) => [`g${i}`, g]),
      )
    })
    // The image on its way in; 3 kernels as OIHW, 2 of them as IOHW; for each filter gradient its two factors as NHWC.
    expect(operators(graph)['Transpose']).toBe(1 + 3 + 2 + 6)
  })
})

test('a bias is not taken into a convolution that something else uses too', () => {
  const counts = operators(
    graphOf(specs, ({ noisy, k0, b0 }) => {
      const plain = conv(spaceToDepth(noisy!, [1, 16, 16, 3]), k0!)
      return { sum: tf.add(plain, b0!), plain }
    }),
  )
  expect(counts).toMatchObject({ Conv: 1, Add: 1 })
})

test('a bias is taken into a matrix product', () => {
  const counts = operators(
    graphOf({ x: image(3, 4), w: image(4, 5), b: image(5) }, ({ x, w, b }) => ({
      y: tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b!),
    })),
  )
  expect(counts).toEqual({ Gemm: 1 })
})

test.each([
  ['for any size', false, { Conv: 1 }],
  ['for this size alone', true, { ConvTranspose: 1 }],
])('a convolution to few channels, %s', (_, fixed, expected) => {
  const given = { x: image(2, 8, 8, 16), kernel: image(3, 3, 16, 1) }
  const compute = ({ x, kernel }: Tensors): Tensors => ({ y: conv(x!, kernel!) })
  expect(operators(graphOf(given, compute, 'NHWC', fixed))).toMatchObject(expected)
})

test('gray images are moved to the other layout without copying', () => {
  const given = { x: image(2, 8, 8, 1), kernel: image(3, 3, 1, 1) }
  const graph = graphOf(given, ({ x, kernel }) => ({ y: conv(tf.mul(x!, 2), kernel!) }), 'NHWC', true)
  expect(operators(graph)['Transpose']).toBeUndefined()
})

test('an output that is another one too is copied', () => {
  const graph = graphOf({ x: image(4) }, ({ x }) => {
    const y = tf.neg(x!)
    return { same: x!, y, twin: y }
  })
  expect(operators(graph)).toEqual({ Neg: 1, Identity: 2 })
})

test('equal constants are stored once', () => {
  const { initializers } = graphOf({ x: image(4) }, ({ x }) => ({
    y: tf.mul(tf.add(x!, 0.5), tf.sub(tf.exp(x!), 0.5)),
  }))
  expect(initializers).toHaveLength(1)
})

test('all-equal tensors are not stored at full size', () => {
  const graph = graphOf({ x: image(64, 64) }, ({ x }) => ({ y: tf.concat([x!, tf.fill([64, 64], 3)]) }))
  expect(Math.max(...graph.initializers.map(({ data }) => data.length))).toBeLessThanOrEqual(2)
})

test('what no output needs is left out', () => {
  const graph = graphOf({ x: image(4), unused: image(4) }, ({ x }) => {
    tf.exp(x!)
    return { y: tf.neg(x!) }
  })
  expect(operators(graph)).toEqual({ Neg: 1 })
  expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'unused'])
})

test.each([
  ['large planes image by image', 32, { MatMul: 9 }],
  ['small ones over all images', 8, { Gemm: 9 }],
])('the filter gradient: %s', (_, size, expected) => {
  const given = { x: image(1, size, size, 4), kernel: image(3, 3, 4, 4) }
  const graph = graphOf(given, ({ x, kernel }) => ({
    gradient: tf.grad((k) => tf.sum(tf.square(conv(x!, k))))(kernel!),
  }))
  expect(operators(graph)).toMatchObject(expected)
})

test('strided convolutions whose windows tile become pointwise ones', () => {
  const given = { x: image(1, 8, 8, 4), down: image(2, 2, 4, 6), up: image(2, 2, 4, 6) }
  const graph = graphOf(given, ({ x, down, up }) => {
    const small = tf.conv2d(x as tf.Tensor4D, down as tf.Tensor4D, 2, 'valid')
    return { y: tf.conv2dTranspose(small, up as tf.Tensor4D, [1, 8, 8, 4], 2, 'valid') }
  })
  expect(operators(graph)).toMatchObject({ SpaceToDepth: 1, Conv: 2, DepthToSpace: 1 })
  expect(operators(graph)['ConvTranspose']).toBeUndefined()
})
