import * as tf from '@tensorflow/tfjs-core'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import type { Backend, Step } from './backend.ts'

/** Images, side, channels: 0.9 GFLOP forward, three times that with the gradients. */
const shape = [4, 64, 64, 32] as const
const layers = ['first', 'second', 'third'] as const
/** A slow device is known after one run. */
const runs = 5
const budget = 1_500

const filled = (size: readonly number[]): TensorData => ({
  dtype: 'float32',
  shape: [...size],
  // Small numbers of both signs, so that nothing grows.
  data: Float32Array.from({ length: size.reduce((product, n) => product * n, 1) }, (_, i) => {
    return ((i * 7919) % 200) / 2000 - 0.05
  }),
})

/** A training step of three convolutions of 3 × 3, by gradient descent. */
const step: Step = (state, inputs) => {
  const forward = (...weights: tf.Tensor[]): tf.Scalar => {
    let x = inputs['image'] as tf.Tensor4D
    for (const kernel of weights) x = tf.relu(tf.conv2d(x, kernel as tf.Tensor4D, 1, 'same'))
    return tf.mean(tf.square(x))
  }
  const { value, grads } = tf.valueAndGrads(forward)(layers.map((name) => state[name]!))
  const next = layers.map((name, i) => [name, tf.sub(state[name]!, tf.mul(grads[i]!, 0.01))] as const)
  return { state: Object.fromEntries(next), outputs: { loss: value } }
}

/** Steps a second of a training of that size: what a graphics card gains on the processor, transfers of the batch included. */
export async function measureSpeed(backend: Backend): Promise<number> {
  const image = filled(shape)
  const state: TensorMap = Object.fromEntries(layers.map((name) => [name, filled([3, 3, 32, 32])]))
  const program = await backend.compile(step, { state, inputs: { image } })
  try {
    // The first run compiles shaders and fills arenas.
    await program.run({ image })
    const started = performance.now()
    let done = 0
    while (done < runs && performance.now() - started < budget) {
      await program.run({ image })
      done++
    }
    return (1000 * done) / (performance.now() - started)
  } finally {
    await program.dispose()
  }
}
