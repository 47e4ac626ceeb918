import * as tf from '@tensorflow/tfjs-core'
import { ReluGrad } from './gradients.ts'

/** The part of tfjs-node's backend that runs an operation of libtensorflow. */
export interface OperationRunner {
  executeSingleOutput(operation: string, attributes: unknown[], inputs: tf.Tensor[]): tf.Tensor
}

interface KernelCall {
  inputs: Record<string, tf.Tensor>
  backend: OperationRunner
}

/**
 * Kernels that tfjs-node 4.22.0 lacks, or has wrong. To be called after its own are registered.
 *
 * - `ReluGrad`: relu's gradient in one pass over the tensors instead of eight.
 * - `Round` of integers: libtensorflow's is for floats only, and throws.
 * @param typeOf makes the attribute that tells an operation its tensors' type
 */
export function registerNativeKernels(backendName: string, typeOf: (tensor: tf.Tensor) => unknown): void {
  const register = (kernelName: string, compute: (call: KernelCall) => tf.Tensor): void => {
    const known = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined
    if (known !== undefined) tf.unregisterKernel(kernelName, backendName)
    tf.registerKernel({
      ...{ kernelName, backendName },
      kernelFunc: (call) => compute(call as unknown as KernelCall),
    })
  }
  register(ReluGrad, ({ inputs, backend }) =>
    backend.executeSingleOutput('ReluGrad', [typeOf(inputs.x!)], [inputs.dy!, inputs.x!]),
  )
  register(tf.Round, ({ inputs, backend }) => {
    const x = inputs.x!
    return x.dtype === 'int32' ? tf.clone(x) : backend.executeSingleOutput('Round', [typeOf(x)], [x])
  })
}
