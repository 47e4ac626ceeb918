import { z } from 'zod'
import type { ModelChoice } from './evidence.ts'
import { SigmaChoice } from './jobs.ts'

/** Side in pixels of the tiles that pictures are shown in; those at the right and bottom edge are smaller. */
export const tileSide = 256

const Page = { path: z.string().min(1), page: z.int().min(0).default(0) }

export const PreviewQuestion = z.strictObject(Page)
export type PreviewQuestion = z.input<typeof PreviewQuestion>

/** What the window must know of a picture to show it. Width and height upright, in pixels. */
export interface PreviewInfo {
  path: string
  page: number
  pages: number
  width: number
  height: number
  channels: 1 | 3
  hasAlpha: boolean
  /** Bits a sample in the file. */
  bits: number
  container: string
  /** Name of its colour profile (its ICC description); null for none. */
  profile: string | null
  /** Estimated σ of the noise, 8-bit scale. */
  sigma: number
  /** The model that `auto` stands for with this picture. */
  choice: ModelChoice
  /** Levels of the pyramid: level L is the picture reduced 2^L times; the last one fits into one tile. */
  levels: number
}

/** Which network to show a picture through, at full strength: the window blends strengths by itself. */
export const PreviewDenoise = z.strictObject({
  model: z.string().min(1),
  sigma: SigmaChoice,
  ensemble: z.boolean().default(false),
})
export type PreviewDenoise = z.input<typeof PreviewDenoise>

/** One tile of the pyramid. `denoise` null gives the picture as it is. */
export const TileQuestion = z.strictObject({
  ...Page,
  level: z.int().min(0).max(16),
  column: z.int().min(0),
  row: z.int().min(0),
  denoise: PreviewDenoise.nullable(),
})
export type TileQuestion = z.input<typeof TileQuestion>

/** An encoded picture for the screen: 8 bits, sRGB, no metadata. */
export interface EncodedImage {
  /** A whole PNG, JPEG or WebP file. */
  bytes: Uint8Array
  type: 'image/png' | 'image/jpeg' | 'image/webp'
  width: number
  height: number
}

export interface PreviewTile extends EncodedImage {
  /**
   * σ that the network was told, on the 8-bit scale of this level; null where none was. At level 0 the tile holds exactly
   * what will be written at strength 100; at reduced levels the network saw the reduced picture, which is less noisy.
   */
  sigma: number | null
}

export const ThumbnailQuestion = z.strictObject({
  path: z.string().min(1),
  /** Longest side in pixels. */
  side: z.int().min(16).max(1024),
})
export type ThumbnailQuestion = z.infer<typeof ThumbnailQuestion>

/** A part of a page, in pixels of level 0. */
export const Region = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
})
export type Region = z.infer<typeof Region>

export const ResidualQuestion = z.strictObject({ ...Page, region: Region, denoise: PreviewDenoise })
export type ResidualQuestion = z.input<typeof ResidualQuestion>

/** What is known of the residual (noisy − denoised) of a region: noise has no structure, lost detail has. */
export interface ResidualReport {
  /** 0: like noise; 1: like a picture. What it measures is defined in `analysis/residual.ts`. */
  structure: number
  /** Standard deviation of the residual, 8-bit scale. */
  deviation: number
  /** Detail is likely to be lost. */
  isDetailLost: boolean
}
