import { measureSpeed } from './benchmark-step.ts'
import { openNative } from './native.ts'
import { openProvider } from './providers.ts'
import { selfTest } from './self-test.ts'
import { openTraced } from './traced.ts'
import type { TrialResult, TriedEngine } from './trial.ts'

/*
 * Tries the engine that is its first argument with as many threads as its second says and the program's folder, its third, and
 * prints what came of it as JSON.
 * A process of its own, because a graphics card's driver may take its process down with it.
 */
const [name, threads, home] = process.argv.slice(2) as [TriedEngine, string, string]
const options = { threads: Number(threads), home }
const candidate = await (name === 'native' ? openNative(options) : openProvider(name, options))
const reference = await openTraced(options)
const report = await selfTest(candidate, reference)
const result: TrialResult = {
  report,
  speedup: report.passed ? (await measureSpeed(candidate)) / (await measureSpeed(reference)) : null,
}
// Not closed first: what a driver does at its end is not what was asked.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
