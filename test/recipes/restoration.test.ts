import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { psnr } from '../../src-main/engine/analysis/psnr.ts'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { corrupt } from '../../src-main/engine/data/corruption.ts'
import { readPictures } from '../../src-main/engine/data/images.ts'
import { openRestorer } from '../../src-main/engine/inference/restorer.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../../src-main/engine/storage/recipes.ts'
import { restorationTask } from '../../src-main/engine/training/restoration.ts'
import { train } from '../../src-main/engine/training/train.ts'

// Trainings of seconds, which beside other work may take minutes.
vi.setConfig({ testTimeout: 300_000 })

const assets = fileURLToPath(new URL('../../assets', import.meta.url))
/** Photographs that ship, cut into pieces: every fifth is kept from training. */
const photographs = ['church', 'cliffs', 'gallery']
const side = 112

let folder: string
let backend: Backend
const heldOut: string[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restoration-'))
  await mkdir(join(folder, 'training'))
  for (const name of photographs) {
    for (let i = 0; i < 16; i++) {
      const isHeldOut = i % 5 === 2
      const file = join(folder, isHeldOut ? '.' : 'training', `${name}-${i}.png`)
      const region = { left: side * (i % 4), top: side * (i >> 2), width: side, height: side }
      await sharp(join(assets, 'samples', `${name}.jpg`))
        .extract(region)
        .png()
        .toFile(file)
      if (isHeldOut) heldOut.push(file)
    }
  }
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(async () => {
  await backend.close()
  await rm(folder, { recursive: true })
})

/** Seconds instead of minutes; everything else is the recipe's. */
const tiny = [
  'optimizer.rate=4e-3',
  'optimizer.warmup=10',
  'optimizer.averageDecay=0.9',
  'split.validation=0',
  'batch=8',
]

/** Trains a shipped recipe, and measures it on held-out pieces, each corrupted once: PSNR in dB of what it restored, and what came in. */
async function trainAndMeasure(name: string, overrides: string[]) {
  const recipe = await loadRecipe(name, assets, [...tiny, ...overrides])
  const source = { sources: [join(folder, 'training')], labels: null }
  const options = { backend, recipe, product: '0.0.0' }
  const { task, data, split } = await restorationTask({ ...options, source, onFile: () => undefined })
  const out = join(folder, name)
  const { model } = await train({ ...options, task, data, split, out, resume: false, startFrom: null })
  await task.close()

  const restorer = await openRestorer(backend, { bytes: await readFile(model), file: model })
  const results = await Promise.all(
    heldOut.map(async (file, i) => {
      const [image] = await readPictures(file)
      const clean = { ...image!, data: Float32Array.from(image!.data, (v) => v / 255) }
      const { noisy, ...told } = await corrupt(clean, recipe.corruption, createRandom(i))
      const page = { ...clean, data: noisy.data, black: 0, white: 1, alpha: null }
      return {
        clean: clean.data,
        noisy: noisy.data,
        ...told,
        output: (await restorer.repair(page, told)).data,
      }
    }),
  )
  await restorer.dispose()
  return results
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('recipes of restorers, after seconds of training, on pieces of photographs that they have not seen', () => {
  it('super-resolution beats bicubic enlargement', async () => {
    const results = await trainAndMeasure('super-resolution', [
      ...['model.widths=[16]', 'model.blocks=[2]', 'data.patch=48', 'steps=150'],
    ])
    const gains = results.map(({ clean, noisy, output }) => psnr(output, clean, 1) - psnr(noisy, clean, 1))
    expect(mean(gains)).toBeGreaterThan(0.3)
    expect(Math.min(...gains)).toBeGreaterThan(0)
  })

  it('camera-denoiser takes noise away', async () => {
    const results = await trainAndMeasure('camera-denoiser', [
      ...['model.widths=[16]', 'model.blocks=[2]', 'data.patch=48', 'steps=150'],
      // The pieces are noisy themselves: what is added must be more than that.
      'corruption.0.options.0.corruptions.0.shot=[0.02,0.05]',
    ])
    const gains = results.map(({ clean, noisy, output }) => psnr(output, clean, 1) - psnr(noisy, clean, 1))
    expect(mean(gains.filter(Number.isFinite))).toBeGreaterThan(1)
  })

  it('inpainting beats filling by the mean', async () => {
    const results = await trainAndMeasure('inpainting', [
      ...['model.widths=[16,32]', 'model.blocks=[1,1]', 'data.patch=48', 'steps=150'],
      'corruption.0.side=[4,10]',
    ])
    const gains = results.map(({ clean, output, mask }) => {
      const isMissing = (i: number): boolean => mask![Math.floor(i / 3)] === 1
      const known = (channel: number): number =>
        mean([...clean].filter((_, i) => i % 3 === channel && !isMissing(i)))
      const means = [known(0), known(1), known(2)]
      const missing = (values: ArrayLike<number>): number[] =>
        Array.from(values).filter((_, i) => isMissing(i))
      const filled = clean.map((_, i) => means[i % 3]!)
      // Nothing else was touched.
      for (let i = 0; i < output.length; i++)
        if (!isMissing(i) && output[i] !== clean[i]) throw new Error(`${i}`)
      return psnr(missing(output), missing(clean), 1) - psnr(missing(filled), missing(clean), 1)
    })
    expect(mean(gains)).toBeGreaterThan(2)
  })
})
