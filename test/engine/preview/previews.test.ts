import { readFile, rm, utimes, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PreviewTile } from '../../../src-main/contract/preview.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { estimateNoise } from '../../../src-main/engine/analysis/noise.ts'
import { measureResidual } from '../../../src-main/engine/analysis/residual.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser } from '../../../src-main/engine/inference/network.ts'
import { cropPage } from '../../../src-main/engine/inference/tiles.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { createPreviews, type Previews } from '../../../src-main/engine/preview/previews.ts'
import { halve } from '../../../src-main/engine/preview/pyramid.ts'
import type { Samples } from '../../../src-main/engine/numeric/samples.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import * as images from '../../../src-main/engine/storage/images.ts'
import { adobeRgb } from '../../support/icc-fixtures.ts'
import { fakeBackend } from '../../support/fake-network.ts'
import { imageOf, noisePage, temporaryFolder } from '../../support/image-fixtures.ts'
import { largestDifference } from '../../support/samples.ts'
import { writeTinyModel } from '../../support/tiny-model.ts'

// Counts how often a file is decoded; everything else is as it is.
vi.mock(import('../../../src-main/engine/storage/images.ts'), async (original) => {
  const actual = await original()
  return { ...actual, readImage: vi.fn(actual.readImage) }
})
const decodings = (path: string): number =>
  vi.mocked(images.readImage).mock.calls.filter(([read]) => read === path).length

const folder = temporaryFolder()
const opened: Previews[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((previews) => previews.close()))
})

/** Previews over networks that halve everything; model `x` is the file `x.onnx`. */
function fakePreviews(cacheBytes?: number) {
  const { backend, events } = fakeBackend()
  const previews = createPreviews({
    openBackend: () => Promise.resolve(backend),
    shippedModels: () => Promise.resolve(['camera', 'photo']),
    readModel: async (name) => {
      const file = folder(`${name}.onnx`)
      return { name, file, bytes: await readFile(file), card: null, interface: null }
    },
    ...(cacheBytes !== undefined && { cacheBytes }),
  })
  opened.push(previews)
  const runs = () => events.flatMap((one) => (one.event === 'run' ? [one] : []))
  return { previews, events, runs }
}

async function write(name: string, page: ImagePage | ImagePage[], icc: Uint8Array | null = null) {
  const path = folder(name)
  const container = name.endsWith('.tif') ? 'tiff' : 'png'
  const image = imageOf([page].flat(), container)
  image.metadata.icc = icc
  await images.writeImage(image, path, { format: 'keep', quality: null, overwrite: true })
  return path
}

/** Soft shapes with Gaussian noise of this σ, 8 bits. */
function noisyPicture(width: number, height: number, sigma: number): ImagePage {
  const random = createRandom(5)
  // Noise that repeats only after a prime number of samples: as good as new, and quickly made.
  const noise = Float32Array.from({ length: 65_537 }, () => sigma * random.normal())
  const data = new Uint8ClampedArray(width * height * 3)
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % width
    const y = Math.floor(i / 3 / width)
    data[i] = 128 + 30 * Math.sin(x / 40) + 30 * Math.cos(y / 50 + (i % 3)) + noise[i % 65_537]!
  }
  return {
    ...{ width, height, channels: 3, black: 0, white: 255, alpha: null },
    data: new Uint8Array(data.buffer),
  }
}

async function pixelsOf({ bytes, type }: { bytes: Uint8Array; type: string }) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  const { format, depth, hasProfile } = await sharp(bytes).metadata()
  expect({ type: `image/${format}`, depth, hasProfile }).toEqual({ type, depth: 'uchar', hasProfile: false })
  return { data: new Uint8Array(data), ...info }
}

/** All tiles of a level put together, colours only. */
async function assemble(
  tileAt: (column: number, row: number) => Promise<PreviewTile>,
  { width, height, channels }: { width: number; height: number; channels: number },
): Promise<Samples> {
  const whole = new Uint8Array(width * height * channels)
  for (let row = 0; row * 256 < height; row++)
    for (let column = 0; column * 256 < width; column++) {
      const tile = await pixelsOf(await tileAt(column, row))
      expect(tile.width).toBe(Math.min(256, width - 256 * column))
      expect(tile.height).toBe(Math.min(256, height - 256 * row))
      for (let y = 0; y < tile.height; y++)
        for (let x = 0; x < tile.width; x++)
          for (let c = 0; c < channels; c++)
            whole[((256 * row + y) * width + 256 * column + x) * channels + c] =
              tile.data[(y * tile.width + x) * tile.channels + c]!
    }
  return whole
}

