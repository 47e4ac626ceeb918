import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorData, TensorMap, TensorSpec } from '../../contract/tensors.ts'
import type { Backend, BackendOptions, Program, Step, StepSignature, Tensors } from './backend.ts'
import { registerGradients } from './gradients.ts'
import { findNative, type NativeInstall } from './native-install.ts'
import { registerNativeKernels } from './native-kernels.ts'
import { programHome } from '../storage/home.ts'
import { checkSpecs, checkTensors, copyTensor, mapTensors } from './runtime-tensors.ts'

interface NativeBackend extends tf.KernelBackend {
  isUsingGpuDevice: boolean
}

/** The part of tfjs-node's backend module that is used here. */
interface BackendModule {
  NodeJSKernelBackend: new (binding: unknown, packageName: string) => NativeBackend
  createTensorsTypeOpAttr(name: string, dtype: tf.DataType): unknown
}

/** What three of tfjs-node's kernels (ArgMax, Exp, Prelu) call as methods, which only the union package adds. */
const tensorMethods: ThisType<tf.Tensor> & Record<string, (other: tf.Tensor) => tf.Tensor> = {
  add(other) {
    return tf.add(this, other)
  },
  sub(other) {
    return tf.sub(this, other)
  },
  mul(other) {
    return tf.mul(this, other)
  },
  toInt() {
    return tf.cast(this, 'int32')
  },
  toFloat() {
    return tf.cast(this, 'float32')
  },
}

/** The name under which tfjs-node's kernels are registered. */
const tfjsName = 'tensorflow'

/** Threads of libtensorflow, which takes them from the environment when it is loaded; null before that. */
let loadedThreads: number | null = null

/**
 * Makes an install use our copy of tfjs-core. A staged one has an empty module in its place, which is filled. Throws
 * `engine-unavailable` where another would come with a copy of its own: its tensors and kernels would be strangers to ours.
 */
function shareCore(nativeRequire: NodeJS.Require, { folder, isStaged }: NativeInstall): void {
  const name = '@tensorflow/tfjs-core'
  const ownRequire = createRequire(import.meta.url)
  if (isStaged) {
    Object.assign(nativeRequire(name) as object, ownRequire(name))
    return
  }
  const [expected, received] = [ownRequire, nativeRequire].map((require) => require.resolve(name))
  if (expected !== received)
    throw new DarkroomError('engine-unavailable', { file: folder, expected: expected!, received: received! })
}

/** Registers tfjs-node's backend in our copy of tfjs-core, once a process. */
function load(install: NativeInstall, threads: number): void {
  if (loadedThreads !== null) return
  const nativeRequire = createRequire(join(install.tfjsNode, 'package.json'))
  shareCore(nativeRequire, install)
  // Node 23 took these two away; tfjs-node 4.22.0 calls them.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray })
  Object.assign(tf.Tensor.prototype, tensorMethods)
  process.env.TF_NUM_INTRAOP_THREADS = String(threads)
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  const binding: unknown = nativeRequire(install.binding)
  const module = nativeRequire('./dist/nodejs_kernel_backend.js') as BackendModule
  nativeRequire('./dist/register_all_kernels.js')
  registerNativeKernels(tfjsName, ({ dtype }) => module.createTensorsTypeOpAttr('T', dtype))
  registerGradients()
  const packageName = `@tensorflow/tfjs-node${install.cuda ? '-gpu' : ''}`
  tf.registerBackend(tfjsName, () => new module.NodeJSKernelBackend(binding, packageName))
  loadedThreads = threads
}

/** A tensor with a buffer of its own: tfjs may keep the array that it is given. */
const toTensor = (value: TensorData): tf.Tensor => {
  const { dtype, shape, data } = copyTensor(value)
  return tf.tensor(data, shape, dtype)
}

const specOf = ({ shape, dtype }: tf.Tensor): TensorSpec => ({ shape, dtype: dtype as TensorSpec['dtype'] })

async function fromTensor(tensor: tf.Tensor): Promise<TensorData> {
  const data = await tensor.data<'float32' | 'int32' | 'bool'>()
  return copyTensor({ ...specOf(tensor), data })
}

async function readAll(tensors: Tensors): Promise<TensorMap> {
  const values: TensorMap = {}
  for (const [name, tensor] of Object.entries(tensors)) values[name] = await fromTensor(tensor)
  return values
}

/** Runs the step op by op. The state lives in tfjs tensors; everything else is freed at the end of each step. */
async function compileEager(step: Step, signature: StepSignature): Promise<Program> {
  await tf.setBackend(tfjsName)
  let state: Tensors = mapTensors(signature.state, toTensor)

  /** Swaps the state in and frees those old tensors that it no longer holds. */
  const replaceState = (next: Tensors): void => {
    const kept = new Set(Object.values(next))
    tf.dispose(Object.values(state).filter((tensor) => !kept.has(tensor)))
    state = next
  }

  return {
    async run(inputs) {
      checkTensors(inputs, signature.inputs, 'internal')
      // Tracing in between may have left another backend in charge.
      await tf.setBackend(tfjsName)
      const result = tf.tidy(() => {
        const { state: next, outputs } = step(state, mapTensors(inputs, toTensor))
        return { next, outputs: mapTensors(outputs, (tensor) => tf.clone(tensor)) }
      })
      checkSpecs(mapTensors(result.next, specOf), signature.state, 'internal')
      replaceState(result.next)
      const values = await readAll(result.outputs)
      tf.dispose(result.outputs)
      return values
    },
    readState: () => readAll(state),
    writeState: (values) =>
      new Promise((resolve) => {
        checkTensors(values, signature.state, 'run-incompatible')
        replaceState(mapTensors(values, toTensor))
        resolve()
      }),
    dispose() {
      replaceState({})
      return Promise.resolve()
    },
  }
}

/** The version of the native engine. @throws engine-unavailable where there is none, or another platform's */
export const probeNative = (options: BackendOptions = {}): string =>
  findNative(options.home ?? programHome()).version

/** Eager tfjs on libtensorflow. Trains; does not open ONNX files. @throws engine-unavailable where there is none */
export async function openNative(
  options: BackendOptions = {},
  install = findNative(options.home ?? programHome()),
): Promise<Backend> {
  load(install, options.threads ?? availableParallelism())
  if (!(await tf.setBackend(tfjsName)))
    throw new DarkroomError('engine-unavailable', { file: install.folder, expected: 'libtensorflow' })
  if (install.cuda && !(tf.backend() as NativeBackend).isUsingGpuDevice) options.tell?.('native.no-card')
  const programs = new Set<Program>()
  return {
    name: 'native',
    version: install.version,
    threads: loadedThreads!,
    async compile(step, signature) {
      const program = await compileEager(step, signature)
      programs.add(program)
      return program
    },
    open: () =>
      Promise.reject(
        new DarkroomError('argument-invalid', {
          expected: 'an engine that opens ONNX files: traced or wasm',
          received: 'native',
        }),
      ),
    async close() {
      await Promise.all([...programs].map((program) => program.dispose()))
    },
  }
}
