import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OutputFormat } from '../../../src-main/contract/jobs.ts'
import { en } from '../../../src-main/contract/messages/en.ts'
import type { Samples } from '../../../src-main/engine/numeric/samples.ts'
import { outputExtension } from '../../../src-main/engine/storage/image-formats.ts'
import {
  emptyMetadata,
  imageWarnings,
  type ImageFile,
  type ImageMetadata,
} from '../../../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import {
  imageOf,
  largestDifference,
  noisePage,
  smoothPage,
  temporaryFolder,
  type PageOptions,
} from '../../support/image-fixtures.ts'

const file = temporaryFolder()
let files = 0

async function roundTrip(
  image: ImageFile,
  format: OutputFormat,
  quality: number | null = null,
): Promise<ImageFile> {
  const path = file(`${++files}.bin`)
  const { warnings } = await writeImage(image, path, { format, quality, overwrite: false })
  const back = await readImage(path)
  return { ...back, warnings: [...warnings, ...back.warnings] }
}

function meanDifference(a: Samples, b: Samples): number {
  expect(a.length).toBe(b.length)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum / a.length
}

function metadataWithBits(bits: number): ImageMetadata {
  const metadata = emptyMetadata()
  return { ...metadata, source: { ...metadata.source, bits } }
}

describe('lossless round trips give every sample back', () => {
  const exact: [OutputFormat, PageOptions][] = [
    ['png', { type: 'uint8' }],
    ['png', { type: 'uint8', channels: 1 }],
    ['png', { type: 'uint8', alpha: true }],
    ['png', { type: 'uint8', channels: 1, alpha: true }],
    ['png', { type: 'uint16' }],
    ['png', { type: 'uint16', channels: 1 }],
    ['png', { type: 'uint16', alpha: true }],
    ['png', { type: 'uint16', channels: 1, alpha: true }],
    ['png', { width: 1, height: 1 }],
    ['tiff', { type: 'uint8' }],
    ['tiff', { type: 'uint8', channels: 1, alpha: true }],
    ['tiff', { type: 'uint8', alpha: true }],
    ['tiff', { type: 'uint16' }],
    ['tiff', { type: 'uint16', channels: 1 }],
    ['tiff', { type: 'uint16', alpha: true }],
    ['tiff', { type: 'float32' }],
    ['tiff', { type: 'float32', channels: 1 }],
    ['tiff', { width: 301, height: 211, type: 'uint16' }],
    ['tiff', { width: 1, height: 1, channels: 1 }],
  ]
  it.each(exact)('%s %o', async (format, options) => {
    const page = noisePage(options)
    const back = await roundTrip(imageOf([page]), format)
    expect(back.container).toBe(format)
    expect(back.warnings).toEqual([])
    expect(back.pages).toHaveLength(1)
    const { width, height, channels, data, alpha } = back.pages[0]!
    expect({ width, height, channels }).toEqual({
      width: page.width,
      height: page.height,
      channels: page.channels,
    })
    expect(data).toEqual(page.data)
    expect(alpha).toEqual(page.alpha)
  })
})

describe('lossy formats stay close', () => {
  it.each(['jpeg', 'webp', 'avif'] as const)('%s, colour', async (format) => {
    const page = smoothPage()
    const back = await roundTrip(imageOf([page]), format)
    expect(back.container).toBe(format)
    expect(largestDifference(back.pages[0]!.data, page.data)).toBeLessThan(8)
  })

  it('keeps gray JPEG gray', async () => {
    const page = smoothPage(32, 24, 1)
    const back = await roundTrip(imageOf([page]), 'jpeg')
    expect(back.pages[0]!.channels).toBe(1)
    expect(largestDifference(back.pages[0]!.data, page.data)).toBeLessThan(4)
  })
})

