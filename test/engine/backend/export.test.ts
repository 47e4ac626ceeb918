import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, test } from 'vitest'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Tensors } from '../../../src-main/engine/backend/backend.ts'
import { exportForward, type ExportInput } from '../../../src-main/engine/backend/export.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { runEager } from '../../support/eager.ts'
import { openGraph } from '../../support/run-graph.ts'

function randomTensor(shape: number[], seed: number): TensorData {
  const random = createRandom(seed)
  const size = shape.reduce((a, b) => a * b, 1)
  return { shape, dtype: 'float32', data: Float32Array.from({ length: size }, () => random.uniform() - 0.5) }
}

/** A U-Net of two scales with a noise map, the operations of the product's denoisers. */
const weights: TensorMap = {
  'head.kernel': randomTensor([3, 3, 4, 8], 1),
  'head.bias': randomTensor([8], 2),
  'down.kernel': randomTensor([2, 2, 8, 12], 3),
  'middle.kernel': randomTensor([3, 3, 12, 12], 4),
  'up.kernel': randomTensor([2, 2, 8, 12], 5),
  'tail.kernel': randomTensor([3, 3, 8, 3], 6),
}
const forward = (w: Tensors, { noisy, sigma }: Tensors): Tensors => {
  const kernel = (name: string) => w[`${name}.kernel`] as tf.Tensor4D
  const input = tf.concat<tf.Tensor4D>([noisy as tf.Tensor4D, sigma as tf.Tensor4D], 3)
  const head: tf.Tensor4D = tf.relu(tf.add(tf.conv2d(input, kernel('head'), 1, 'same'), w['head.bias']!))
  const small = tf.relu(tf.conv2d(tf.conv2d(head, kernel('down'), 2, 'valid'), kernel('middle'), 1, 'same'))
  const large = tf.conv2dTranspose(small, kernel('up'), head.shape, 2, 'valid')
  const noise = tf.conv2d(tf.add<tf.Tensor4D>(large, head), kernel('tail'), 1, 'same')
  return { denoised: tf.sub(noisy!, noise) }
}
const inputs: Record<string, ExportInput> = {
  noisy: { shape: [1, 'H', 'W', 3], dtype: 'float32', description: 'R, G, B in [0, 1]' },
  sigma: { shape: [1, 'H', 'W', 1], dtype: 'float32' },
}
const options = {
  layout: 'NCHW' as const,
  name: 'denoiser',
  producerVersion: '1.2.3',
  metadata: { recipe: 'photo', note: 'größer als ASCII' },
  descriptions: { denoised: 'as noisy' },
}
const model = exportForward(forward, weights, inputs, options)

/** Largest difference from eager tfjs, for values around 1. */
const tolerance = 1e-5

function toNchw({ shape, data }: TensorData): TensorData {
  const [n, h, w, c] = shape as [number, number, number, number]
  const out = new Float32Array(data.length)
  for (let i = 0; i < n * h * w; i++)
    for (let k = 0; k < c; k++)
      out[(Math.floor(i / (h * w)) * c + k) * h * w + (i % (h * w))] = data[i * c + k]!
  return { shape: [n, c, h, w], dtype: 'float32', data: out }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)))
}

async function eagerReference(images: TensorMap): Promise<TensorData> {
  const step = (state: Tensors, given: Tensors) => ({ state: {}, outputs: forward(state, given) })
  return toNchw((await runEager(step, weights, images)).outputs['denoised']!)
}

