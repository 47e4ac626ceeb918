import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { compileStep } from '../../../src-main/engine/backend/compile.ts'
import { writeOnnx, type OnnxNode } from '../../../src-main/engine/backend/onnx.ts'
import { fitsNhwc } from '../../../src-main/engine/backend/webgpu-layout.ts'

/** One node over an input `x` and a kernel that is an input as well. */
const modelOf = (operator: string, kernel: (number | string)[], group: number): Uint8Array => {
  const one: OnnxNode = { operator, inputs: ['x', 'kernel'], outputs: ['y'], attributes: { group } }
  return writeOnnx({
    ...{ name: 'one', producerVersion: '', initializers: [], metadata: {}, nodes: [one] },
    inputs: [
      { name: 'x', shape: [1, 'C', 8, 8], type: 'float32' },
      { name: 'kernel', shape: kernel, type: 'float32' },
    ],
    outputs: [{ name: 'y', shape: [1, 'D', 8, 8], type: 'float32' }],
  })
}

describe('a kernel that is an input', () => {
  test.each([
    ['Conv', [4, 6, 3, 3], 1, false],
    ['Conv', [8, 9, 3, 3], 1, false],
    ['Conv', [64, 30, 3, 3], 1, false],
    ['Conv', [6, 6, 3, 3], 1, true],
    ['Conv', [4, 12, 3, 3], 1, true],
    ['Conv', [64, 3, 3, 3], 1, true],
    ['Conv', [4, 'unknown', 3, 3], 1, false],
    ['Conv', [8, 1, 3, 3], 8, true],
    ['Conv', [8, 2, 3, 3], 4, false],
    ['ConvTranspose', [6, 4, 3, 3], 1, true],
    ['ConvTranspose', [4, 1, 3, 3], 4, true],
    ['ConvTranspose', [8, 1, 3, 3], 4, false],
  ] as const)('%s %j in %i groups: %s', (operator, kernel, groups, fits) => {
    expect(fitsNhwc(modelOf(operator, [...kernel], groups))).toBe(fits)
  })
})

/** A training step of one convolution: its gradient for the input turns the numbers of channels around. */
function stepOf(ins: number, outs: number): Uint8Array {
  const kernel = {
    dtype: 'float32' as const,
    shape: [3, 3, ins, outs],
    data: new Float32Array(9 * ins * outs),
  }
  const image = { dtype: 'float32' as const, shape: [2, 8, 8, ins] }
  const { model } = compileStep(
    (state, inputs) => {
      const convolve = (x: tf.Tensor, k: tf.Tensor): tf.Scalar =>
        tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 1, 'same')))
      const [dx, dk] = tf.grads(convolve)([inputs['image']!, state['kernel']!])
      return { state: { kernel: dk! }, outputs: { dx: dx! } }
    },
    { state: { kernel }, inputs: { image } },
  )
  return model
}

test('kernels of a traced step are seen through what turns and transposes them', () => {
  expect(fitsNhwc(stepOf(4, 4))).toBe(true)
  expect(fitsNhwc(stepOf(8, 16))).toBe(true)
  // Forward 6 to 4; and 4 to 6, whose gradient is 6 to 4.
  expect(fitsNhwc(stepOf(6, 4))).toBe(false)
  expect(fitsNhwc(stepOf(4, 6))).toBe(false)
})

test('kernels that are in the file are seen', () => {
  const photo = fileURLToPath(new URL('../../../assets/models/photo/photo.onnx', import.meta.url))
  if (existsSync(photo)) expect(fitsNhwc(readFileSync(photo))).toBe(true)
  else console.warn('SKIPPED: the layout of the photo model: it is not there')
})

test('what is no model has no layout', () => {
  expect(fitsNhwc(new Uint8Array())).toBe(false)
})
