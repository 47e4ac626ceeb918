import { writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readImage } from '../../../src-main/engine/storage/images.ts'
import { directoryBytes, headerBytes, integerEntry } from '../../../src-main/engine/storage/tiff.ts'
import { cmykPatches, cmykProfile } from '../../support/cmyk-fixtures.ts'
import { largestDifference, temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
const width = cmykPatches.length * 16
const height = 16

/**
 * What the patches become in sRGB through the profile, perceptual intent, by another route: Pillow 13.0 with littleCMS 2.19,
 * `ImageCms.buildTransform(profile, ImageCms.createProfile('sRGB'), 'CMYK', 'RGB', 0)`.
 */
const reference = [
  ...[255, 255, 255, 0, 162, 224, 255, 82, 164, 244, 224, 0, 38, 42, 44, 81, 40, 145],
  ...[247, 69, 0, 51, 144, 45, 217, 210, 207, 141, 164, 191, 205, 164, 100, 80, 96, 147],
]

/** A TIFF file of 16×16 squares in these inks. */
function cmykTiff(profile: Uint8Array | null): Uint8Array {
  const pixels = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const x = Math.floor(i / 4) % width
    return cmykPatches[Math.floor(x / 16)]![i % 4]!
  })
  const short = (tag: number, ...values: number[]) => integerEntry(tag, 3, values, true)
  const entries = [
    ...[short(256, width), short(257, height), short(258, 8, 8, 8, 8), short(259, 1), short(262, 5)],
    ...[integerEntry(273, 4, [8], true), short(277, 4), short(278, height)],
    integerEntry(279, 4, [pixels.length], true),
    ...(profile === null ? [] : [{ tag: 34675, type: 7, count: profile.length, value: profile }]),
  ]
  const at = 8 + pixels.length
  return Uint8Array.from(Buffer.concat([headerBytes(true, at), pixels, directoryBytes(entries, at, 0, true)]))
}

/** Middles of the squares, one after the other. */
function patchColours(data: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: cmykPatches.length * 3 }, (_, i) => {
    const x = Math.floor(i / 3) * 16 + 8
    return data[(8 * width + x) * 3 + (i % 3)]!
  })
}

describe('CMYK', () => {
  it.each(['tiff', 'jpeg'] as const)('%s goes through its profile to sRGB', async (container) => {
    const tiff = cmykTiff(cmykProfile())
    const bytes =
      container === 'tiff'
        ? tiff
        : await sharp(tiff)
            .pipelineColourspace('cmyk')
            .toColourspace('cmyk')
            .keepIccProfile()
            .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
            .toBuffer()
    expect(await sharp(bytes).metadata()).toMatchObject({ space: 'cmyk', hasProfile: true })
    const path = file(`cmyk.${container}`)
    await writeFile(path, bytes)
    const image = await readImage(path)
    expect(image.warnings).toEqual(['colours-converted'])
    expect(image.metadata.icc).toBeNull()
    expect(image.pages[0]).toMatchObject({ width, height, channels: 3, alpha: null })
    const tolerance = container === 'tiff' ? 1 : 3
    expect(
      largestDifference(patchColours(image.pages[0]!.data), Uint8Array.from(reference)),
    ).toBeLessThanOrEqual(tolerance)
  })

  it('has no profile of its own: a general one serves', async () => {
    const path = file('untagged.tif')
    await writeFile(path, cmykTiff(null))
    const image = await readImage(path)
    const colours = patchColours(image.pages[0]!.data)
    expect([...colours.slice(0, 3)]).toEqual([255, 255, 255])
    // Pure magenta is a strong red with some blue and hardly any green in every press's profile.
    const [red, green, blue] = colours.slice(6, 9)
    expect(red).toBeGreaterThan(200)
    expect(green).toBeLessThan(60)
    expect(blue).toBeGreaterThan(80)
  })
})
