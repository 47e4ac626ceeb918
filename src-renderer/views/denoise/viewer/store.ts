import type { PreviewDenoise, PreviewTile, TileQuestion } from '../../../../src-main/contract/preview.ts'
import { createCache } from '../../../state/cache.ts'
import { createLoader } from '../../../state/loader.ts'
import type { TilePlace } from './tiles.ts'

/** A picture that tiles are asked of: a page of a file, as it is or through a network at full strength. */
export interface TileSource {
  path: string
  page: number
  denoise: PreviewDenoise | null
}

/** A tile as pixels, and as it was drawn last. */
export interface Tile {
  pixels: ImageData
  surface: OffscreenCanvas
  /** What `surface` holds, by the key of its look; empty: these pixels. */
  look: string
  /** σ that the network was told, 8-bit scale; null for a picture as it is. */
  sigma: number | null
}

/** Tiles of the pictures that are or were shown, and the questions for those that are not there yet. */
export interface TileStore {
  get(source: TileSource, place: TilePlace): Tile | undefined
  has(source: TileSource, place: TilePlace): boolean
  /** What is wanted now, most wanted first, in place of what was wanted before. Tiles that are there are skipped. */
  want(wishes: { source: TileSource; place: TilePlace }[]): void
  /** Tiles that are wanted and not there. */
  missing(): number
  /** Forgets the tiles of a file, which may have been written anew. */
  forget(path: string): void
  close(): void
}

/** A screen of 2560×1440 at the worst zoom takes 150 MB: half of it stays for going back and forth. */
const maxBytes = 256 * 2 ** 20

const sourceKey = ({ path, page, denoise }: TileSource): string =>
  `${path}\n${page}\n${denoise === null ? '' : `${denoise.model} ${denoise.sigma} ${denoise.ensemble}`}`
const keyOf = (source: TileSource, { level, column, row }: TilePlace): string =>
  `${sourceKey(source)}\n${level}/${column}/${row}`

export const isSameSource = (a: TileSource, b: TileSource): boolean => sourceKey(a) === sourceKey(b)

async function decode({ bytes, type, sigma }: PreviewTile): Promise<Tile> {
  // A copy, because the bytes of a message may lie in shared memory, which a Blob does not take.
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type }), {
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  })
  const surface = new OffscreenCanvas(bitmap.width, bitmap.height)
  const context = surface.getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  return { pixels: context.getImageData(0, 0, surface.width, surface.height), surface, look: '', sigma }
}

export interface TileStoreOptions {
  ask: (question: TileQuestion) => Promise<PreviewTile>
  /** A tile has arrived. */
  changed: () => void
  failed: (thrown: unknown) => void
}

export function createTileStore({ ask, changed, failed }: TileStoreOptions): TileStore {
  // Pixels and the surface, four bytes a pixel each.
  const cache = createCache<Tile>(maxBytes, ({ pixels }) => 2 * pixels.data.byteLength)
  const loader = createLoader<TileQuestion, Tile>({
    ask: async (question) => decode(await ask(question)),
    inFlight: 2,
    ready: (key, tile) => {
      cache.set(key, tile)
      changed()
    },
    failed: (_key, thrown) => failed(thrown),
  })

  return {
    get: (source, place) => cache.get(keyOf(source, place)),
    has: (source, place) => cache.has(keyOf(source, place)),
    want(wishes) {
      const missing = wishes.flatMap(({ source, place }) => {
        const key = keyOf(source, place)
        return cache.has(key) ? [] : [{ key, question: { ...source, ...place } }]
      })
      loader.want(missing)
    },
    missing: () => loader.open(),
    forget: (path) => cache.drop((key) => key.startsWith(`${path}\n`)),
    close: () => loader.close(),
  }
}
