import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { DarkroomError } from '../../contract/errors.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../storage/checkpoints.ts'
import { isOccupied, readRun, rewindRun, writeRun } from '../storage/runs.ts'
import { encodeSafetensors } from '../storage/safetensors.ts'
import { initialState } from './step.ts'
import type { Task } from './task.ts'

export interface BeginOptions {
  recipe: Recipe
  task: Task
  /** What the task was made from, for `run.json`. */
  data: RunInfo['data']
  split: RunInfo['split']
  /** Run folder. */
  out: string
  /** Go on where the run folder stands; a run that has not begun begins. */
  resume: boolean
  /** Weights to begin with, and where they came from; null: fresh ones, from the seed. A run that is resumed has them already. */
  startFrom: { name: string; weights: TensorMap } | null
  /** Version of the product. */
  product: string
  backend: Pick<Backend, 'name' | 'version' | 'threads'>
  /** Draws the first weights. */
  random: Random
}

/** What the loop needs to start, or to go on. */
export interface Beginning {
  info: RunInfo
  checkpoint: Checkpoint
}

/**
 * The run that a folder holds, or null where it is empty and a new one can begin.
 * @throws file-exists when the folder holds something and nothing is to be resumed; run-unreadable
 */
export async function findRun(out: string, resume: boolean): Promise<RunInfo | null> {
  if (!(await isOccupied(out))) return null
  if (resume) return readRun(out)
  throw new DarkroomError('file-exists', { file: out, expected: 'an empty folder, or --resume' })
}

/**
 * Makes the run folder, or reads where it stands. The caller holds the folder's lock.
 * @param before what `findRun` said.
 * @throws run-incompatible when it was begun with another recipe (epochs and steps aside), other data or other first weights;
 * model-incompatible when the weights to begin with are not those of the network.
 */
export async function beginRun(before: RunInfo | null, options: BeginOptions): Promise<Beginning> {
  const { recipe, task, data, split, out, product } = options
  if (before !== null) checkSame(before, options)
  const found = before === null ? null : await readCheckpoint(out)
  // Killed before it had a checkpoint: the weights that it was to begin with are nowhere in the run.
  if (found === null && before?.startFrom && options.startFrom === null)
    throw new DarkroomError('run-incompatible', {
      file: out,
      expected: `the weights that it begins with, --start-from ${before.startFrom.name}`,
      received: 'none',
    })
  const checkpoint = found ?? firstCheckpoint(options)

  const { name: engine, version: engineVersion, threads } = options.backend
  const startedAt = new Date().toISOString()
  const session = { engine, engineVersion, threads, fromStep: checkpoint.step, startedAt }
  const info: RunInfo = {
    version: 2,
    product: before?.product ?? product,
    recipe,
    data,
    split,
    parameters: task.layers.reduce((sum, { parameters }) => sum + parameters, 0),
    startFrom: before === null ? fingerprint(options.startFrom) : before.startFrom,
    sessions: [...(before?.sessions ?? []), session],
    finished: before?.finished ?? null,
  }
  if (isOver(info, before)) return { info: before!, checkpoint }
  await writeRun(out, { ...info, finished: null })
  await rewindRun(out, checkpoint.step)
  // The weights to begin with are in the run from here on: resuming needs no other file.
  if (found === null) await writeCheckpoint(out, checkpoint)
  return { info: { ...info, finished: null }, checkpoint: goOn(checkpoint, before) }
}

/** A run that has reached what its recipe says stays as it is, until it is told to go on for longer. One that was ended by asking goes on. */
export const isOver = (info: RunInfo, before: RunInfo | null): boolean =>
  before?.finished != null && before.finished.why !== 'asked' && isDeepStrictEqual(before.recipe, info.recipe)

/** Early stopping, once it was overruled by longer training, waits anew. */
const goOn = (checkpoint: Checkpoint, before: RunInfo | null): Checkpoint =>
  before?.finished?.why === 'early'
    ? { ...checkpoint, stopping: { ...checkpoint.stopping, waited: 0 } }
    : checkpoint

function firstCheckpoint({ recipe, task, random, startFrom }: BeginOptions): Checkpoint {
  const weights = startFrom?.weights ?? task.init(random)
  checkWeights(weights, task.weights, startFrom?.name)
  return {
    step: 0,
    state: initialState(recipe.optimizer, weights, task.stages[0]!),
    best: null,
    bestWeights: null,
    stopping: { reference: null, waited: 0 },
    seconds: 0,
    sums: {},
    samples: 0,
  }
}

function checkSame(before: RunInfo, { recipe, data, split, startFrom, out }: BeginOptions): void {
  const incompatible = (expected: string, received: string): DarkroomError =>
    new DarkroomError('run-incompatible', { file: out, expected, received })

  const length = { epochs: null, steps: null }
  for (const [field, value] of Object.entries({ ...recipe, ...length })) {
    const own = ({ ...before.recipe, ...length } as Record<string, unknown>)[field]
    if (!isDeepStrictEqual(own, value))
      throw incompatible(`${field}: ${JSON.stringify(own)}`, JSON.stringify(value))
  }
  if (before.data.sha256 !== data.sha256 || before.split.sha256 !== split.sha256)
    throw incompatible(`the ${before.data.items} items it was begun with`, `${data.items} others`)
  if (startFrom !== null && before.startFrom?.sha256 !== fingerprint(startFrom)!.sha256)
    throw incompatible(before.startFrom?.name ?? 'fresh weights', startFrom.name)
}

/** @param file where the weights came from */
function checkWeights(weights: TensorMap, shapes: Record<string, number[]>, file = ''): void {
  const describe = (shape: number[] | undefined): string =>
    shape === undefined ? 'none' : `[${shape.join(', ')}]`
  for (const name of new Set([...Object.keys(shapes), ...Object.keys(weights)])) {
    const [expected, received] = [describe(shapes[name]), describe(weights[name]?.shape)]
    if (expected !== received)
      throw new DarkroomError('model-incompatible', { file, expected: `${name} ${expected}`, received })
  }
}

function fingerprint(start: BeginOptions['startFrom']): RunInfo['startFrom'] {
  if (start === null) return null
  const sha256 = createHash('sha256').update(encodeSafetensors(start.weights)).digest('hex')
  return { name: start.name, sha256 }
}
