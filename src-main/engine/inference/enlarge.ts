import { enlargeBicubic } from '../numeric/resample.ts'
import { samplesLike, type Samples } from '../numeric/samples.ts'
import type { ImagePage } from '../storage/image.ts'
import { cropPage, type Rectangle } from './tiles.ts'

/** Source pixels beyond a region that a bicubic kernel reaches. */
const reach = 2

/**
 * A region of a page enlarged bicubically by a factor, as floats in the page's encoding, neither clipped nor rounded: the same samples as if
 * the whole page were enlarged. Without alpha.
 * @param region of the enlarged page.
 */
export function enlargedRegion(page: ImagePage, factor: number, region: Rectangle): ImagePage {
  const from = (start: number): number => Math.max(0, Math.floor(start / factor) - reach)
  const to = (end: number, length: number): number => Math.min(length, Math.ceil(end / factor) + reach)
  const [x, y] = [from(region.x), from(region.y)]
  const width = to(region.x + region.width, page.width) - x
  const height = to(region.y + region.height, page.height) - y
  const source = cropPage({ ...page, alpha: null }, { x, y, width, height })
  const large = enlargeBicubic({ ...source, data: Float32Array.from(source.data) }, factor)
  return cropPage(
    { ...source, ...large, channels: page.channels },
    { ...region, x: region.x - x * factor, y: region.y - y * factor },
  )
}

/** The alpha of a page enlarged bicubically by a factor; null without any. */
export function enlargedAlpha({ alpha, width, height }: ImagePage, factor: number): Samples | null {
  if (alpha === null) return null
  const { data } = enlargeBicubic({ width, height, channels: 1, data: Float32Array.from(alpha) }, factor)
  const out = samplesLike(alpha, data.length)
  const isInteger = !(alpha instanceof Float32Array)
  const opaque = alpha instanceof Uint8Array ? 255 : alpha instanceof Uint16Array ? 65535 : 1
  for (let i = 0; i < data.length; i++) {
    const value = Math.min(Math.max(data[i]!, 0), opaque)
    out[i] = isInteger ? Math.round(value) : value
  }
  return out
}
