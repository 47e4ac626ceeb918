import { maximumListed, type DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { RecipeOf } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Random } from '../numeric/random.ts'
import type { Split } from './dataset.ts'
import { listImages } from './folders.ts'
import { createImageCache, scanImages, type ReadRgb, type ScannedImage } from './images.ts'
import { splitDataset } from './split.ts'

/** Photographs to cut patches from, each looked at once and given its part in the training. */
export interface Photographs {
  training: ScannedImage[]
  validation: ScannedImage[]
  test: ScannedImage[]
  split: Split
  /** Keeps what it decoded, within a budget of memory. */
  read: ReadRgb
  /** As `run.json` holds it. */
  info: RunInfo['data']
}

/**
 * Finds the photographs below folders, and splits them.
 * @param random draws the split.
 * @param onFile called before each file is looked at; may throw, to cancel.
 * @throws file-not-found or folder-unreadable, naming the folder; training-data-missing where too few are usable.
 */
export async function openPhotographs(
  { sources }: DataSource,
  recipe: Pick<RecipeOf<'patches'>, 'data' | 'split'>,
  random: Random,
  onFile: (file: string) => void,
): Promise<Photographs> {
  const { patch } = recipe.data
  const read = createImageCache()
  const { usable, skipped, sha256 } = await scanImages(await listImages(sources), read, patch, onFile)
  if (usable.length === 0) {
    throw new DarkroomError('training-data-missing', {
      file: sources.join(', '),
      expected: `images of ${patch} pixels a side or more`,
      received: `0, ${skipped.length} left out`,
    })
  }
  const split = splitDataset({ count: usable.length, labels: null }, recipe.split, random)
  const part = (indexes: Int32Array): ScannedImage[] => [...indexes].map((index) => usable[index]!)
  return {
    ...{ training: part(split.training), validation: part(split.validation), test: part(split.test) },
    split,
    read,
    info: {
      ...{ sources, labels: null, kind: 'folder', items: usable.length, shape: [patch, patch, 3] },
      ...{ sha256, labelNames: null, scaling: null },
      ...{ skipped: skipped.slice(0, maximumListed), skippedCount: skipped.length },
    },
  }
}
