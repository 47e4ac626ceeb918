import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser } from '../../../src-main/engine/inference/network.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { emptyMetadata, type ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import { noisyAdvice } from '../../../src-main/engine/training/noisy-advice.ts'
import { restorationTask, type Restoration } from '../../../src-main/engine/training/restoration.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { trainingStep, initialState, optimizerValues } from '../../../src-main/engine/training/step.ts'

const recipeOf = (supervision: object, fields: object = {}, model: object = {}): Recipe =>
  Recipe.parse({
    version: 2,
    name: 'test',
    data: { type: 'patches', patch: 16, channels: 1, range: 'measured' },
    split: { validation: 1, test: 0 },
    model: {
      ...{ type: 'denoiser', channels: 1, widths: [4, 6], blocks: [1, 1], condition: 'none' },
      ...model,
    },
    supervision,
    loss: { type: 'mse', reduction: 'mean' },
    optimizer: { rate: 2e-3 },
    batch: 4,
    steps: 4,
    ...fields,
  })

/** Takes of one scene as 16-bit pages that fill a small part of the range. */
function pagesOf(seed: number, count: number): ImagePage[] {
  const random = createRandom(seed)
  const [width, height] = [72, 64]
  return Array.from({ length: count }, () => ({
    ...{ width, height, channels: 1, black: 0, white: 65_535, alpha: null },
    data: Uint16Array.from({ length: width * height }, (_, i) =>
      Math.round(2000 + 8 * (i % width) + 40 * random.normal()),
    ),
  }))
}

let folder: string
let backend: Backend
const stacks = (): string => join(folder, 'stacks')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'noisy-only-'))
  for (const [name, from] of [
    ['stacks', 0],
    ['second', 10],
  ] as const) {
    await mkdir(join(folder, name))
    for (let i = 0; i < 3; i++) {
      const path = join(folder, name, `${i}.tif`)
      const facts = { path, container: 'tiff' as const, metadata: emptyMetadata(), warnings: [] }
      const options = { format: 'tiff', quality: null, overwrite: false } as const
      await writeImage({ ...facts, pages: pagesOf(from + i, 3) }, path, options)
    }
  }
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(async () => {
  await backend.close()
  await rm(folder, { recursive: true })
})

async function withTask<T>(
  recipe: Recipe,
  use: (restoration: Restoration) => Promise<T>,
  second?: string,
): Promise<T> {
  const source = { sources: [stacks()], labels: null, second }
  const options = { backend, recipe, source, product: '1.0.0', onFile: () => undefined }
  const restoration = await restorationTask(options)
  try {
    return await use(restoration)
  } finally {
    await restoration.task.close()
  }
}

const place = { epoch: 0, offset: 0, count: 4, batch: 4 }
const supervisions = [
  { type: 'noise2void' },
  { type: 'noise2void', structure: { axis: 'vertical', length: 2 }, replacement: 'random' },
  { type: 'neighbor2neighbor', ramp: 2 },
  { type: 'noise2noise' },
  { type: 'recorrupted' },
  { type: 'recorrupted', noise: 'signal-dependent' },
]

