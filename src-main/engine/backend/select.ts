import { availableParallelism } from 'node:os'
import type { EngineStatus } from '../../contract/engine.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { type EngineChoice, type EngineName, engineNames, type ProviderName } from '../../contract/engines.ts'
import type { MessageKey } from '../../contract/messages/messages.ts'
import type { Backend, BackendOptions } from './backend.ts'
import { openNative, probeNative } from './native.ts'
import { openProvider, probeProvider } from './providers.ts'
import { openTraced, probeTraced } from './traced.ts'
import { openWasm, probeWasm } from './wasm.ts'

interface Engine {
  open(options: BackendOptions): Promise<Backend>
  /** The version of what would run; throws where it cannot. */
  probe(options: BackendOptions): Promise<string>
  /** Why it is not there, when it is not. */
  absent: MessageKey
  /** Why `auto` leaves it alone, when it is there. */
  spare: MessageKey
}

const provider = (name: ProviderName): Engine => ({
  open: (options) => openProvider(name, options),
  probe: () => probeProvider(name),
  absent: `engine.${name}-absent`,
  spare: 'engine.proven',
})

const engines: Record<EngineName, Engine> = {
  traced: {
    open: openTraced,
    probe: probeTraced,
    absent: 'engine.traced-absent',
    spare: 'engine.traced-spare',
  },
  wasm: { open: openWasm, probe: probeWasm, absent: 'engine.wasm-absent', spare: 'engine.wasm-spare' },
  native: {
    open: openNative,
    probe: (options) => Promise.resolve().then(() => probeNative(options)),
    absent: 'engine.native-absent',
    spare: 'engine.native-spare',
  },
  cuda: provider('cuda'),
  directml: provider('directml'),
  coreml: provider('coreml'),
  webgpu: provider('webgpu'),
}

/** What `auto` tries, fastest first. `native` is only used when it is asked for. */
const automatic: EngineName[] = ['traced', 'wasm']

async function openEngine(name: EngineName, options: BackendOptions): Promise<Backend> {
  try {
    return await engines[name].open(options)
  } catch (thrown) {
    if (thrown instanceof DarkroomError) throw thrown
    const received = thrown instanceof Error ? thrown.message : String(thrown)
    throw new DarkroomError('engine-unavailable', { expected: name, received }, thrown)
  }
}

/** Opens the engine that was chosen, or the first of `automatic` that opens. Throws `engine-unavailable` otherwise. */
export async function openBackend(choice: EngineChoice, options: BackendOptions = {}): Promise<Backend> {
  if (choice !== 'auto') return openEngine(choice, options)
  let failure: unknown
  for (const name of automatic)
    try {
      return await openEngine(name, options)
    } catch (thrown) {
      failure ??= thrown
    }
  throw failure
}

/** Every engine there is, whether it is present, and which one a choice takes. Opens none, so it costs no memory. */
export async function probeBackends(
  choice: EngineChoice = 'auto',
  options: BackendOptions = {},
): Promise<EngineStatus[]> {
  const found = await Promise.all(
    engineNames.map(async (name) => {
      try {
        return { name, version: await engines[name].probe(options) }
      } catch {
        return { name, version: null }
      }
    }),
  )
  const { threads = availableParallelism() } = options
  const wanted = choice === 'auto' ? automatic : [choice]
  const inUse = wanted.find((name) => found.some((one) => one.name === name && one.version !== null))
  return found.map(({ name, version }) => {
    const { absent, spare } = engines[name]
    return {
      name,
      version,
      available: version !== null,
      inUse: name === inUse,
      why: version === null ? absent : name === inUse ? null : spare,
      received: null,
      device: null,
      threads,
    }
  })
}
