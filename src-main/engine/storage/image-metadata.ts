import { viewOf } from './bytes.ts'
import { uprightExif } from './exif.ts'
import type { ImageMetadata, ImageWarning } from './image.ts'
import { uprightXmp } from './xmp.ts'

/** Metadata of pixels that have been turned upright: orientation 1, sizes as they are now. `turned`: by a quarter. */
export async function uprightMetadata(
  metadata: ImageMetadata,
  size: { width: number; height: number },
  turned: boolean,
): Promise<ImageMetadata> {
  const { exif, xmp, density } = metadata
  return {
    ...metadata,
    exif: exif === null ? null : await uprightExif(exif, size.width, size.height),
    xmp: xmp === null ? null : uprightXmp(xmp, size.width, size.height),
    density: turned && density !== null ? { ...density, x: density.y, y: density.x } : density,
  }
}

/** What a file can hold of an image's metadata, and warnings for what it cannot. */
export function metadataFor(
  metadata: ImageMetadata,
  container: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif',
): { metadata: ImageMetadata; warnings: ImageWarning[] } {
  const warnings = new Set<ImageWarning>()
  const held = { ...metadata }
  if (metadata.native !== null && metadata.native.container !== container) {
    held.native = null
    warnings.add('metadata-dropped')
    if (saysOtherColours(metadata)) warnings.add('colour-signalling-dropped')
  }
  if (metadata.cicp !== null && container !== 'png') {
    held.cicp = null
    if (metadata.icc === null) warnings.add('colour-signalling-dropped')
  }
  if (metadata.photoshop !== null && (container === 'webp' || container === 'avif')) {
    held.photoshop = null
    warnings.add('metadata-dropped')
  }
  return { metadata: held, warnings: [...warnings] }
}

/** A PNG file that describes colours other than sRGB by its gamma alone, in hundred-thousandths. */
function saysOtherColours({ native, icc }: ImageMetadata): boolean {
  if (native?.container !== 'png' || icc !== null) return false
  const types = new Map(native.chunks.map(({ type, data }) => [type, data]))
  const gamma = types.get('gAMA')
  const sRgbGamma = 45455
  return !types.has('sRGB') && gamma !== undefined && viewOf(gamma).getUint32(0) !== sRgbGamma
}
