import { describe, expect, it } from 'vitest'
import type { OutputFormat } from '../../../src-main/contract/jobs.ts'
import type { ImageFile } from '../../../src-main/engine/storage/image.ts'
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
