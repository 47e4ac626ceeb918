import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { TensorSpecs } from '../../../src-main/contract/tensors.ts'
import type { Tensors } from '../../../src-main/engine/backend/backend.ts'
import { constant } from '../../../src-main/engine/backend/constant.ts'
import { trace } from '../../../src-main/engine/backend/trace.ts'

const specs: TensorSpecs = { x: { shape: [2, 3], dtype: 'float32' } }
const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

function refusal(compute: (inputs: Tensors) => Tensors, given = specs): DarkroomError {
  try {
    trace(given, compute)
  } catch (error) {
    expect(error).toBeInstanceOf(DarkroomError)
    return error as DarkroomError
  }
  throw new Error('the trace was not refused')
}

beforeEach(async () => {
  await tf.setBackend('cpu')
})

describe('a trace records', () => {
  const operations = (compute: (x: tf.Tensor) => tf.Tensor, given = specs) => {
    const { outputs } = trace(given, ({ x }) => ({ y: compute(x!) }))
    return outputs['y']!
  }

  test('one value for equal computations', () => {
    const { inputs } = operations((x) => tf.add(tf.exp(x), tf.exp(tf.reshape(x, [2, 3]))))
    expect(inputs[0]).toBe(inputs[1])
  })

  test('nothing for neutral elements', () => {
    const y = operations((x) => tf.add(tf.mul(x, tf.ones([2, 3])), tf.zeros([2, 3])))
    expect(y.operation).toEqual({ op: 'input', name: 'x' })
  })

  test('folded constants', () => {
    const y = operations(() => tf.sum(tf.mul(tf.fill([2, 3], 2), tf.sqrt(tf.fill([3], 9)))))
    expect(y.operation).toEqual({ op: 'uniform', value: 36 })
  })

  test('−0 and 0 as different constants', () => {
    const { inputs } = operations((x) => tf.concat([x, tf.fill([1, 3], 0), tf.fill([1, 3], -0)]))
    expect(inputs.slice(1).map((v) => v.operation)).toEqual([
      { op: 'uniform', value: 0 },
      { op: 'uniform', value: -0 },
    ])
  })

  test('a known relu instead of its input for the derivative', () => {
    const y = operations((x) => tf.grad((input) => tf.relu(input))(x))
    expect(y.operation).toEqual({ op: 'step', alpha: 0 })
    expect(y.inputs[0]!.operation).toEqual({ op: 'elementwise', name: 'Relu' })
  })

  test('depth to space and space to depth', () => {
    const given: TensorSpecs = { x: { shape: [1, 4, 6, 8], dtype: 'float32' } }
    const swap = (x: tf.Tensor, six: number[], shape: number[]) =>
      tf.reshape(tf.transpose(tf.reshape(x, six), [0, 1, 3, 2, 4, 5]), shape)
    expect(operations((x) => swap(x, [1, 4, 6, 2, 2, 2], [1, 8, 12, 2]), given).operation).toEqual({
      op: 'depthToSpace',
      block: 2,
    })
    expect(operations((x) => swap(x, [1, 2, 2, 3, 2, 8], [1, 2, 3, 32]), given).operation).toEqual({
      op: 'spaceToDepth',
      block: 2,
    })
  })
})

