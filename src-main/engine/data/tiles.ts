import { DarkroomError } from '../../contract/errors.ts'
import type { ImageData } from '../../contract/recipe.ts'
import { cropSample, type ByteImage } from '../storage/sample-images.ts'
import type { Groups } from './dataset.ts'
import type { Described } from './sample-source.ts'

/** A recipe that cuts images into tiles. */
export type TileSpec = ImageData & { tiles: number }
export const isTiled = (spec: ImageData): spec is TileSpec => spec.tiles !== null

/** Where tiles begin along a side, in pixels: so many apart, the last one flush with the end. */
export function tileStarts(side: number, tile: number, apart: number): number[] {
  const last = side - tile
  const starts: number[] = []
  for (let start = 0; start < last; start += apart) starts.push(start)
  return [...starts, last]
}

/**
 * The tiles of an image, line by line, as samples.
 * @throws data-unsuitable for an image that is smaller than a tile
 */
export function cutTiles(image: ByteImage, spec: TileSpec, file: string): Uint8Array[] {
  const { width, height, tiles: apart } = spec
  if (image.width < width || image.height < height)
    throw new DarkroomError('data-unsuitable', {
      file,
      expected: `at least ${width}×${height} pixels, for one tile`,
      received: `${image.width}×${image.height}`,
    })
  return tileStarts(image.height, height, apart).flatMap((top) =>
    tileStarts(image.width, width, apart).map((left) => cropSample(image, spec, { left, top })),
  )
}

/**
 * What is known of the tiles of images: they have the label of their image, and its name with the place where they begin.
 * @param sizes [height, width] of each image
 */
export function describeTiles(images: Described, sizes: number[][], spec: TileSpec): Described {
  const groups = tileGroups(images, sizes, spec)
  const { of, starts } = groups
  const { labels } = images
  return {
    ...images,
    name: (index) => `${images.name(of[index]!)}@${starts[2 * index]!},${starts[2 * index + 1]!}`,
    labels: labels && { ...labels, of: of.map((image) => labels.of[image]!) },
    groups,
  }
}

function tileGroups(images: Described, sizes: number[][], spec: TileSpec): Groups {
  const { width, height, tiles: apart } = spec
  const of: number[] = []
  const starts: number[] = []
  for (const [image, size] of sizes.entries())
    for (const y of tileStarts(size[0]!, height, apart))
      for (const x of tileStarts(size[1]!, width, apart)) {
        of.push(image)
        starts.push(y, x)
      }
  return {
    type: 'tiles',
    of: Int32Array.from(of),
    names: sizes.map((_, image) => images.name(image)),
    sizes,
    starts: Int32Array.from(starts),
    extent: [height, width],
  }
}
