import type { EncodedImage } from '../../src-main/contract/preview.ts'
import { createCache } from './cache.ts'
import { createLoader } from './loader.ts'

/** Small pictures in one answer. */
const inSheet = 96
const columns = 12
/** Bytes of decoded sheets that are kept. */
const maxBytes = 96 * 2 ** 20

/** A small picture, as a part of a larger one. */
export interface Cell {
  sheet: ImageBitmap
  x: number
  y: number
  side: number
}

export interface Atlas {
  /** The picture of an item if it is here. Reactive: read again when more have come. */
  get(item: number): Cell | undefined
  /** What is wanted now; what was wanted before and is not on its way is dropped. */
  want(items: readonly number[]): void
  close(): void
}

/** Which pictures a sheet is to have: `cell` pixels a side, `columns` in a line. */
export interface SheetCells {
  indexes: number[]
  cell: number
  columns: number
}

/**
 * Small pictures of items, fetched many at a time.
 * @param cell side in pixels
 * @param ask has a sheet made
 * @param onFailure told of a sheet that could not be had
 */
export function createAtlas(
  cell: number,
  ask: (cells: SheetCells) => Promise<EncodedImage>,
  onFailure: (thrown: unknown) => void,
): Atlas {
  const sheets = createCache<ImageBitmap>(maxBytes, ({ width, height }) => width * height * 4)
  /** In which sheet an item is, and at which place. */
  const places = new Map<number, { key: string; at: number }>()
  let arrivals = $state(0)

  const loader = createLoader<readonly number[], ImageBitmap>({
    ask: async (items) => {
      const sheet = await ask({ indexes: [...items], cell, columns })
      return createImageBitmap(new Blob([new Uint8Array(sheet.bytes)], { type: sheet.type }))
    },
    inFlight: 2,
    ready: (key, bitmap) => {
      sheets.set(key, bitmap)
      key.split(',').forEach((item, at) => places.set(Number(item), { key, at }))
      arrivals += 1
    },
    failed: (_key, thrown) => onFailure(thrown),
  })

  function get(item: number): Cell | undefined {
    const place = arrivals >= 0 ? places.get(item) : undefined
    const sheet = place === undefined ? undefined : sheets.get(place.key)
    if (place === undefined || sheet === undefined) return undefined
    return {
      sheet,
      x: (place.at % columns) * cell,
      y: Math.floor(place.at / columns) * cell,
      side: cell,
    }
  }

  return {
    get,
    want(items) {
      const missing = items.filter((item) => get(item) === undefined)
      const chunks = Array.from({ length: Math.ceil(missing.length / inSheet) }, (_, at) =>
        missing.slice(at * inSheet, (at + 1) * inSheet),
      )
      loader.want(chunks.map((chunk) => ({ key: chunk.join(','), question: chunk })))
    },
    close: () => loader.close(),
  }
}
