import { DarkroomError } from '../../contract/errors.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { HistoryRow } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { writeCheckpoint, type Checkpoint } from '../storage/checkpoints.ts'
import { appendHistory, listPreviews, writeModel, writePreview } from '../storage/runs.ts'
import type { Plan, Position } from './plan.ts'
import { isPreviewDue } from './schedule.ts'
import type { Standing } from './standing.ts'
import { resultWeights } from './step.ts'
import { createTally } from './tally.ts'
import type { Task } from './task.ts'

/** Epochs may be short: where a recipe asks for a checkpoint at the end of each, so much time passes between two. Milliseconds. */
const betweenCheckpoints = 2_000
/** An ONNX file is made by tracing the network anew, which takes longer than a step. Milliseconds. */
const betweenModels = 30_000

export interface RecorderOptions {
  recipe: Recipe
  task: Pick<Task, 'preview' | 'exports'>
  /** Run folder. */
  out: string
  onRow?: (row: HistoryRow) => void
  onPreview?: (name: string) => void
}

/** Writes what a training leaves in its run folder. */
export interface Recorder {
  /** @param terms of the loss at a step, each the mean over `count` samples. */
  addStep(terms: TensorMap, count: number, milliseconds: number): void
  writeRow(
    standing: Standing,
    position: Position,
    rate: number,
    validation: Record<string, number> | null,
  ): Promise<void>
  isPreviewDue(step: number): boolean
  writePreview(step: number, weights: TensorMap): Promise<void>
  /** Whether a checkpoint at the end of an epoch would come too soon after the last. */
  isTooSoon(): boolean
  /**
   * Writes a checkpoint; now and then, or where it is asked for, the network too.
   * @throws training-diverged where a number of the state is not finite: the checkpoints before stay.
   */
  save(standing: Standing, state: TensorMap, withModel: boolean): Promise<void>
}

export async function createRecorder(
  options: RecorderOptions,
  plan: Plan,
  first: Checkpoint,
): Promise<Recorder> {
  const { task, out } = options
  const started = performance.now()
  const seconds = (): number => first.seconds + (performance.now() - started) / 1000
  const tally = createTally(first)
  let lastPreview = (await listPreviews(out)).at(-1)?.step ?? 0
  let [checkpointAt, modelAt] = [started, started]
  return {
    addStep: (terms, count, milliseconds) => tally.add(terms, count, milliseconds),

    async writeRow({ step }, { planned, place }, rate, validation) {
      const row: HistoryRow = {
        ...{ step, epoch: place.epoch + (place.offset + place.count) / plan.samples },
        ...{ stage: planned.stage.name, rate, ...tally.take(), validation },
        ...{ memory: process.memoryUsage.rss(), seconds: seconds() },
      }
      await appendHistory(out, row)
      options.onRow?.(row)
    },

    isPreviewDue: (step) => isPreviewDue(step, lastPreview, plan.steps),

    async writePreview(step, weights) {
      lastPreview = step
      const png = await task.preview(weights)
      if (png === null) return
      const name = await writePreview(out, step, png)
      options.onPreview?.(name)
    },

    isTooSoon: () => performance.now() - checkpointAt < betweenCheckpoints,

    async save(standing, state, withModel) {
      const broken = Object.entries(state).find(([, { data }]) => !isFinite(data))
      if (broken !== undefined) throw diverged(out, `${broken[0]} at step ${standing.step}`)
      const checkpoint: Checkpoint = { ...standing, state, seconds: seconds(), ...tally.standing() }
      await writeCheckpoint(out, checkpoint)
      checkpointAt = performance.now()
      if (!withModel && checkpointAt - modelAt < betweenModels) return
      await saveModel(options, checkpoint)
      modelAt = performance.now()
    },
  }
}

/** Writes the network with the weights that a checkpoint would make the model. @throws as `writeAtomic` */
export async function saveModel(
  { recipe, task, out }: Pick<RecorderOptions, 'recipe' | 'task' | 'out'>,
  { step, state, best, bestWeights }: Checkpoint,
): Promise<void> {
  const weights = bestWeights ?? resultWeights(state)
  const weightsStep = bestWeights === null ? step : best!.step
  const metadata = { recipe: recipe.name, step: `${weightsStep}`, seed: `${recipe.seed}` }
  await writeModel(out, weights, task.exports(weights, metadata), metadata)
}

export const diverged = (file: string, received: string): DarkroomError =>
  new DarkroomError('training-diverged', { file, expected: 'finite numbers', received })

/** Nothing but a number that is not finite gives NaN times 0. */
function isFinite(data: ArrayLike<number>): boolean {
  let zero = 0
  for (let i = 0; i < data.length; i++) zero += data[i]! * 0
  return zero === 0
}
