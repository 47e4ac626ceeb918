import type { Tensor } from '@tensorflow/tfjs-core'
import type { EngineName } from '../../contract/engines.ts'
import type { TensorMap, TensorSpecs } from '../../contract/tensors.ts'

/** Named tensors of one computation, in tfjs layout (images NHWC, kernels HWIO). */
export type Tensors = Record<string, Tensor>

/**
 * One unit of work, written in plain tfjs ops: a training step, or a forward pass with an empty state. It is pure: what
 * it carries from one run to the next (weights, moments, moving statistics) comes in as `state` and goes out as
 * `state`. Everything that changes between runs (batch, noise, learning rate, loss weights) is an input; JavaScript
 * numbers in it are constants of the program.
 */
export type Step = (state: Tensors, inputs: Tensors) => { state: Tensors; outputs: Tensors }

export interface StepSignature {
  /** Initial values; a step must return every name again, with the same shape. */
  state: TensorMap
  inputs: TensorSpecs
}

/** A step made ready to run. It holds its state between runs; not reentrant. */
export interface Program {
  /** Runs one step and returns the outputs. Input buffers may be reused as soon as the promise settles. */
  run(inputs: TensorMap): Promise<TensorMap>
  /** A copy of the state as it is now. */
  readState(): Promise<TensorMap>
  writeState(state: TensorMap): Promise<void>
  dispose(): Promise<void>
}

/** A network from a file, made ready to run: inputs and outputs as the file has them. */
export interface Session {
  inputs: Record<string, { shape: (number | string)[]; dtype: string }>
  outputs: Record<string, { shape: (number | string)[]; dtype: string }>
  metadata: Record<string, string>
  /** Keys of the message catalogue: what the person should know of its runs. Whoever tells them takes them out. */
  warnings?: string[]
  run(inputs: TensorMap): Promise<TensorMap>
  dispose(): Promise<void>
}

export interface BackendOptions {
  /** Threads for one operation; default: as many as there are cores. */
  threads?: number
  /** The program's own folder, with the native engine and what is known of engines; default: this person's. */
  home?: string
  /** Told keys of the message catalogue: what became of a graphics card that failed. */
  tell?: (warning: string) => void
}

/** One way to execute. `backend/select.ts` picks one; nothing else names a tfjs backend or an inference runtime. */
export interface Backend {
  name: EngineName
  version: string
  threads: number
  compile(step: Step, signature: StepSignature): Promise<Program>
  /** Opens an ONNX model from bytes. */
  open(model: Uint8Array): Promise<Session>
  close(): Promise<void>
}
