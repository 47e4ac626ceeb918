import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { openTrainer, type Data, type Trainer } from '../support/trained.ts'

// Trainings of seconds, which beside other work may take minutes.
vi.setConfig({ testTimeout: 300_000 })

const recipes = ['signal', 'signal-conv']
const heartbeats = fileURLToPath(new URL('../../../shared/data/ecg5000/ecg5000.csv', import.meta.url))
const isThere = existsSync(heartbeats)
if (!isThere) console.warn(`SKIPPED: no ${heartbeats}; the signal recipes are tested on made signals only.`)

let trainer: Trainer
let waves: Data
/** Variance of the values around the mean row, of all rows, in the scaled range: what the best constant row leaves. */
let spread: number

beforeAll(async () => {
  trainer = await openTrainer()
  const rows = makeWaves(600)
  waves = { sources: [join(trainer.folder, 'waves.csv')], labels: null }
  await writeFile(
    waves.sources[0]!,
    rows.map((row) => row.map((value) => value.toFixed(4)).join()).join('\n'),
  )
  spread = spreadOf(rows)
})
afterAll(() => trainer.close())

/** A slow wave of any height and phase, and a bump anywhere: 140 values. */
function makeWaves(count: number): number[][] {
  const random = createRandom(11)
  return Array.from({ length: count }, () => {
    const [phase, height, place] = [
      random.uniform() * 2 * Math.PI,
      1 + random.uniform(),
      20 + 100 * random.uniform(),
    ]
    return Array.from(
      { length: 140 },
      (_, t) =>
        height * Math.sin((2 * Math.PI * t) / 140 + phase) +
        2 * Math.exp(-(((t - place) / 8) ** 2)) +
        0.05 * random.normal(),
    )
  })
}

function spreadOf(rows: number[][]): number {
  const values = rows.flat()
  const range = values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))
  const means = rows[0]!.map((_, t) => rows.reduce((sum, row) => sum + row[t]!, 0) / rows.length)
  const squares = rows.reduce(
    (sum, row) => sum + row.reduce((s, value, t) => s + (value - means[t]!) ** 2, 0),
    0,
  )
  return squares / values.length / range ** 2
}

it.each(recipes)('%s beats the mean of its training rows on made signals', async (recipe) => {
  const { error } = await trainer.train(recipe, ['epochs=12'], waves)
  expect(error).toBeLessThan(0.4 * spread)
})

describe.skipIf(!isThere)('on heartbeats', () => {
  it.each(recipes)('%s beats the mean of its training rows', async (recipe) => {
    const { error } = await trainer.train(recipe, ['epochs=8'], {
      sources: [heartbeats],
      labels: 'column:label',
    })
    // 0.0022: mean squared error of the training mean, which is what a network with a dead code gives.
    expect(error).toBeLessThan(0.5 * 0.0022)
  })
})
