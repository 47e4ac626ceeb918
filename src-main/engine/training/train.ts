import { existsSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { Progress } from '../../contract/jobs.ts'
import type { HistoryRow, RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import { createRandom } from '../numeric/random.ts'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../storage/checkpoints.ts'
import {
  appendHistory,
  listPreviews,
  lockRun,
  readHistory,
  runFile,
  writeModel,
  writePreview,
  writeRun,
} from '../storage/runs.ts'
import { beginRun, findRun, type BeginOptions } from './begin.ts'
import { planTraining, positionOf, stepsPerRow, type Plan } from './plan.ts'
import { createPrograms } from './programs.ts'
import { isPreviewDue, learningRate } from './schedule.ts'
import { optimizerValues, resultWeights } from './step.ts'
import { sources } from './sources.ts'
import { createTally } from './tally.ts'
import type { Task } from './task.ts'

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

/** At the end of each epoch is soon enough for checkpoints, but epochs may be short. Milliseconds. */
const shortestBetweenCheckpoints = 2_000
/** An ONNX file is made by tracing the network anew, which takes longer than a step. Milliseconds. */
const betweenModels = 30_000
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
  const started = performance.now()
  const secondsSpent = (): number => first.seconds + (performance.now() - started) / 1000
  const programs = createPrograms(backend, recipe.optimizer, task, first.state)
  const nextBatch = drawAhead(plan, task, first.step)
  const tally = createTally(first)
  let { step, best, bestWeights, stopping } = first
  let validation: Record<string, number> | null = null
  let lastPreview = (await listPreviews(out)).at(-1)?.step ?? 0
  const saved = { checkpoint: started, model: started, progress: 0 }

  const checkpointNow = async (): Promise<Checkpoint> => ({
    ...{ step, best, bestWeights, stopping },
    ...{ seconds: secondsSpent(), state: await programs.readState(), ...tally.standing() },
  })
  const save = async (withModel: boolean): Promise<void> => {
    const checkpoint = await checkpointNow()
    const broken = Object.entries(checkpoint.state).find(([, { data }]) => !isFinite(data))
    if (broken !== undefined) throw diverged(out, `${broken[0]} at step ${step}`)
    await writeCheckpoint(out, checkpoint)
    saved.checkpoint = performance.now()
    if (!withModel) return
    await saveModel(options, checkpoint)
    saved.model = performance.now()
  }
  const stopsEarly = (): boolean =>
    recipe.earlyStopping !== null && stopping.waited >= recipe.earlyStopping.patience

  try {
    let why: TrainResult['why'] | null = stopsEarly() ? 'early' : step >= plan.steps ? 'done' : null
    while (why === null) {
      // Running blocks the thread; this lets timers, signals and messages in.
      await setImmediate()
      await options.pause?.()
      if (signal?.aborted) {
        await save(true)
        throw new DarkroomError('cancelled')
      }
      const { planned, stageStep, place, endsEpoch } = positionOf(plan, step)
      const { stage } = planned
      const program = await programs.at({ planned, stageStep, place, endsEpoch })
      const rate = learningRate(
        { ...recipe.optimizer, rate: stage.rate ?? recipe.optimizer.rate },
        stageStep,
        planned.steps,
      )
      const stepStarted = performance.now()
      const inputs = { ...(await nextBatch()), ...optimizerValues(recipe.optimizer, rate, stageStep) }
      const terms = await program.run(inputs)
      tally.add(terms, place.count, performance.now() - stepStarted)
      step++
      const loss = terms['loss']!.data[0]!
      if (!Number.isFinite(loss)) throw diverged(out, `loss ${loss} at step ${step}`)

      const endsStage = stageStep + 1 === planned.steps
      const isDue = (every: number | null): boolean =>
        endsStage || (every === null ? endsEpoch : step % every === 0)
      const isAsked = endsEpoch && options.stopAfterEpoch?.aborted === true
      validation = null
      if (isDue(recipe.validateEvery) || isAsked) {
        const weights = resultWeights(await programs.readState())
        const values = await task.validate(stage, weights)
        const reached = values['loss']
        if (reached !== undefined && !Number.isFinite(reached))
          throw diverged(out, `validation loss ${reached} at step ${step}`)
        if (Object.keys(values).length > 0) validation = values
        if (reached !== undefined && planned.isLast) {
          if (best === null || reached < best.loss) {
            best = { loss: reached, step, validation: values }
            bestWeights = recipe.keep === 'best' ? weights : null
          }
          stopping = waitFor(stopping, reached, recipe.earlyStopping?.minDelta ?? 0)
        }
      }
      if (step === plan.steps) why = 'done'
      else if (planned.isLast && stopsEarly()) why = 'early'
      else if (isAsked) why = 'asked'

      const now = performance.now()
      if (why !== null || validation !== null || endsEpoch || endsStage || step % rowEvery === 0) {
        const row: HistoryRow = {
          ...{ step, epoch: place.epoch + (place.offset + place.count) / plan.samples },
          ...{ stage: stage.name, rate, ...tally.take(), validation },
          ...{ memory: process.memoryUsage.rss(), seconds: secondsSpent() },
        }
        await appendHistory(out, row)
        options.onRow?.(row)
        if (why !== null || isPreviewDue(step, lastPreview, plan.steps)) {
          const png = await task.preview(resultWeights(await programs.readState()))
          if (png !== null) {
            const name = await writePreview(out, step, png)
            options.onPreview?.(name)
          }
          lastPreview = step
        }
      }
      const isSoon = recipe.checkpointEvery === null && now - saved.checkpoint < shortestBetweenCheckpoints
      if (why !== null || (isDue(recipe.checkpointEvery) && !isSoon))
        await save(why === null && now - saved.model > betweenModels)
      if (why !== null || now - saved.progress > betweenProgress) {
        const secondsLeft = ((now - started) / 1000 / (step - first.step)) * (plan.steps - step)
        options.onProgress?.({ done: step, total: plan.steps, secondsLeft })
        saved.progress = now
      }
    }
    // A run that was killed after its last step has measured already.
    validation ??= (await readHistory(out)).findLast((row) => row.step === step)?.validation ?? null
    const last = await checkpointNow()
    const kept = recipe.keep === 'best' && best !== null ? best : { step, validation: validation ?? {} }
    await saveModel(options, last)
    const finished = { at: new Date().toISOString(), steps: step, why, modelStep: kept.step }
    await writeRun(out, { ...info, finished: { ...finished, validation: kept.validation } })
    return { steps: step, why, validation: kept.validation, model: runFile(out, 'model') }
  } catch (error) {
    const isDiverged = error instanceof DarkroomError && error.detail.code === 'training-diverged'
    const lastGood = isDiverged ? await readCheckpoint(out) : null
    if (lastGood !== null) await saveModel(options, lastGood)
    throw error
  } finally {
    await programs.dispose()
  }
}

/** The batches from a step on, in order; each is drawn while the step before it runs. */
function drawAhead(plan: Plan, task: Pick<Task, 'draw'>, first: number): () => Promise<TensorMap> {
  let step = first
  const start = (): Promise<TensorMap> | null => {
    if (step >= plan.steps) return null
    const { planned, place } = positionOf(plan, step++)
    const batch = task.draw(planned.stage, place)
    // Where it fails, it fails when it is asked for; without this Node would end the process before.
    batch.catch(() => undefined)
    return batch
  }
  let ahead = start()
  return () => {
    const batch = ahead!
    ahead = start()
    return batch
  }
}

/** Writes the network with the weights that a checkpoint would make the model. */
async function saveModel({ recipe, task, out }: TrainOptions, checkpoint: Checkpoint): Promise<void> {
  const isBest = recipe.keep === 'best' && checkpoint.bestWeights !== null
  const weights = isBest ? checkpoint.bestWeights! : resultWeights(checkpoint.state)
  const step = isBest ? checkpoint.best!.step : checkpoint.step
  const metadata = { recipe: recipe.name, step: `${step}`, seed: `${recipe.seed}` }
  await writeModel(out, weights, task.exports(weights, metadata), metadata)
}

/** Validations since the loss last fell below what it was by `minDelta`. */
const waitFor = (
  { reference, waited }: Checkpoint['stopping'],
  loss: number,
  minDelta: number,
): Checkpoint['stopping'] =>
  reference === null || loss < reference - minDelta
    ? { reference: loss, waited: 0 }
    : { reference, waited: waited + 1 }

const diverged = (file: string, received: string): DarkroomError =>
  new DarkroomError('training-diverged', { file, expected: 'finite numbers', received })

/** Nothing but a number that is not finite gives NaN times 0. */
function isFinite(data: ArrayLike<number>): boolean {
  let zero = 0
  for (let i = 0; i < data.length; i++) zero += data[i]! * 0
  return zero === 0
}
