import { availableParallelism } from 'node:os'
import type { Backend, BackendOptions } from './backend.ts'
import { createRuntimeBackend } from './runtime.ts'

/** onnxruntime compiled to WebAssembly. Under Node the package reads its `.wasm` file from beside itself. */
const loadRuntime = () => import('onnxruntime-web')

/** The version of the package, once it is loaded. Throws what the loader throws. */
export async function probeWasm(): Promise<string> {
  const { env } = await loadRuntime()
  return env.versions.web ?? env.versions.common
}

/**
 * The same graphs on onnxruntime's WebAssembly build: runs wherever Node does, in 4 GiB of memory. Threads are set for
 * the process by the first session; later settings have no effect.
 */
export async function openWasm(options: BackendOptions = {}): Promise<Backend> {
  const { InferenceSession, Tensor, env } = await loadRuntime()
  env.wasm.numThreads ??= options.threads ?? availableParallelism()
  return createRuntimeBackend({
    name: 'wasm',
    version: await probeWasm(),
    providerFor: () => 'wasm',
    threads: env.wasm.numThreads,
    InferenceSession,
    Tensor,
    state: 'returned',
  })
}
