import type { InferenceSession, InferenceSessionFactory, Tensor, TensorConstructor } from 'onnxruntime-node'
import { DarkroomError, type ErrorCode } from '../../contract/errors.ts'
import type { EngineName } from '../../contract/engines.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Program, Session, Step, StepSignature } from './backend.ts'
import { compileStep } from './compile.ts'
import { readMetadata } from './runtime-metadata.ts'
import {
  checkTensors,
  copyTensor,
  type Declaration,
  fromRuntimeTensor,
  mapTensors,
  toRuntimeTensor,
} from './runtime-tensors.ts'

/** One build of onnxruntime: the same JavaScript API over the native library or over WebAssembly. */
export interface Runtime {
  name: EngineName
  version: string
  provider: 'cpu' | 'wasm' | 'cuda' | 'dml' | 'coreml' | 'webgpu'
  threads: number
  InferenceSession: InferenceSessionFactory
  Tensor: TensorConstructor
  /** Whether `run` writes into output tensors that it is handed. WebAssembly's accepts them and leaves them as they were. */
  fillsOutputs: boolean
}

/**
 * How onnxruntime's builds word it when memory runs out: the arena, C++ without the arena, WebAssembly's 32-bit sizes, and
 * V8 for the buffers of inputs and outputs.
 */
const outOfMemory =
  /failed to allocate|bad_alloc|bad allocation|out of memory|allocation failed|shape is too large|integer overflow|invalid (typed )?array length/i

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
  const { name, version, provider, threads, Tensor, fillsOutputs } = runtime
  const live = new Set<InferenceSession>()

  async function openSession(model: Uint8Array, otherwise: ErrorCode): Promise<InferenceSession> {
    try {
      const session = await runtime.InferenceSession.create(model, {
        executionProviders: [provider],
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
    const session = await openSession(graph.model, 'internal')
    const own = (values: TensorMap): Record<string, Tensor> =>
      mapTensors(values, (value) => toRuntimeTensor(Tensor, copyTensor(value)))
    let state = own(signature.state)
    // The two sets swap at each step, so that a step allocates nothing for its state.
    let spare = fillsOutputs ? own(signature.state) : null
    const fetched = Object.keys(graph.outputs).map((output): [string, null] => [`out/${output}`, null])

    return {
      async run(inputs) {
        checkTensors(inputs, graph.inputs, 'internal')
        const feeds: Record<string, Tensor> = mapTensors(inputs, (input) => toRuntimeTensor(Tensor, input))
        const fetches: Record<string, Tensor | null> = Object.fromEntries(fetched)
        for (const [key, tensor] of Object.entries(state)) {
          feeds[`state/${key}`] = tensor
          fetches[`next/${key}`] = spare?.[key] ?? null
        }
        let results: InferenceSession.ReturnType
        try {
          results = await session.run(feeds, fetches)
        } catch (thrown) {
          throw toDarkroomError(thrown, 'internal')
        }
        const next = spare ?? mapTensors(state, (_, key) => results[`next/${key}`]!)
        spare = fillsOutputs ? state : null
        state = next
        return mapTensors(graph.outputs, (_, output) => fromRuntimeTensor(output, results[`out/${output}`]!))
      },
      readState: () =>
        Promise.resolve(mapTensors(state, (tensor, key) => copyTensor(fromRuntimeTensor(key, tensor)))),
      writeState: (values) =>
        new Promise((resolve) => {
          checkTensors(values, graph.state, 'run-incompatible')
          state = own(values)
          resolve()
        }),
      dispose: () => release(session),
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