describe('an exported network', () => {
  test.each([
    [16, 24],
    [2, 2],
    [40, 8],
  ])('gives what the network gives, at %i × %i', async (h, w) => {
    const images = { noisy: randomTensor([1, h, w, 3], 7), sigma: randomTensor([1, h, w, 1], 8) }
    const run = await openGraph(model)
    const { denoised } = await run({ noisy: toNchw(images.noisy), sigma: toNchw(images.sigma) })
    const reference = await eagerReference(images)
    expect(denoised!.shape).toEqual(reference.shape)
    expect(largestDifference(denoised!.data, reference.data)).toBeLessThan(tolerance)
  })

  test('can be NHWC as well', async () => {
    const run = await openGraph(exportForward(forward, weights, inputs, { ...options, layout: 'NHWC' }))
    const images = { noisy: randomTensor([1, 8, 6, 3], 7), sigma: randomTensor([1, 8, 6, 1], 8) }
    const { denoised } = await run(images)
    expect(denoised!.shape).toEqual([1, 8, 6, 3])
    const reference = await eagerReference(images)
    expect(largestDifference(toNchw(denoised!).data, reference.data)).toBeLessThan(tolerance)
  })

  test('may have outputs of other sizes than its inputs, and resize by whole factors', async () => {
    const outputs = (_: Tensors, { noisy }: Tensors): Tensors => {
      const image = noisy as tf.Tensor4D
      return {
        half: tf.avgPool(image, 2, 2, 'valid'),
        double: tf.image.resizeBilinear(image, [2 * image.shape[1], 2 * image.shape[2]], false, true),
        mean: tf.mean(image, [1, 2, 3]),
      }
    }
    const run = await openGraph(exportForward(outputs, {}, { noisy: inputs['noisy']! }, options))
    const noisy = randomTensor([1, 6, 8, 3], 9)
    const result = await run({ noisy: toNchw(noisy) })
    const step = (_: Tensors, given: Tensors) => ({ state: {}, outputs: outputs({}, given) })
    const reference = (await runEager(step, {}, { noisy })).outputs
    for (const name of ['half', 'double']) {
      expect(result[name]!.shape).toEqual(toNchw(reference[name]!).shape)
      expect(largestDifference(result[name]!.data, toNchw(reference[name]!).data)).toBeLessThan(tolerance)
    }
    expect(result['mean']!.data[0]).toBeCloseTo(reference['mean']!.data[0]!, 6)
  })

  test('is refused a free dimension where the network has a fixed one', () => {
    const flatten = (_: Tensors, { noisy }: Tensors) => ({ y: tf.mul(tf.reshape(noisy!, [1, -1]), 2) })
    expect(() => exportForward(flatten, {}, { noisy: inputs['noisy']! }, options)).toThrow(
      expect.objectContaining({
        detail: {
          code: 'trace-unsupported',
          expected: 'a network for any H, W',
          received: expect.stringContaining('Reshape') as string,
        },
      }),
    )
  })
})

const python = process.env['DARKROOM_PYTHON'] ?? 'python3'
const hasPython = spawnSync(python, ['-c', 'import numpy, onnx, onnxruntime']).status === 0
if (!hasPython)
  console.warn(
    `SKIPPED: exported models were not checked in Python, because ${python} has no onnx and onnxruntime. ` +
      'Install bench/python/requirements-tests.txt into an environment and name its python in DARKROOM_PYTHON.',
  )

describe.skipIf(!hasPython)('in Python, an exported network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-export-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  interface Answer {
    outputs: Record<string, { shape: number[]; data: number[] }>
    producer: [string, string]
    opset: [string, number][]
    metadata: Record<string, string>
    inputShapes: Record<string, (number | string)[]>
    outputShapes: Record<string, (number | string)[]>
    descriptions: Record<string, string>
    initializers: string[]
  }

  function check(bytes: Uint8Array, feeds: TensorMap): Answer {
    const path = join(folder, 'model.onnx')
    writeFileSync(path, bytes)
    const plain = Object.entries(feeds).map(([name, t]) => [
      name,
      { shape: t.shape, data: Array.from(t.data) },
    ])
    const { stdout, stderr, status } = spawnSync(
      python,
      [join(import.meta.dirname, '../../support/check_onnx.py')],
      {
        input: JSON.stringify({ model: path, inputs: Object.fromEntries(plain) as unknown }),
        encoding: 'utf8',
        maxBuffer: 1e9,
      },
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return JSON.parse(stdout) as Answer
  }

  test('is valid, says what it is, and computes the same', async () => {
    const images = { noisy: randomTensor([1, 12, 20, 3], 7), sigma: randomTensor([1, 12, 20, 1], 8) }
    const answer = check(model, { noisy: toNchw(images.noisy), sigma: toNchw(images.sigma) })
    const reference = await eagerReference(images)
    expect(answer.outputs['denoised']!.shape).toEqual(reference.shape)
    expect(largestDifference(answer.outputs['denoised']!.data, reference.data)).toBeLessThan(tolerance)
    expect(answer.producer).toEqual(['Latent Darkroom', '1.2.3'])
    expect(answer.opset).toEqual([['', 17]])
    expect(answer.metadata).toEqual(options.metadata)
    expect(answer.inputShapes).toEqual({ noisy: [1, 3, 'H', 'W'], sigma: [1, 1, 'H', 'W'] })
    expect(answer.outputShapes).toEqual({ denoised: [1, 3, 'H', 'W'] })
    expect(answer.descriptions).toEqual({ noisy: 'R, G, B in [0, 1]', sigma: '', denoised: 'as noisy' })
    expect(answer.initializers).toEqual(expect.arrayContaining(Object.keys(weights)))
  })
})
