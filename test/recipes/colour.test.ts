import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import sharp from 'sharp'
import { runJob } from '../../bench/support.ts'
import type { JobInput, JobResult } from '../../src-main/contract/jobs.ts'
import { createEngine } from '../../src-main/engine/engine.ts'
import { openRunData, readTrainedRun } from '../../src-main/engine/jobs/trained-run.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { writeData } from '../support/datasets.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

vi.setConfig({ testTimeout: 300_000 })

const temporary = temporaryFolder()
let engine: ReturnType<typeof createEngine>
beforeAll(async () => {
  engine = createEngine({ threads: 1, home: temporary('home') })
  for (let i = 0; i < 160; i++) await writeData(temporary('discs', `${i}.png`), await disc(i))
}, 120_000)
afterAll(() => engine.close())

/** 24×24 RGBA: a disc of any colour, size and place; around it nothing, in another colour that nobody sees. */
function disc(seed: number): Promise<Buffer> {
  const random = createRandom(seed)
  const pick = (low: number, high: number): number => low + (high - low) * random.uniform()
  const [x, y, radius] = [pick(8, 16), pick(8, 16), pick(4, 8)]
  const shades = Array.from({ length: 6 }, () => Math.round(pick(0, 255)))
  const pixels = Buffer.alloc(24 * 24 * 4)
  for (let i = 0; i < 24 * 24; i++) {
    const alpha = Math.max(0, Math.min(1, radius - Math.hypot((i % 24) - x, Math.floor(i / 24) - y)))
    pixels.set([...shades.slice(alpha > 0 ? 0 : 3, alpha > 0 ? 3 : 6), Math.round(255 * alpha)], 4 * i)
  }
  return sharp(pixels, { raw: { width: 24, height: 24, channels: 4 } })
    .png()
    .toBuffer()
}

async function done(job: JobInput): Promise<JobResult> {
  const last = await runJob(engine, job)
  if (last.event !== 'done') throw new Error(JSON.stringify(last))
  return last.result
}

/** PSNR of held-out items where the mean training item stands for each, in dB. */
async function psnrOfMean(folder: string): Promise<number> {
  const run = await readTrainedRun(folder)
  const { dataset, split } = await openRunData(
    run,
    { sources: run.info.data.sources, labels: null },
    {
      ...{ home: temporary('home'), signal: new AbortController().signal, emit: () => undefined },
    },
  )
  const size = dataset.shape.reduce((a, b) => a * b, 1)
  const training = await dataset.read(split!.training)
  const mean = new Float64Array(size)
  training.forEach((value, i) => (mean[i % size]! += value / split!.training.length))
  const test = await dataset.read(split!.test)
  let sum = 0
  for (let from = 0; from < test.length; from += size)
    sum -= 10 * Math.log10(mean.reduce((error, m, i) => error + (test[from + i]! - m) ** 2, 0) / size)
  await dataset.close()
  return (sum * size) / test.length
}

describe('variational autoencoders in colour', () => {
  it.each([
    ['conv-vae-colour-32', 32, 32, 3],
    ['conv-vae-colour-64', 64, 64, 4],
  ])('%s takes samples of its size, with or without transparency', async (recipe, side, code, channels) => {
    const overrides = [`data.channels=${channels}`]
    const { input, code: shape, layers } = await engine.describeRecipe({ recipe, overrides })
    expect([input, shape]).toEqual([[side, side, channels], [code]])
    expect(layers.at(-1)!.output).toEqual([side, side, channels])
  })

  it('learn shape, colour and transparency at once', async () => {
    const layers = [8, 16].map((filters) => ({ type: 'conv', filters, kernel: 4, stride: 2 }))
    const out = temporary('run')
    const set = [
      'data.channels=4',
      'data.width=16',
      'data.height=16',
      'epochs=30',
      `model.encoder.layers=${JSON.stringify(layers)}`,
    ]
    const small = [
      ...set,
      'optimizer.rate=0.003',
      'optimizer.warmup=0',
      'model.encoder.latentDim=8',
      'batch=16',
    ]
    const data = { sources: [temporary('discs')] }
    await done({ type: 'train', recipe: 'conv-vae-colour-32', overrides: small, data, out })
    const result = await done({ type: 'evaluate-run', run: out, data })
    if (result.type !== 'evaluate-run') throw new Error(result.type)
    expect(result.values['psnr']).toBeGreaterThan((await psnrOfMean(out)) + 1)
    expect(result.values['elbo']).toEqual(expect.any(Number))
  })
})
