import * as tf from '@tensorflow/tfjs-core'
import { as, createTable, type Case, type CaseInput } from './case.ts'
import { imageCases } from './cases-image.ts'

const { cases, add } = createTable()

// Elementwise
for (const name of [
  'abs',
  'neg',
  'exp',
  'expm1',
  'square',
  'relu',
  'relu6',
  'elu',
  'selu',
  'leakyRelu',
  'sigmoid',
  'tanh',
  'softplus',
  'erf',
  'sin',
  'cos',
  'tan',
  'sinh',
  'cosh',
  'atan',
  'asinh',
  'logSigmoid',
  'softmax',
  'logSoftmax',
] as const)
  add(name, ['3 5'], (x) => tf[name](x))
for (const name of ['log', 'log1p', 'sqrt', 'rsqrt', 'reciprocal', 'acosh'] as const)
  add(name, [{ shape: '3 5', from: 1.2, to: 3 }], (x) => tf[name](x))
for (const name of ['asin', 'acos', 'atanh'] as const)
  add(name, [{ shape: '3 5', from: -0.8, to: 0.8 }], (x) => tf[name](x))
add('round of integers', ['3 5'], (x) => tf.cast(tf.round(tf.cast(tf.mul(x, 9), 'int32')), 'float32'), 'none')
add(
  'gradient of a gradient of relu',
  ['3 5'],
  (x) => tf.grad((z) => tf.sum(tf.square(tf.relu(z))))(x),
  'eager',
)
for (const name of ['sign', 'floor', 'ceil', 'round', 'step', 'zerosLike', 'onesLike'] as const)
  add(name, [{ shape: '3 5', from: -3, to: 3 }], (x) => tf[name](x), 'none')
for (const name of ['isNaN', 'isInf', 'isFinite'] as const)
  add(name, ['3 5'], (x) => tf.cast(tf[name](tf.div(1, tf.relu(x))), 'float32'), 'none')
add('log1p of small numbers', [{ shape: '8', from: 1e-7, to: 1e-5 }], (x) => tf.mul(tf.log1p(x), 1e6))
add('expm1 of small numbers', [{ shape: '8', from: -1e-5, to: 1e-5 }], (x) => tf.mul(tf.expm1(x), 1e6))
add('step with slope', ['3 5'], (x) => tf.step(x, 0.3), 'none')
add('clipByValue', ['3 5'], (x) => tf.clipByValue(x, -0.3, 0.3))
add('prelu', ['3 4 5', '5'], (x, slope) => tf.prelu(x, slope))
add('swish', ['3 5'], (x) => tf.mul(x, tf.sigmoid(x)))
add('gelu', ['3 5'], (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)))
const mask = (shape: string): CaseInput => ({ shape, from: -1, to: 1, constant: true })
add('dropout by a given mask', ['3 5', mask('3 5')], (x, noise) =>
  tf.mul(x, tf.div(tf.cast(tf.greater(noise, -0.4), 'float32'), 0.7)),
)
for (const [name, f] of [
  ['add', tf.add],
  ['sub', tf.sub],
  ['mul', tf.mul],
  ['maximum', tf.maximum],
  ['minimum', tf.minimum],
  ['squaredDifference', tf.squaredDifference],
] as const) {
  const mended = ['maximum', 'minimum', 'squaredDifference'].includes(name)
  add(name, ['3 4 5', '3 4 5'], (x, y) => f(x, y))
  add(`${name}, row`, ['3 4 5', '5'], (x, y) => f(x, y), mended ? 'differences' : 'both')
  add(`${name}, column`, ['3 1 5', '3 4 1'], (x, y) => f(x, y), mended ? 'differences' : 'both')
  add(`${name}, scalar`, ['', '3 4'], (x, y) => f(x, y), mended ? 'differences' : 'both')
}
const positive = (shape: string): CaseInput => ({ shape, from: 0.5, to: 2 })
add('div', ['3 4', positive('3 4')], (x, y) => tf.div(x, y))
add('div, row', ['3 4', positive('4')], (x, y) => tf.div(x, y))
add('divNoNan', ['3 4', positive('3 4')], (x, y) => tf.divNoNan(x, y), 'none')
add('pow', [positive('3 4'), '3 4'], (x, y) => tf.pow(x, y))
add('square by pow', ['3 4'], (x) => tf.pow(x, 2))
add('floorDiv', ['3 4', positive('3 4')], (x, y) => tf.floorDiv(x, y), 'none')
add('mod', [{ shape: '3 4', from: -5, to: 5 }, positive('3 4')], (x, y) => tf.mod(x, y), 'none')
add('addN', ['3 4', '3 4', '3 4'], (x, y, z) => tf.addN([x, y, z]))
add('where', ['3 4', '3 4', mask('3 4')], (x, y, m) => tf.where(tf.greater(m, 0), tf.mul(x, 2), y))
add('where, scalars', ['3 4', mask('3 4')], (x, m) => tf.where(tf.greater(m, 0), x, 0))
for (const [name, f] of [
  ['greater', tf.greater],
  ['greaterEqual', tf.greaterEqual],
  ['less', tf.less],
  ['lessEqual', tf.lessEqual],
  ['equal', tf.equal],
  ['notEqual', tf.notEqual],
] as const)
  add(name, ['4 5', '5'], (x, y) => tf.cast(f(tf.round(x), tf.round(y)), 'float32'), 'none')
