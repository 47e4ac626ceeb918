import { outputContainer } from '../storage/image-formats.ts'
import type { ImageFile, ImageWarning } from '../storage/image.ts'
import { copyImage, writeImage, type WriteOptions } from '../storage/images.ts'

/**
 * Writes what became of a picture. One that was kept is copied byte for byte, where it stays in its format and no quality is asked
 * for: nothing is lost then that only its file holds, not even what reading leaves behind.
 * @returns with what reading and writing changed.
 * @throws as `writeImage`.
 */
export async function writeCleaned(
  image: ImageFile,
  path: string,
  options: WriteOptions,
  isKept: boolean,
): Promise<{ path: string; warnings: ImageWarning[] }> {
  if (
    isKept &&
    options.quality === null &&
    outputContainer(image.container, options.format) === image.container
  ) {
    await copyImage(image.path, path, options)
    return { path, warnings: [] }
  }
  const written = await writeImage(image, path, options)
  return { path, warnings: [...image.warnings, ...written.warnings] }
}
