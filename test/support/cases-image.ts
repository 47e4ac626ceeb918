import * as tf from '@tensorflow/tfjs-core'
import { as, createTable, type Case } from './case.ts'

const { cases, add } = createTable()

// Where ReLUs follow sums of many products, some are near their kink, and large planes take long: eager reference only.

// Convolution
for (const [size, stride, pad] of [
  [3, 1, 'same'],
  [3, 1, 'valid'],
  [3, 2, 'same'],
  [3, 2, 'valid'],
  [1, 1, 'same'],
  [1, 2, 'same'],
  [5, 1, 'same'],
  [4, 2, 'same'],
  [2, 1, 'same'],
  [5, 3, 'same'],
  [2, 2, 'valid'],
  [2, 2, 'same'],
] as const)
  add(`conv2d ${size}×${size}, stride ${stride}, ${pad}`, ['2 11 10 5', `${size} ${size} 5 7`], (x, w) =>
    tf.conv2d(as<4>(x), as<4>(w), stride, pad),
  )
add('conv2d, windows that tile', ['2 6 8 5', '2 2 5 7'], (x, w) => tf.conv2d(as<4>(x), as<4>(w), 2, 'valid'))
add(
  'conv2d of a large plane',
  ['2 24 25 3', '3 3 3 4'],
  (x, w) => tf.conv2d(as<4>(x), as<4>(w), 1, 'same'),
  'eager',
)
add(
  'conv2d of a large plane, stride 2',
  ['2 48 50 2', '3 3 2 3'],
  (x, w) => tf.conv2d(as<4>(x), as<4>(w), 2, 'same'),
  'eager',
)
add(
  'conv2d, dilated',
  ['2 11 10 5', '3 3 5 7'],
  (x, w) => tf.conv2d(as<4>(x), as<4>(w), 1, 'same', 'NHWC', 2),
  'none',
)
add('conv2d, explicit padding', ['2 11 10 5', '3 3 5 7'], (x, w) =>
  tf.conv2d(as<4>(x), as<4>(w), 1, [
    [0, 0],
    [2, 1],
    [0, 1],
    [0, 0],
  ]),
)
add(
  'conv2d, padding wider than the kernel',
  ['1 5 5 2', '2 2 2 3'],
  (x, w) =>
    tf.conv2d(as<4>(x), as<4>(w), 1, [
      [0, 0],
      [3, 2],
      [2, 3],
      [0, 0],
    ]),
  'differences',
)
add('conv2d, not square', ['2 11 10 5', '3 5 5 7'], (x, w) => tf.conv2d(as<4>(x), as<4>(w), [1, 2], 'same'))
for (const [name, pad] of [
  ['same', 'same'],
  ['valid', 'valid'],
  [
    'padded on one side',
    [
      [0, 0],
      [2, 0],
      [0, 1],
      [0, 0],
    ],
  ],
] as const)
  add(`conv2d to few channels, ${name}`, ['2 7 8 9', '3 3 9 2', '2'], (x, w, b) =>
    tf.add(tf.conv2d(as<4>(x), as<4>(w), 1, pad as 'same'), b),
  )
add('conv2d of gray images, elementwise around it', ['3 7 6 1', '3 3 1 2'], (x, w) =>
  tf.mul(tf.conv2d(as<4>(tf.mul(x, 2)), as<4>(w), 1, 'same'), tf.add(x, 1)),
)
add('conv2d of one channel', ['2 12 12 1', '3 3 1 8'], (x, w) => tf.conv2d(as<4>(x), as<4>(w), 2, 'same'))
add(
  'conv2d with bias and ReLU',
  ['2 9 10 4', '3 3 4 6', '6'],
  (x, w, b) => tf.relu(tf.add(tf.conv2d(as<4>(x), as<4>(w), 1, 'same'), b)),
  'eager',
)
add(
  'fused conv2d',
  ['2 9 10 4', '3 3 4 6', '6'],
  (x, w, b) =>
    tf.fused.conv2d({ x: as<4>(x), filter: as<4>(w), strides: 1, pad: 'same', bias: b, activation: 'relu' }),
  'eager',
)
add(
  'residual block',
  ['2 6 6 4', '3 3 4 4', '3 3 4 4'],
  (x, w0, w1) =>
    tf.add(x, tf.conv2d(tf.relu(tf.conv2d(as<4>(x), as<4>(w0), 1, 'same')), as<4>(w1), 1, 'same')),
  'eager',
)
for (const [name, kernel, output, stride, pad] of [
  ['3×3, stride 2', '3 3 4 7', [2, 10, 12, 4], 2, 'same'],
  ['4×4, stride 2', '4 4 4 7', [2, 10, 12, 4], 2, 'same'],
  ['3×3, stride 1, valid', '3 3 4 7', [2, 7, 8, 4], 1, 'valid'],
  ['3×3, stride 1, same', '3 3 4 7', [2, 5, 6, 4], 1, 'same'],
  ['2×2, stride 2', '2 2 4 7', [2, 10, 12, 4], 2, 'valid'],
  ['3×3, stride 3', '3 3 4 7', [2, 15, 18, 4], 3, 'same'],
] as const)
  add(`conv2dTranspose ${name}`, ['2 5 6 7', kernel], (x, w) =>
    tf.conv2dTranspose(as<4>(x), as<4>(w), [...output], stride, pad),
  )