beforeAll(async () => {
  for (const name of ['a', 'b', 'c']) await writeFile(folder(`${name}.onnx`), name)
})

describe('preview', () => {
  it('says what the window must know', async () => {
    const page = noisyPicture(600, 300, 10)
    const path = await write('about.png', { ...page, alpha: new Uint8Array(180_000).fill(9) }, adobeRgb)
    const { previews } = fakePreviews()
    const info = await previews.preview({ path })
    expect(info).toEqual({
      ...{ path, page: 0, pages: 1, width: 600, height: 300, channels: 3, hasAlpha: true },
      ...{ bits: 8, container: 'png', profile: 'Adobe RGB (1998)', levels: 3, sigma: info.sigma },
      choice: { model: 'photo', reason: 'white', noise: info.choice.noise },
    })
    expect(info.choice.noise).toMatchObject({ sigma: info.sigma, isGray: false })
    expect(Math.abs(info.sigma - 10)).toBeLessThan(1)
  })

  it('knows the pages of a stack', async () => {
    const pages = [1, 2, 3].map((seed) => noisePage({ channels: 1, type: 'uint16', seed }))
    const path = await write('stack.tif', pages)
    const { previews } = fakePreviews()
    expect(await previews.preview({ path, page: 2 })).toMatchObject({
      page: 2,
      pages: 3,
      bits: 16,
      profile: null,
    })
    await expect(previews.preview({ path, page: 3 })).rejects.toMatchObject({
      detail: { code: 'argument-invalid', file: path, expected: 'page below 3' },
    })
  })
})

describe('tiles as the picture is', () => {
  it('are its own samples at level 0 and means of them further up', async () => {
    let level = noisyPicture(530, 270, 20)
    const path = await write('plain.png', level)
    const { previews } = fakePreviews()
    for (const number of [0, 1, 2]) {
      const shown = await assemble(
        (column, row) => previews.tile({ path, level: number, column, row, denoise: null }),
        level,
      )
      expect(largestDifference(shown, level.data)).toBe(0)
      level = await halve(level)
    }
    await expect(previews.tile({ path, level: 3, column: 0, row: 0, denoise: null })).rejects.toMatchObject({
      detail: { code: 'argument-invalid', expected: 'level below 3' },
    })
    await expect(previews.tile({ path, level: 1, column: 2, row: 0, denoise: null })).rejects.toMatchObject({
      detail: { code: 'argument-invalid', expected: 'column below 2' },
    })
    await expect(previews.tile({ path, level: 0, column: 0, row: 2, denoise: null })).rejects.toThrow(
      'row below 2',
    )
    expect(decodings(path)).toBe(1)
  })

  it('hold alpha', async () => {
    const page = noisePage({ alpha: true, width: 20, height: 10 })
    const path = await write('alpha.png', page)
    const { previews } = fakePreviews()
    const tile = await pixelsOf(await previews.tile({ path, level: 0, column: 0, row: 0, denoise: null }))
    expect(tile.channels).toBe(4)
    expect(tile.data.filter((_, i) => i % 4 === 3)).toEqual(page.alpha)
  })

  it.each(['uint16', 'float32'] as const)('spread the range of a stack of %s over 8 bits', async (type) => {
    const pages = [1, 2].map((seed) => noisePage({ channels: 1, type, seed, width: 30, height: 20 }))
    for (const { data } of pages) for (let i = 0; i < data.length; i++) data[i] = 1000 + (data[i]! % 500)
    const path = await write(`range-${type}.tif`, pages)
    const { black, white } = (await images.readImage(path)).pages[0]!
    expect(white - black).toBeLessThan(1001)
    const { previews } = fakePreviews()
    const tile = await previews.tile({ path, page: 1, level: 0, column: 0, row: 0, denoise: null })
    const expected = Float64Array.from(pages[1]!.data, (value) => (255 * (value - black)) / (white - black))
    const shown = await pixelsOf(tile)
    const gray = shown.data.filter((_, i) => i % shown.channels === 0)
    expect(largestDifference(gray, expected)).toBeLessThan(0.51)
  })
})