for (const [name, f] of [
  ['logicalAnd', tf.logicalAnd],
  ['logicalOr', tf.logicalOr],
  ['logicalXor', tf.logicalXor],
] as const)
  add(name, ['4 5', '4 5'], (x, y) => tf.cast(f(tf.greater(x, 0), tf.greater(y, 0)), 'float32'), 'none')
add('logicalNot', ['4 5'], (x) => tf.cast(tf.logicalNot(tf.greater(x, 0)), 'float32'), 'none')

// Reductions
for (const name of ['sum', 'mean', 'max', 'min', 'logSumExp'] as const) {
  add(`${name} of all`, ['3 4'], (x) => tf[name](x))
  add(`${name} of one axis`, ['3 4 5'], (x) => tf[name](x, 1))
  add(`${name} of the pixels`, ['2 4 5 3'], (x) => tf[name](x, [1, 2], true))
}
for (const name of ['sum', 'mean', 'max'] as const)
  for (const axes of [[1, 2], [3], [0, 1, 2], [1], [0, 3], [1, 3], [0, 1, 2, 3]])
    add(`${name} of axes ${axes.join(' ')} of an image`, ['2 6 5 3'], (x) =>
      tf[name](tf.avgPool(as<4>(x), 2, 1, 'valid'), axes),
    )
add('prod', [positive('3 4')], (x) => tf.prod(x, 1), 'none')
add('any', ['3 4'], (x) => tf.cast(tf.any(tf.greater(x, 0.5), 1), 'float32'), 'none')
add('all', ['3 4'], (x) => tf.cast(tf.all(tf.greater(x, -0.5), 1), 'float32'), 'none')
add('argMax', ['3 4'], (x) => tf.cast(tf.argMax(x, 1), 'float32'), 'none')
add('argMin', ['3 4'], (x) => tf.cast(tf.argMin(x, 0), 'float32'), 'none')
add('cumsum', ['3 4'], (x) => tf.cumsum(x, 1))
add('cumsum, exclusive, reverse', ['3 4'], (x) => tf.cumsum(x, 1, true, true))
add('cumsum of rows', ['4 4'], (x) => tf.cumsum(x, 0), 'differences')
add('norm', ['3 4'], (x) => tf.norm(x))
add('variance', ['3 4 5'], (x) => tf.moments(x, [0, 1]).variance)
add('spectral norm, one power iteration', ['6 4', '6 1'], (w, u) => {
  const unit = (x: tf.Tensor) => tf.div(x, tf.add(tf.norm(x), 1e-12))
  const v = unit(tf.matMul(as<2>(w), as<2>(u), true))
  const left = unit(tf.matMul(as<2>(w), as<2>(v)))
  return tf.div(w, tf.sum(tf.mul(left, tf.matMul(as<2>(w), as<2>(v)))))
})

// Losses
const labels = (n: number, classes: number) =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: n }, (_, i) => i % classes),
      'int32',
    ),
    classes,
  )
