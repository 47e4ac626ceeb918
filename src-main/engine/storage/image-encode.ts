import sharp, { type Sharp } from 'sharp'
import { DarkroomError } from '../../contract/errors.ts'
import { samplesLike, type Samples } from '../numeric/samples.ts'
import { concatBytes } from './bytes.ts'
import type { ImageFile, ImageMetadata, ImagePage, ImageWarning } from './image.ts'
import { withJpegMetadata } from './metadata-jpeg.ts'
import { withPngMetadata } from './metadata-png.ts'
import { withWebpMetadata } from './metadata-webp.ts'

/** Qualities where nobody asked for one: denoised pixels deserve at least these, and a better source its own. */
const defaultQuality = { jpeg: 92, webp: 90, avif: 80 }

/** The longest side that a container or its encoder takes, in pixels. */
const longestSide = { jpeg: 65500, png: Infinity, webp: 16383, avif: 16384 }

/** Nine times as fast as the encoder's default, for files a third larger. */
const avifEffort = 2

export interface Encoded {
  /** The file's bytes, in pieces, so that nothing large is copied to join them. */
  parts: Uint8Array[]
  warnings: ImageWarning[]
}

/**
 * Encodes one page with its metadata. JPEG and WebP hold 8 bits, AVIF up to 12, PNG 16: wider samples are rounded to the
 * nearest, without dither.
 *
 * @throws DarkroomError `image-too-large` where the container's sides are shorter
 */
export async function encodePage(
  image: ImageFile,
  container: 'jpeg' | 'png' | 'webp' | 'avif',
  metadata: ImageMetadata,
  quality: number | null,
): Promise<Encoded> {
  const { width, height } = image.pages[0]!
  if (Math.max(width, height) > longestSide[container])
    throw new DarkroomError('image-too-large', {
      file: image.path,
      expected: `sides of at most ${longestSide[container]} pixels in ${container}`,
      received: `${width} × ${height}`,
    })
  const { page, warnings } = fitSamples(image.pages[0]!, container)
  const { source } = metadata
  const same = image.container === container
  // Chroma at a quarter of the resolution only where the source had no more.
  const chromaSubsampling = source.subsampled ? '4:2:0' : '4:4:4'
  switch (container) {
    case 'jpeg': {
      const ownQuality = Math.max(defaultQuality.jpeg, same ? (source.quality ?? 0) : 0)
      // Huffman tables of its own would make the file 8 % smaller, for 6 bytes of memory a pixel and three times the time.
      const options = { quality: quality ?? ownQuality, chromaSubsampling, optimiseCoding: false }
      const encoded = await encoder(page).jpeg(options).toBuffer()
      const tagged = withJpegMetadata(encoded, metadata)
      return { parts: tagged.parts, warnings: [...warnings, ...tagged.warnings] }
    }
    case 'png': {
      const encoded = await encoder(page).png({ compressionLevel: 3, adaptiveFiltering: true }).toBuffer()
      return { parts: withPngMetadata(encoded, metadata).parts, warnings }
    }
    case 'webp': {
      const lossless = same && source.lossless && quality === null
      const encoded = await encoder(page)
        .webp({ quality: quality ?? defaultQuality.webp, lossless, exact: true, smartSubsample: true })
        .toBuffer()
      const size = { width, height, alpha: page.alpha !== null }
      return { parts: withWebpMetadata(encoded, metadata, size).parts, warnings }
    }
    case 'avif': {
      const bits = page.data instanceof Uint8Array ? 8 : source.bits === 10 ? 10 : 12
      if (bits < source.bits) warnings.push('depth-reduced')
      // The encoder takes metadata from its input only: hand it over inside a PNG that is not compressed.
      const plain = await encoder(page).png({ compressionLevel: 0 }).toBuffer()
      const tagged = concatBytes(
        withPngMetadata(plain, { ...metadata, native: null, density: null, photoshop: null }).parts,
      )
      const encoded = await sharp(tagged, { ignoreIcc: true, limitInputPixels: false })
        .keepMetadata()
        .toColourspace(spaceOf(page))
        .avif({
          quality: quality ?? defaultQuality.avif,
          bitdepth: bits,
          chromaSubsampling,
          effort: avifEffort,
        })
        .toBuffer()
      return { parts: [encoded], warnings }
    }
  }
}

/** libvips' name for samples like these, in which it leaves them as they are. */
function spaceOf({ channels, data }: ImagePage): 'b-w' | 'grey16' | 'srgb' | 'rgb16' {
  if (data instanceof Uint8Array) return channels === 1 ? 'b-w' : 'srgb'
  return channels === 1 ? 'grey16' : 'rgb16'
}

/** A pipeline that begins with the page's own samples, alpha joined to them. */
export function encoder(page: ImagePage): Sharp {
  const { width, height, channels } = page
  const raw = { width, height, channels: page.alpha === null ? channels : channels === 1 ? 2 : 4 } as const
  const samples = withAlpha(page)
  return sharp(samples, { raw, limitInputPixels: false }).toColourspace(spaceOf(page))
}

function withAlpha({ data, alpha, channels }: ImagePage): Samples {
  if (alpha === null) return data
  const joined = samplesLike(data, data.length + alpha.length)
  const stride = channels + 1
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < channels; c++) joined[i * stride + c] = data[i * channels + c]!
    joined[i * stride + channels] = alpha[i]!
  }
  return joined
}

/** The page in samples that the container can hold. */
function fitSamples(
  page: ImagePage,
  container: 'jpeg' | 'png' | 'webp' | 'avif',
): { page: ImagePage; warnings: ImageWarning[] } {
  const warnings: ImageWarning[] = []
  const eight = container === 'jpeg' || container === 'webp'
  let fitted = page
  if (page.data instanceof Float32Array) {
    // Floats have no fixed range: black to white is spread over the integers.
    warnings.push('float-to-integer')
    fitted = rescale(page, page.black, page.white, eight)
  } else if (eight && page.data instanceof Uint16Array) {
    warnings.push('depth-reduced')
    fitted = rescale(page, 0, 65535, true)
  }
  if (container === 'jpeg' && fitted.alpha !== null) {
    warnings.push('alpha-flattened')
    fitted = onWhite(fitted)
  }
  return { page: fitted, warnings }
}

/** The page in integers of 8 or 16 bits, `black` to `white` spread over them. */
export function rescale(page: ImagePage, black: number, white: number, eight: boolean): ImagePage {
  const top = eight ? 255 : 65535
  const fit = (samples: Samples, low: number, high: number): Samples => {
    const fitted = eight ? new Uint8Array(samples.length) : new Uint16Array(samples.length)
    const scale = top / (high - low)
    for (let i = 0; i < samples.length; i++)
      fitted[i] = Math.max(0, Math.min(top, Math.round((samples[i]! - low) * scale)))
    return fitted
  }
  // Alpha of float pages is 0–1, whatever the colours' range.
  const opaque = page.data instanceof Float32Array ? 1 : 65535
  const alpha = page.alpha === null ? null : fit(page.alpha, 0, opaque)
  return { ...page, data: fit(page.data, black, white), alpha, white: top, black: 0 }
}

/** Laid on white, in the file's own encoding, for containers without transparency. */
function onWhite(page: ImagePage): ImagePage {
  const { alpha, channels, white } = page
  if (alpha === null) return page
  const data = page.data.slice()
  for (let i = 0; i < data.length; i++) {
    const opacity = alpha[Math.floor(i / channels)]! / white
    data[i] = Math.round(data[i]! * opacity + white * (1 - opacity))
  }
  return { ...page, data, alpha: null }
}
