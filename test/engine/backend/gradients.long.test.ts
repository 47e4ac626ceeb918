import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Step, Tensors } from '../../../src-main/engine/backend/backend.ts'
import { compileStep } from '../../../src-main/engine/backend/compile.ts'
import { trace } from '../../../src-main/engine/backend/trace.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { caseInputs, type Case } from '../../support/case.ts'
import { operationCases } from '../../support/cases.ts'
import { runEager } from '../../support/eager.ts'
import { openGraph } from '../../support/run-graph.ts'

/** Largest difference allowed, relative to the largest element of the reference: float32 arithmetic in another order. */
const eagerTolerance = 2e-5
/** The same against central differences, whose own error is the rounding of the forward pass over the step. */
const differencesTolerance = 2e-3
/** Half of the distance of central differences: small against the distance to kinks, large against rounding. */
const halfStep = 1 / 256

function expectClose(actual: TensorData, reference: TensorData, tolerance: number, what: string): void {
  expect(actual.shape, what).toEqual(reference.shape)
  const scale = Math.max(1e-3, ...Array.from(reference.data, Math.abs))
  let worst = 0
  for (let i = 0; i < reference.data.length; i++)
    worst = Math.max(worst, Math.abs(actual.data[i]! - reference.data[i]!) / scale)
  expect(worst, `${what}: relative difference`).toBeLessThanOrEqual(tolerance)
}

/** The numbers of the inputs that have a gradient; constant ones come last. */
const differentiated = ({ inputs }: Case): number[] =>
  inputs.flatMap((input, i) => (typeof input === 'object' && input.constant ? [] : [i]))

/** The value, and the gradients of the sum of the value's elements, each times a given weight. */
function stepOf(operation: Case, withGradients: boolean): Step {
  const { f, inputs } = operation
  return (_, given) => {
    const x = inputs.map((__, i) => given[`x${i}`]!)
    const outputs: Tensors = { y: tf.cast(f(...x), 'float32') }
    if (withGradients) {
      const active = differentiated(operation)
      const rest = x.slice(active.length)
      const gradients = tf.grads((...args: tf.Tensor[]) => f(...args, ...rest))
      gradients(x.slice(0, active.length), given['dy']).forEach((gradient, i) => {
        outputs[`gradient of x${i}`] = gradient
      })
    }
    return { state: {}, outputs }
  }
}

function seededLike(shape: number[]): TensorData {
  const random = createRandom(99)
  const size = shape.reduce((a, b) => a * b, 1)
  return {
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: size }, () => random.uniform() * 2 - 1),
  }
}

/** Gradients by central differences of the traced forward pass, summed in double precision. */
async function differences(
  run: (inputs: TensorMap) => Promise<TensorMap>,
  inputs: TensorMap,
  weights: TensorData,
): Promise<TensorMap> {
  const valueAt = async (): Promise<number> => {
    const y = (await run(inputs))['out/y']!
    return Array.from(y.data, (v, i) => v * weights.data[i]!).reduce((a, b) => a + b, 0)
  }
  const gradients: TensorMap = {}
  for (const [name, { data, shape }] of Object.entries(inputs)) {
    if (name === 'dy') continue
    const gradient = new Float32Array(data.length)
    for (let i = 0; i < data.length; i++) {
      const at = data[i]!
      data[i] = at + halfStep
      const above = await valueAt()
      data[i] = at - halfStep
      const below = await valueAt()
      data[i] = at
      gradient[i] = (above - below) / (2 * halfStep)
    }
    gradients[`gradient of ${name}`] = { data: gradient, shape, dtype: 'float32' }
  }
  return gradients
}

describe('traced operations', () => {
  const used = new Set<string>()
  beforeAll(() => {
    // The first trace registers the kernels; then each notes that it was called.
    trace({}, () => ({ zero: tf.scalar(0) }))
    for (const kernel of tf.getKernelsForBackend('darkroom-trace')) {
      const { kernelFunc } = kernel
      kernel.kernelFunc = (parameters: Parameters<typeof kernelFunc>[0]) => {
        used.add(kernel.kernelName)
        return kernelFunc(parameters)
      }
    }
  })

  test.each(operationCases)('$name', async (operation) => {
    const inputs = caseInputs(operation)
    const { y } = (await runEager(stepOf(operation, false), {}, inputs)).outputs
    const withGradients = operation.reference !== 'none'
    const given = withGradients ? { ...inputs, dy: seededLike(y!.shape) } : inputs
    const step = stepOf(operation, withGradients)
    const run = await openGraph(compileStep(step, { state: {}, inputs: given }).model)
    const traced = await run(given)
    expectClose(traced['out/y']!, y!, eagerTolerance, 'value')

    const compare = (reference: TensorMap, tolerance: number, what: string) => {
      for (const i of differentiated(operation)) {
        const name = `gradient of x${i}`
        expectClose(traced[`out/${name}`]!, reference[name]!, tolerance, `${name}, ${what}`)
      }
    }
    const { reference } = operation
    if (reference === 'both' || reference === 'eager')
      compare((await runEager(step, {}, given)).outputs, eagerTolerance, 'eager')
    if (reference === 'both' || reference === 'differences')
      compare(await differences(run, given, given['dy']!), differencesTolerance, 'central differences')
  })
  const image = (x: tf.Tensor) => tf.reshape<tf.Rank.R4>(x, [1, 4, 4, 4])
  test.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['a dilated convolution', (x) => tf.conv2d(image(x), tf.ones([3, 3, 4, 1]), 1, 'same', 'NHWC', 2)],
    ['gather', (x) => tf.gather(x, tf.tensor1d([0, 1], 'int32'))],
    ['prod', (x) => tf.prod(x)],
    ['stridedSlice', (x) => tf.stridedSlice(x, [0], [64], [2])],
    ['depthToSpace', (x) => tf.depthToSpace(image(x), 2)],
    ['one matrix for a batch of others', (x) => tf.matMul(tf.ones([4, 2, 8]), tf.reshape(x, [1, 8, 8]))],
    ['the gradient of max pooling', (x) => tf.square(tf.grad((y) => tf.maxPool(image(y), 2, 2, 'same'))(x))],
  ])('without a gradient in tfjs say so: %s', (_, f) => {
    const specs = { x: { shape: [64], dtype: 'float32' as const } }
    expect(() => trace(specs, ({ x }) => ({ gradient: tf.grad(f)(x!) }))).toThrow()
  })

  test('together use every kernel that there is', () => {
    const all = tf.getKernelsForBackend('darkroom-trace').map(({ kernelName }) => kernelName)
    expect(all.filter((name) => !used.has(name))).toEqual([])
    expect(all.length).toBeGreaterThan(90)
  })
})