add('conv2dTranspose with bias', ['2 5 6 7', '3 3 4 7', '4'], (x, w, b) =>
  tf.tanh(tf.add(tf.conv2dTranspose(as<4>(x), as<4>(w), [2, 10, 12, 4], 2, 'same'), b)),
)
add('conv1d', ['2 12 5', '3 5 7'], (x, w) => tf.conv1d(as<3>(x), as<3>(w), 1, 'same'))
add('conv1d, stride 2', ['2 12 5', '3 5 7'], (x, w) => tf.conv1d(as<3>(x), as<3>(w), 2, 'same'))
add('depthwise conv', ['2 9 10 4', '3 3 4 1'], (x, w) => tf.depthwiseConv2d(as<4>(x), as<4>(w), 1, 'same'))
add('depthwise conv, stride 2, two a channel', ['2 9 10 4', '3 3 4 2'], (x, w) =>
  tf.depthwiseConv2d(as<4>(x), as<4>(w), 2, 'same'),
)
add('separable conv', ['2 9 10 4', '3 3 4 1', '1 1 4 6'], (x, w, p) =>
  tf.separableConv2d(as<4>(x), as<4>(w), as<4>(p), 1, 'same'),
)
add(
  'fused depthwise conv',
  ['2 9 10 4', '3 3 4 1', '4'],
  (x, w, b) =>
    tf.fused.depthwiseConv2d({
      x: as<4>(x),
      filter: as<4>(w),
      strides: 1,
      pad: 'same',
      bias: b,
      activation: 'relu',
    }),
  'eager',
)

// Normalisation
add('batch normalisation', ['4 5 5 3', '3', '3'], (x, scale, offset) => {
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  return tf.batchNorm(x, as<1>(mean), as<1>(variance), as<1>(offset), as<1>(scale), 1e-3)
})
add('layer normalisation', ['4 6', '6', '6'], (x, scale, offset) => {
  const { mean, variance } = tf.moments(x, -1, true)
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3))), scale), offset)
})

// Pooling and resizing
add('maxPool 2×2', ['2 6 6 3'], (x) => tf.maxPool(as<4>(x), 2, 2, 'same'))
add('maxPool 2×2, cropped', ['2 7 7 3'], (x) => tf.maxPool(as<4>(x), 2, 2, 'valid'))
add('maxPool 2×2, padded', ['2 7 7 3'], (x) => tf.maxPool(as<4>(x), 2, 2, 'same'))
add('maxPool 3×3, overlapping', ['2 7 7 3'], (x) => tf.maxPool(as<4>(x), 3, 2, 'same'))
add('maxPool with ties', ['2 6 6 3'], (x) => tf.maxPool(as<4>(tf.relu(x)), 2, 2, 'same'))
add('avgPool 2×2', ['2 6 6 3'], (x) => tf.avgPool(as<4>(x), 2, 2, 'same'))
add('avgPool 2×2, cropped', ['2 7 7 3'], (x) => tf.avgPool(as<4>(x), 2, 2, 'valid'))
add('avgPool 3×3, stride 1, same', ['2 6 6 3'], (x) => tf.avgPool(as<4>(x), 3, 1, 'same'), 'differences')
add(
  'resizeNearestNeighbor ×2',
  ['2 4 5 3'],
  (x) => tf.image.resizeNearestNeighbor(as<4>(x), [8, 10]),
  'differences',
)
add('resizeNearestNeighbor, odd', ['1 4 5 3'], (x) => tf.image.resizeNearestNeighbor(as<4>(x), [7, 3]))
add('resizeNearestNeighbor, corners', ['1 4 5 3'], (x) =>
  tf.image.resizeNearestNeighbor(as<4>(x), [7, 9], true),
)
add(
  'resizeNearestNeighbor, centres',
  ['2 4 5 3'],
  (x) => tf.image.resizeNearestNeighbor(as<4>(x), [7, 9], false, true),
  'differences',
)
add('resizeBilinear ×2', ['2 4 5 3'], (x) => tf.image.resizeBilinear(as<4>(x), [8, 10]), 'differences')
add(
  'resizeBilinear, corners',
  ['2 4 5 3'],
  (x) => tf.image.resizeBilinear(as<4>(x), [8, 10], true),
  'differences',
)
add(
  'resizeBilinear, centres',
  ['2 4 5 3'],
  (x) => tf.image.resizeBilinear(as<4>(x), [8, 10], false, true),
  'differences',
)
add('resizeBilinear, smaller', ['2 8 8 3'], (x) => tf.image.resizeBilinear(as<4>(x), [4, 3]))

/** Convolution, normalisation, pooling and resizing. */
export const imageCases: readonly Case[] = cases
