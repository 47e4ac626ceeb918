import { basename, join, relative, resolve, sep } from 'node:path'
import { maximumListed, type DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { RecipeOf } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Random } from '../numeric/random.ts'
import type { Split } from './dataset.ts'
import { dataKindOf } from './data-kind.ts'
import { findImages } from './image-files.ts'
import {
  createImageCache,
  scanImages,
  type FurtherTakes,
  type ReadPictures,
  type ScannedImage,
} from './images.ts'
import type { Levels } from '../storage/levels.ts'
import { measureLevels } from './levels.ts'
import { splitDataset } from './split.ts'

/** Photographs as they were found, each looked at once. */
export interface FoundPhotographs {
  /** Never empty. */
  usable: ScannedImage[]
  /** Keeps what it decoded, within a budget of memory. */
  read: ReadPictures
  /** As `run.json` holds it. */
  info: RunInfo['data']
}

/** Photographs to cut patches from, each given its part in the training. */
export interface Photographs extends Omit<FoundPhotographs, 'usable'> {
  training: ScannedImage[]
  validation: ScannedImage[]
  test: ScannedImage[]
  split: Split
  /** Null where black and white are those of each file. */
  levels: Levels | null
}

/** What of a recipe decides which photographs can be used. */
type PatchRecipe = Pick<RecipeOf<'patches'>, 'data' | 'split' | 'model' | 'corruption' | 'supervision'>

/**
 * Finds the photographs below folders, splits them, and measures their range where the recipe says so: on those to train on.
 * @param random draws the split.
 * @throws as `findPhotographs`; training-data-missing where they are too few to be split.
 */
export async function openPhotographs(
  source: DataSource,
  recipe: PatchRecipe,
  random: Random,
  onFile: (file: string) => void,
): Promise<Photographs> {
  const { usable, ...found } = await findPhotographs(source, recipe, onFile)
  const split = splitDataset({ count: usable.length, labels: null, groups: null }, recipe.split, random)
  const part = (indexes: Int32Array): ScannedImage[] => [...indexes].map((index) => usable[index]!)
  const training = part(split.training)
  const levels = recipe.data.range === 'measured' ? await measureLevels(training, found.read) : null
  return {
    ...{ training, validation: part(split.validation), test: part(split.test) },
    ...{ split, levels, ...found, info: { ...found.info, ...(levels && { levels }) } },
  }
}

/** Smallest side of a picture that patches can be cut from, in pixels. */
function smallestSide({ data, model, supervision }: PatchRecipe): number {
  const whole = supervision.type === 'neighbor2neighbor' ? 2 * data.patch : data.patch
  return model.type === 'denoiser' ? whole * model.shuffle : whole
}

/** Where a training looks for further takes of its scenes. Noise that is made for experiments makes as many as are needed. */
function furtherTakes({ sources, second }: DataSource, recipe: PatchRecipe): FurtherTakes {
  const needsTakes = recipe.supervision.type === 'noise2noise' && recipe.corruption.length === 0
  if (second === undefined) return needsTakes ? 'pages' : 'none'
  if (!needsTakes)
    throw new DarkroomError('argument-invalid', {
      file: '--second',
      expected: 'a recipe with supervision.type "noise2noise", without corruption',
      received: recipe.supervision.type,
    })
  const roots = sources.map((source) => resolve(source))
  return (file) => {
    const root = roots.find((one) => file.startsWith(one + sep))
    return join(resolve(second), root === undefined ? basename(file) : relative(root, file))
  }
}

/**
 * Finds the photographs below folders, each looked at once.
 * @param onFile called with each file; may throw, to cancel.
 * @throws file-not-found or folder-unreadable, naming the folder; data-unsuitable for a file of rows or small images;
 * argument-invalid for labels to keep, and for second takes that the recipe does not ask for; training-data-missing where none is usable.
 */
export async function findPhotographs(
  source: DataSource,
  recipe: PatchRecipe,
  onFile: (file: string) => void,
): Promise<FoundPhotographs> {
  const { sources, only, second } = source
  const side = smallestSide(recipe)
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
    { side, further: furtherTakes(source, recipe) },
    onFile,
  )
  if (usable.length === 0) {
    throw new DarkroomError('training-data-missing', {
      file: sources.join(', '),
      expected: `images of ${side} pixels a side or more`,
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
        shape: [recipe.data.patch, recipe.data.patch, recipe.data.channels],
        ...(second !== undefined && { second: resolve(second) }),
      },
      ...{ sha256, labelNames: null, scaling: null },
      ...{ skipped: skipped.slice(0, maximumListed), skippedCount: skipped.length },
    },
  }
}