describe('a training on noisy pictures alone', () => {
  it.each(supervisions)('draws what its step takes, by the place alone: %o', async (supervision) => {
    await withTask(recipeOf(supervision), async ({ task, data }) => {
      const isPaired = supervision.type === 'noise2noise'
      // Pages are pictures of their own, or takes of one scene.
      expect(data).toMatchObject({ items: isPaired ? 3 : 9, shape: [16, 16, 1] })
      const [stage] = task.stages
      const drawn = await task.draw(stage!, place)
      const specs = Object.entries(drawn).map(([name, { shape, dtype }]) => [name, { shape, dtype }])
      expect(Object.fromEntries(specs)).toEqual(task.inputs(stage!, 4))
      expect(await task.draw(stage!, place)).toEqual(drawn)
      expect(drawn['target']!.data).not.toEqual(drawn['noisy']!.data)
      // Measured: all but the ends lie in the range.
      const [low, high] = data.levels!
      expect(low * 65_535).toBeGreaterThan(1850)
      expect(high * 65_535).toBeLessThan(2750)
      if (supervision.type === 'neighbor2neighbor') expect([...drawn['gamma']!.data]).toEqual([0])
    })
  })

  it('takes second takes from a folder with the same names, and refuses what has none', async () => {
    const recipe = recipeOf({ type: 'noise2noise', symmetric: false })
    const second = join(folder, 'second')
    await withTask(
      recipe,
      ({ data }) => {
        expect(data).toMatchObject({ items: 9, second })
        return Promise.resolve()
      },
      second,
    )
    const refused = withTask(recipeOf({ type: 'noise2void' }), () => Promise.resolve(), second)
    await expect(refused).rejects.toMatchObject({ detail: { code: 'argument-invalid', file: '--second' } })
    const lost = withTask(recipe, () => Promise.resolve(), join(folder, 'none'))
    await expect(lost).rejects.toMatchObject({ detail: { code: 'training-data-missing' } })
  })

  it('pairs either sign of what it adds, and its two noises are independent', async () => {
    await withTask(recipeOf({ type: 'recorrupted', alpha: 0.5 }), async ({ task }) => {
      const { noisy, target } = await task.draw(task.stages[0]!, place)
      const half = 16 * 16
      let [sum, squares, products] = [0, 0, 0]
      for (let i = 0; i < half; i++) {
        const [a, b] = [noisy!.data[i]!, noisy!.data[half + i]!]
        const [s, t] = [target!.data[i]!, target!.data[half + i]!]
        // (y + αz) + (y − αz) = (y − z/α) + (y + z/α) = 2y, and what is added to one is −α² times what is added to the other.
        expect(a + b).toBeCloseTo(s + t, 4)
        expect((a - b) / 0.5).toBeCloseTo(-(s - t) * 0.5, 4)
        sum += (a - b) / 2
        squares += ((a - b) / 2) ** 2
        products += 1
      }
      expect(Math.abs(sum / products)).toBeLessThan(0.2 * Math.sqrt(squares / products))
    })
  })

  it('of Neighbor2Neighbor has no gradient through the whole picture’s output', async () => {
    const recipe = recipeOf({ type: 'neighbor2neighbor', gamma: 2 })
    await withTask(recipe, async ({ task }) => {
      const [stage] = task.stages
      const weights = task.init(createRandom(3))
      const state = initialState(recipe.optimizer, weights, stage!)
      const program = await backend.compile(trainingStep(recipe.optimizer, stage!), {
        state,
        inputs: { ...task.inputs(stage!, 4), ...optimizerValues(recipe.optimizer, 0, 0) },
      })
      const drawn = await task.draw(stage!, place)
      // γ = 0 is the plain loss; the second term is larger than nothing and finite.
      const lossAt = async (gamma: number): Promise<number> => {
        drawn['gamma']!.data.fill(gamma)
        const { loss } = await program.run({ ...drawn, ...optimizerValues(recipe.optimizer, 0, 0) })
        return loss!.data[0]!
      }
      const [none, some, more] = [await lossAt(0), await lossAt(1), await lossAt(2)]
      expect(some).toBeGreaterThan(none)
      expect(more - some).toBeCloseTo(some - none, 5)
      await program.dispose()
    })
  })

  it.each(supervisions.slice(0, 5))(
    'validates by its own loss, shows noisy above output: %o',
    async (supervision) => {
      await withTask(recipeOf(supervision), async ({ task }) => {
        const weights = task.init(createRandom(1))
        const values = await task.validate(task.stages[0]!, weights)
        expect(Object.keys(values)).toEqual(['loss'])
        expect(await task.validate(task.stages[0]!, weights)).toEqual(values)
        expect(await task.preview(weights)).not.toBeNull()
      })
    },
  )

  it('knows how good it is where the recipe made the noise, or the second takes are better', async () => {
    const made = recipeOf({ type: 'noise2void' }, { corruption: [{ type: 'gaussian', sigma: [25, 25] }] })
    const better = recipeOf({ type: 'noise2noise', symmetric: false })
    for (const [recipe, second] of [
      [made, undefined],
      [better, join(folder, 'second')],
    ] as const)
      await withTask(
        recipe,
        async ({ task }) => {
          const values = await task.validate(task.stages[0]!, task.init(createRandom(1)))
          expect(Object.keys(values).sort()).toEqual(['loss', 'psnr', 'psnr-input', 'ssim'])
        },
        second,
      )
  })
})

