import { fromLatin1, latin1 } from './bytes.ts'

/**
 * A copy of an XMP packet for pixels that have been turned upright: `tiff:Orientation` 1 and the sizes that follow it, as
 * attributes or elements. Everything else stays byte for byte.
 */
export function uprightXmp(xmp: Uint8Array, width: number, height: number): Uint8Array {
  const values = {
    'tiff:Orientation': 1,
    'tiff:ImageWidth': width,
    'tiff:ImageLength': height,
    'exif:PixelXDimension': width,
    'exif:PixelYDimension': height,
  }
  let text = latin1(xmp)
  for (const [name, value] of Object.entries(values))
    text = text
      .replace(new RegExp(`(${name}\\s*=\\s*["'])\\d+`, 'g'), `$1${value}`)
      .replace(new RegExp(`(<${name}>\\s*)\\d+`, 'g'), `$1${value}`)
  return fromLatin1(text)
}