/**
 * Colours and what they are in sRGB, through the matrices of the primaries and the curves, by numpy: of Adobe RGB (1998) and of
 * Display P3 (SMPTE EG 432-1 with the curve of sRGB). Out of gamut: clipped.
 */
const colours = [200, 100, 50, 50, 200, 100, 255, 255, 255, 128, 128, 128, 30, 30, 200, 0, 255, 0]
const inSrgb = {
  'Adobe RGB': [227, 100, 42, 0, 201, 92, 255, 255, 255, 129, 129, 129, 24, 24, 205, 0, 255, 0],
  'Display P3': [215, 93, 31, 0, 204, 86, 255, 255, 255, 128, 128, 128, 30, 30, 208, 0, 255, 0],
}

describe('colours for the screen', () => {
  let profiles: Record<keyof typeof inSrgb, Uint8Array>
  beforeAll(async () => {
    // libvips' own Display P3 profile.
    const tagged = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .withIccProfile('p3')
      .png()
      .toBuffer()
    profiles = { 'Adobe RGB': adobeRgb, 'Display P3': Uint8Array.from((await sharp(tagged).metadata()).icc!) }
  })

  it.each([
    ['Adobe RGB', 'uint8'],
    ['Adobe RGB', 'uint16'],
    ['Display P3', 'uint8'],
    ['Display P3', 'uint16'],
  ] as const)('%s, %s, become sRGB in tiles and thumbnails', async (name, type) => {
    // Blocks of 16 pixels, so that JPEG keeps their middles.
    const [width, height] = [16 * 6, 16]
    const scale = type === 'uint8' ? 1 : 257
    const data = (
      type === 'uint8' ? new Uint8Array(width * height * 3) : new Uint16Array(width * height * 3)
    ).map((_: number, i: number) => scale * colours[3 * (Math.floor(i / 48) % 6) + (i % 3)]!)
    const page = { width, height, channels: 3 as const, data, alpha: null, black: 0, white: 255 * scale }
    const path = await write(`${name}-${type}.png`, page, profiles[name])
    const { previews } = fakePreviews()
    const middles = ({ data: shown }: { data: Uint8Array }): number[] =>
      colours.map((_, i) => shown[(8 * width + 16 * Math.floor(i / 3) + 8) * 3 + (i % 3)]!)
    const tile = await pixelsOf(await previews.tile({ path, level: 0, column: 0, row: 0, denoise: null }))
    expect(largestDifference(middles(tile), inSrgb[name])).toBeLessThanOrEqual(1)
    const thumbnail = await pixelsOf(await previews.thumbnail({ path, side: 96 }))
    expect(largestDifference(middles(thumbnail), inSrgb[name])).toBeLessThan(12)
  })
})

describe('a picture for the clipboard', () => {
  it.each(['png', 'tif'])('is the whole %s, with the pixels of its tiles', async (ending) => {
    const page = noisePage({ width: 300, height: 120, type: 'uint16', alpha: true })
    const path = await write(`whole.${ending}`, page, adobeRgb)
    const { previews } = fakePreviews()
    const whole = await previews.screenImage({ path })
    expect(whole).toMatchObject({ type: 'image/png', width: 300, height: 120 })
    const { data, channels } = await pixelsOf(whole)
    const tile = await pixelsOf(await previews.tile({ path, level: 0, column: 1, row: 0, denoise: null }))
    const rows = Array.from({ length: 120 }, (_, y) =>
      data.subarray((300 * y + 256) * channels, 300 * (y + 1) * channels),
    )
    expect(Buffer.concat(rows).equals(tile.data)).toBe(true)
  })

  it('has every page of a file, and fails as reading does', async () => {
    const pages = [noisePage({ width: 20, height: 10 }), noisePage({ width: 12, height: 16 })]
    const path = await write('pages.tif', pages)
    const { previews } = fakePreviews()
    expect(await previews.screenImage({ path, page: 1 })).toMatchObject({ width: 12, height: 16 })
    await expect(previews.screenImage({ path: folder('absent.png') })).rejects.toMatchObject({
      detail: { code: 'file-not-found' },
    })
  })
})