describe('depth', () => {
  it('rounds 16 bits to 8 where the container holds no more, with a warning', async () => {
    const page = noisePage({ type: 'uint16', width: 64, height: 64, channels: 1 })
    const back = await roundTrip(imageOf([page]), 'webp')
    expect(back.warnings).toContain('depth-reduced')
    const { data } = (await roundTrip(imageOf([page]), 'jpeg', 100)).pages[0]!
    const rounded = Uint8Array.from(page.data, (value) => Math.round(value / 257))
    expect(data).toBeInstanceOf(Uint8Array)
    expect(meanDifference(data, rounded)).toBeLessThan(1)
  })

  it('writes 16 bits into AVIF as 12, read back as 16', async () => {
    const smooth = smoothPage()
    const page = {
      ...smooth,
      data: Uint16Array.from(smooth.data, (v, i) => v * 257 + (i % 97)),
      white: 65535,
    }
    const back = await roundTrip({ ...imageOf([page]), metadata: metadataWithBits(16) }, 'avif', 100)
    expect(back.warnings).toEqual(['depth-reduced'])
    expect(back.metadata.source.bits).toBe(12)
    expect(back.pages[0]!.data).toBeInstanceOf(Uint16Array)
    // Two steps of 12 bits, far finer than one of 8 (257).
    expect(meanDifference(back.pages[0]!.data, page.data)).toBeLessThan(64)
    const again = await roundTrip(back, 'keep', 100)
    expect(again.container).toBe('avif')
    expect(again.warnings).toEqual([])
  })

  it('spreads floats over 16 bits where the container holds integers, with a warning', async () => {
    const page = noisePage({ type: 'float32', channels: 1 })
    const back = await roundTrip(imageOf([page], 'tiff'), 'png')
    expect(back.warnings).toEqual(['float-to-integer'])
    const expected = Uint16Array.from(page.data, (v) => Math.round(((v + 500) / 2000) * 65535))
    expect(largestDifference(back.pages[0]!.data, expected)).toBeLessThanOrEqual(1)
  })

  it('reads 1-bit and palette PNG as 8 bits, a gray palette as gray', async () => {
    const gray = Uint8Array.from({ length: 64 }, (_, i) => (i % 2) * 255)
    const oneBit = file('one-bit.png')
    await sharp(gray, { raw: { width: 8, height: 8, channels: 1 } })
      .png({ palette: true, colours: 2 })
      .toFile(oneBit)
    expect((await sharp(oneBit).metadata()).isPalette).toBe(true)
    const [page] = (await readImage(oneBit)).pages
    expect(page).toMatchObject({ channels: 1, white: 255 })
    expect(page!.data).toEqual(gray)

    const colours = Uint8Array.from({ length: 192 }, (_, i) => [200, 10, 90, 0, 60, 255][i % 6]!)
    const palette = file('palette.png')
    await sharp(colours, { raw: { width: 8, height: 8, channels: 3 } })
      .png({ palette: true })
      .toFile(palette)
    expect((await readImage(palette)).pages[0]).toMatchObject({ channels: 3, data: colours })
  })

  it('reads interlaced PNG', async () => {
    const { data } = noisePage({ type: 'uint16' })
    const path = file('interlaced.png')
    const raw = { width: 13, height: 7, channels: 3 } as const
    await sharp(data, { raw }).toColourspace('rgb16').png({ progressive: true }).toFile(path)
    expect((await sharp(path).metadata()).isProgressive).toBe(true)
    expect((await readImage(path)).pages[0]!.data).toEqual(data)
  })
})

describe('alpha', () => {
  it('leaves colours under full transparency alone', async () => {
    const page = noisePage({ alpha: true })
    page.alpha!.fill(0)
    for (const format of ['png', 'tiff'] as const)
      expect((await roundTrip(imageOf([page]), format)).pages[0]!.data).toEqual(page.data)
  })

  it('keeps lossless WebP lossless, transparent colours too', async () => {
    const { data, width, height } = noisePage({ width: 16, height: 16 })
    const path = file('lossless.webp')
    const rgba = Uint8Array.from({ length: 1024 }, (_, i) =>
      i % 4 === 3 ? (i * 5) & 255 : data[Math.floor(i / 4)]!,
    )
    await sharp(rgba, { raw: { width, height, channels: 4 } })
      .webp({ lossless: true, exact: true })
      .toFile(path)
    const image = await readImage(path)
    const back = await roundTrip(image, 'keep')
    expect(back.container).toBe('webp')
    expect(back.pages[0]!.alpha).toEqual(rgba.filter((_, i) => i % 4 === 3))
    expect(back.pages[0]!.data).toEqual(image.pages[0]!.data)
    expect(back.pages[0]!.data).toEqual(rgba.filter((_, i) => i % 4 !== 3))
  })

  it('keeps alpha in lossy WebP and AVIF', async () => {
    const page = smoothPage()
    page.alpha = new Uint8Array(page.width * page.height).fill(255)
    page.alpha.fill(0, 0, 100)
    for (const format of ['webp', 'avif'] as const) {
      const back = await roundTrip(imageOf([page]), format)
      expect(largestDifference(back.pages[0]!.alpha!, page.alpha)).toBeLessThan(format === 'webp' ? 1 : 8)
    }
  })

  it('lays transparent images on white for JPEG, with a warning', async () => {
    const page = smoothPage()
    page.alpha = new Uint8Array(page.width * page.height)
    const back = await roundTrip(imageOf([page]), 'jpeg')
    expect(back.warnings).toEqual(['alpha-flattened'])
    expect(back.pages[0]!.alpha).toBeNull()
    expect(Math.min(...back.pages[0]!.data)).toBe(255)
  })
})

