import { availableParallelism } from 'node:os'
import type { EngineStatus } from '../../contract/engine.ts'
import { DarkroomError } from '../../contract/errors.ts'
import {
  type EngineChoice,
  type EngineName,
  engineNames,
  type ProviderName,
  providerNames,
} from '../../contract/engines.ts'
import type { MessageKey } from '../../contract/messages/messages.ts'
import type { Backend, BackendOptions } from './backend.ts'
import { withFallback } from './fallback.ts'
import { graphicsCards } from './graphics-cards.ts'
import { openNative, probeNative } from './native.ts'
import { openProvider, probeProvider } from './providers.ts'
import { openTraced, probeTraced } from './traced.ts'
import { keptNativeTrial, type Trial, tryNative, tryProvider } from './trial.ts'
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
  open: (options) => openProven(name, options),
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
    open: openProvenNative,
    probe: (options) => Promise.resolve().then(() => probeNative(options)),
    absent: 'engine.native-absent',
    spare: 'engine.native-spare',
  },
  cuda: provider('cuda'),
  directml: provider('directml'),
  coreml: provider('coreml'),
  webgpu: provider('webgpu'),
}

/** What `auto` tries on the processor, fastest first. `native` is only used when it is asked for. */
const onProcessor: EngineName[] = ['traced', 'wasm']

const isProvider = (name: EngineName): name is ProviderName => providerNames.some((one) => one === name)

/** Where the card fails, the work goes on on the processor. Throws `engine-unavailable` unless it passed its trial. */
async function openProven(name: ProviderName, options: BackendOptions): Promise<Backend> {
  const { outcome, received } = await tryProvider(name, { ...options, asked: true })
  if (outcome !== 'proven')
    throw new DarkroomError('engine-unavailable', { expected: name, received: received ?? outcome })
  return withFallback(await openProvider(name, options), () => openTraced(options), options.tell)
}

/** Throws `engine-unavailable` unless it passed its trial. */
async function openProvenNative(options: BackendOptions): Promise<Backend> {
  const { outcome, received } = await tryNative(options)
  if (outcome !== 'proven')
    throw new DarkroomError('engine-unavailable', { expected: 'native', received: received ?? outcome })
  return openNative(options)
}

/** Trials of those providers that are there; `asked` for is tried also where no graphics card is seen. */
async function tryProviders(
  options: BackendOptions,
  asked: EngineChoice,
): Promise<Partial<Record<EngineName, Trial>>> {
  const trials: Partial<Record<EngineName, Trial>> = {}
  // One after the other: they share the card, and are timed.
  for (const name of providerNames) {
    const trial = await tryProvider(name, { ...options, asked: name === asked }).catch(() => null)
    if (trial !== null) trials[name] = trial
  }
  return trials
}

/** What `auto` tries: proven providers that are faster than the processor, the fastest first; then the processor. */
function automatic(trials: Partial<Record<EngineName, Trial>>): EngineName[] {
  const speedup = (name: EngineName): number => trials[name]?.speedup ?? 0
  const faster = providerNames.filter((name) => speedup(name) > 1)
  return [...faster.sort((a, b) => speedup(b) - speedup(a)), ...onProcessor]
}

async function openEngine(name: EngineName, options: BackendOptions): Promise<Backend> {
  try {
    return await engines[name].open(options)
  } catch (thrown) {
    if (thrown instanceof DarkroomError) throw thrown
    const received = thrown instanceof Error ? thrown.message : String(thrown)
    throw new DarkroomError('engine-unavailable', { expected: name, received }, thrown)
  }
}

/**
 * Opens the engine that was chosen, or the first of `automatic` that opens. The first time that a graphics card is thought
 * of takes some seconds (`trial.ts`). Throws `engine-unavailable` otherwise.
 */
export async function openBackend(choice: EngineChoice, options: BackendOptions = {}): Promise<Backend> {
  if (choice !== 'auto') return openEngine(choice, options)
  let failure: unknown
  for (const name of automatic(await tryProviders(options, choice)))
    try {
      return await openEngine(name, options)
    } catch (thrown) {
      failure ??= thrown
    }
  throw failure
}

/**
 * Every engine there is, whether it can be used, and which one a choice takes. Opens none in this process, so it costs no
 * memory.
 */
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
  const trials = await tryProviders(options, choice)
  // Half a gigabyte is not loaded to answer a question; it is tried when it is opened.
  const native = await keptNativeTrial(options).catch(() => null)
  const cards = await graphicsCards()
  const { threads = availableParallelism() } = options
  const usable = ({ name, version }: (typeof found)[number]): boolean =>
    version !== null &&
    (isProvider(name) ? trials[name]?.outcome === 'proven' : name !== 'native' || isTrusted(native))
  const wanted = choice === 'auto' ? automatic(trials) : [choice]
  const inUse = wanted.find((name) => found.some((one) => one.name === name && usable(one)))

  return found.map((engine) => {
    const { name, version } = engine
    const { absent, spare } = engines[name]
    const trial = name === 'native' ? native : (trials[name] ?? null)
    const isSpare = trial === null || (name === 'native' && isTrusted(native))
    const why = version === null ? absent : isSpare ? spare : reasonOf(trial, choice)
    return {
      name,
      version,
      available: usable(engine),
      inUse: name === inUse,
      why: name === inUse ? null : why,
      received: trial?.received ?? null,
      device:
        isProvider(name) && version !== null && cards.length > 0
          ? cards.map((card) => card.name).join(', ')
          : null,
      threads,
    }
  })
}

/** Whether nothing is known against the native engine. */
const isTrusted = (trial: Trial | null): boolean => trial === null || trial.outcome === 'proven'

/** Why an engine that is there is not in use. */
function reasonOf({ outcome, speedup }: Trial, choice: EngineChoice): MessageKey {
  if (outcome !== 'proven') return `engine.${outcome}`
  return choice === 'auto' && (speedup ?? 0) <= 1 ? 'engine.slower' : 'engine.proven'
}
