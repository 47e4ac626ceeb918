import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { Progress, TrainRow } from '../../contract/jobs.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import { drawBatch, type Batch } from '../data/batches.ts'
import { exportDenoiser } from '../models/denoiser.ts'
import { createRandom } from '../numeric/random.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { appendLog, runFile, writeCheckpoint, writeRun } from '../storage/runs.ts'
import { writeSafetensors } from '../storage/safetensors.ts'
import { beginRun, sources, type BeginOptions } from './begin.ts'
import { learningRate } from './schedule.ts'
import { resultWeights, stepNumbers, trainingSignature, trainingStep } from './step.ts'
import { createValidator } from './validation.ts'

export interface TrainOptions extends Pick<
  BeginOptions,
  'recipe' | 'data' | 'out' | 'resume' | 'startFrom' | 'product'
> {
  backend: Backend
  /** Ends the training after the step it is at, with a checkpoint. */
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  onRow?: (row: TrainRow) => void
}

export interface TrainResult {
  steps: number
  /** The network as an ONNX file. */
  model: string
  /** Validation PSNR (dB) by σ; empty when no images are held out. */
  psnr: Record<string, number>
}

/** Steps between two rows of the log. */
const logEvery = 50

/**
 * Trains a recipe on folders of images into a run folder.
 *
 * Resuming gives the same weights, to the bit, as not having stopped, on the same engine with the same number of threads:
 * a checkpoint holds weights, moments, average and step, and everything random follows from the recipe's seed and the step.
 *
 * @throws what `beginRun` throws; cancelled, after a checkpoint, when the signal says so; training-diverged when the loss or a
 * weight is no longer a number (the last checkpoint stays).
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { backend, recipe, out, signal } = options
  const random = createRandom(recipe.seed)
  const {
    run,
    step: firstStep,
    state,
    files,
    read,
  } = await beginRun({
    ...options,
    engine: backend,
    random,
    onFile: (file) => {
      if (signal?.aborted) throw new DarkroomError('cancelled')
      options.onProgress?.({ done: 0, total: recipe.steps, secondsLeft: null, current: file })
    },
  })
  const model = runFile(out, 'model')
  if (run.info.finished !== null) {
    // It may have been deleted from the list of models since.
    if (!existsSync(model)) await saveRun(out, recipe, { step: firstStep, state }, options.product)
    const { steps, psnr } = run.info.finished
    return { steps, psnr, model }
  }

  const batchRandom = random.fork(sources.batches)
  const nextBatch = drawAhead(firstStep, recipe.steps, (step) =>
    drawBatch(files.training, read, recipe, batchRandom.fork(step)),
  )
  const program = await backend.compile(trainingStep(recipe), trainingSignature(recipe, state))
  const validator = await createValidator(
    backend,
    recipe,
    resultWeights(recipe, state),
    files.heldOut,
    random.fork(sources.validation),
  )
  const save = async (step: number): Promise<void> =>
    saveRun(out, recipe, { step, state: await program.readState() }, options.product)
  const validate = async (): Promise<Record<string, number>> =>
    validator.validate(resultWeights(recipe, await program.readState()))

  try {
    let psnr: Record<string, number> | null = null
    let losses: number[] = []
    let times: number[] = []
    const started = performance.now()
    for (let step = firstStep; step < recipe.steps;) {
      // Running blocks the thread; this lets timers, signals and messages in.
      await setImmediate()
      if (signal?.aborted) {
        await save(step)
        throw new DarkroomError('cancelled')
      }
      const stepStarted = performance.now()
      const { loss } = await program.run({ ...(await nextBatch()), ...stepNumbers(recipe, step) })
      losses.push(loss!.data[0]!)
      times.push(performance.now() - stepStarted)
      const rate = learningRate(recipe.optimizer, step, recipe.steps)
      step++

      if (!Number.isFinite(losses.at(-1))) throw diverged(out, `loss ${losses.at(-1)} at step ${step}`)
      const isDue = (every: number): boolean => step % every === 0 || step === recipe.steps
      psnr = isDue(recipe.validateEvery) ? await validate() : null
      if (isDue(recipe.checkpointEvery)) await save(step)
      if (psnr !== null || isDue(logEvery) || isDue(recipe.checkpointEvery)) {
        const row: TrainRow = { step, loss: mean(losses), rate, stepMs: median(times), ...(psnr && { psnr }) }
        await appendLog(out, row)
        options.onRow?.(row)
        losses = []
        times = []
      }
      const secondsLeft =
        (((performance.now() - started) / 1000) * (recipe.steps - step)) / (step - firstStep)
      options.onProgress?.({ done: step, total: recipe.steps, secondsLeft })
    }
    // A run that was stopped between its last checkpoint and this point is measured again.
    psnr ??= await validate()
    const finished = { at: new Date().toISOString(), steps: recipe.steps, psnr }
    await writeRun(out, { recipe, info: { ...run.info, finished } })
    return { steps: recipe.steps, psnr, model }
  } finally {
    await program.dispose()
    await validator.dispose()
  }
}

/** The batches of the steps from `first` to before `end`, in order; each is drawn while the step before it runs. */
function drawAhead(first: number, end: number, draw: (step: number) => Promise<Batch>): () => Promise<Batch> {
  let step = first
  const start = (): Promise<Batch> => {
    const batch = draw(step++)
    // Where it fails, it fails when it is asked for; without this Node would end the process before.
    batch.catch(() => undefined)
    return batch
  }
  let ahead = first < end ? start() : null
  return () => {
    const batch = ahead ?? start()
    ahead = step < end ? start() : null
    return batch
  }
}

/** Writes the weights as they are so far, as a file and as a network, then the checkpoint. */
async function saveRun(
  out: string,
  recipe: Recipe,
  checkpoint: { step: number; state: TensorMap },
  product: string,
): Promise<void> {
  const broken = Object.entries(checkpoint.state).find(([, { data }]) => !data.every(Number.isFinite))
  if (broken !== undefined) throw diverged(out, `${broken[0]} at step ${checkpoint.step}`)
  const weights = resultWeights(recipe, checkpoint.state)
  const metadata = { recipe: recipe.name, step: `${checkpoint.step}`, seed: `${recipe.seed}` }
  await writeSafetensors(runFile(out, 'weights'), weights, metadata)
  const model = exportDenoiser(recipe.model, weights, metadata, product)
  await writeAtomic(runFile(out, 'model'), (temporary) => writeFile(temporary, model), { overwrite: true })
  await writeCheckpoint(out, checkpoint)
}

const diverged = (file: string, received: string): DarkroomError =>
  new DarkroomError('training-diverged', { file, expected: 'finite numbers', received })

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
