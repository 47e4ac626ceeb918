import { existsSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { Progress } from '../../contract/jobs.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { HistoryRow, RunInfo } from '../../contract/runs.ts'
import type { Backend } from '../backend/backend.ts'
import { createRandom } from '../numeric/random.ts'
import { readCheckpoint, type Checkpoint } from '../storage/checkpoints.ts'
import { lockRun, readHistory, runFile, writeRun } from '../storage/runs.ts'
import { beginRun, findRun, type BeginOptions } from './begin.ts'
import { drawAhead } from './draw-ahead.ts'
import { planTraining, positionOf, stepsPerRow, type Plan, type PlannedStage, type Position } from './plan.ts'
import { createPrograms } from './programs.ts'
import { createRecorder, diverged, saveModel } from './recorder.ts'
import { learningRate } from './schedule.ts'
import { sources } from './sources.ts'
import { afterValidation, stopsEarly, type Standing } from './standing.ts'
import { optimizerValues, resultWeights } from './step.ts'

export interface TrainOptions extends Omit<BeginOptions, 'random' | 'backend'> {
  backend: Backend
  /** Ends the training before its next step, with a checkpoint. */
  signal?: AbortSignal
  /** Ends it after the epoch under way, as if it had been as long. */
  stopAfterEpoch?: AbortSignal
  /** Awaited between steps. */
  pause?: () => Promise<void>
  /** The run folder is there. */
  onBegin?: (info: RunInfo) => void
  onProgress?: (progress: Progress) => void
  onRow?: (row: HistoryRow) => void
  /** Told the name of each new picture in the run's `previews`. */
  onPreview?: (name: string) => void
}

export interface TrainResult {
  steps: number
  why: 'done' | 'early' | 'asked'
  /** The network as an ONNX file. */
  model: string
  /** On the validation split, of the weights that became the model; empty without one. */
  validation: Record<string, number>
}

/** Milliseconds between two words of progress. */
const betweenProgress = 200

/**
 * Trains a task into a run folder, stage after stage.
 *
 * Resuming gives the same weights and history (times aside), to the bit, as not having stopped, on the same engine with the same number
 * of threads: a checkpoint holds the whole training state, and everything random follows from the recipe's seed and the place in the
 * training. A run that is over is resumed with more (or fewer) epochs or steps: the schedule of the learning rate is then, from there on, that of
 * the longer training, and early stopping waits anew. Resumed unchanged it gives its result again, unless it was ended by
 * `stopAfterEpoch`: then it goes on.
 *
 * @throws what `findRun`, `lockRun` and `beginRun` throw; cancelled, after a checkpoint, when the signal says so; training-diverged when
 * the loss or a weight is no longer a number (the last checkpoint and its model stay); disk-full, output-unwritable (the last checkpoint
 * stays).
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { recipe, out } = options
  const before = await findRun(out, options.resume)
  const lock = await lockRun(out)
  try {
    const random = createRandom(recipe.seed).fork(sources.weights)
    const { info, checkpoint } = await beginRun(before, { ...options, random })
    options.onBegin?.(info)
    if (info.finished !== null) {
      // It may have been deleted from the list of models since.
      if (!existsSync(runFile(out, 'model'))) await saveModel(options, checkpoint)
      const { steps, why, validation } = info.finished
      return { steps, why, validation, model: runFile(out, 'model') }
    }
    return await runSteps(options, info, checkpoint)
  } finally {
    await lock.release()
  }
}

async function runSteps(options: TrainOptions, info: RunInfo, first: Checkpoint): Promise<TrainResult> {
  const { backend, recipe, task, out, signal } = options
  const plan = planTraining(recipe, task)
  const rowEvery = stepsPerRow(task.layers, plan)
  const programs = createPrograms(backend, recipe.optimizer, task, first.state)
  const nextBatch = drawAhead(plan, task, first.step)
  const recorder = await createRecorder(options, plan, first)
  const tellProgress = createProgress(options, plan, first.step)
  const { step, best, bestWeights, stopping } = first
  let standing: Standing = { step, best, bestWeights, stopping }
  let validation: Record<string, number> | null = null

  const runStep = async (position: Position, rate: number): Promise<void> => {
    const program = await programs.at(position)
    const started = performance.now()
    const values = optimizerValues(recipe.optimizer, rate, position.stageStep)
    const terms = await program.run({ ...(await nextBatch()), ...values })
    recorder.addStep(terms, position.place.count, performance.now() - started)
    standing = { ...standing, step: standing.step + 1 }
    for (const [name, { data }] of Object.entries(terms))
      if (!Number.isFinite(data[0])) throw diverged(out, `${name} ${data[0]} at step ${standing.step}`)
  }
  const validate = async ({ planned }: Position): Promise<Record<string, number> | null> => {
    const weights = resultWeights(await programs.readState())
    const values = await task.validate(planned.stage, weights)
    const { loss } = values
    if (loss === undefined) return Object.keys(values).length > 0 ? values : null
    if (!Number.isFinite(loss)) throw diverged(out, `validation loss ${loss} at step ${standing.step}`)
    if (planned.isLast) standing = afterValidation(standing, recipe, { ...values, loss }, weights)
    return values
  }

  try {
    let why: TrainResult['why'] | null = stopsEarly(standing, recipe)
      ? 'early'
      : standing.step >= plan.steps
        ? 'done'
        : null
    while (why === null) {
      // Running blocks the thread; this lets timers, signals and messages in.
      await setImmediate()
      await options.pause?.()
      if (signal?.aborted) {
        await recorder.save(standing, await programs.readState(), true)
        throw new DarkroomError('cancelled')
      }
      const position = positionOf(plan, standing.step)
      const { planned, stageStep, endsEpoch, endsStage } = position
      const rate = rateAt(recipe.optimizer, planned, stageStep)
      await runStep(position, rate)

      const isDue = (every: number | null): boolean =>
        endsStage || (every === null ? endsEpoch : standing.step % every === 0)
      const isAsked = endsEpoch && options.stopAfterEpoch?.aborted === true
      validation = isAsked || isDue(recipe.validateEvery) ? await validate(position) : null
      if (standing.step === plan.steps) why = 'done'
      else if (planned.isLast && stopsEarly(standing, recipe)) why = 'early'
      else if (isAsked) why = 'asked'

      if (why !== null || validation !== null || endsEpoch || endsStage || standing.step % rowEvery === 0) {
        await recorder.writeRow(standing, position, rate, validation)
        if (why !== null || recorder.isPreviewDue(standing.step))
          await recorder.writePreview(standing.step, resultWeights(await programs.readState()))
      }
      const isSoon = recipe.checkpointEvery === null && recorder.isTooSoon()
      if (why !== null || (isDue(recipe.checkpointEvery) && !isSoon))
        await recorder.save(standing, await programs.readState(), why !== null)
      tellProgress(standing.step)
    }
    // A run that was killed after its last step has measured already.
    validation ??= (await readHistory(out)).findLast((row) => row.step === standing.step)?.validation ?? null
    const isBest = recipe.keep === 'best' && standing.best !== null
    const kept = isBest ? standing.best! : { step: standing.step, validation: validation ?? {} }
    // It may have been killed before it wrote the network, too.
    if (standing.step === first.step) await saveModel(options, first)
    const finished = { at: new Date().toISOString(), steps: standing.step, why, modelStep: kept.step }
    await writeRun(out, { ...info, finished: { ...finished, validation: kept.validation } })
    return { steps: standing.step, why, validation: kept.validation, model: runFile(out, 'model') }
  } catch (error) {
    const isDiverged = error instanceof DarkroomError && error.detail.code === 'training-diverged'
    const lastGood = isDiverged ? await readCheckpoint(out) : null
    if (lastGood !== null) await saveModel(options, lastGood)
    throw error
  } finally {
    await programs.dispose()
  }
}

const rateAt = (optimizer: Recipe['optimizer'], { stage, steps }: PlannedStage, step: number): number =>
  learningRate({ ...optimizer, rate: stage.rate ?? optimizer.rate }, step, steps)

/** Tells now and then, and at the end, how far it is. */
function createProgress(
  { onProgress }: TrainOptions,
  { steps }: Plan,
  first: number,
): (done: number) => void {
  const started = performance.now()
  let toldAt = -Infinity
  return (done) => {
    const now = performance.now()
    if (now - toldAt < betweenProgress && done < steps) return
    toldAt = now
    const secondsLeft = ((now - started) / 1000 / (done - first)) * (steps - done)
    onProgress?.({ done, total: steps, secondsLeft })
  }
}
