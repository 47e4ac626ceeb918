import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runJob } from '../../../bench/support.ts'
import type { Engine } from '../../../src-main/contract/engine.ts'
import type { LatentMap } from '../../../src-main/contract/latent.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { fashion } from '../../support/trained.ts'

let folder: string
let engine: Engine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umap-'))
  engine = createEngine({ home: folder, threads: 1 })
  await runJob(engine, {
    ...{ type: 'train', data: fashion, recipe: 'vae', out: join(folder, 'run') },
    overrides: ['steps=60'],
  })
}, 60_000)
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

async function mapOf(seed: number): Promise<LatentMap> {
  const spec = { run: join(folder, 'run'), limit: 400, seed, method: { type: 'umap' } } as const
  const last = await runJob(engine, { type: 'map', spec })
  if (last.event !== 'done' || last.result.type !== 'map') throw new Error(JSON.stringify(last))
  return engine.latentMap(last.result.map)
}

it('clothes that a VAE holds for alike lie together', { timeout: 60_000 }, async () => {
  const { summary, points, columns } = await mapOf(5)
  expect(summary.trustworthiness).toBeGreaterThan(0.9)
  expect(summary.continuity).toBeGreaterThan(0.9)
  const label = columns.find(({ id }) => id === 'label')!
  let same = 0
  for (let i = 0; i < 400; i++) {
    const distance = (j: number): number =>
      j === i
        ? Infinity
        : Math.hypot(points[2 * j]! - points[2 * i]!, points[2 * j + 1]! - points[2 * i + 1]!)
    const nearest = Array.from({ length: 400 }, (_, j) => j).reduce((a, b) =>
      distance(b) < distance(a) ? b : a,
    )
    if (label.values[nearest] === label.values[i]) same++
  }
  // Of ten classes, by chance 40.
  expect(same).toBeGreaterThan(220)
})
