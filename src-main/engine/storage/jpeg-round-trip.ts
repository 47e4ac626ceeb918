import sharp from 'sharp'

/**
 * Compresses 8-bit samples as baseline JPEG and decodes them again: what a camera does to a picture. Colour is
 * subsampled 4:2:0, as most cameras and phones do.
 * @param pixels interleaved, row-major, 1 (gray) or 3 (RGB) channels.
 * @param quality 1–100, libjpeg's scale.
 */
export async function jpegRoundTrip(
  pixels: Uint8Array,
  shape: { width: number; height: number; channels: 1 | 3 },
  quality: number,
): Promise<Uint8Array> {
  const encoded = await sharp(pixels, { raw: shape }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer()
  const decoded = sharp(encoded).toColourspace(shape.channels === 1 ? 'b-w' : 'srgb')
  return decoded.raw().toBuffer()
}
