import {
  KernelBackend,
  engine,
  getBackend,
  registerBackend,
  registerKernel,
  removeBackend,
  setBackend,
  tidy,
  type BackendValues,
  type DataType,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from './backend.ts'
import { isDeclaredConstant } from './constant.ts'
import { unsupported } from './fold.ts'
import { registerGradients } from './gradients.ts'
import { createRecorder, filled, sizeOf, type DType, type Recorder, type Value } from './ir.ts'
import { elementwiseKernels } from './kernels-elementwise.ts'
import { imageKernels } from './kernels-image.ts'
import { reductionKernels } from './kernels-reduction.ts'
import { shapeKernels } from './kernels-shape.ts'

/*
 * Running a function on a tfjs backend that records. tfjs-core calls a backend's kernels for everything that an op or a
 * gradient does; here each kernel appends to a record and hands back a tensor without data. So tfjs-core itself writes
 * the backward pass, and whatever plain JavaScript the function does (loops over layers, conditions on shapes) is done
 * once, while recording.
 *
 * All JavaScript numbers become constants of the record. What is to change from run to run must be an input.
 */

const backendName = 'darkroom-trace'

/** A tensor with more differing values than this, written while tracing, must be declared by `constant`. */
const undeclaredLimit = 64

const isNumeric = (dtype: DataType): dtype is DType =>
  dtype === 'float32' || dtype === 'int32' || dtype === 'bool'

class TraceBackend extends KernelBackend {
  readonly recorder: Recorder = createRecorder()
  private readonly values = new Map<object, Value>()

  override numDataIds = (): number => this.values.size
  override floatPrecision = (): 32 => 32
  override epsilon = (): number => 1e-7
  override memory = (): { unreliable: boolean } => ({ unreliable: true })
  override refCount = (): number => 1
  // Every tensor has a dataId of its own, so nothing is ever shared.
  override incRef = (): void => undefined
  override dispose = (): void => undefined
  override disposeData(dataId: object): boolean {
    this.values.delete(dataId)
    return true
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    if (!isNumeric(dtype)) throw unsupported('tensors of float32, int32 or bool', dtype)
    const value = this.recorder.constant(values as ArrayLike<number>, shape, dtype)
    const large = value.operation.op === 'constant' && sizeOf(shape) > undeclaredLimit
    if (large && !isDeclaredConstant(values))
      throw unsupported(
        'data that changes as an input of the step, or a declared constant',
        `values written inside it, shape [${shape.join(', ')}]`,
      )
    return this.infoOf(value).dataId
  }

  override readSync(dataId: object): BackendValues {
    const value = this.valueBehind(dataId)
    const { operation } = value
    if (operation.op === 'constant') return operation.data
    if (operation.op === 'uniform') return filled(operation.value, value.shape, value.dtype)
    const name = 'name' in operation ? `${operation.op} ${operation.name}` : operation.op
    throw unsupported(
      'a computation that does not depend on values inside it',
      `a read of the result of ${name}, shape [${value.shape.join(', ')}]`,
    )
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- tfjs asks for a promise; the answer is known at once
  override async read(dataId: object): Promise<BackendValues> {
    return this.readSync(dataId)
  }

  infoOf(value: Value): TensorInfo {
    const dataId = {}
    this.values.set(dataId, value)
    return { dataId, shape: [...value.shape], dtype: value.dtype }
  }

  /** Forgets all tensors; says how many there were. */
  release(): number {
    const left = [...this.values]
    for (const [dataId, { shape, dtype }] of left) {
      // What tfjs asks of a tensor that it disposes; the tensors themselves are out of reach when a gradient broke off.
      const tensor: Pick<Tensor, 'dataId' | 'size' | 'dtype'> = { dataId, size: sizeOf(shape), dtype }
      engine().disposeTensor(tensor as Tensor)
    }
    return left.length
  }

  valueBehind(dataId: object): Value {
    const value = this.values.get(dataId)
    if (value === undefined)
      throw unsupported('inputs and constants only', 'a tensor from outside of the step')
    return value
  }
}

/** tfjs-core's names for the kernels that can be recorded. */
const kernels = { ...elementwiseKernels, ...reductionKernels, ...shapeKernels, ...imageKernels }
type AnyKernel = (r: Recorder, inputs: Record<string, Value>, attributes: NamedAttrMap) => Value | Value[]

/** Registers every kernel once. A registered kernel does nothing until its backend is active. */
function registerKernels(): void {
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const record = kernel as AnyKernel
    registerKernel({
      kernelName,
      backendName,
      kernelFunc({ inputs, attrs }) {
        const trace = current!
        const result = record(trace.recorder, valuesOf(trace, inputs), attrs ?? {})
        return Array.isArray(result) ? result.map((v) => trace.infoOf(v)) : trace.infoOf(result)
      },
    })
  }
  registerGradients()
}

function valuesOf(trace: TraceBackend, inputs: NamedTensorInfoMap): Record<string, Value> {
  // Optional inputs are present but null or undefined.
  const given = Object.entries(inputs as Record<string, TensorInfo | null | undefined>)
  return Object.fromEntries(
    given.flatMap(([name, info]) => (info ? [[name, trace.valueBehind(info.dataId)] as const] : [])),
  )
}

/** Runs a function in which nothing may draw random numbers unseeded. */
function withoutRandomness<T>(run: () => T): T {
  const { random } = Math
  Math.random = () => {
    throw unsupported('noise as an input of the step', 'random numbers drawn inside it')
  }
  try {
    return run()
  } finally {
    Math.random = random
  }
}

const missingKernel = /^Kernel '(\w+)' not registered/

function asTraceError(thrown: unknown): unknown {
  const name = thrown instanceof Error ? missingKernel.exec(thrown.message)?.[1] : undefined
  return name === undefined
    ? thrown
    : new DarkroomError('trace-unsupported', { received: `the kernel ${name}` }, thrown)
}

export interface Trace {
  inputs: Record<string, Value>
  outputs: Record<string, Value>
}

let registered = false
/** The trace in progress. The kernels find it here; they run while it is tfjs's active backend only. */
let current: TraceBackend | undefined

/**
 * Records what `compute` does with tensors of these shapes. The active tfjs backend, the number of tensors and the
 * backend registry are afterwards as they were, also when it fails.
 * @throws DarkroomError trace-unsupported for what cannot be recorded: an unknown kernel (named), a read of a value that
 * is not known yet, undeclared data or random numbers written inside, tensors from outside, tensors kept.
 */
export function trace(specs: TensorSpecs, compute: (inputs: Tensors) => Tensors): Trace {
  if (current) throw unsupported('one trace at a time', 'a trace inside a trace')
  if (!registered) registerKernels()
  registered = true

  const backend = new TraceBackend()
  // tfjs-core types the name as a string, but there is none before the first backend is chosen.
  const previous = getBackend() as string | undefined
  current = backend
  registerBackend(backendName, () => backend)
  try {
    // Choosing a backend that is made synchronously is itself done when the call returns.
    void setBackend(backendName)
    const result = withoutRandomness(() => record(backend, specs, compute))
    if (backend.release() > 0)
      throw unsupported('no tensors kept by the step', 'tf.keep or tf.variable inside it')
    return result
  } catch (error) {
    throw asTraceError(error)
  } finally {
    backend.release()
    removeBackend(backendName)
    if (previous) void setBackend(previous)
    current = undefined
  }
}

function record(backend: TraceBackend, specs: TensorSpecs, compute: (inputs: Tensors) => Tensors): Trace {
  const inputs = mapValues(specs, (spec, name) => backend.recorder.input(name, spec))
  let outputs: Record<string, Value> = {}
  tidy(() => {
    const tensors = mapValues(inputs, (value) =>
      engine().makeTensorFromTensorInfo(backend.infoOf(value), backend),
    )
    outputs = mapValues(compute(tensors), ({ dataId }) => backend.valueBehind(dataId))
  })
  return { inputs, outputs }
}

function mapValues<A, B>(map: Record<string, A>, f: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, f(value, name)]))
}
