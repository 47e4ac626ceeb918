import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import type { TensorData, TensorMap, TensorSpec } from '../../contract/tensors.ts'
import type { Backend, BackendOptions, Program, Step, StepSignature, Tensors } from './backend.ts'
import { registerGradients } from './gradients.ts'
import { checkSpecs, checkTensors, copyTensor, mapTensors } from './runtime-tensors.ts'

/** Where `npm run native` puts it: beside `src-main` and `dist`. */
const stagedFolder = join(import.meta.dirname, '../../../native')

/** What scripts/native.js says of what it staged. */
const Manifest = z.object({
  platform: z.string(),
  arch: z.string(),
  pins: z.object({ 'tensorflow-cpu': z.object({ version: z.string() }) }),
})

/** The part of tfjs-node's backend module that is used here. */
interface BackendModule {
  NodeJSKernelBackend: new (binding: unknown, packageName: string) => tf.KernelBackend
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

/** The version of libtensorflow that is staged. Throws `engine-unavailable` where none is, or another platform's. */
export function probeNative(folder = stagedFolder): string {
  const file = join(folder, 'manifest.json')
  if (!existsSync(file)) throw new DarkroomError('engine-unavailable', { file, expected: '`npm run native`' })
  const text: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const manifest = parseOrThrow(Manifest, text, 'engine-unavailable', file)
  if (manifest.platform !== process.platform || manifest.arch !== process.arch)
    throw new DarkroomError('engine-unavailable', {
      file,
      expected: `${process.platform} ${process.arch}`,
      received: `${manifest.platform} ${manifest.arch}`,
    })
  return manifest.pins['tensorflow-cpu'].version
}

/**
 * Registers tfjs-node's backend in our copy of tfjs-core, once a process. Throws `engine-unavailable` where the staged
 * package would bring a second copy: its tensors and kernels would be strangers to ours.
 */
function load(folder: string, threads: number): void {
  if (loadedThreads !== null) return
  const ownRequire = createRequire(import.meta.url)
  const stagedRequire = createRequire(join(folder, 'node_modules/@tensorflow/tfjs-node/package.json'))
  const [ours, theirs] = [ownRequire, stagedRequire].map((require) =>
    require.resolve('@tensorflow/tfjs-core'),
  )
  if (ours !== theirs)
    throw new DarkroomError('engine-unavailable', { file: folder, expected: ours!, received: theirs! })

  // Node 23 took these two away; tfjs-node 4.22.0 calls them.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray })
  Object.assign(tf.Tensor.prototype, tensorMethods)
  process.env.TF_NUM_INTRAOP_THREADS = String(threads)
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  const binding: unknown = stagedRequire(join(folder, 'tfjs_binding.node'))
  const { NodeJSKernelBackend } = stagedRequire('./dist/nodejs_kernel_backend.js') as BackendModule
  stagedRequire('./dist/register_all_kernels.js')
  registerGradients()
  tf.registerBackend(tfjsName, () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'))
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

/** Eager tfjs on libtensorflow, where `npm run native` staged it. Trains; does not open ONNX files. */
export async function openNative(options: BackendOptions = {}, folder = stagedFolder): Promise<Backend> {
  const version = probeNative(folder)
  load(folder, options.threads ?? availableParallelism())
  if (!(await tf.setBackend(tfjsName)))
    throw new DarkroomError('engine-unavailable', { file: folder, expected: 'libtensorflow' })
  const programs = new Set<Program>()
  return {
    name: 'native',
    version,
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
