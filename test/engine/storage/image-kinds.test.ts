import { execFileSync } from 'node:child_process'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { probeImage, readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import { directoryBytes, headerBytes, integerEntry } from '../../../src-main/engine/storage/tiff.ts'
import { imageOf, noisePage, temporaryFolder } from '../../support/image-fixtures.ts'
import { pngChunk } from '../../support/metadata-fixtures.ts'

const file = temporaryFolder()

async function save(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = file(name)
  await writeFile(path, bytes)
  return path
}

const failure = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return { unexpected: await promise }
  } catch (error) {
    return error
  }
}

const code = (expected: string) => ({ detail: { code: expected } })

/** A TIFF file of one directory with these entries and nothing else. */
const tiffOf = (entries: Parameters<typeof directoryBytes>[0]): Uint8Array =>
  Uint8Array.from(Buffer.concat([headerBytes(true, 8), directoryBytes(entries, 8, 0, true)]))
const short = (tag: number, ...values: number[]) => integerEntry(tag, 3, values, true)

describe('by content, not by name', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif'] as const)(
    '%s under another name',
    async (container) => {
      const { data, width, height } = noisePage({ width: 16, height: 12 })
      const encoded = await sharp(data, { raw: { width, height, channels: 3 } })
        .toFormat(container)
        .toBuffer()
      for (const name of [`${container}.png`, `${container}.txt`, container]) {
        const path = await save(name, encoded)
        expect(await probeImage(path)).toEqual({ kind: 'image', container, width, height, pages: 1 })
        expect((await readImage(path)).container).toBe(container)
      }
    },
  )

  it('takes names with brackets, spaces, emoji and 255 bytes', async () => {
    const names = [
      'brackets [1]',
      'a[page=7]',
      'ünïcödé und Leerzeichen.png',
      '한국어 사진 📷🌃.png',
      `${'長'.repeat(83)}11.png`,
    ]
    expect(Buffer.byteLength(names.at(-1)!)).toBe(255)
    for (const name of names) {
      const page = noisePage()
      await writeImage(imageOf([page]), file(name), { format: 'png', quality: null, overwrite: false })
      expect((await readImage(file(name))).pages[0]!.data).toEqual(page.data)
      expect(await probeImage(file(name))).toMatchObject({ kind: 'image', width: 13 })
    }
  })

  it('sees new content under an old name', async () => {
    const path = file('changing.png')
    for (const seed of [1, 2]) {
      const page = noisePage({ seed })
      await writeImage(imageOf([page]), path, { format: 'png', quality: null, overwrite: true })
      expect((await readImage(path)).pages[0]!.data).toEqual(page.data)
    }
  })
})

describe('refused by name', () => {
  const ftyp = (brand: string, ...more: string[]): Buffer => {
    const brands = Buffer.from(`ftyp${brand}\0\0\0\0${more.join('')}`, 'latin1')
    return Buffer.concat([Uint8Array.of(0, 0, 0, brands.length + 4), brands, Buffer.alloc(64)])
  }
  const latin = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(64)])
  const cases: [name: string, bytes: Uint8Array, format: string][] = [
    ['a.heic', ftyp('heic', 'mif1', 'heic'), 'HEIC'],
    ['b.jpg', ftyp('mif1', 'mif1', 'heix'), 'HEIC'],
    ['a.cr3', ftyp('crx ', 'crx '), 'a Canon CR3 raw photograph'],
    ['a.cr2', latin('II*\0\x10\0\0\0CR\x02\0'), 'a Canon CR2 raw photograph'],
    ['a.orf', latin('IIRO\x08\0\0\0'), 'an Olympus ORF raw photograph'],
    ['a.rw2', latin('IIU\0\x18\0\0\0'), 'a Panasonic RW2 raw photograph'],
    ['a.raf', latin('FUJIFILMCCD-RAW 0201'), 'a Fujifilm RAF raw photograph'],
    ['renamed.tif', tiffOf([short(262, 32803), integerEntry(50706, 4, [1], true)]), 'a raw photograph'],
    ['a.nef', tiffOf([short(262, 2)]), 'a raw photograph (NEF)'],
    ['a.arw', latin('nothing known'), 'a raw photograph (ARW)'],
    ['a.jxl', latin('\xff\x0a\xfa'), 'JPEG XL'],
    ['a.psd', latin('8BPS\0\x01'), 'Photoshop PSD'],
    ['double.tif', tiffOf([short(258, 64), short(339, 3), short(262, 1)]), 'TIFF with 64-bit floats'],
    [
      'signed.tif',
      tiffOf([short(258, 16), short(339, 2), short(262, 1)]),
      'TIFF with 16-bit signed or complex numbers',
    ],
    [
      'zstd.tif',
      tiffOf([short(258, 16), short(259, 50000), short(262, 1)]),
      'TIFF with Zstandard compression',
    ],
  ]
  it.each(cases)('%s', async (name, bytes, format) => {
    const path = await save(name, bytes)
    expect(await probeImage(path)).toEqual({ kind: 'refused', format })
    expect(await failure(readImage(path))).toMatchObject({
      detail: { code: 'image-format-refused', file: path, received: format },
    })
  })

  it('finds raw data one directory below', async () => {
    const below = directoryBytes([short(262, 32803)], 8, 0, true)
    const at = 8 + below.length + (below.length & 1)
    const main = directoryBytes([short(262, 2), integerEntry(330, 4, [8], true)], at, 0, true)
    const bytes = Buffer.concat([headerBytes(true, at), below, Buffer.alloc(at - 8 - below.length), main])
    expect(await probeImage(await save('below.tif', bytes))).toEqual({
      kind: 'refused',
      format: 'a raw photograph',
    })
  })
})

