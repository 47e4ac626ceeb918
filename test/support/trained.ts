import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measureRun, openTest, type Measured } from '../../bench/autoencoders/measure.ts'
import { runJob } from '../../bench/support.ts'
import type { RecipeDescription } from '../../src-main/contract/runs.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { createEngine } from '../../src-main/engine/engine.ts'

const samples = fileURLToPath(new URL('../../assets/data/fashion-mnist/', import.meta.url))

export interface Data {
  sources: string[]
  labels: string | null
}

/** The part of Fashion-MNIST that ships. */
export const fashion: Data = {
  sources: [`${samples}images-idx3-ubyte.gz`],
  labels: `${samples}labels-idx1-ubyte.gz`,
}

/** Trains shipped recipes as anyone would, into a folder of its own, on one thread. */
export interface Trainer {
  folder: string
  /** Trains, and measures on the test split. */
  train(recipe: string, overrides: string[], data?: Data): Promise<Measured>
  describe(recipe: string, overrides?: string[], input?: number[]): Promise<RecipeDescription>
  close(): Promise<void>
}

export async function openTrainer(): Promise<Trainer> {
  const folder = await mkdtemp(join(tmpdir(), 'recipes-'))
  const engine = createEngine({ threads: 1, home: folder })
  const backend = await openBackend('traced', { threads: 1 })
  return {
    folder,
    async train(recipe, overrides, data = fashion) {
      const out = await mkdtemp(join(folder, `${recipe}-`))
      const last = await runJob(engine, { type: 'train', data, recipe, overrides, out })
      if (last.event !== 'done') throw new Error(JSON.stringify(last))
      const { trained, ...test } = await openTest(out, data, folder)
      const measured = await measureRun(backend, trained, test)
      await test.dataset.close()
      return measured
    },
    describe: (recipe, overrides = [], input) =>
      engine.describeRecipe({ recipe, overrides, input: input ?? null }),
    async close() {
      await engine.close()
      await backend.close()
      await rm(folder, { recursive: true })
    },
  }
}
