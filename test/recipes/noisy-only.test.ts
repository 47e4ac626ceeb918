import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { psnr } from '../../src-main/engine/analysis/psnr.ts'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { denoisePage } from '../../src-main/engine/inference/denoiser.ts'
import { openDenoiser } from '../../src-main/engine/inference/network.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { readImage } from '../../src-main/engine/storage/images.ts'
import { loadRecipe } from '../../src-main/engine/storage/recipes.ts'
import { restorationTask } from '../../src-main/engine/training/restoration.ts'
import { train } from '../../src-main/engine/training/train.ts'

// Trainings of seconds, which beside other work may take minutes.
vi.setConfig({ testTimeout: 300_000 })

const assets = fileURLToPath(new URL('../../assets', import.meta.url))
/** Photographs that ship, cut into pieces: every fifth is kept from training. Nothing clean is in the folders. */
const photographs = ['church', 'cliffs', 'gallery']
const side = 112
const sigma = 30

let folder: string
let backend: Backend
const heldOut: { file: string; clean: Uint8Array }[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'noisy-only-'))
  const random = createRandom(1)
  for (const name of ['training', 'second']) await mkdir(join(folder, name))
  for (const name of photographs) {
    for (let i = 0; i < 16; i++) {
      const region = { left: side * (i % 4), top: side * (i >> 2), width: side, height: side }
      const clean = await sharp(join(assets, 'samples', `${name}.jpg`))
        .extract(region)
        .raw()
        .toBuffer()
      const writeNoisy = async (file: string): Promise<void> => {
        const noisy = Uint8ClampedArray.from(clean, (value) => value + sigma * random.normal())
        await sharp(noisy, { raw: { width: side, height: side, channels: 3 } })
          .png()
          .toFile(file)
      }
      const file = `${name}-${i}.png`
      if (i % 5 === 2) {
        heldOut.push({ file: join(folder, file), clean })
        await writeNoisy(join(folder, file))
      } else for (const take of ['training', 'second']) await writeNoisy(join(folder, take, file))
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
  'split.validation=2',
  'batch=8',
  'model.widths=[16,32]',
  'model.blocks=[1,1]',
  'data.patch=32',
  'steps=150',
]

/** Trains a shipped recipe on the noisy pieces; by how much it raises the PSNR of held-out ones, in dB. */
async function trainAndMeasure(name: string, second?: string, overrides: string[] = []): Promise<number[]> {
  const recipe = await loadRecipe(name, assets, [...tiny, ...overrides])
  const source = { sources: [join(folder, 'training')], labels: null, second }
  const options = { backend, recipe, product: '0.0.0' }
  const { task, data, split } = await restorationTask({ ...options, source, onFile: () => undefined })
  const out = join(folder, name)
  const { model, validation } = await train({
    ...options,
    task,
    data,
    split,
    out,
    resume: false,
    startFrom: null,
  })
  await task.close()
  expect(Object.keys(validation)).toEqual(['loss'])

  const denoiser = await openDenoiser(backend, { bytes: await readFile(model), file: model, interface: null })
  const gains: number[] = []
  for (const { file, clean } of heldOut) {
    const noisy = (await readImage(file)).pages[0]!
    const { page } = await denoisePage(denoiser, noisy, { sigma: 'auto', strength: 100, tile: 'auto' })
    gains.push(psnr(page.data, clean, 255) - psnr(noisy.data, clean, 255))
  }
  await denoiser.dispose()
  return gains
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('recipes for noisy pictures alone, after seconds of training, beat the noisy pictures that they have not seen', () => {
  it.each([
    ['noise2void', undefined, 0.5],
    ['neighbor2neighbor', undefined, 1.2],
    ['recorrupted', undefined, 1.5],
    ['noise2noise', 'second', 1.7],
  ])('%s', async (name, second, least) => {
    const gains = await trainAndMeasure(name, second && join(folder, second))
    expect(mean(gains)).toBeGreaterThan(least)
    expect(Math.min(...gains)).toBeGreaterThan(0)
  })
})
