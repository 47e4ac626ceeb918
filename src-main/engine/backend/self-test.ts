import * as tf from '@tensorflow/tfjs-core'
import type { SelfTestReport } from '../../contract/native.ts'
import type { TensorData, TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import { createRandom } from '../numeric/random.ts'
import type { Backend, Step, Tensors } from './backend.ts'

/**
 * Largest difference from the default engine's values, relative to the largest of each tensor. Float32 sums in another order differ
 * by 1e-5, with the 11 bits that graphics cards keep in convolutions (TF32, float16) by up to 1e-3; a wrong kernel by its whole value.
 */
export const selfTestTolerance = 3e-3

const steps = 3
const imageShape = [2, 8, 8, 2]
/** HWIO; of the transposed convolution height, width, output, input. */
const weightShapes = { first: [3, 3, 2, 4], bias: [4], down: [3, 3, 4, 6], up: [2, 2, 2, 6] }
const weightNames = Object.keys(weightShapes)

const adam = { rate: 0.02, beta1: 0.9, beta2: 0.99, epsilon: 1e-3 }

/** A convolution, a strided one and a transposed one, with relu between. */
function forward(weights: Tensors, image: tf.Tensor): tf.Tensor {
  const x = image as tf.Tensor4D
  const [first, down, up] = [weights.first, weights.down, weights.up] as tf.Tensor4D[]
  const whole = tf.relu(tf.add(tf.conv2d(x, first!, 1, 'same'), weights.bias!))
  const half = tf.relu(tf.conv2d(whole as tf.Tensor4D, down!, 2, 'same'))
  return tf.conv2dTranspose(half, up!, imageShape as [number, number, number, number], 2, 'same')
}

/** One step of Adam (Kingma & Ba, 2015) on the mean squared error. `inputs.decay1` and `decay2` are 1 − βᵗ. */
const train: Step = (state, inputs) => {
  const weights = weightNames.map((name) => state[name]!)
  const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => {
    const named = Object.fromEntries(weightNames.map((name, i) => [name, given[i]!]))
    return tf.mean(tf.square(tf.sub(forward(named, inputs.image!), inputs.target!)))
  })(weights)
  const next: Tensors = {}
  weightNames.forEach((name, i) => {
    const gradient = grads[i]!
    const mean = tf.add(tf.mul(state[`${name}.mean`]!, adam.beta1), tf.mul(gradient, 1 - adam.beta1))
    const square = tf.add(
      tf.mul(state[`${name}.square`]!, adam.beta2),
      tf.mul(tf.square(gradient), 1 - adam.beta2),
    )
    const slope = tf.add(tf.sqrt(tf.div(square, inputs.decay2!)), adam.epsilon)
    const change = tf.div(tf.div(mean, inputs.decay1!), slope)
    next[name] = tf.sub(weights[i]!, tf.mul(change, adam.rate))
    next[`${name}.mean`] = mean
    next[`${name}.square`] = square
  })
  return { state: next, outputs: { loss: value } }
}

const pass: Step = (_, inputs) => ({ state: {}, outputs: { image: forward(inputs, inputs.image!) } })

const float = (shape: number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })

const specsOf = (tensors: TensorMap): TensorSpecs =>
  Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape }]) => [name, { dtype, shape }]))

/** Seeded, so that every engine gets the same. */
function material() {
  const random = createRandom(8)
  const draw = (shape: number[], scale: number): TensorData => {
    const length = shape.reduce((product, n) => product * n, 1)
    return float(
      shape,
      Float32Array.from({ length }, () => scale * random.normal()),
    )
  }
  const weights: TensorMap = {}
  const state: TensorMap = {}
  for (const [name, shape] of Object.entries(weightShapes)) {
    weights[name] = draw(shape, 0.3)
    state[name] = weights[name]
    for (const moment of ['mean', 'square']) state[`${name}.${moment}`] = draw(shape, 0)
  }
  const [image, target] = [draw(imageShape, 1), draw(imageShape, 1)]
  return { weights, state, image, target }
}

/** Everything that an engine makes of it: losses, the state after the last step, and a forward pass. */
async function results(backend: Backend): Promise<TensorMap> {
  const { weights, state, image, target } = material()
  const found: TensorMap = {}
  const inputsAt = (step: number): TensorMap => ({
    image,
    target,
    decay1: float([], Float32Array.of(1 - adam.beta1 ** step)),
    decay2: float([], Float32Array.of(1 - adam.beta2 ** step)),
  })
  const training = await backend.compile(train, { state, inputs: specsOf(inputsAt(1)) })
  try {
    for (let step = 1; step <= steps; step++) {
      const { loss } = await training.run(inputsAt(step))
      found[`loss ${step}`] = loss!
    }
    Object.assign(found, await training.readState())
  } finally {
    await training.dispose()
  }
  const inputs = { ...weights, image }
  const passing = await backend.compile(pass, { state: {}, inputs: specsOf(inputs) })
  try {
    found.image = (await passing.run(inputs)).image!
  } finally {
    await passing.dispose()
  }
  return found
}

/** Infinite where a value is not finite. */
function largestDifference(actual: TensorMap, reference: TensorMap): number {
  let largest = 0
  for (const [name, { data }] of Object.entries(reference)) {
    const values = actual[name]!.data
    let [difference, size] = [0, 0]
    data.forEach((value, i) => {
      const apart = Math.abs(value - values[i]!)
      difference = Number.isFinite(apart) ? Math.max(difference, apart) : Infinity
      size = Math.max(size, Math.abs(value))
    })
    largest = Math.max(largest, difference / size)
  }
  return largest
}

/**
 * Has an engine train a small network and run it, and compares all of it with what the default engine makes of the same. An engine that
 * throws has failed; the reference must not.
 */
export async function selfTest(candidate: Backend, reference: Backend): Promise<SelfTestReport> {
  const expected = await results(reference)
  const started = performance.now()
  const report = (difference: number | null, failure: string | null): SelfTestReport => ({
    passed: difference !== null && difference <= selfTestTolerance,
    difference,
    seconds: (performance.now() - started) / 1000,
    failure,
  })
  try {
    const difference = largestDifference(await results(candidate), expected)
    return report(Number.isFinite(difference) ? difference : null, difference < Infinity ? null : 'NaN')
  } catch (thrown) {
    return report(null, thrown instanceof Error ? thrown.message : String(thrown))
  }
}
