import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import type { TensorData, TensorMap } from '../../src-main/contract/tensors.ts'
import type { Step, Tensors } from '../../src-main/engine/backend/backend.ts'
import { registerGradients } from '../../src-main/engine/backend/gradients.ts'

const toTensors = (map: TensorMap): Tensors =>
  Object.fromEntries(
    Object.entries(map).map(([name, t]) => [name, tf.tensor(t.data.slice(), t.shape, t.dtype)]),
  )

const toData = (tensors: Tensors): TensorMap =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => {
      const dtype = t.dtype as TensorData['dtype']
      return [name, { data: (t.dataSync() as Float32Array).slice(), shape: t.shape, dtype }]
    }),
  )

/** Runs a step on tfjs's pure JavaScript backend, operation by operation: the reference that engines are held against. */
export async function runEager(
  step: Step,
  state: TensorMap,
  inputs: TensorMap,
): Promise<{ state: TensorMap; outputs: TensorMap }> {
  registerGradients()
  await tf.setBackend('cpu')
  return tf.tidy(() => {
    const result = step(toTensors(state), toTensors(inputs))
    return { state: toData(result.state), outputs: toData(result.outputs) } as never
  })
}
