import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { engine } from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Recipe } from '../../../src-main/contract/recipe.ts'
import type { HistoryRow } from '../../../src-main/contract/runs.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { isTemporaryName, temporaryName } from '../../../src-main/engine/storage/atomic.ts'
import { readCheckpoint } from '../../../src-main/engine/storage/checkpoints.ts'
import { listPreviews, readHistory, readRun, runFile } from '../../../src-main/engine/storage/runs.ts'
import { readSafetensors } from '../../../src-main/engine/storage/safetensors.ts'
import { train, type TrainOptions } from '../../../src-main/engine/training/train.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoder, dense } from '../../support/recipes.ts'
import { largestDifference } from '../../support/samples.ts'
import { rowRecipe, trainingOf, untimed } from '../../support/training.ts'

const temporary = temporaryFolder()
let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

let runs = 0
const newRun = (): string => temporary(`run${runs++}`)

/** Trains and frees what the task holds. */
async function start(recipe: Recipe, out: string, changes: Partial<TrainOptions> = {}) {
  const options = { ...trainingOf(backend, recipe, out), ...changes }
  try {
    return await train(options)
  } finally {
    await options.task.close()
  }
}
const resume = (recipe: Recipe, out: string, changes: Partial<TrainOptions> = {}) =>
  start(recipe, out, { resume: true, ...changes })

/** Aborts, or breaks off as if the process had ended, before the n-th step from here. */
function stopAt(step: number, how: 'abort' | 'kill'): Partial<TrainOptions> {
  const controller = new AbortController()
  let steps = 0
  return {
    signal: controller.signal,
    pause() {
      if (steps++ < step) return Promise.resolve()
      if (how === 'kill') return Promise.reject(new Error('killed'))
      controller.abort()
      return Promise.resolve()
    },
  }
}

/** All that a run leaves, but for what the clock and the machine put in. */
async function outcome(out: string) {
  const { seconds, ...checkpoint } = (await readCheckpoint(out))!
  expect(seconds).toBeGreaterThan(0)
  const { finished } = await readRun(out)
  return {
    checkpoint,
    weights: await readFile(runFile(out, 'weights')),
    model: await readFile(runFile(out, 'model')),
    history: untimed(await readHistory(out)),
    previews: (await listPreviews(out)).map(({ name }) => name),
    finished: { ...finished, at: null },
  }
}

describe('a training that is broken off and resumed', () => {
  const noisy = [{ type: 'gaussian', sigma: [10, 60] }]
  it.each<[string, object]>([
    ['plain', {}],
    [
      'in steps, with clipped gradients and a warm-up',
      {
        ...{ epochs: null, steps: 19, validateEvery: 4 },
        optimizer: { rate: 0.02, schedule: 'cosine', warmup: 5, clipNorm: 0.5 },
      },
    ],
    ['layer by layer first', { pretraining: { epochs: 2, rate: 0.02 } }],
    [
      'with averaged weights and corrupted inputs',
      {
        ...{ corruption: noisy, pretraining: { epochs: 1, rate: 0.02 } },
        optimizer: { rate: 0.02, averageDecay: 0.9 },
      },
    ],
    [
      'until it no longer improves, the best kept',
      {
        ...{ epochs: 30, keep: 'best', validateEvery: 4, earlyStopping: { patience: 3, minDelta: 0.004 } },
        optimizer: { rate: 0.05, schedule: 'constant' },
      },
    ],
    [
      'with batches of two sizes',
      {
        batch: [
          { fromEpoch: 0, size: 4 },
          { fromEpoch: 2, size: 8 },
        ],
      },
    ],
    [
      'variational, with β rising',
      {
        model: autoencoder([dense(6, 'tanh')], 3, { variational: true }),
        penalties: [{ type: 'kl', weight: 0.5, warmup: 2 }],
        corruption: noisy,
      },
    ],
  ])('is the same to the bit: %s', async (_, fields) => {
    const recipe = rowRecipe({ checkpointEvery: 3, ...fields })
    const straight = newRun()
    await start(recipe, straight)
    const whole = await outcome(straight)
    expect(whole.checkpoint.step).toBeGreaterThan(12)

    const broken = newRun()
    await expect(start(recipe, broken, stopAt(5, 'kill'))).rejects.toThrow('killed')
    // Killed in the middle of a line, and some steps after the checkpoint that it goes on from.
    await appendFile(runFile(broken, 'history'), '{"step":5,"epo')
    for (const [step, how] of [
      [2, 'abort'],
      [4, 'kill'],
      [3, 'abort'],
    ] as const)
      await expect(resume(recipe, broken, stopAt(step, how))).rejects.toThrow(/killed|cancelled/)
    await resume(recipe, broken)
    expect(await outcome(broken)).toEqual(whole)
    expect((await readRun(broken)).sessions.map(({ fromStep }) => fromStep)).toEqual([0, 3, 5, 9, 12])
  })
})

