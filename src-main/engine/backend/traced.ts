import { availableParallelism } from 'node:os'
import type { Backend, BackendOptions } from './backend.ts'
import { createRuntimeBackend } from './runtime.ts'

/** onnxruntime's native library. The import throws where the package has no binary for the platform. */
export async function loadRuntime() {
  // 1.30 has telemetry of its own, on unless this says otherwise when the first session is made: it names an address of Microsoft, puts a number of the
  // device into ~/.cache/Microsoft, and searches the command line in a way that overflows the stack where that is longer than 27 kB.
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  const runtime = await import('onnxruntime-node')
  // Of what is no session's: errors are thrown as well, and standard error belongs to the command line.
  runtime.env.logLevel = 'fatal'
  return runtime
}

/** The version of the library, once it is loaded. Throws what the loader throws. */
export async function probeTraced(): Promise<string> {
  const { env } = await loadRuntime()
  return env.versions.node ?? env.versions.common
}

/** The default engine: traced graphs on onnxruntime's native CPU library. */
export async function openTraced(options: BackendOptions = {}): Promise<Backend> {
  const { InferenceSession, Tensor } = await loadRuntime()
  return createRuntimeBackend({
    name: 'traced',
    version: await probeTraced(),
    providerFor: () => 'cpu',
    threads: options.threads ?? availableParallelism(),
    InferenceSession,
    Tensor,
    state: 'written',
  })
}