describe('no images', () => {
  it.each([
    ['notes.txt', 'PS: P5 is no picture here\n'],
    ['clip.mp4', '\0\0\0\x18ftypisom\0\0\0\0isommp42'],
    ['empty.txt', ''],
    ['page.html', '<!doctype html>'],
    ['BMW.txt', 'BM is how this begins, and it goes on for long enough'],
  ])('%s is left alone', async (name, text) => {
    expect(await probeImage(await save(name, text))).toEqual({ kind: 'not-image' })
  })

  it('fails where the name promises an image', async () => {
    for (const look of [probeImage, readImage]) {
      expect(await failure(look(await save('empty.jpg', '')))).toMatchObject(code('image-empty'))
      expect(await failure(look(await save('page.jpg', '<!doctype html>')))).toMatchObject(
        code('image-unreadable'),
      )
      expect(await failure(look(file('missing.jpg')))).toMatchObject(code('file-not-found'))
    }
    await mkdir(file('folder.jpg'))
    expect(await failure(readImage(file('folder.jpg')))).toMatchObject(code('image-unreadable'))
  })
})

describe('damaged and hostile files', () => {
  it.skipIf(process.platform === 'win32')('a pipe is not waited for', async () => {
    execFileSync('mkfifo', [file('pipe.jpg')])
    expect(await failure(readImage(file('pipe.jpg')))).toMatchObject(code('image-unreadable'))
  })

  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif'] as const)(
    '%s cut off is unreadable',
    async (container) => {
      const { data, width, height } = noisePage({ width: 120, height: 90 })
      const encoded = await sharp(data, { raw: { width, height, channels: 3 } })
        .toFormat(container)
        .toBuffer()
      for (const share of [0.05, 0.5, 0.9]) {
        const path = await save(`cut.${container}`, encoded.subarray(0, Math.round(encoded.length * share)))
        expect(await failure(readImage(path))).toMatchObject(code('image-unreadable'))
      }
    },
  )

  it('damaged pixels are unreadable', async () => {
    const { data, width, height } = noisePage({ width: 120, height: 90 })
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    png.fill(0, 2000, 2100)
    expect(await failure(readImage(await save('damaged.png', png)))).toMatchObject(code('image-unreadable'))
  })

  /** A PNG file that claims a size and holds one short row. */
  const claimingPng = (width: number, height: number): Buffer => {
    const header = Buffer.alloc(13)
    header.writeUInt32BE(width, 0)
    header.writeUInt32BE(height, 4)
    header.set([8, 2], 8)
    const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
    const pixels = pngChunk('IDAT', deflateSync(new Uint8Array(4096)))
    return Buffer.concat([signature, pngChunk('IHDR', header), pixels, pngChunk('IEND', new Uint8Array(0))])
  }

  it('refuses decompression bombs before decoding', async () => {
    const bombs = [
      ['pixels.png', claimingPng(60_000, 60_000)],
      ['ratio.png', claimingPng(20_000, 10_000)],
      ['huge.pgm', Buffer.from('P5 60000 60000 255\n')],
      ['ratio.ppm', Buffer.from('P6 20000 10000 255\n')],
    ] as const
    for (const [name, bytes] of bombs) {
      const path = await save(name, bytes)
      for (const look of [probeImage, readImage])
        expect(await failure(look(path))).toMatchObject({ detail: { code: 'image-too-large', file: path } })
    }
    // A large blank picture is no bomb: 100 megapixels are let through to the decoder, which misses the rows.
    const blank = await save('blank.png', claimingPng(10_000, 10_000))
    expect(await probeImage(blank)).toMatchObject({ kind: 'image', width: 10_000 })
  })

  it('counts the pages of a stack together', async () => {
    const page = noisePage({ channels: 1, width: 2, height: 1 })
    const path = file('many.tif')
    await writeImage(imageOf([page, page], 'tiff'), path, { format: 'keep', quality: null, overwrite: false })
    const bytes = Uint8Array.from(await readFile(path))
    // Width and height of both pages: tags 256 and 257, one LONG each.
    const view = new DataView(bytes.buffer)
    for (let at = 0; at + 12 < bytes.length; at++)
      if ([256, 257].includes(view.getUint16(at, true)) && view.getUint32(at + 2, true) === 0x10004)
        view.setUint32(at + 8, 24_000, true)
    const bomb = await save('bomb.tif', bytes)
    expect(await failure(readImage(bomb))).toMatchObject(code('image-too-large'))
  })
})

it('leaves no partial output behind when encoding fails', async () => {
  // WebP's sides end at 16383 pixels.
  const page = noisePage({ channels: 1, width: 16_384, height: 1 })
  const path = file('outputs', 'wide.webp')
  const options = { format: 'webp', quality: null, overwrite: false } as const
  expect(await failure(writeImage(imageOf([page]), path, options))).toMatchObject(code('image-too-large'))
  expect(await readdir(file('outputs'))).toEqual([])
  expect((await stat(file('outputs'))).isDirectory()).toBe(true)
})