describe('thumbnails', () => {
  it('are upright, small, without alpha JPEG and with it PNG', async () => {
    const { previews } = fakePreviews()
    const { data } = noisyPicture(600, 300, 0)
    const raw = { width: 600, height: 300, channels: 3 } as const
    await sharp(data, { raw }).withMetadata({ orientation: 6 }).jpeg().toFile(folder('turned.jpg'))
    const turned = await previews.thumbnail({ path: folder('turned.jpg'), side: 100 })
    expect(turned).toMatchObject({ type: 'image/jpeg', width: 50, height: 100 })
    const upright = await pixelsOf(turned)
    const expected = await sharp(data, { raw }).rotate(90).resize(50, 100).raw().toBuffer()
    const mean =
      upright.data.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0) / expected.length
    expect(mean).toBeLessThan(4)

    const clear = await write('clear.png', noisePage({ alpha: true, width: 400, height: 200 }))
    const thumbnail = await previews.thumbnail({ path: clear, side: 64 })
    expect(thumbnail).toMatchObject({ type: 'image/png', width: 64, height: 32 })
    expect((await pixelsOf(thumbnail)).channels).toBe(4)
    expect(decodings(clear)).toBe(0)
  })

  it('do not enlarge', async () => {
    const path = await write('small.png', noisePage({ width: 20, height: 10 }))
    expect(await fakePreviews().previews.thumbnail({ path, side: 256 })).toMatchObject({
      width: 20,
      height: 10,
    })
  })

  it('show linear intensities from black to white', async () => {
    const page = noisePage({ channels: 1, type: 'float32', width: 400, height: 300 })
    page.data.forEach((_, i) => (page.data[i] = 5 + 0.01 * (i % 400)))
    const path = await write('linear.tif', page)
    const thumbnail = await fakePreviews().previews.thumbnail({ path, side: 100 })
    expect(thumbnail).toMatchObject({ type: 'image/jpeg', width: 100, height: 75 })
    const { data, channels } = await pixelsOf(thumbnail)
    expect(data[0]).toBeLessThan(6)
    expect(data[99 * channels]).toBeGreaterThan(249)
  })

  it('of what is no image fail as reading does', async () => {
    await writeFile(folder('text.png'), 'no picture')
    const { previews } = fakePreviews()
    for (const [name, code] of [
      ['text.png', 'image-unreadable'],
      ['missing.jpg', 'file-not-found'],
    ] as const)
      await expect(previews.thumbnail({ path: folder(name), side: 64 })).rejects.toMatchObject({
        detail: { code },
      })
  })
})

describe('decoded pictures', () => {
  it('are decoded once for questions that come together', async () => {
    const path = await write('together.png', noisyPicture(700, 700, 5))
    const { previews } = fakePreviews()
    await Promise.all([
      previews.preview({ path }),
      previews.tile({ path, level: 0, column: 0, row: 0, denoise: null }),
      previews.tile({ path, level: 2, column: 0, row: 0, denoise: null }),
      previews.tile({ path, level: 1, column: 1, row: 1, denoise: null }),
    ])
    expect(decodings(path)).toBe(1)
  })

  it('are read again when the file has changed, and are gone with it', async () => {
    const black = { ...noisePage({ width: 8, height: 8 }), data: new Uint8Array(192) }
    const path = await write('changing.png', black)
    const { previews } = fakePreviews()
    const first = async () =>
      (await pixelsOf(await previews.tile({ path, level: 0, column: 0, row: 0, denoise: null }))).data[0]
    expect(await first()).toBe(0)
    await write('changing.png', { ...black, data: new Uint8Array(192).fill(200) })
    await utimes(path, new Date(), new Date(1e12))
    expect(await first()).toBe(200)
    await rm(path)
    await expect(first()).rejects.toMatchObject({ detail: { code: 'file-not-found', file: path } })
  })

  it('are kept up to a number of bytes; the one in use always, with its levels', async () => {
    const bytes = 300 * 300 * 3
    const paths = await Promise.all(
      ['one', 'two', 'three'].map((name) => write(`${name}.png`, noisyPicture(300, 300, 5))),
    )
    const { previews } = fakePreviews(2.9 * bytes)
    const look = (path: string, level: number) =>
      previews.tile({ path, level, column: 0, row: 0, denoise: null })
    await look(paths[0]!, 0)
    await look(paths[1]!, 0)
    await look(paths[0]!, 1)
    expect(paths.map(decodings)).toEqual([1, 1, 0])
    await look(paths[2]!, 1)
    // The second was unused for longest.
    await look(paths[0]!, 0)
    expect(paths.map(decodings)).toEqual([1, 1, 1])
    await look(paths[1]!, 0)
    expect(paths.map(decodings)).toEqual([1, 2, 1])

    const tight = fakePreviews(10).previews
    for (const level of [0, 1, 0, 1])
      await tight.tile({ path: paths[0]!, level, column: 0, row: 0, denoise: null })
    expect(decodings(paths[0]!)).toBe(2)
  })
})

