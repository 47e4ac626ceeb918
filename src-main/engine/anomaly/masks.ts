import { basename, extname, relative, resolve, sep } from 'node:path'
import type { AnomalyFigures } from '../../contract/analysis.ts'
import { aurocOfTies, averagePrecisionOfTies } from '../../contract/detection.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { ImageData } from '../../contract/recipe.ts'
import { findImages } from '../data/image-files.ts'
import { createHistogram } from '../numeric/histogram.ts'
import { checkImage, readSample } from '../storage/sample-images.ts'

/** Which pixels of images are anomalous. */
export interface Masks {
  /** 1 where a pixel is, [height, width]; null of an image without a mask, of which none is. */
  read(image: string, shape: readonly number[]): Promise<Uint8Array | null>
}

/** A path without its extension, `/` between folders. */
const stem = (path: string): string => path.slice(0, path.length - extname(path).length).replaceAll(sep, '/')

/**
 * Masks of a folder. A mask is called as its image: by its path below the folder; one that lies in the folder itself also by the name of its file
 * alone, where only one image has that name.
 * @param images all there are, and the folders that they are in
 * @param spec of images in tiles, whose masks have their size; otherwise masks are brought to a size as the images are
 * @throws training-data-missing where no image has a mask, folder-unreadable
 */
export async function openMasks(
  folder: string,
  { images, sources }: { images: string[]; sources: string[] },
  spec: ImageData,
  signal: AbortSignal,
): Promise<Masks> {
  const { files } = await findImages([folder], signal)
  const masks = new Map(files.map(({ path }) => [stem(relative(resolve(folder), path)), path]))
  const [names, shared] = [new Set<string>(), new Set<string>()]
  for (const name of images.map((image) => stem(basename(image))))
    (names.has(name) ? shared : names).add(name)
  const maskOf = (image: string): string | null => {
    for (const source of sources) {
      const below = masks.get(stem(relative(resolve(source), image)))
      if (below !== undefined) return below
    }
    const name = stem(basename(image))
    return shared.has(name) ? null : (masks.get(name) ?? null)
  }
  if (!images.some((image) => maskOf(image) !== null))
    throw new DarkroomError('training-data-missing', {
      file: folder,
      expected: 'masks that are called as the images',
      received: files.length === 0 ? 'none' : basename(files[0]!.path),
    })
  return {
    async read(image, [height, width]) {
      const path = maskOf(image)
      if (path === null) return null
      if (spec.tiles !== null) await checkSize(path, height!, width!)
      const format = { width: width!, height: height!, channels: 1, fit: spec.fit } as const
      return (await readSample(path, format)).map((value) => (value > 127 ? 1 : 0))
    },
  }
}

async function checkSize(path: string, height: number, width: number): Promise<void> {
  const found = await checkImage(path)
  if (found.width !== width || found.height !== height)
    throw new DarkroomError('data-unsuitable', {
      file: path,
      expected: `${width}×${height}, as its image`,
      received: `${found.width}×${found.height}`,
    })
}

/** Gathers the heat of pixels by what their masks say. */
export interface PixelTally {
  add(heat: Float32Array, mask: Uint8Array | null): void
  /** Null where pixels are of one kind only. */
  figures(): AnomalyFigures['pixels']
}

/** In two histograms, so that memory does not grow with the images: of pixels whose heat differs by less than 0.05 % none comes first. */
export function createPixelTally(): PixelTally {
  const [normal, anomalous] = [createHistogram(), createHistogram()]
  const falling = function* (): Generator<{ normal: number; anomalous: number }> {
    for (let bin = normal.counts.length - 1; bin >= 0; bin--) {
      const tie = { normal: normal.counts[bin]!, anomalous: anomalous.counts[bin]! }
      if (tie.normal > 0 || tie.anomalous > 0) yield tie
    }
  }
  return {
    add(heat, mask) {
      if (mask === null) return normal.add(heat)
      normal.add(heat.filter((_, i) => mask[i] === 0))
      anomalous.add(heat.filter((_, i) => mask[i] === 1))
    },
    figures: () =>
      normal.total() === 0 || anomalous.total() === 0
        ? null
        : { auroc: aurocOfTies(falling()), averagePrecision: averagePrecisionOfTies(falling()) },
  }
}
