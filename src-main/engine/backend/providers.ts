import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { ProviderName } from '../../contract/engines.ts'
import type { Backend, BackendOptions } from './backend.ts'
import { createRuntimeBackend } from './runtime.ts'
import { loadRuntime } from './traced.ts'
import { fitsNhwc } from './webgpu-layout.ts'

interface Provider {
  /** What onnxruntime-node calls it. */
  name: 'cuda' | 'dml' | 'coreml' | 'webgpu'
  /** Its options, set to compute in 32 bits. */
  options: (model: Uint8Array) => object
}

const providers: Record<ProviderName, Provider> = {
  cuda: { name: 'cuda', options: () => ({}) },
  directml: { name: 'dml', options: () => ({}) },
  // As an ML Program (0x10) on the processor and the graphics unit (0x20): the neural engine computes in 16 bits.
  coreml: { name: 'coreml', options: () => ({ coreMlFlags: 0x30 }) },
  webgpu: { name: 'webgpu', options: (model) => ({ preferredLayout: fitsNhwc(model) ? 'NHWC' : 'NCHW' }) },
}

/** The library of a provider that is not part of the package: beside the package's own, where onnxruntime looks for it. */
function downloadedLibrary(name: string): string {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')))
  const folder = join(root, 'bin/napi-v6', process.platform, process.arch)
  return join(folder, `libonnxruntime_providers_${name}.so`)
}

/**
 * The version of onnxruntime that has the provider for this system. Whether there is a device for it only a trial can
 * tell (`trial.ts`). Throws `engine-unavailable` where it has not, and what the loader throws.
 */
export async function probeProvider(name: ProviderName): Promise<string> {
  const { env, listSupportedBackends } = await loadRuntime()
  const runtimeName = providers[name].name
  const supported = listSupportedBackends().find((backend) => backend.name === runtimeName)
  if (supported === undefined || !(supported.bundled || existsSync(downloadedLibrary(runtimeName))))
    throw new DarkroomError('engine-unavailable', { expected: name })
  return env.versions.node ?? env.versions.common
}

/**
 * The traced graphs on one of onnxruntime-node's execution providers. Operators that the provider cannot take run on the
 * processor within the same session: onnxruntime's own fallback. Opens no device: the first session does.
 */
export async function openProvider(name: ProviderName, options: BackendOptions = {}): Promise<Backend> {
  const { InferenceSession, Tensor } = await loadRuntime()
  return createRuntimeBackend({
    name,
    version: await probeProvider(name),
    providerFor: (model) => ({ name: providers[name].name, ...providers[name].options(model) }),
    threads: options.threads ?? availableParallelism(),
    InferenceSession,
    Tensor,
    state: name === 'webgpu' ? 'device' : 'written',
  })
}
