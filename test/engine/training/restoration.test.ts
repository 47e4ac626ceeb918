import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { readOnnxWeights } from '../../../src-main/engine/models/onnx-weights.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { readCheckpoint } from '../../../src-main/engine/storage/checkpoints.ts'
import { restorationTask, type Restoration } from '../../../src-main/engine/training/restoration.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { writePicture } from '../../support/pictures.ts'

const noise = { type: 'gaussian', sigma: [0, 50] }
const blocks = { type: 'blocks', count: [1, 2], side: [4, 8] }
const recipeOf = (condition: 'sigma' | 'mask' | 'none', corruption: object[], fields: object = {}): Recipe =>
  Recipe.parse({
    version: 2,
    name: 'test',
    data: { type: 'patches', patch: 32, grayShare: 0.2 },
    split: { validation: 2, test: 1 },
    model: { type: 'denoiser', widths: [8, 12], blocks: [1, 1], condition },
    corruption,
    loss: { type: 'l1', reduction: 'mean' },
    optimizer: { rate: 4e-3, warmup: 5, clipNorm: 1, averageDecay: 0.95 },
    batch: 4,
    steps: 10,
    checkpointEvery: 5,
    validateEvery: 10,
    ...fields,
  })
const denoising = recipeOf('sigma', [noise, { type: 'quantize', probability: 0.3 }], {
  validateSigma: [15, 50],
})

let folder: string
let images: string
let backend: Backend
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restoration-'))
  images = join(folder, 'images')
  for (let i = 0; i < 7; i++) await writePicture(join(images, `${i}.png`), i, 72, 64)
  await writePicture(join(images, 'small.png'), 9, 72, 31)
  await writeFile(join(images, 'broken.png'), 'no picture')
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(async () => {
  await backend.close()
  await rm(folder, { recursive: true })
})

async function withTask<T>(recipe: Recipe, use: (restoration: Restoration) => Promise<T>): Promise<T> {
  const source = { sources: [images], labels: null }
  const restoration = await restorationTask({
    backend,
    recipe,
    source,
    product: '1.0.0',
    onFile: () => undefined,
  })
  try {
    return await use(restoration)
  } finally {
    await restoration.task.close()
  }
}