describe('a network that learnt from noisy pictures alone', () => {
  it.each([1, 2])('cleans 16-bit stacks, all pages, at 16 bits; every %i. pixel', async (shuffle) => {
    const recipe = recipeOf({ type: 'neighbor2neighbor' }, {}, { shuffle, residual: shuffle === 2 })
    const model = await withTask(recipe, async ({ task, data, split }) => {
      const out = join(folder, `run-${shuffle}`)
      const options = { backend, recipe, task, data, split, out, resume: false, startFrom: null }
      return (await train({ ...options, product: '1.0.0' })).model
    })
    const file = { bytes: await readFile(model), file: model, interface: null }
    const denoiser = await openDenoiser(backend, file)
    expect(denoiser).toMatchObject({ channels: 1, takesSigma: false, multiple: 4 * shuffle })
    const { pages } = await readImage(join(stacks(), '0.tif'))
    expect(pages).toHaveLength(3)
    for (const page of pages) {
      const options = { sigma: 'auto', strength: 100, tile: 'auto' } as const
      const cleaned = (await denoisePage(denoiser, page, options)).page
      expect(cleaned.data).toBeInstanceOf(Uint16Array)
      const mean = (data: ArrayLike<number>): number => Array.from(data).reduce((a, b) => a + b) / data.length
      if (shuffle === 2) expect(Math.abs(mean(cleaned.data) - mean(page.data))).toBeLessThan(150)
      expect(cleaned.data).not.toEqual(page.data)
    }
    // A phase by itself and in the picture: what stands between its pixels does not matter to it.
    if (shuffle === 2) {
      const size = { width: 16, height: 16 }
      const planes = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i))
      const others = planes.map((value, i) => ((i % 16) % 2 === 0 && (i >> 4) % 2 === 0 ? value : 9))
      const [a, b] = [await denoiser.run(planes.slice(), size, 0), await denoiser.run(others, size, 0)]
      for (let i = 0; i < 256; i++)
        if ((i % 16) % 2 === 0 && (i >> 4) % 2 === 0) expect(a[i]).toBeCloseTo(b[i]!, 5)
    }
    await denoiser.dispose()
  })
})

describe('noisyAdvice', () => {
  it('counts pages, tells the noise, and proposes what suits it', async () => {
    const advice = await noisyAdvice({ sources: [stacks()], labels: null })
    expect(advice).toMatchObject({
      pictures: 9,
      channels: 1,
      bits: 16,
    })
    expect(advice.warnings).toContain('few')
    expect(advice.ways[0]).toEqual({
      ...{ recipe: 'neighbor2neighbor', against: 'nothing' },
      overrides: ['data.channels=1', 'model.channels=1'],
    })
    expect(advice.ways.map(({ recipe }) => recipe)).toEqual([
      'neighbor2neighbor',
      'recorrupted',
      'noise2void',
    ])
    const paired = await noisyAdvice({ sources: [stacks()], labels: null, second: join(folder, 'second') })
    expect(paired.ways[0]!.recipe).toBe('noise2noise')
    await expect(noisyAdvice({ sources: [join(folder, 'nowhere')], labels: null })).rejects.toMatchObject({
      detail: { code: 'file-not-found' },
    })
  })

  it('warns of stripes, and offers masks along them', async () => {
    const striped = join(folder, 'striped')
    await mkdir(striped)
    const random = createRandom(5)
    const [width, height] = [256, 256]
    let row = 0
    const data = Uint8Array.from({ length: width * height }, (_, i) => {
      if (i % width === 0) row = 0
      row = 0.8 * row + 12 * random.normal()
      return Math.round(Math.min(255, Math.max(0, 128 + row)))
    })
    const page: ImagePage = { width, height, channels: 1, data, black: 0, white: 255, alpha: null }
    const path = join(striped, 'a.png')
    const image = { path, container: 'png' as const, metadata: emptyMetadata(), warnings: [], pages: [page] }
    await writeImage(image, path, { format: 'png', quality: null, overwrite: false })
    const { warnings, ways } = await noisyAdvice({ sources: [striped], labels: null })
    expect(warnings).toContain('correlated')
    expect(ways.map(({ against }) => against)).toEqual(['structured-mask', 'downsampling', 'downsampling'])
    expect(ways[0]!.overrides.at(-1)).toBe('supervision.structure={"axis":"horizontal","length":4}')
  })
})
