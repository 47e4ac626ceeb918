import { resolve } from 'node:path'
import { maximumListed, type DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { RecipeOf } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Random } from '../numeric/random.ts'
import type { Split } from './dataset.ts'
import { dataKindOf } from './data-kind.ts'
import { findImages } from './image-files.ts'
import { createImageCache, scanImages, type ReadRgb, type ScannedImage } from './images.ts'
import { splitDataset } from './split.ts'

/** Photographs as they were found, each looked at once. */
export interface FoundPhotographs {
  /** Never empty. */
  usable: ScannedImage[]
  /** Keeps what it decoded, within a budget of memory. */
  read: ReadRgb
  /** As `run.json` holds it. */
  info: RunInfo['data']
}

/** Photographs to cut patches from, each given its part in the training. */
export interface Photographs extends Omit<FoundPhotographs, 'usable'> {
  training: ScannedImage[]
  validation: ScannedImage[]
  test: ScannedImage[]
  split: Split
}

/**
 * Finds the photographs below folders, and splits them.
 * @param random draws the split.
 * @throws as `findPhotographs`; training-data-missing where they are too few to be split.
 */
export async function openPhotographs(
  source: DataSource,
  recipe: Pick<RecipeOf<'patches'>, 'data' | 'split'>,
  random: Random,
  onFile: (file: string) => void,
): Promise<Photographs> {
  const { usable, ...found } = await findPhotographs(source, recipe.data.patch, onFile)
  const split = splitDataset({ count: usable.length, labels: null, groups: null }, recipe.split, random)
  const part = (indexes: Int32Array): ScannedImage[] => [...indexes].map((index) => usable[index]!)
  return {
    ...{ training: part(split.training), validation: part(split.validation), test: part(split.test) },
    ...{ split, ...found },
  }
}

/**
 * Finds the photographs below folders, each looked at once.
 * @param patch smallest side that one must have, in pixels.
 * @param onFile called with each file; may throw, to cancel.
 * @throws file-not-found or folder-unreadable, naming the folder; data-unsuitable for a file of rows or small images;
 * argument-invalid for labels to keep; training-data-missing where none is usable.
 */
export async function findPhotographs(
  { sources, only }: DataSource,
  patch: number,
  onFile: (file: string) => void,
): Promise<FoundPhotographs> {
  const kind = await dataKindOf(sources)
  if (only !== undefined)
    throw new DarkroomError('argument-invalid', {
      file: '--only',
      expected: 'data whose items have labels: photographs for patches have none',
      received: only.join(', '),
    })
  if (kind !== 'folder')
    throw new DarkroomError('data-unsuitable', {
      file: sources[0]!,
      expected: 'folders of images, for a recipe with data.type "patches"',
      received: kind,
    })
  const { files } = await findImages(sources)
  const read = createImageCache()
  const { usable, skipped, sha256 } = await scanImages(
    files.map(({ path }) => path),
    read,
    patch,
    onFile,
  )
  if (usable.length === 0) {
    throw new DarkroomError('training-data-missing', {
      file: sources.join(', '),
      expected: `images of ${patch} pixels a side or more`,
      received: `0, ${skipped.length} left out`,
    })
  }
  return {
    ...{ usable, read },
    info: {
      ...{
        sources: sources.map((source) => resolve(source)),
        labels: null,
        kind: 'folder',
        items: usable.length,
        shape: [patch, patch, 3],
      },
      ...{ sha256, labelNames: null, scaling: null },
      ...{ skipped: skipped.slice(0, maximumListed), skippedCount: skipped.length },
    },
  }
}
