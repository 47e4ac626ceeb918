import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { DarkroomError } from '../../contract/errors.ts'
import { denoiserStride, type Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { listImages, splitHeldOut } from '../data/folders.ts'
import { createImageCache, scanImages, type ReadRgb } from '../data/images.ts'
import { checkDenoiserWeights, denoiserShapes, initDenoiser } from '../models/denoiser.ts'
import type { Random } from '../numeric/random.ts'
import { encodeSafetensors } from '../storage/safetensors.ts'
import {
  isOccupied,
  readCheckpoint,
  readLog,
  readRun,
  rewriteLog,
  writeRun,
  type Run,
  type RunInfo,
} from '../storage/runs.ts'
import { initialState } from './step.ts'

/** Every use of random numbers has a source of its own, so that a change in one leaves the others as they are. */
export const sources = { split: 0, weights: 1, batches: 2, validation: 3 } as const

/** What the loop needs to start, or to go on. */
export interface Beginning {
  run: Run
  /** Steps done. */
  step: number
  state: TensorMap
  files: { training: string[]; heldOut: string[] }
  read: ReadRgb
}

export interface BeginOptions {
  recipe: Recipe
  /** Folders of clean images. */
  data: string[]
  /** Run folder. */
  out: string
  /** Go on where the run folder stands; a run that has not begun begins. */
  resume: boolean
  /** Weights to start from, and where they came from; null: fresh ones, from the seed. */
  startFrom: { name: string; weights: TensorMap } | null
  /** Version of the product. */
  product: string
  engine: { name: string; version: string; threads: number }
  /** The source that all others are forked from. */
  random: Random
  /** Called with every image that is looked at; may throw, to cancel. */
  onFile: (file: string) => void
}

/**
 * Checks recipe and images, then makes the run folder or reads where it stands.
 * @throws file-exists when the folder holds something and nothing is to be resumed; run-incompatible when it was begun with
 * another recipe, other images or other first weights; recipe-invalid; training-data-missing.
 */
export async function beginRun(options: BeginOptions): Promise<Beginning> {
  const { recipe, out } = options
  checkRecipe(recipe)
  const occupied = await isOccupied(out)
  if (occupied && !options.resume) {
    throw new DarkroomError('file-exists', { file: out, expected: 'an empty folder, or --resume' })
  }
  const before = occupied ? await readRun(out) : null
  if (before !== null && !isDeepStrictEqual(before.recipe, recipe)) {
    throw incompatible(out, 'the recipe in recipe.json', 'another')
  }

  const { files, data, read } = await findImages(options)
  const startFrom = fingerprint(options.startFrom)
  if (before !== null && before.info.data.sha256 !== data.sha256) {
    throw incompatible(
      out,
      `the ${before.info.data.images} images it was begun with`,
      `${data.images} others`,
    )
  }
  if (before !== null && before.info.startFrom?.sha256 !== startFrom?.sha256) {
    throw incompatible(
      out,
      before.info.startFrom?.name ?? 'fresh weights',
      startFrom?.name ?? 'fresh weights',
    )
  }

  const first = options.startFrom?.weights ?? initDenoiser(recipe.model, options.random.fork(sources.weights))
  checkDenoiserWeights(recipe.model, first, options.startFrom?.name)
  const checkpoint = before === null ? null : await readCheckpoint(out)
  const step = checkpoint?.step ?? 0
  const state = checkpoint?.state ?? initialState(recipe, first)

  const { name: engine, version: engineVersion, threads } = options.engine
  const session = { engine, engineVersion, threads, fromStep: step, startedAt: new Date().toISOString() }
  const info: RunInfo =
    before === null
      ? {
          version: 1,
          product: options.product,
          data,
          heldOut: files.heldOut,
          startFrom,
          sessions: [session],
          finished: null,
        }
      : { ...before.info, sessions: [...before.info.sessions, session] }
  await writeRun(out, { recipe, info })
  if (before !== null) await rewriteLog(out, await readLog(out, step))
  return { run: { recipe, info }, step, state, files, read }
}

const incompatible = (file: string, expected: string, received: string): DarkroomError =>
  new DarkroomError('run-incompatible', { file, expected, received })

/** What the recipe's schema cannot say: that its parts fit together. */
function checkRecipe(recipe: Recipe): void {
  denoiserShapes(recipe.model)
  const stride = denoiserStride(recipe.model)
  if (recipe.data.patch % stride !== 0) {
    throw new DarkroomError('recipe-invalid', {
      expected: `data.patch: a multiple of ${stride} for ${recipe.model.widths.length} scales`,
      received: `${recipe.data.patch}`,
    })
  }
}

async function findImages({ recipe, data: folders, onFile, random }: BeginOptions) {
  const all = await listImages(folders)
  const read = createImageCache()
  const scan = await scanImages(all, read, recipe.data.patch, onFile)
  if (scan.usable.length <= recipe.data.heldOut) {
    throw new DarkroomError('training-data-missing', {
      file: folders.join(', '),
      expected: `more than data.heldOut = ${recipe.data.heldOut} images of ${recipe.data.patch} pixels or more`,
      received: `${scan.usable.length}, ${scan.tooSmall.length} smaller, ${scan.unreadable.length} unreadable`,
    })
  }
  const files = splitHeldOut(scan.usable, recipe.data.heldOut, random.fork(sources.split))
  const leftOut = [...scan.tooSmall, ...scan.unreadable.map(({ file }) => file ?? '')]
  return { files, read, data: { folders, images: scan.usable.length, sha256: scan.sha256, leftOut } }
}

function fingerprint(start: BeginOptions['startFrom']): RunInfo['startFrom'] {
  if (start === null) return null
  const sha256 = createHash('sha256').update(encodeSafetensors(start.weights)).digest('hex')
  return { name: start.name, sha256 }
}