describe('tiles denoised', () => {
  const denoise = { model: 'a', sigma: 8 } as const

  it('tell the network σ of the level: a given one halved at each, an estimate of the level itself', async () => {
    const page = noisyPicture(600, 500, 24)
    const path = await write('levels.png', page)
    const { previews, runs } = fakePreviews()
    for (const level of [0, 1, 2]) {
      const tile = await previews.tile({ path, level, column: 0, row: 0, denoise: { model: 'a', sigma: 24 } })
      expect(tile.sigma).toBe(24 / 2 ** level)
      expect(runs().at(-1)!.sigma).toBeCloseTo(24 / 2 ** level, 4)
    }
    const half = await halve(page)
    for (const [level, samples] of [page, half].entries()) {
      const tile = await previews.tile({
        path,
        level,
        column: 0,
        row: 0,
        denoise: { model: 'a', sigma: 'auto' },
      })
      expect(tile.sigma).toBe(estimateNoise(samples))
      // White noise: averaged over four, it is half as strong.
      expect(Math.abs(tile.sigma! - 24 / 2 ** level)).toBeLessThan(1.5)
    }
  })

  it('are made once', async () => {
    const path = await write('once.png', noisyPicture(300, 300, 5))
    const { previews, runs } = fakePreviews()
    const ask = (column: number, sigma: number) =>
      previews.tile({ path, level: 0, column, row: 0, denoise: { ...denoise, sigma } })
    const [tile, same] = await Promise.all([ask(0, 8), ask(0, 8)])
    expect(same).toBe(tile)
    expect(runs()).toHaveLength(1)
    await ask(1, 8)
    await ask(0, 9)
    await ask(0, 8)
    expect(runs()).toHaveLength(3)
    // Another content under the same name is another picture.
    await write('once.png', noisyPicture(300, 300, 6))
    await utimes(path, new Date(), new Date(1e12))
    await ask(0, 8)
    expect(runs()).toHaveLength(4)
  })

  it('look only at a tile and its surroundings', async () => {
    const path = await write('part.png', noisyPicture(900, 600, 5))
    const { previews, runs } = fakePreviews()
    await previews.tile({ path, level: 0, column: 2, row: 1, denoise })
    expect(runs()).toHaveLength(1)
    const { width, height } = runs()[0]!
    expect(Math.max(width, height)).toBeLessThan(256 + 2 * 48)
  })

  it('keep two networks open, close the one unused for longest, and all at the end', async () => {
    const path = await write('networks.png', noisyPicture(60, 50, 5))
    const { previews, events } = fakePreviews()
    const ask = (model: string, sigma: number) =>
      previews.tile({ path, level: 0, column: 0, row: 0, denoise: { model, sigma } })
    for (const [model, sigma] of [
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ] as const)
      await ask(model, sigma)
    expect(events.map(({ event }) => event)).toEqual(['open', 'run', 'open', 'run', 'run'])
    await ask('c', 1)
    expect(events.slice(5).map(({ event }) => event)).toEqual(['open', 'dispose', 'run'])
    await ask('a', 3)
    expect(events.slice(8).map(({ event }) => event)).toEqual(['run'])
    await previews.close()
    expect(events.slice(9).map(({ event }) => event)).toEqual(['dispose', 'dispose', 'close'])
  })

  it('come from the new network when a model was trained further', async () => {
    const path = await write('trained.png', noisyPicture(60, 50, 5))
    await writeFile(folder('run.onnx'), 'before')
    const { previews, events } = fakePreviews()
    const ask = () =>
      previews.tile({ path, level: 0, column: 0, row: 0, denoise: { model: 'run', sigma: 5 } })
    await ask()
    await ask()
    await writeFile(folder('run.onnx'), 'afterwards')
    await ask()
    const bytes = events.flatMap((one) => (one.event === 'open' ? [Buffer.from(one.bytes).toString()] : []))
    expect(bytes).toEqual(['before', 'afterwards'])
    expect(events.filter(({ event }) => event === 'run')).toHaveLength(2)
  })

  it('fail with what is wrong with the model, and are tried again', async () => {
    const path = await write('model.png', noisyPicture(60, 50, 5))
    const { backend } = fakeBackend()
    let attempts = 0
    const previews = createPreviews({
      openBackend: () =>
        attempts++ === 0 ? Promise.reject(new Error('no engine')) : Promise.resolve(backend),
      shippedModels: () => Promise.resolve([]),
      readModel: async (name) => {
        const file = folder(`${name}.onnx`)
        return { name, file, bytes: await readFile(file), card: null, interface: null }
      },
    })
    opened.push(previews)
    const ask = (model: string) =>
      previews.tile({ path, level: 0, column: 0, row: 0, denoise: { model, sigma: 5 } })
    await expect(ask('a')).rejects.toThrow('no engine')
    expect((await ask('a')).sigma).toBe(5)
    await expect(ask('nothing')).rejects.toThrow('ENOENT')
    expect(attempts).toBe(2)
  })
})