describe('restorationTask', () => {
  it('says what it found, what it left out and why, and how it split', async () => {
    await withTask(denoising, ({ data, split, task }) => {
      expect(data).toMatchObject({
        ...{ sources: [images], labels: null, kind: 'folder', items: 7, shape: [32, 32, 3], skippedCount: 2 },
        skipped: [
          { code: 'image-unreadable', file: join(images, 'broken.png') },
          { code: 'data-unsuitable', file: join(images, 'small.png'), received: '72×31' },
        ],
      })
      expect(split).toMatchObject({ training: 4, validation: 2, test: 1, stratified: false })
      expect(task.samplesPerEpoch).toBe(4)
      return Promise.resolve()
    })
  })

  it.each([
    ['sigma', recipeOf('sigma', [noise])],
    ['mask', recipeOf('mask', [blocks])],
    ['none', recipeOf('none', [{ type: 'downscale', factor: 2 }])],
  ])('draws what a network that is told “%s” takes', async (told, recipe) => {
    await withTask(recipe, async ({ task }) => {
      const [stage] = task.stages
      const batch = await task.draw(stage!, { epoch: 0, offset: 0, count: 3, batch: 3 })
      const specs = Object.entries(batch).map(([name, { shape, dtype }]) => [name, { shape, dtype }])
      expect(Object.fromEntries(specs)).toEqual(task.inputs(stage!, 3))
      expect(Object.keys(batch).sort()).toEqual(
        ['noisy', 'sampleWeight', 'target', ...(told === 'none' ? [] : [told])].sort(),
      )
      expect(batch['noisy']!.data).not.toEqual(batch['target']!.data)
    })
  })

  it('draws by the place alone, and always a full batch', async () => {
    await withTask(recipeOf('sigma', [noise], { batch: 6 }), async ({ task }) => {
      const draw = (epoch: number, offset: number, count = 6) =>
        task.draw(task.stages[0]!, { epoch, offset, count, batch: 6 })
      expect(task.samplesPerEpoch).toBe(6)
      const [first, last] = await Promise.all([draw(0, 0), draw(3, 6, 1)])
      expect(await draw(3, 6, 1)).toEqual(last)
      expect(await draw(0, 0)).toEqual(first)
      for (const other of [await draw(1, 0), await draw(0, 6), await draw(3, 0)])
        for (const one of [first, last]) expect(other['target']!.data).not.toEqual(one['target']!.data)
      expect([...last['sampleWeight']!.data]).toEqual([1, 1, 1, 1, 1, 1])
      expect(last['target']!.data.subarray(5 * 3072)).not.toEqual(new Float32Array(3072))
    })
  })

  it('validates denoisers at each σ, others by what they got and gave', async () => {
    const validateFresh = (recipe: Recipe) =>
      withTask(recipe, ({ task }) => {
        const weights = task.init(createRandom(1))
        weights['tail.kernel']!.data.fill(0)
        return task.validate(task.stages[0]!, weights)
      })
    // A network that changes nothing: PSNR is that of the noise, a little higher where clipping takes some away.
    const denoiser = await validateFresh(denoising)
    expect(Object.keys(denoiser).sort()).toEqual(['loss', 'psnr-15', 'psnr-50'])
    for (const sigma of [15, 50]) {
      const expected = 20 * Math.log10(255 / sigma)
      expect(denoiser[`psnr-${sigma}`]).toBeGreaterThan(expected - 0.1)
      expect(denoiser[`psnr-${sigma}`]).toBeLessThan(expected + 1)
    }
    const inpainting = await validateFresh(recipeOf('mask', [blocks]))
    expect(Object.keys(inpainting).sort()).toEqual(['loss', 'psnr', 'psnr-input', 'psnr-missing', 'ssim'])
    // It begins from a smooth fill, which is nearer than black.
    expect(inpainting['psnr']).toBeGreaterThan(inpainting['psnr-input']! + 5)
    expect(inpainting['psnr']).toBeGreaterThan(inpainting['psnr-missing']! + 5)
    const blind = await validateFresh(recipeOf('none', [{ type: 'downscale', factor: 4 }]))
    expect(Object.keys(blind).sort()).toEqual(['loss', 'psnr', 'psnr-input', 'ssim'])
  })

  it('tells a summed loss for the area of a patch', async () => {
    const lossOf = (reduction: string) =>
      withTask(recipeOf('sigma', [noise], { loss: { type: 'mse', reduction } }), async ({ task }) => {
        const { loss } = await task.validate(task.stages[0]!, task.init(createRandom(1)))
        return loss!
      })
    expect((await lossOf('sum')) / (await lossOf('mean'))).toBeCloseTo(32 * 32 * 3, 0)
  })

  it('shows clean, corrupted and restored middles; nothing without validation images', async () => {
    await withTask(denoising, async ({ task }) => {
      const preview = await task.preview(task.init(createRandom(1)))
      const { width, height, channels } = await sharp(preview!).metadata()
      // Two images of 64×64, three rows.
      expect(height / width).toBeCloseTo(1.5, 1)
      expect(channels).toBe(3)
    })
    await withTask({ ...denoising, split: { validation: 0, test: 0 } }, async ({ task }) => {
      expect(await task.preview(task.init(createRandom(1)))).toBeNull()
      expect(await task.validate(task.stages[0]!, task.init(createRandom(1)))).toEqual({})
    })
  })

  it('exports a file that says what it was trained to undo', async () => {
    await withTask(denoising, ({ task }) => {
      const weights = task.init(createRandom(2))
      const { model } = task.exports(weights, { note: 'x' })
      if (denoising.model.type !== 'denoiser') throw new Error('no denoiser')
      expect(readOnnxWeights(denoising.model, model!, 'model.onnx')).toEqual(weights)
      expect(Buffer.from(model!).includes(JSON.stringify(denoising.corruption))).toBe(true)
      return Promise.resolve()
    })
  })

  it('refuses what cannot be cut into patches', async () => {
    const open = (sources: string[], recipe = denoising) =>
      restorationTask({
        ...{ backend, recipe, product: '1.0.0', onFile: () => undefined },
        source: { sources, labels: null },
      })
    const code = (code: string) => ({ detail: { code } })
    await writeFile(join(folder, 'rows.csv'), '1,2\n')
    await expect(open([join(folder, 'rows.csv')])).rejects.toMatchObject(code('data-unsuitable'))
    await expect(open([join(folder, 'none')])).rejects.toMatchObject(code('file-not-found'))
    const large = { ...denoising, data: { ...denoising.data, patch: 68 } } as Recipe
    await expect(open([images], large)).rejects.toMatchObject({
      detail: { code: 'training-data-missing', received: '0, 9 left out' },
    })
    const greedy = { ...denoising, split: { validation: 6, test: 1 } }
    await expect(open([images], greedy)).rejects.toMatchObject(code('training-data-missing'))
  })

  it('is cancelled while it looks at files', async () => {
    const options = {
      backend,
      recipe: denoising,
      source: { sources: [images], labels: null },
      product: '1.0.0',
    }
    const onFile = (file: string): void => {
      if (file.endsWith('3.png')) throw new Error('enough')
    }
    await expect(restorationTask({ ...options, onFile })).rejects.toThrow('enough')
  })
})

describe('a training on patches', () => {
  const start = (out: string, recipe: Recipe, changes: Partial<Parameters<typeof train>[0]> = {}) =>
    withTask(recipe, ({ task, data, split }) =>
      train({
        ...{ backend, recipe, task, data, split, out, resume: false, startFrom: null, product: '1.0.0' },
        ...changes,
      }),
    )

  it('learns to denoise pictures that it has not seen', async () => {
    const { validation } = await start(join(folder, 'longer'), {
      ...denoising,
      steps: 120,
      validateEvery: 120,
    })
    expect(validation['psnr-50']).toBeGreaterThan(20 * Math.log10(255 / 50) + 1.5)
  })

  it('gives the same to the bit when it was stopped and resumed', async () => {
    const straight = join(folder, 'straight')
    const first = await start(straight, denoising)
    const stopped = join(folder, 'stopped')
    const stop = new AbortController()
    // Asked once before each step; progress is told only now and then, and all steps may be done by then.
    let asked = 0
    const pause = async (): Promise<void> => {
      if (++asked > 3) stop.abort()
      await Promise.resolve()
    }
    await expect(start(stopped, denoising, { signal: stop.signal, pause })).rejects.toMatchObject({
      detail: { code: 'cancelled' },
    })
    const second = await start(stopped, denoising, { resume: true })
    expect(second.validation).toEqual(first.validation)
    expect((await readCheckpoint(stopped))!.state).toEqual((await readCheckpoint(straight))!.state)
    expect((await readFile(second.model)).equals(await readFile(first.model))).toBe(true)
  })
})
