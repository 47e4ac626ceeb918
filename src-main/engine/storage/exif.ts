import { readAtBytes, viewOf } from './bytes.ts'
import { findEntry, readDirectory, readTiffHeader, type TiffDirectory } from './tiff.ts'

/** Tags of Exif 2.32 and TIFF 6.0 that depend on how the pixels lie. */
const tags = {
  imageWidth: 256,
  imageLength: 257,
  orientation: 274,
  exifDirectory: 34665,
  pixelXDimension: 40962,
  pixelYDimension: 40963,
}

/**
 * A copy of an Exif block for pixels that have been turned upright: orientation 1 and the new width and height, each
 * overwritten in place, so that every other byte (offsets inside maker notes too) stays as it was. A block that
 * cannot be understood comes back unchanged.
 */
export async function uprightExif(exif: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const patched = exif.slice()
  const read = readAtBytes(patched)
  const header = await readTiffHeader(read)
  if (header === null) return patched
  const view = viewOf(patched)
  const set = (directory: TiffDirectory, tag: number, value: number): void => {
    const entry = findEntry(directory.entries, tag)
    if (entry?.count !== 1) return
    if (entry.type === 3) view.setUint16(entry.at, value, header.littleEndian)
    else if (entry.type === 4) view.setUint32(entry.at, value, header.littleEndian)
  }
  const main = await readDirectory(read, header, header.firstDirectory)
  set(main, tags.orientation, 1)
  set(main, tags.imageWidth, width)
  set(main, tags.imageLength, height)
  const pointer = findEntry(main.entries, tags.exifDirectory)
  if (pointer?.type === 4) {
    const exifDirectory = await readDirectory(read, header, view.getUint32(pointer.at, header.littleEndian))
    set(exifDirectory, tags.pixelXDimension, width)
    set(exifDirectory, tags.pixelYDimension, height)
  }
  return patched
}
