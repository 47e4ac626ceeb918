import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DataSource, SplitName } from '../../src-main/contract/dataset.ts'
import type { Engine } from '../../src-main/contract/engine.ts'
import type { JobInput } from '../../src-main/contract/jobs.ts'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { createEngine } from '../../src-main/engine/engine.ts'
import { openLatents, type Latents } from '../../src-main/engine/latent/latents.ts'
import { readRun } from '../../src-main/engine/storage/runs.ts'
import { mean, runJob } from '../support.ts'

/** A training: a shipped recipe, what is changed of it, and on what. */
export interface Plan {
  recipe: string
  overrides: string[]
  data?: DataSource
}

/** Items of a part of a run's data; of training and test at most so many, drawn by a seed that is the same for all runs. */
export interface Part {
  split: SplitName
  data?: DataSource
  limit?: number
}

/** Where claims are tried: trains, measures, and keeps both on the disk, so that what was stopped goes on. */
export interface Lab {
  folder: string
  engine: Engine
  backend: Backend
  seeds: number[]
  fashion: DataSource
  emoji: DataSource
  /** Trains, unless that was done before. @returns the run's folder */
  train(name: string, plan: Plan): Promise<string>
  /** Items with codes and errors; the caller closes them. */
  open(run: string, part: Part): Promise<Latents>
  /** Mean squared error of a pixel. */
  error(run: string, part: Part): Promise<number>
  /** Figures of each seed: what was measured before under this name, or is now. */
  ofSeeds<Figures>(
    name: string,
    measure: (seed: number, name: string) => Promise<Figures>,
  ): Promise<Figures[]>
  /** Runs a job, which must not fail; its result. */
  job(input: JobInput): Promise<unknown>
  close(): Promise<void>
}

/** How the 20,000 images are split where nothing else is said: 4,000 to train, which small networks go through in a second. */
const usualSplit = { training: 4000, validation: 1000 }
/** Held-out items that are measured. */
export const measured = 2000

/** Overrides of a split with so many items to train on. Checkpoints in between cost more than to train again. */
export const splitOf = (training: number): string[] => [
  `split.validation=${usualSplit.validation}`,
  `split.test=${20_000 - usualSplit.validation - training}`,
  'checkpointEvery=1000000',
]

/** The usual protocol. */
export const usual = (seed: number, epochs: number): string[] => [
  ...splitOf(usualSplit.training),
  ...[`epochs=${epochs}`, `seed=${seed}`, 'keep=last'],
]

export async function openLab(
  data: string,
  folder: string,
  { threads, seeds }: { threads: number; seeds: number[] },
): Promise<Lab> {
  const home = join(folder, 'home')
  const engine = createEngine({ home, threads, onError: console.error })
  const backend = await openBackend('auto', { threads })
  const context = {
    ...{ home, backend, signal: new AbortController().signal },
    ...{ pause: () => Promise.resolve(), emit: () => undefined },
  }

  async function job(input: JobInput): Promise<unknown> {
    const last = await runJob(engine, input)
    if (last.event !== 'done') throw new Error(`${input.type}: ${JSON.stringify(last)}`)
    return last.result
  }
  const open: Lab['open'] = (run, { split, data = null, limit = null }) =>
    openLatents({ run, data, split, limit, seed: 0 }, context)

  const fashion = join(data, 'fashion_mnist')
  const lab: Lab = {
    ...{ folder, engine, backend, seeds, job, open },
    fashion: { sources: [await find(fashion, /images/)], labels: await find(fashion, /labels/) },
    emoji: { sources: [join(data, 'noto_emoji_72')], labels: null },
    async train(name, { recipe, overrides, data = lab.fashion }) {
      const out = join(folder, 'runs', name)
      const before = existsSync(out) ? await readRun(out) : null
      if (before?.finished != null) return out
      const started = performance.now()
      await job({ type: 'train', data, recipe, overrides, out, resume: before !== null })
      console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
      return out
    },
    async error(run, part) {
      const latents = await open(run, part)
      await latents.close()
      return mean(Array.from(latents.errors!))
    },
    async ofSeeds(name, measure) {
      const all = []
      for (const seed of seeds) {
        const own = `${name}-${seed}`
        all.push(await kept(join(folder, 'figures', `${own}.json`), () => measure(seed, own)))
      }
      return all
    },
    async close() {
      await backend.close()
      await engine.close()
    },
  }
  return lab
}

async function kept<Figures>(file: string, measure: () => Promise<Figures>): Promise<Figures> {
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Figures
  const figures = await measure()
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(figures))
  return figures
}

async function find(folder: string, pattern: RegExp): Promise<string> {
  const name = (await readdir(folder)).find((name) => pattern.test(name))
  if (name === undefined) throw new Error(`${folder} has no file like ${pattern}`)
  return join(folder, name)
}
