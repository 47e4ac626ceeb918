import type { Engine } from '../../../../src-main/contract/engine.ts'
import { createCache } from '../../../state/cache.ts'
import { createLoader } from '../../../state/loader.ts'

/** Longest side in pixels: sharp on a dense screen, too. */
const side = 128
/** Some hundred thumbnails: more than fit on a screen. */
const maxBytes = 32 * 2 ** 20

export interface Thumbnails {
  get(path: string): ImageBitmap | undefined
  /** The pictures whose rows are seen now, in the place of those that were. */
  want(paths: readonly string[]): void
  close(): void
}

/** Thumbnails of the rows that are seen, two asked for at a time. @param changed told when one has come */
export function createThumbnails(engine: Pick<Engine, 'thumbnail'>, changed: () => void): Thumbnails {
  const cache = createCache<ImageBitmap>(maxBytes, ({ width, height }) => width * height * 4)
  const loader = createLoader<string, ImageBitmap>({
    ask: async (path) => {
      const { bytes, type } = await engine.thumbnail({ path, side })
      return createImageBitmap(new Blob([new Uint8Array(bytes)], { type }))
    },
    inFlight: 2,
    ready: (path, bitmap) => {
      cache.set(path, bitmap)
      changed()
    },
    // A picture that cannot be read says so in its row.
    failed: () => undefined,
  })
  return {
    get: (path) => cache.get(path),
    want: (paths) =>
      loader.want(paths.filter((path) => !cache.has(path)).map((path) => ({ key: path, question: path }))),
    close: () => loader.close(),
  }
}
