import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { DenoiserSpec, denoiserStride } from '../../../src-main/contract/architecture.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import {
  checkDenoiserWeights,
  denoiserForward,
  denoiserShapes,
  initDenoiser,
} from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [4, 6], blocks: [1, 2] })
const photo = DenoiserSpec.parse({ type: 'denoiser', widths: [48, 96, 160], blocks: [2, 2, 2] })

function run(weights: TensorMap, noisy: tf.Tensor, sigma: tf.Tensor): Float32Array {
  return tf.tidy(() => {
    const named = Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)])
    const output = denoiserForward(spec)(Object.fromEntries(named) as Record<string, tf.Tensor>, {
      noisy,
      sigma,
    })
    expect(output['denoised']!.shape).toEqual(noisy.shape)
    return output['denoised']!.dataSync<'float32'>()
  })
}

describe('denoiser', () => {
  it('has the weights that its spec says', () => {
    expect(denoiserShapes(spec)).toEqual({
      'head.kernel': [3, 3, 16, 4],
      'down0.block0.conv0.kernel': [3, 3, 4, 4],
      'down0.block0.conv1.kernel': [3, 3, 4, 4],
      'down0.downsample.kernel': [2, 2, 4, 6],
      'middle.block0.conv0.kernel': [3, 3, 6, 6],
      'middle.block0.conv1.kernel': [3, 3, 6, 6],
      'middle.block1.conv0.kernel': [3, 3, 6, 6],
      'middle.block1.conv1.kernel': [3, 3, 6, 6],
      'up0.upsample.kernel': [2, 2, 4, 6],
      'up0.block0.conv0.kernel': [3, 3, 4, 4],
      'up0.block0.conv1.kernel': [3, 3, 4, 4],
      'tail.kernel': [3, 3, 4, 12],
    })
    const sizes = Object.values(denoiserShapes(photo)).map((shape) => shape.reduce((a, b) => a * b))
    expect(sizes.reduce((a, b) => a + b)).toBe(1_922_880)
    expect([denoiserStride(spec), denoiserStride(photo)]).toEqual([4, 8])
  })

  it('starts from the same weights for the same seed, within PyTorch’s bounds', () => {
    const weights = initDenoiser(spec, createRandom(3))
    expect(weights).toEqual(initDenoiser(spec, createRandom(3)))
    expect(weights).not.toEqual(initDenoiser(spec, createRandom(4)))
    checkDenoiserWeights(spec, weights)
    const largest = (name: string): number => Math.max(...weights[name]!.data.map(Math.abs))
    expect(largest('head.kernel')).toBeLessThanOrEqual(1 / 12)
    expect(largest('head.kernel')).toBeGreaterThan(0.95 / 12)
    expect(largest('middle.block0.conv1.kernel')).toBeLessThanOrEqual(0.3 / Math.sqrt(54))
    expect(largest('tail.kernel')).toBeLessThanOrEqual(0.1 / 6)
  })

  it('is the identity with zero weights, and positively homogeneous: it has no biases', () => {
    const random = createRandom(5)
    const noisy = tf.tensor(
      Float32Array.from({ length: 2 * 8 * 12 * 3 }, () => random.uniform()),
      [2, 8, 12, 3],
    )
    const sigma = tf.fill([2, 8, 12, 1], 0.1)
    const weights = initDenoiser(spec, random)
    const zeros = Object.fromEntries(
      Object.entries(weights).map(([name, w]) => [name, { ...w, data: new Float32Array(w.data.length) }]),
    )
    expect(run(zeros, noisy, sigma)).toEqual(noisy.dataSync<'float32'>())

    const once = run(weights, noisy, sigma)
    const doubled = run(weights, tf.mul(noisy, 2), tf.mul(sigma, 2))
    const worst = Math.max(...once.map((value, i) => Math.abs(2 * value - doubled[i]!)))
    expect(worst).toBeLessThan(1e-5)
    expect(Math.max(...once.map((value, i) => Math.abs(value - noisy.dataSync()[i]!)))).toBeGreaterThan(1e-4)
  })

  it('moves with its input: a shift by its stride shifts the output', () => {
    const random = createRandom(6)
    const wide = tf.tensor4d(
      Float32Array.from({ length: 96 * 96 * 3 }, () => random.uniform()),
      [1, 96, 96, 3],
    )
    const weights = initDenoiser(spec, random)
    const stride = denoiserStride(spec)
    const at = (y: number, x: number): Float32Array => {
      const output = run(weights, tf.slice(wide, [0, y, x, 0], [1, 80, 80, 3]), tf.fill([1, 80, 80, 1], 0.1))
      const middle = tf.slice(tf.tensor4d(output, [1, 80, 80, 3]), [0, 40 - y, 40 - x, 0], [1, 4, 4, 3])
      return middle.dataSync<'float32'>()
    }
    const shifted = at(stride, 2 * stride)
    expect(Math.max(...at(0, 0).map((value, i) => Math.abs(value - shifted[i]!)))).toBeLessThan(1e-6)
  })

  it('names the weight that does not fit', () => {
    const weights = initDenoiser(spec, createRandom(1))
    const { 'tail.kernel': tail, ...rest } = weights
    expect(() => checkDenoiserWeights(spec, rest, 'w.safetensors')).toThrow(
      'model-incompatible: w.safetensors: expected tail.kernel float32 [3, 3, 4, 12]: received none',
    )
    expect(() =>
      checkDenoiserWeights(spec, { ...rest, 'tail.kernel': { ...tail!, shape: [3, 3, 12, 4] } }),
    ).toThrow(/received float32 \[3, 3, 12, 4\]/)
    expect(() => checkDenoiserWeights(spec, { ...weights, bias: tail! })).toThrow(/received bias/)
    const broken = { ...tail!, data: tail!.data.map(() => NaN) }
    expect(() => checkDenoiserWeights(spec, { ...rest, 'tail.kernel': broken })).toThrow(/tail\.kernel.*NaN/)
    expect(() => denoiserShapes({ ...spec, blocks: [1] })).toThrow(/recipe-invalid.*model\.blocks/)
  })
})