add('L1 loss', ['4 5', '4 5'], (x, y) => tf.mean(tf.abs(tf.sub(x, y))))
add('squared loss', ['4 5', '4 5'], (x, y) => tf.mean(tf.squaredDifference(x, y)))
add('Charbonnier loss', ['4 5', '4 5'], (x, y) => tf.mean(tf.sqrt(tf.add(tf.square(tf.sub(x, y)), 1e-6))))
add('Huber loss', ['4 5', '4 5'], (x, y) => tf.losses.huberLoss(y, x))
add('softmax cross entropy', ['4 5'], (x) => tf.losses.softmaxCrossEntropy(labels(4, 5), x))
add('sigmoid cross entropy', ['4 5'], (x) => tf.losses.sigmoidCrossEntropy(tf.ones([4, 5]), x))
add(
  'binary cross entropy of logits',
  [
    { shape: '4 5', from: -4, to: 4 },
    { shape: '4 5', from: 0, to: 1 },
  ],
  (z, t) => tf.mean(tf.add(tf.sub(tf.relu(z), tf.mul(z, t)), tf.log1p(tf.exp(tf.neg(tf.abs(z)))))),
)
add('KL to a standard normal', ['4 5', '4 5'], (mean, logVar) =>
  tf.mean(tf.mul(-0.5, tf.sum(tf.sub(tf.sub(tf.add(1, logVar), tf.square(mean)), tf.exp(logVar)), 1))),
)
/** Mean SSIM of two images (Wang et al. 2004) with a 5 × 5 box window instead of their Gaussian. */
add('SSIM loss', [positive('1 9 9 3'), positive('1 9 9 3')], (x, y) => {
  const window = tf.fill<tf.Rank.R4>([5, 5, 3, 1], 1 / 25)
  const blur = (image: tf.Tensor) => tf.depthwiseConv2d(as<4>(image), window, 1, 'valid')
  const [mx, my] = [blur(x), blur(y)]
  const variance = (a: tf.Tensor, b: tf.Tensor, ma: tf.Tensor, mb: tf.Tensor) =>
    tf.sub(blur(tf.mul(a, b)), tf.mul(ma, mb))
  const covariance = variance(x, y, mx, my)
  const spread = tf.add(variance(x, x, mx, mx), variance(y, y, my, my))
  const numerator = tf.mul(tf.add(tf.mul(2, tf.mul(mx, my)), 1e-4), tf.add(tf.mul(2, covariance), 9e-4))
  const denominator = tf.mul(tf.add(tf.add(tf.square(mx), tf.square(my)), 1e-4), tf.add(spread, 9e-4))
  return tf.mean(tf.div(numerator, denominator))
})

// Shape
add('reshape', ['2 3 4'], (x) => tf.square(tf.reshape(x, [6, 4])))
add('expandDims and squeeze', ['2 3'], (x) => tf.squeeze(tf.square(tf.expandDims(x, 1)), [1]))
add('transpose', ['2 3 4 5'], (x) => tf.square(tf.transpose(x, [0, 3, 1, 2])))
add('two transposes', ['2 3 4'], (x) => tf.square(tf.transpose(tf.transpose(x, [2, 0, 1]), [2, 1, 0])))
add('depth to space', ['2 3 4 12'], (x) =>
  tf.reshape(tf.transpose(tf.reshape(tf.square(x), [2, 3, 4, 2, 2, 3]), [0, 1, 3, 2, 4, 5]), [2, 6, 8, 3]),
)
add('space to depth', ['2 6 8 3'], (x) =>
  tf.reshape(tf.transpose(tf.reshape(tf.square(x), [2, 3, 2, 4, 2, 3]), [0, 1, 3, 2, 4, 5]), [2, 3, 4, 12]),
)
add('a like transpose that is neither', ['2 6 8 3'], (x) =>
  tf.reshape(tf.transpose(tf.reshape(tf.square(x), [2, 3, 2, 2, 4, 3]), [0, 1, 3, 2, 4, 5]), [2, 6, 8, 3]),
)
add('depthToSpace', ['2 3 4 12'], (x) => tf.depthToSpace(as<4>(x), 2), 'none')
add('spaceToBatchND', ['2 4 4 3'], (x) =>
  tf.spaceToBatchND(
    x,
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ),
)
add('spaceToBatchND, padded', ['2 3 4 3'], (x) =>
  tf.spaceToBatchND(
    x,
    [2, 2],
    [
      [1, 0],
      [0, 2],
    ],
  ),
)
add('batchToSpaceND', ['8 2 2 3'], (x) =>
  tf.batchToSpaceND(
    x,
    [2, 2],
    [
      [0, 1],
      [0, 0],
    ],
  ),
)
add('concat of channels', ['2 3 4 5', '2 3 4 2'], (x, y) => tf.square(tf.concat([x, y], -1)))
add('concat of rows', ['2 3 4', '2 1 4'], (x, y) => tf.square(tf.concat([x, y], 1)))
add('stack and unstack', ['2 3', '2 3'], (x, y) => {
  const [a, b] = tf.unstack(tf.stack([x, y], 1), 0)
  return tf.mul(a!, b!)
})
add('split', ['2 3 8'], (x) => {
  const [a, b] = tf.split(x, [3, 5], -1)
  return tf.concat([tf.square(a!), tf.sigmoid(b!)], -1)
})
add('slice', ['2 5 4 3'], (x) => tf.square(tf.slice(x, [0, 1, 1, 0], [2, 3, 2, 3])))
add('stridedSlice', ['2 6 4 3'], (x) => tf.stridedSlice(x, [0, 5, 0, 1], [2, 0, 4, 2], [1, -2, 2, 1]), 'none')
add('pad', ['2 3 4 5'], (x) =>
  tf.square(
    tf.pad(
      x,
      [
        [0, 0],
        [1, 2],
        [2, 1],
        [0, 0],
      ],
      0.5,
    ),
  ),
)
const mirrored: [number, number][] = [
  [0, 0],
  [1, 1],
  [2, 1],
  [0, 0],
]
add('mirrorPad', ['2 5 4 3'], (x) => tf.square(tf.mirrorPad(x, mirrored, 'reflect')), 'differences')
add('tile', ['2 3'], (x) => tf.square(tf.tile(x, [2, 3])))
add('broadcastTo', ['1 3'], (x) => tf.square(tf.broadcastTo(x, [4, 3])))
add('reverse', ['2 3 4'], (x) => tf.square(tf.reverse(x, [1, 2])))
add('gather', ['5 3'], (x) => tf.gather(x, tf.tensor1d([0, 2, 2, 4], 'int32')), 'none')
add(
  'oneHot',
  ['4'],
  (x) => tf.oneHot(tf.cast(tf.mul(tf.abs(x), 3), 'int32'), 3, 0.9, 0.05, 'float32'),
  'none',
)