describe('JPEG', () => {
  it('keeps the quality of a better source and its chroma sampling', async () => {
    const { data, width, height } = smoothPage(64, 64)
    for (const [quality, chromaSubsampling] of [
      [97, '4:4:4'],
      [60, '4:2:0'],
    ] as const) {
      const path = file(`quality-${quality}.jpg`)
      await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality, chromaSubsampling })
        .toFile(path)
      const image = await readImage(path)
      expect(image.metadata.source.quality).toBeGreaterThanOrEqual(quality - 1)
      expect(image.metadata.source.quality).toBeLessThanOrEqual(quality + 1)
      const back = await roundTrip(image, 'keep')
      expect(back.metadata.source.quality).toBeGreaterThanOrEqual(Math.max(91, quality - 1))
      expect(back.metadata.source.subsampled).toBe(chromaSubsampling === '4:2:0')
    }
    const asked = await roundTrip(imageOf([smoothPage()]), 'jpeg', 50)
    expect(asked.metadata.source.quality).toBe(50)
    expect(asked.metadata.source.subsampled).toBe(false)
  })
})

describe('containers that cannot be written', () => {
  it('takes the first frame of a GIF animation and writes PNG, with warnings', async () => {
    const frames = await Promise.all(
      [0, 120].map((red) =>
        sharp({ create: { width: 6, height: 5, channels: 3, background: { r: red, g: 9, b: 8 } } })
          .png()
          .toBuffer(),
      ),
    )
    const path = file('animation.gif')
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toFile(path)
    const image = await readImage(path)
    expect(image.warnings).toEqual(['animation-first-frame'])
    expect(image.pages).toHaveLength(1)
    expect(image.pages[0]).toMatchObject({ width: 6, height: 5 })
    expect([...image.pages[0]!.data.slice(0, 3)]).toEqual([0, 9, 8])
    const back = await roundTrip(image, 'keep')
    expect(back.container).toBe('png')
    expect(back.warnings).toEqual(['container-changed'])
    expect(back.pages[0]!.data).toEqual(image.pages[0]!.data)
  })

  it('names outputs by what is written', () => {
    expect(outputExtension('jpeg', 'keep', 'Photo.JPEG')).toBe('.JPEG')
    expect(outputExtension('jpeg', 'keep', 'mislabelled.png')).toBe('.jpg')
    expect(outputExtension('tiff', 'keep', 'a.tiff')).toBe('.tiff')
    expect(outputExtension('gif', 'keep', 'a.gif')).toBe('.png')
    expect(outputExtension('jpeg', 'avif', 'a.jpg')).toBe('.avif')
    expect(outputExtension('bmp', 'keep')).toBe('.png')
  })

  it('refuses to lose pages', async () => {
    const image = imageOf([noisePage(), noisePage()], 'tiff')
    const error = await writeImage(image, file('pages.png'), {
      format: 'png',
      quality: null,
      overwrite: false,
    }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ detail: { code: 'argument-invalid', received: 'png' } })
  })
})

it('has a text for every warning', () => {
  for (const warning of imageWarnings) expect(Object.keys(en)).toContain(`warning.${warning}`)
})
