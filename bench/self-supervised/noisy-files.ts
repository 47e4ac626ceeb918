import { mkdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { emptyMetadata } from '../../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../../src-main/engine/storage/images.ts'
import { filesBelow } from '../support.ts'

/**
 * Black of the noisy files: 16 bits with room below black and above white, so that the noise is not clipped, as published figures have it.
 * A step of 8 bits is 128 of theirs.
 */
export const black = 16_384

/**
 * Writes noisy copies of photographs, once: white Gaussian noise of σ on the 8-bit scale, seeded by the number of the file, as 16-bit TIFF.
 * With σ 0 the clean ones, in the same encoding.
 */
export async function writeNoisyFiles(
  sources: string[],
  out: string,
  sigma: number,
  seed: number,
): Promise<void> {
  await mkdir(out, { recursive: true })
  const random = createRandom(seed)
  const files = (await Promise.all(sources.map((source) => filesBelow(source, /\.(png|jpe?g)$/i)))).flat()
  for (const [index, file] of files.entries()) {
    const page = (await readImage(file)).pages[0]!
    const noise = random.fork(index)
    const data = Uint16Array.from(page.data, (value) => {
      const noisy = value + (sigma === 0 ? 0 : sigma * noise.normal())
      return Math.min(65_535, Math.max(0, Math.round(black + 128 * noisy)))
    })
    const image = {
      ...{ path: file, container: 'tiff' as const, metadata: emptyMetadata(), warnings: [] },
      pages: [{ ...page, data, black: 0, white: 65_535, alpha: null }],
    }
    const path = join(out, `${basename(file, extname(file))}.tif`)
    await writeImage(image, path, { format: 'tiff', quality: null, overwrite: true })
  }
}
