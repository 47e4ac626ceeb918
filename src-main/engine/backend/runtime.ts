import type { InferenceSession, InferenceSessionFactory, Tensor, TensorConstructor } from 'onnxruntime-node'
import { DarkroomError, type ErrorCode } from '../../contract/errors.ts'
import type { EngineName } from '../../contract/engines.ts'
import type { Backend, Program, Session, Step, StepSignature } from './backend.ts'
import { compileStep } from './compile.ts'
import { readMetadata } from './runtime-metadata.ts'
import { createState, type StatePlace } from './runtime-state.ts'
import {
  checkTensors,
  type Declaration,
  fromRuntimeTensor,
  mapTensors,
  toRuntimeTensor,
} from './runtime-tensors.ts'

/** One build of onnxruntime: the same JavaScript API over the native library or over WebAssembly. */
export interface Runtime {
  name: EngineName
  version: string
  /** What runs a model, which may depend on what is in it. */
  providerFor: (model: Uint8Array) => InferenceSession.ExecutionProviderConfig
  threads: number
  InferenceSession: InferenceSessionFactory
  Tensor: TensorConstructor
  /** WebAssembly's `run` accepts tensors to write into and leaves them as they were, so there it is `returned`. */
  state: StatePlace
}

/**
 * How onnxruntime's builds word it when memory runs out: the arena, C++ without the arena, WebAssembly's 32-bit sizes, and
 * V8 for the buffers of inputs and outputs; then Vulkan, WebGPU (which binds a large tensor in pieces), CUDA's libraries and
 * Direct3D.
 */
const outOfMemory = new RegExp(
  [
    /failed to allocate|bad_alloc|bad allocation|out of memory|allocation failed|shape is too large/,
    /integer overflow|invalid (typed )?array length/,
    /out_of_(device|host)_memory|too many storage buffers|alloc_failed|e_outofmemory|8007000e/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)

function toDarkroomError(thrown: unknown, otherwise: ErrorCode): DarkroomError {
  const received = (thrown instanceof Error ? thrown.message : String(thrown)).trim()
  return new DarkroomError(outOfMemory.test(received) ? 'memory-exhausted' : otherwise, { received }, thrown)
}

/** A dimension that a file neither fixes nor names is '' natively, but -1 as an unsigned number in WebAssembly. */
const freeOrFixed = (dimension: number | string): number | string =>
  dimension === 2 ** 32 - 1 ? '' : dimension

/** What a session says of its inputs or outputs, by name. Throws `model-incompatible` for those that are no tensors. */
function declarations(metadata: readonly InferenceSession.ValueMetadata[]): Record<string, Declaration> {
  return Object.fromEntries(
    metadata.map((value) => {
      if (!value.isTensor)
        throw new DarkroomError('model-incompatible', { expected: 'tensors only', received: value.name })
      return [value.name, { shape: value.shape.map(freeOrFixed), dtype: value.type }]
    }),
  )
}

/**
 * A backend over one build of onnxruntime. Steps are traced to ONNX; their state stays in onnxruntime tensors between
 * runs. Running blocks the calling thread: onnxruntime's own threads do the work, JavaScript waits for them.
 */
export function createRuntimeBackend(runtime: Runtime): Backend {
  const { name, version, threads, Tensor } = runtime
  const live = new Set<InferenceSession>()

  /** @param onDevice outputs that stay on the graphics card */
  async function openSession(
    model: Uint8Array,
    otherwise: ErrorCode,
    onDevice: string[] = [],
  ): Promise<InferenceSession> {
    try {
      const session = await runtime.InferenceSession.create(model, {
        executionProviders: [runtime.providerFor(model)],
        intraOpNumThreads: threads,
        graphOptimizationLevel: 'all',
        // A memory plan keeps its own block beside the arena's: 402 instead of 282 MiB for a training
        // step, 611 instead of 451 for a tile of 1024², and no faster.
        enableMemPattern: false,
        // 4: fatal only. Every failure is thrown as well, and standard error belongs to the command line.
        logSeverityLevel: 4,
        // Threads that spin while they wait gain up to a fifth with tiny networks on an idle machine; beside any other
        // program that computes they slowed a training step to a third (docs/decisions/0002).
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        ...(onDevice.length > 0 && {
          preferredOutputLocation: Object.fromEntries(onDevice.map((output) => [output, 'gpu-buffer'])),
        }),
      })
      live.add(session)
      return session
    } catch (thrown) {
      throw toDarkroomError(thrown, otherwise)
    }
  }

  async function release(session: InferenceSession): Promise<void> {
    if (live.delete(session)) await session.release()
  }

  async function compile(step: Step, signature: StepSignature): Promise<Program> {
    const graph = compileStep(step, signature)
    const keys = Object.keys(signature.state)
    const onDevice = runtime.state === 'device' ? keys.map((key) => `next/${key}`) : []
    const session = await openSession(graph.model, 'internal', onDevice)
    const state = createState(runtime.state, signature.state, {
      ...{ Tensor, release },
      openSession: (model) => openSession(model, 'internal'),
    })
    const fetched = Object.keys(graph.outputs).map((output): [string, null] => [`out/${output}`, null])

    return {
      async run(inputs) {
        checkTensors(inputs, graph.inputs, 'internal')
        const feeds: Record<string, Tensor> = mapTensors(inputs, (input) => toRuntimeTensor(Tensor, input))
        const fetches: Record<string, Tensor | null> = Object.fromEntries(fetched)
        const [current, spare] = [state.current(), state.spare()]
        for (const key of keys) {
          feeds[`state/${key}`] = current[key]!
          fetches[`next/${key}`] = spare?.[key] ?? null
        }
        let results: InferenceSession.ReturnType
        try {
          results = await session.run(feeds, fetches)
        } catch (thrown) {
          throw toDarkroomError(thrown, 'internal')
        }
        state.advance(spare ?? mapTensors(current, (_, key) => results[`next/${key}`]!))
        return mapTensors(graph.outputs, (_, output) => fromRuntimeTensor(output, results[`out/${output}`]!))
      },
      async readState() {
        try {
          return await state.read()
        } catch (thrown) {
          throw thrown instanceof DarkroomError ? thrown : toDarkroomError(thrown, 'internal')
        }
      },
      writeState: (values) =>
        new Promise((resolve) => {
          checkTensors(values, graph.state, 'run-incompatible')
          state.write(values)
          resolve()
        }),
      async dispose() {
        await state.dispose()
        await release(session)
      },
    }
  }

  async function open(model: Uint8Array): Promise<Session> {
    const metadata = readMetadata(model)
    const session = await openSession(model, 'model-unreadable')
    const inputs = declarations(session.inputMetadata)
    const outputs = declarations(session.outputMetadata)
    return {
      inputs,
      outputs,
      metadata,
      async run(tensors) {
        checkTensors(tensors, inputs, 'model-incompatible')
        try {
          const results = await session.run(mapTensors(tensors, (tensor) => toRuntimeTensor(Tensor, tensor)))
          return mapTensors(results, (tensor, output) => fromRuntimeTensor(output, tensor))
        } catch (thrown) {
          throw thrown instanceof DarkroomError ? thrown : toDarkroomError(thrown, 'model-incompatible')
        }
      },
      dispose: () => release(session),
    }
  }

  return {
    name,
    version,
    threads,
    compile,
    open,
    async close() {
      await Promise.all([...live].map(release))
    },
  }
}