describe('train', () => {
  it('learns, and leaves a folder that says all that is needed to repeat it', async () => {
    const recipe = rowRecipe({ epochs: 40, optimizer: { rate: 0.02 } })
    const out = newRun()
    const [rows, pictures, began]: [HistoryRow[], string[], number[]] = [[], [], []]
    const result = await start(recipe, out, {
      onBegin: ({ parameters }) => began.push(parameters),
      onRow: (row) => rows.push(row),
      onPreview: (name) => pictures.push(name),
    })
    expect(result).toMatchObject({ steps: 240, why: 'done', model: runFile(out, 'model') })
    expect(began).toEqual([12 * 6 + 6 + 6 * 3 + 3 + 3 * 6 + 6 + 6 * 12 + 12])
    expect(await readHistory(out)).toEqual(rows)
    // A row at each epoch's end, and each fiftieth step between.
    expect(rows.map(({ step }) => step).slice(0, 10)).toEqual([6, 12, 18, 24, 30, 36, 42, 48, 50, 54])
    expect(rows.at(-1)!.validation!['loss']).toBeLessThan(rows[0]!.validation!['loss']! / 5)
    expect(rows.at(-1)).toMatchObject({ step: 240, epoch: 40, stage: 'train' })
    for (const { stepMs, samplesPerSecond, memory, seconds } of rows)
      for (const value of [stepMs, samplesPerSecond, memory, seconds]) expect(value).toBeGreaterThan(0)
    expect(pictures[0]).toBe('step-000006.png')
    expect((await listPreviews(out)).map(({ name }) => name)).toEqual(pictures)

    const info = await readRun(out)
    expect(info).toMatchObject({
      ...{ recipe, parameters: began[0], startFrom: null, product: '0.0.0' },
      ...{ data: { sources: ['/rows.csv'], items: 28 }, split: { training: 22, validation: 6 } },
      sessions: [{ engine: 'traced', engineVersion: backend.version, threads: 1, fromStep: 0 }],
      finished: { steps: 240, why: 'done', modelStep: 240, validation: result.validation },
    })
    const { tensors } = await readSafetensors(runFile(out, 'weights'))
    expect(Object.keys(tensors)).toContain('encoder.0.kernel')
    for (const part of ['encoder', 'decoder'] as const)
      expect((await readFile(runFile(out, part))).length).toBeGreaterThan(100)
    // Over: asking for it again does nothing.
    expect(await resume(recipe, out)).toEqual(result)
    expect((await readRun(out)).sessions).toHaveLength(1)
  })

  it('writes the network of a finished run again where it was deleted', async () => {
    const recipe = rowRecipe({ epochs: 1 })
    const out = newRun()
    await start(recipe, out)
    const model = await readFile(runFile(out, 'model'))
    await rm(runFile(out, 'model'))
    await resume(recipe, out)
    expect((await readFile(runFile(out, 'model'))).equals(model)).toBe(true)
  })

  it('goes on for more epochs, on the schedule of the longer training', async () => {
    const recipe = rowRecipe({ epochs: 2, optimizer: { rate: 0.02 } })
    const out = newRun()
    await start(recipe, out)
    const result = await resume({ ...recipe, epochs: 4 }, out)
    expect(result).toMatchObject({ steps: 24, why: 'done' })
    const info = await readRun(out)
    expect(info).toMatchObject({ recipe: { epochs: 4 }, finished: { steps: 24 } })
    expect(info.sessions.map(({ fromStep }) => fromStep)).toEqual([0, 12])
    const rates = (await readHistory(out)).map(({ rate }) => rate)
    expect(rates[1]).toBeLessThan(rates[2]!)
    // Fewer epochs than are done: nothing is taken back.
    expect(await resume({ ...recipe, epochs: 3 }, out)).toMatchObject({ steps: 24, why: 'done' })
  })

  it('ends after the epoch when it is asked to, and goes on when it is asked to', async () => {
    const recipe = rowRecipe({ epochs: 4, validateEvery: 100 })
    const out = newRun()
    const asked = new AbortController()
    let steps = 0
    const result = await start(recipe, out, {
      stopAfterEpoch: asked.signal,
      pause() {
        if (steps++ === 8) asked.abort()
        return Promise.resolve()
      },
    })
    expect(result).toMatchObject({ steps: 12, why: 'asked' })
    expect(result.validation['loss']).toBeGreaterThan(0)
    expect((await readRun(out)).finished).toMatchObject({ steps: 12, why: 'asked' })
    const rest = await resume(recipe, out)
    const straight = newRun()
    expect(rest).toEqual({ ...(await start(recipe, straight)), model: rest.model })
    expect(await readFile(runFile(out, 'weights'))).toEqual(await readFile(runFile(straight, 'weights')))
  })

  it('stops early, keeps the best, and waits anew when it is told to go on', async () => {
    const recipe = rowRecipe({
      ...{ epochs: 50, keep: 'best', earlyStopping: { patience: 2 } },
      optimizer: { rate: 0.3, schedule: 'constant' },
    })
    const out = newRun()
    const result = await start(recipe, out)
    expect(result.why).toBe('early')
    expect(result.steps).toBeLessThan(300)
    const losses = (await readHistory(out)).flatMap(({ step, validation }) =>
      validation === null ? [] : [{ step, loss: validation['loss']! }],
    )
    const best = losses.toSorted((a, b) => a.loss - b.loss)[0]!
    expect(losses.indexOf(best)).toBe(losses.length - 3)
    expect((await readRun(out)).finished).toMatchObject({
      modelStep: best.step,
      validation: { loss: best.loss },
    })
    const { bestWeights, state } = (await readCheckpoint(out))!
    const { tensors } = await readSafetensors(runFile(out, 'weights'))
    expect(tensors).toEqual(bestWeights)
    expect(tensors['code.kernel']).not.toEqual(state['weights/code.kernel'])
    expect(await resume(recipe, out)).toEqual(result)
    const longer = await resume({ ...recipe, epochs: 60 }, out)
    expect(longer.steps).toBeGreaterThanOrEqual(result.steps + 12)
  })

  it('begins each stage with what the stage before gave, and changes only its layers', async () => {
    const recipe = rowRecipe({ epochs: 1, pretraining: { epochs: 2, rate: 0.02 }, checkpointEvery: 12 })
    const out = newRun()
    await expect(start(recipe, out, stopAt(13, 'kill'))).rejects.toThrow('killed')
    const first = (await readCheckpoint(out))!.state
    await expect(resume(recipe, out, stopAt(13, 'kill'))).rejects.toThrow('killed')
    const second = (await readCheckpoint(out))!.state
    const changed = Object.keys(first).filter(
      (name) => name.startsWith('weights/') && String(first[name]!.data) !== String(second[name]!.data),
    )
    expect(changed.sort()).toEqual(
      ['code.bias', 'code.kernel', 'decoder.0.bias', 'decoder.0.kernel'].map((name) => `weights/${name}`),
    )
    expect(Object.keys(second).filter((name) => name.startsWith('moment1/'))).toHaveLength(4)
    await resume(recipe, out)
    const rows = await readHistory(out)
    expect([...new Set(rows.map(({ stage }) => stage))]).toEqual(['pretrain-1', 'pretrain-2', 'train'])
    expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2, 1, 2, 1])
    for (const { validation } of rows) expect(validation!['loss']).toBeGreaterThan(0)
  })

  it('starts from given weights and says so', async () => {
    const recipe = rowRecipe({ epochs: 1, optimizer: { rate: 1e-12 } })
    const weights = trainingOf(backend, rowRecipe({ seed: 9 }), '').task.init(createRandom(9))
    const out = newRun()
    const startFrom = { name: 'other', weights }
    await expect(start(recipe, out, { startFrom, ...stopAt(2, 'kill') })).rejects.toThrow('killed')
    // The run has them: they need not be given again.
    await resume(recipe, out)
    const { tensors } = await readSafetensors(runFile(out, 'weights'))
    for (const [name, { data }] of Object.entries(weights))
      expect(largestDifference(data, tensors[name]!.data)).toBeLessThan(1e-6)
    expect((await readRun(out)).startFrom?.name).toBe('other')
    const others = { name: 'others', weights: trainingOf(backend, recipe, '').task.init(createRandom(8)) }
    await expect(resume(recipe, out, { startFrom: others })).rejects.toMatchObject({
      detail: { code: 'run-incompatible', expected: 'other', received: 'others' },
    })
    const wide = rowRecipe({ model: autoencoder([dense(7, 'tanh')], 3) })
    await expect(start(wide, newRun(), { startFrom })).rejects.toMatchObject({
      detail: { code: 'model-incompatible', file: 'other', expected: 'encoder.0.kernel [12, 7]' },
    })
  })

  it('asks for the weights again where it was killed before its first checkpoint', async () => {
    const recipe = rowRecipe({ epochs: 1 })
    const weights = trainingOf(backend, rowRecipe({ seed: 9 }), '').task.init(createRandom(9))
    const startFrom = { name: 'other', weights }
    const [out, straight] = [newRun(), newRun()]
    await start(recipe, straight, { startFrom })
    await expect(start(recipe, out, { startFrom, ...stopAt(2, 'kill') })).rejects.toThrow('killed')
    await rm(runFile(out, 'checkpoints'), { recursive: true })
    await expect(resume(recipe, out)).rejects.toMatchObject({
      detail: { code: 'run-incompatible', file: out, received: 'none' },
    })
    await resume(recipe, out, { startFrom })
    expect(await readFile(runFile(out, 'weights'))).toEqual(await readFile(runFile(straight, 'weights')))
  })

  it('begins where one was killed before it had begun', async () => {
    const out = newRun()
    await mkdir(out, { recursive: true })
    await writeFile(join(out, temporaryName()), '{"half')
    await resume(rowRecipe({ epochs: 1 }), out)
    expect((await readdir(out)).filter(isTemporaryName)).toEqual([])
  })

  it('refuses a folder in use, another recipe, other data', async () => {
    const recipe = rowRecipe({ epochs: 1 })
    const out = newRun()
    const { data, split } = trainingOf(backend, recipe, out)
    await start(recipe, out)
    const before = await readFile(runFile(out, 'info'))
    await expect(start(recipe, out)).rejects.toMatchObject({ detail: { code: 'file-exists', file: out } })
    await expect(resume({ ...recipe, seed: 2 }, out)).rejects.toMatchObject({
      detail: { code: 'run-incompatible', expected: 'seed: 1', received: '2' },
    })
    for (const changes of [{ data: { ...data, sha256: '' } }, { split: { ...split, sha256: '' } }])
      await expect(resume(recipe, out, changes)).rejects.toMatchObject({
        detail: { code: 'run-incompatible' },
      })
    expect(await readFile(runFile(out, 'info'))).toEqual(before)
    await writeFile(runFile(out, 'info'), '{')
    await expect(resume(recipe, out)).rejects.toMatchObject({ detail: { code: 'run-unreadable' } })
  })

  it('lets one process train in a folder, and takes over from one that is gone', async () => {
    const recipe = rowRecipe({ epochs: 1 })
    const out = newRun()
    await mkdir(out)
    const lock = runFile(out, 'lock')
    await writeFile(lock, JSON.stringify({ pid: process.ppid }))
    await expect(resume(recipe, out)).rejects.toMatchObject({ detail: { code: 'run-in-use', file: out } })
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(lock, longAgo, longAgo)
    await expect(resume(recipe, out, stopAt(2, 'kill'))).rejects.toThrow('killed')
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    await writeFile(lock, JSON.stringify({ pid: gone }))
    expect(await resume(recipe, out, { onBegin: () => expect(existsSync(lock)).toBe(true) })).toMatchObject({
      why: 'done',
    })
    expect(existsSync(lock)).toBe(false)
  })

  it('ends when the loss is no longer a number, and keeps what was good', async () => {
    const recipe = rowRecipe({ epochs: 20, checkpointEvery: 4 })
    const out = newRun()
    const { task } = trainingOf(backend, recipe, out)
    const broken: TrainOptions['task'] = {
      ...task,
      async draw(stage, place) {
        const inputs = await task.draw(stage, place)
        if (place.epoch > 0) inputs['clean']!.data.fill(1e30)
        return inputs
      },
    }
    await expect(start(recipe, out, { task: broken })).rejects.toMatchObject({
      detail: { code: 'training-diverged', file: out, received: 'loss Infinity at step 7' },
    })
    expect((await readCheckpoint(out))!.step).toBe(4)
    const { tensors, metadata } = await readSafetensors(runFile(out, 'weights'))
    expect(metadata['step']).toBe('4')
    for (const { data } of Object.values(tensors)) expect(data.every(Number.isFinite)).toBe(true)
    expect(existsSync(runFile(out, 'model'))).toBe(true)
    expect((await readRun(out)).finished).toBeNull()
  })

  it('trains without a validation split', async () => {
    const out = newRun()
    const result = await start(rowRecipe({ epochs: 2, split: { validation: 0, test: 0 } }), out)
    expect(result.validation).toEqual({})
    expect((await readHistory(out)).map(({ validation }) => validation)).toEqual([null, null])
    expect(await listPreviews(out)).not.toHaveLength(0)
  })

  it('leaves no tensor behind, however many steps', async () => {
    const counts: number[] = []
    const pause = (): Promise<void> => {
      counts.push(engine().state.numTensors)
      return Promise.resolve()
    }
    await start(rowRecipe({ epochs: 10, checkpointEvery: 10 }), newRun(), { pause })
    expect(counts).toHaveLength(60)
    expect(new Set(counts).size).toBe(1)
  })
})
