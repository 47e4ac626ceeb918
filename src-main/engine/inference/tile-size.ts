import { DarkroomError } from '../../contract/errors.ts'
import type { Size } from './ports.ts'

/** What a network has to do with the size of its tiles. */
export interface TiledNetwork {
  /** The only size of an input that it takes; null where any multiple will do. */
  fixed: Size | null
  /** Side of a square with the pixels of the largest tile to try: lowered when memory ran out. */
  largestTile: number
  /** Keys of the message catalogue: what the person should know of its runs. Whoever tells them takes them out. */
  warnings?: string[]
}

/**
 * Memory that a run of the `photo` network takes at its peak, a pixel of its input: 240–280 measured at 256² to 1536² on
 * the default engine, up to 470 on WebAssembly.
 */
const bytesPerPixel = 500
/**
 * Two megapixels: 550 MB for the network. Overlaps then cost 10–13 % of the time of large photographs, and nothing of those of two
 * megapixels; twice the pixels would save another 5 %. The network's time for a pixel is the same from 512² to 2048².
 */
const largestAutoTile = 1448
/** Below this the overlaps cost more than memory could be worth. */
const smallestTile = 128

/**
 * Works with tiles of a side, and with smaller ones where memory runs out.
 * @param tile side of a square with the most pixels that a tile may have, or by the memory there is.
 * @throws memory-exhausted where the smallest tile is too large.
 */
export async function withTiles<T>(
  network: TiledNetwork,
  tile: number | 'auto',
  work: (tile: number) => Promise<T>,
): Promise<T> {
  let side = Math.min(tile === 'auto' ? affordableTile() : tile, network.largestTile)
  for (;;) {
    try {
      return await work(side)
    } catch (error) {
      const isMemory = error instanceof DarkroomError && error.detail.code === 'memory-exhausted'
      if (!isMemory || side <= smallestTile || network.fixed !== null) throw error
      side = Math.max(smallestTile, Math.floor(side / 2))
      network.largestTile = side
      network.warnings?.push('warning.memory-smaller-tiles')
    }
  }
}

/** Side of a square tile whose run takes at most half of the memory that is free for this process (limits of a container counted). */
function affordableTile(): number {
  const side = Math.floor(Math.sqrt(process.availableMemory() / 2 / bytesPerPixel))
  return Math.min(Math.max(side, smallestTile), largestAutoTile)
}
