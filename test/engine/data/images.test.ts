import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createImageCache,
  readPictures,
  scanImages,
  type FurtherTakes,
} from '../../../src-main/engine/data/images.ts'
import { drawPicture, writePicture } from '../../support/pictures.ts'

let folder: string
const file = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'))
  await writePicture(file('a.png'), 1, 40, 30)
  await writePicture(file('b.png'), 2, 40, 30)
  await writePicture(file('small.png'), 3, 40, 15)
  await writeFile(file('broken.png'), 'no picture')
  const gray16 = Uint16Array.of(0, 257, 65535, 32768)
  await sharp(gray16, { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toFile(file('gray16.png'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('training images', () => {
  it('are the pages of a file at its own depth, without alpha', async () => {
    const range = { black: 0, white: 255 }
    const data = drawPicture(1, 40, 30)
    expect(await readPictures(file('a.png'))).toEqual([
      { width: 40, height: 30, channels: 3, data, ...range },
    ])
    const [gray] = await readPictures(file('gray16.png'))
    expect(gray).toEqual({
      ...{ width: 2, height: 2, channels: 1, data: Uint16Array.of(0, 257, 65535, 32768), black: 0 },
      white: 65535,
    })
  })

  it('are kept as long as they fit, the least recently used leaves first', async () => {
    const bytes = 40 * 30 * 3
    const read = createImageCache(2 * bytes)
    const a = await read(file('a.png'))
    const b = await read(file('b.png'))
    expect(await read(file('a.png'))).toBe(a)
    await read(file('small.png'))
    expect(await read(file('a.png'))).toBe(a)
    const again = await read(file('b.png'))
    expect(again).not.toBe(b)
    expect(again).toEqual(b)
  })

  it('are read once before training: what cannot be used is known, what can has a fingerprint', async () => {
    const seen: string[] = []
    const scan = (names: string[], further: FurtherTakes = 'none') =>
      scanImages(names.map(file), readPictures, { side: 16, further }, (path) => {
        seen.push(path)
      })
    const all = await scan(['a.png', 'small.png', 'broken.png', 'none.png', 'b.png'])
    const size = { width: 40, height: 30 }
    expect(all.usable).toEqual([
      { ...size, takes: [{ file: file('a.png'), page: 0 }] },
      { ...size, takes: [{ file: file('b.png'), page: 0 }] },
    ])
    expect(all.skipped).toMatchObject([
      { code: 'data-unsuitable', file: file('small.png'), expected: 'at least 16×16 pixels' },
      { code: 'image-unreadable', file: file('broken.png') },
      { code: 'file-not-found', file: file('none.png') },
    ])
    expect(seen).toHaveLength(5)
    expect((await scan(['a.png', 'b.png'])).sha256).toBe(all.sha256)
    expect((await scan(['b.png', 'a.png'])).sha256).not.toBe(all.sha256)
  })
})
