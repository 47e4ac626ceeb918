import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { ProviderName } from '../../contract/engines.ts'
import { SelfTestReport } from '../../contract/native.ts'
import { productVersion } from '../product.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { programHome } from '../storage/home.ts'
import type { BackendOptions } from './backend.ts'
import { graphicsCards, type GraphicsCard } from './graphics-cards.ts'
import { findNative } from './native-install.ts'
import { probeProvider } from './providers.ts'

/** Engines that are used only once they are proven. */
export type TriedEngine = ProviderName | 'native'

/** What a trial prints that ran to its end. */
export const TrialResult = z.object({
  report: SelfTestReport,
  /** Training steps for each of the processor's; null where the self-test failed. */
  speedup: z.number().nullable(),
})
export type TrialResult = z.infer<typeof TrialResult>

export const Trial = z.object({
  outcome: z.enum(['proven', 'no-device', 'refused', 'crashed']),
  /** What the engine said where it was not proven. */
  received: z.string().nullable(),
  /** Of a proven engine: training steps for each of the processor's. */
  speedup: z.number().nullable(),
  /** Of a trial that ran to its end. */
  report: SelfTestReport.optional(),
})
export type Trial = z.infer<typeof Trial>

/** `at`: milliseconds since 1970. */
const Kept = z.object({ tried: z.string(), at: z.number(), trial: Trial })

/** A driver may have been put right meanwhile, which the names of the cards do not tell. */
const unprovenKept = 24 * 60 * 60 * 1000

/** Compiling shaders takes the longest: 20 s where the processor plays the graphics card. */
const patience = 90_000

/** How the providers say that there is nothing for them to run on. */
const noDevice =
  /failed to get a webgpu adapter|no supported adapters|no cuda-capable device|driver version is insufficient|failed to load shared library|cannot open shared object|dxgi_error_not_found|887a0002|no suitable (device|adapter)/i

/** Of this process, by what was tried, so that two that ask at once wait for one trial. */
const trials = new Map<string, Promise<Trial>>()

/** Options of a trial. */
export interface TrialOptions extends BackendOptions {
  /** Whether a person named the engine: then it is tried also where the system shows no graphics card. */
  asked?: boolean
  /** Whether to try it again, whatever is known of it. */
  anew?: boolean
  /** Arguments of the process's own Node. */
  nodeArguments?: readonly string[]
}

/**
 * Runs an engine's self-test in a process of its own, once for each version of it and of the cards; what came of it is kept
 * in the program's folder. Throws what `probeProvider` throws where the engine is not there.
 */
export async function tryProvider(name: ProviderName, options: TrialOptions = {}): Promise<Trial> {
  const version = await probeProvider(name)
  const cards = await graphicsCards()
  if (cards.length === 0 && !options.asked) return noCard
  const tried = identity(name, version, cards)
  const known = trials.get(tried)
  if (known !== undefined) return known
  const trial = keptOrNew(name, tried, options)
  trials.set(tried, trial)
  return trial
}

/** What a trial of the native engine that is there now is kept by. Throws `engine-unavailable` where there is none. */
async function nativeIdentity({ home = programHome() }: TrialOptions): Promise<string> {
  const { version, cuda, folder } = findNative(home)
  const cards = cuda ? await graphicsCards() : []
  return identity('native', `${version}${cuda ? ' cuda' : ''} ${folder}`, cards)
}

/** The same for the native engine, which needs no card. Throws `engine-unavailable` where there is none. */
export async function tryNative(options: TrialOptions = {}): Promise<Trial> {
  return keptOrNew('native', await nativeIdentity(options), options)
}

/** What is known of the native engine that is there now; null where it was not tried. Throws as `tryNative`. */
export async function keptNativeTrial(options: TrialOptions = {}): Promise<Trial | null> {
  const tried = await nativeIdentity(options)
  const kept = await readKept(trialFile('native', options))
  return kept?.tried === tried ? kept.trial : null
}

/** The report of a trial; of one that crashed, too. */
export const reportOf = ({ report, received }: Trial): SelfTestReport =>
  report ?? { passed: false, difference: null, seconds: 0, failure: received }

const noCard: Trial = { outcome: 'no-device', received: null, speedup: null }

/** A trial holds as long as all of this is the same. */
const identity = (name: TriedEngine, version: string, cards: GraphicsCard[]): string =>
  [
    ...[productVersion(), name, version, release()],
    ...cards.map((card) => `${card.name} ${card.driver ?? ''}`),
    // Which drivers Vulkan loads; named by those who test with the one that computes on the processor.
    process.env['VK_DRIVER_FILES'] ?? '',
  ].join(' | ')

const trialFile = (name: TriedEngine, { home = programHome() }: TrialOptions): string =>
  join(home, 'cache', 'trials', `${name}.json`)

async function keptOrNew(name: TriedEngine, tried: string, options: TrialOptions): Promise<Trial> {
  const file = trialFile(name, options)
  const kept = await readKept(file)
  const isFresh = kept !== null && Date.now() - kept.at < unprovenKept
  if (!options.anew && kept?.tried === tried && (isFresh || kept.trial.outcome === 'proven'))
    return kept.trial
  const trial = await runTrial(name, options)
  const text = `${JSON.stringify({ tried, at: Date.now(), trial }, null, 2)}\n`
  // A folder that cannot be written costs another trial at the next start, no more.
  await writeAtomic(file, (part) => writeFile(part, text), { overwrite: true }).catch(() => undefined)
  return trial
}

async function readKept(file: string): Promise<z.infer<typeof Kept> | null> {
  try {
    return Kept.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return null
  }
}

/** The sources run only with the loader that tests and benchmarks have. */
const isSource = import.meta.url.endsWith('.ts')

async function runTrial(name: TriedEngine, options: TrialOptions): Promise<Trial> {
  const { home = programHome(), threads = availableParallelism() } = options
  const { nodeArguments = isSource ? ['--import', import.meta.resolve('tsx')] : process.execArgv } = options
  const entry = fileURLToPath(new URL(`./trial-process${isSource ? '.ts' : '.js'}`, import.meta.url))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...nodeArguments, entry, name, String(threads), home],
      { timeout: patience, killSignal: 'SIGKILL', windowsHide: true },
    )
    const result = TrialResult.parse(JSON.parse(stdout))
    return { ...judge(result), report: result.report }
  } catch (thrown) {
    return { outcome: 'crashed', received: lastWords(thrown), speedup: null }
  }
}

/** @param result of a trial that ran to its end. */
export function judge({ report, speedup }: TrialResult): Trial {
  if (report.passed) return { outcome: 'proven', received: null, speedup }
  // onnxruntime begins with its source file and the condition that did not hold.
  const received =
    report.failure?.split(' was false. ').at(-1) ?? `difference ${report.difference?.toExponential(1)}`
  return { outcome: noDevice.test(received) ? 'no-device' : 'refused', received, speedup: null }
}

/** How a process ended that gave no result, and the last line that it wrote. */
function lastWords(thrown: unknown): string {
  const { signal, code, stderr } = thrown as { signal?: string; code?: number | string; stderr?: string }
  const line = stderr?.trim().split('\n').at(-1)
  return [signal ?? `exit code ${code ?? 'unknown'}`, line].filter(Boolean).join(': ')
}