describe('with a real network', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openBackend('auto')
    await writeTinyModel(folder('tiny.onnx'))
  })
  afterAll(() => backend.close())

  it.each([false, true])('level 0 is what would be written (ensemble: %s)', async (ensemble) => {
    const page = noisyPicture(530, 290, 15)
    const path = await write('written.png', page)
    const bytes = await readFile(folder('tiny.onnx'))
    const denoiser = await openDenoiser(backend, { bytes, file: 'tiny.onnx', interface: null })
    const previews = createPreviews({
      openBackend: () => Promise.resolve({ ...backend, close: () => Promise.resolve() }),
      shippedModels: () => Promise.resolve([]),
      readModel: (name) =>
        Promise.resolve({ name, file: folder('tiny.onnx'), bytes, card: null, interface: null }),
    })
    opened.push(previews)
    const how = { sigma: 'auto', ensemble } as const
    const written = await denoisePage(denoiser, page, { ...how, strength: 100, tile: 'auto' })
    const shown = await assemble(
      (column, row) => previews.tile({ path, level: 0, column, row, denoise: { model: 'tiny', ...how } }),
      page,
    )
    await denoiser.dispose()
    expect(largestDifference(shown, written.page.data)).toBeLessThanOrEqual(1)
    // A mean of four takes away less of what a network of random weights does.
    expect(largestDifference(shown, page.data)).toBeGreaterThan(2)
  })
})

describe('residual', () => {
  it('is measured in the middle of a region, at most 512²', async () => {
    const page = noisyPicture(800, 600, 10)
    const path = await write('residual.png', page)
    const { previews, runs } = fakePreviews()
    const denoise = { model: 'a', sigma: 10 }
    const report = await previews.residual({
      path,
      region: { x: 0, y: 0, width: 800, height: 600 },
      denoise,
    })
    const middle = cropPage(page, { x: 144, y: 44, width: 512, height: 512 })
    const halved = Float32Array.from(middle.data, (value) => value / 2)
    const expected = measureResidual(middle, { ...middle, data: halved })
    expect(expected.deviation).toBeGreaterThan(10)
    expect(report.deviation).toBeCloseTo(expected.deviation, 1)
    expect(report.structure).toBeCloseTo(expected.structure, 2)
    expect(Math.max(runs()[0]!.width, runs()[0]!.height)).toBeLessThan(512 + 2 * 48)
    await expect(
      previews.residual({ path, region: { x: 700, y: 0, width: 101, height: 5 }, denoise }),
    ).rejects.toMatchObject({ detail: { code: 'argument-invalid', expected: 'a region inside 800×600' } })
  })

  it('of nothing removed is nothing', async () => {
    const path = await write('nothing.png', noisyPicture(300, 300, 10))
    const region = { x: 0, y: 0, width: 300, height: 300 }
    const report = await fakePreviews().previews.residual({ path, region, denoise: { model: 'a', sigma: 0 } })
    expect(report).toEqual({ structure: 0, deviation: 0, isDetailLost: false })
  })
})