// Products
add('matMul', ['5 4', '4 6'], (a, b) => tf.matMul(as<2>(a), as<2>(b)))
add('matMul, left transposed', ['4 5', '4 6'], (a, b) => tf.matMul(as<2>(a), as<2>(b), true))
add('matMul, right transposed', ['5 4', '6 4'], (a, b) => tf.matMul(as<2>(a), as<2>(b), false, true))
add('matMul, both transposed', ['4 5', '6 4'], (a, b) => tf.matMul(as<2>(a), as<2>(b), true, true))
add('matMul of batches', ['3 5 4', '3 4 6'], (a, b) => tf.matMul(a, b))
add('matMul of batches, transposed', ['3 4 5', '3 6 4'], (a, b) => tf.matMul(a, b, true, true))
add('matMul with one batch for all', ['3 5 4', '1 4 6'], (a, b) => tf.matMul(a, b), 'none')
add('dense, ReLU', ['5 4', '4 6', '6'], (a, b, bias) =>
  tf.fused.matMul({ a: as<2>(a), b: as<2>(b), bias: bias, activation: 'relu' }),
)
for (const activation of ['linear', 'relu6', 'elu', 'leakyrelu', 'sigmoid'] as const)
  add(
    `dense, ${activation}`,
    ['5 4', '4 6', '6'],
    (a, b, bias) =>
      tf.fused.matMul({ a: as<2>(a), b: as<2>(b), bias: bias, activation, leakyreluAlpha: 0.1 }),
    'none',
  )
add('LSTM cell', ['1 3', '1 4', '1 4', '7 16', '16'], (x, c, h, kernel, bias) => {
  const [newC, newH] = tf.basicLSTMCell(
    tf.scalar(1),
    as<2>(kernel),
    as<1>(bias),
    as<2>(x),
    as<2>(c),
    as<2>(h),
  )
  return tf.add(newC, newH)
})

// Gradients of gradients. tfjs-core's own would be wrong for them, see gradients.ts, so eager tfjs is no reference.
for (const [name, activation] of [
  ['sigmoid', tf.sigmoid],
  ['tanh', tf.tanh],
  ['exp', tf.exp],
  ['elu', tf.elu],
  ['softplus', tf.softplus],
  ['square', tf.square],
] as const)
  add(
    `squared gradient of ${name}`,
    ['3 4'],
    (x) => tf.square(tf.grad((input) => activation(input))(x)),
    'differences',
  )
add(
  'squared gradient of softmax',
  ['3 4', '3 4'],
  (x, weights) => tf.square(tf.grad((input) => tf.mul(weights, tf.softmax(input)))(x)),
  'differences',
)
add(
  'contractive penalty, dense',
  ['3 4', '4 5'],
  (x, w) => {
    const encode = (input: tf.Tensor) => tf.sum(tf.sigmoid(tf.matMul(as<2>(input), as<2>(w))))
    return tf.sum(tf.square(tf.grad(encode)(x)))
  },
  'differences',
)
add(
  'contractive penalty, convolution',
  ['2 6 6 2', '3 3 2 3'],
  (x, w) => {
    const encode = (input: tf.Tensor) => tf.sum(tf.tanh(tf.conv2d(as<4>(input), as<4>(w), 2, 'same')))
    return tf.sum(tf.square(tf.grad(encode)(x)))
  },
  'differences',
)

/** Every operation that a recipe may use. */
export const operationCases: readonly Case[] = [...cases, ...imageCases]