describe('a trace refuses, by name,', () => {
  test('a kernel that it does not know', () => {
    const error = refusal(({ x }) => ({ y: tf.topk(x!, 1).values }))
    expect(error.detail).toEqual({ code: 'trace-unsupported', received: 'the kernel TopK' })
  })

  test.each([
    ['a read', (x: tf.Tensor) => tf.scalar(tf.exp(x).dataSync()[0]!)],
    ['a read as arrays', (x: tf.Tensor) => tf.tensor(tf.exp(x).arraySync())],
  ])('%s of a value that is not known yet', (_, compute) => {
    const error = refusal(({ x }) => ({ y: compute(x!) }))
    expect(error.detail.code).toBe('trace-unsupported')
    expect(error.detail.received).toBe('a read of the result of elementwise Exp, shape [2, 3]')
  })

  test('data written inside, unless it is declared', () => {
    const error = refusal(({ x }) => ({ y: tf.add(tf.sum(x!), tf.tensor(ramp(65), [5, 13])) }))
    expect(error.detail.received).toBe('values written inside it, shape [5, 13]')
    expect(error.detail.expected).toContain('input')
    const recorded = trace(specs, ({ x }) => ({ y: tf.add(tf.sum(x!), constant(ramp(65), [5, 13])) }))
    expect(recorded.outputs['y']!.shape).toEqual([5, 13])
  })

  test.each([
    ['randomNormal', () => tf.randomNormal([2, 2])],
    ['randomUniform', () => tf.randomUniform([2, 2])],
    ['truncatedNormal', () => tf.truncatedNormal([2, 2])],
    ['dropout', (x: tf.Tensor) => tf.dropout(x, 0.5)],
    ['Math.random', (x: tf.Tensor) => tf.mul(x, Math.random())],
  ])('random numbers from %s', (_, compute) => {
    const error = refusal(({ x }) => ({ y: compute(x!) }))
    expect(error.detail).toMatchObject({
      code: 'trace-unsupported',
      received: 'random numbers drawn inside it',
    })
  })

  test('a tensor from outside', () => {
    const outside = tf.tensor([1, 2, 3])
    const error = refusal(({ x }) => ({ y: tf.add(x!, outside) }))
    expect(error.detail.received).toBe('a tensor from outside of the step')
    outside.dispose()
  })

  test('a tensor that is kept', () => {
    let kept: tf.Tensor | undefined
    const error = refusal(({ x }) => ({ y: (kept = tf.keep(tf.exp(x!))) }))
    expect(error.detail.received).toContain('tf.keep')
    kept?.dispose()
  })

  test('text', () => {
    expect(refusal(() => ({ y: tf.tensor(['a']) })).detail.received).toBe('string')
  })

  test('a trace inside a trace', () => {
    const error = refusal(({ x }) => {
      trace(specs, (inner) => ({ y: inner['x']! }))
      return { y: x! }
    })
    expect(error.detail.received).toBe('a trace inside a trace')
  })

  test.each([
    [
      'symmetric padding',
      (x: tf.Tensor) =>
        tf.mirrorPad(
          x,
          [
            [1, 1],
            [1, 1],
          ],
          'symmetric',
        ),
      'symmetric',
    ],
    ['batched gather', (x: tf.Tensor) => tf.gather(x, tf.zeros([2, 1], 'int32'), 1, 1), 'batchDims 1'],
  ])('%s', (_, compute, received) => {
    expect(refusal(({ x }) => ({ y: compute(x!) })).detail.received).toBe(received)
  })
})

describe('a trace refuses shapes that do not fit:', () => {
  test.each([
    ['matMul', (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), '[2, 3] and [2, 3]'],
    ['concat', (x: tf.Tensor) => tf.concat([x, tf.ones([2, 4])], 0), '[2, 3] and [2, 4]'],
  ])('%s', (_, compute, received) => {
    expect(refusal(({ x }) => ({ y: compute(tf.exp(x!)) })).detail.received).toBe(received)
  })
  test('broadcasting', () => {
    expect(() => trace(specs, ({ x }) => ({ y: tf.add(x!, tf.ones([4])) }))).toThrow('broadcast')
  })
})

describe('a trace leaves tfjs as it was', () => {
  const counts = () => {
    const { numTensors, numDataBuffers, numBytes } = tf.memory()
    return { numTensors, numDataBuffers, numBytes, backend: tf.getBackend(), random: Math.random() < 1 }
  }
  let before: ReturnType<typeof counts>
  let random: () => number
  beforeEach(() => {
    before = counts()
    random = Math.random
  })
  afterEach(() => {
    expect(counts()).toEqual(before)
    expect(Math.random).toBe(random)
    expect(tf.findBackend('darkroom-trace')).toBeNull()
    // The eager backend still computes, with gradients.
    expect(
      tf.tidy(
        () =>
          tf
            .grad((x) => tf.square(x))(tf.scalar(3))
            .dataSync()[0],
      ),
    ).toBe(6)
  })

  test('when it succeeds, however often', () => {
    for (let i = 0; i < 20; i++) trace(specs, ({ x }) => ({ y: tf.grad((input) => tf.tanh(input))(x!) }))
  })

  test('when the step throws', () => {
    const fail = () => trace(specs, ({ x }) => ({ y: tf.matMul(tf.exp(x!), x as tf.Tensor2D) }))
    expect(fail).toThrow('expected as many rows as columns (3): received [2, 3] and [2, 3]')
  })

  test('when it is refused in the middle of a gradient', () => {
    refusal(({ x }) => ({ y: tf.grad((input) => tf.scalar(tf.exp(input).dataSync()[0]!))(x!) }))
  })
})
