import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engine } from '@tensorflow/tfjs-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TrainRow } from '../../../src-main/contract/jobs.ts'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { readOnnxWeights } from '../../../src-main/engine/models/onnx-weights.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { readLog, readRun, runFile } from '../../../src-main/engine/storage/runs.ts'
import { readSafetensors } from '../../../src-main/engine/storage/safetensors.ts'
import { train, type TrainOptions } from '../../../src-main/engine/training/train.ts'
import { writePicture } from '../../support/pictures.ts'

const recipe = Recipe.parse({
  version: 1,
  name: 'test',
  model: { type: 'denoiser', widths: [8, 12], blocks: [1, 1] },
  data: { patch: 32, grayShare: 0.2, heldOut: 2 },
  corruption: [
    { type: 'gaussian', sigma: [0, 50] },
    { type: 'quantize', probability: 0.3 },
  ],
  loss: { type: 'l1' },
  optimizer: { type: 'adam', rate: 4e-3, warmup: 5, clipNorm: 1, averageDecay: 0.95 },
  batch: 4,
  steps: 10,
  checkpointEvery: 5,
  validateEvery: 10,
  validateSigma: [25],
})

let folder: string
let images: string
let backend: Backend
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'))
  images = join(folder, 'images')
  for (let i = 0; i < 6; i++) await writePicture(join(images, `${i}.png`), i, 72, 64)
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(async () => {
  await backend.close()
  await rm(folder, { recursive: true })
})

let runs = 0
let out: string
afterEach(() => rm(out, { recursive: true, force: true }))
const start = (changes: Partial<TrainOptions> = {}) => {
  out = changes.out ?? join(folder, `run${runs++}`)
  return train({
    backend,
    recipe,
    data: [images],
    resume: false,
    startFrom: null,
    product: '0.0.0',
    ...changes,
    out,
  })
}

describe('train', () => {
  it('learns to denoise pictures that it has not seen', async () => {
    const rows: TrainRow[] = []
    const longer = { ...recipe, steps: 250, validateEvery: 125, checkpointEvery: 250 }
    const result = await start({ recipe: longer, onRow: (row) => rows.push(row) })
    const noisyPsnr = 20 * Math.log10(255 / 25)
    expect(result.psnr['25']).toBeGreaterThan(noisyPsnr + 2)
    expect(rows.map(({ step }) => step)).toEqual([50, 100, 125, 150, 200, 250])
    expect(rows.at(-1)!.loss).toBeLessThan(rows[0]!.loss)
    expect(await readLog(out)).toEqual(rows)
  })

  it('leaves a run folder that says all that is needed to repeat it', async () => {
    const result = await start()
    const run = await readRun(out)
    expect(run.recipe).toEqual(recipe)
    expect(run.info).toMatchObject({
      product: '0.0.0',
      data: { folders: [images], images: 6, leftOut: [] },
      startFrom: null,
      sessions: [{ engine: 'traced', engineVersion: backend.version, threads: 1, fromStep: 0 }],
      finished: { steps: 10, psnr: result.psnr },
    })
    expect(run.info.heldOut).toHaveLength(2)
    const { tensors } = await readSafetensors(runFile(out, 'weights'))
    expect(result.model).toBe(runFile(out, 'model'))
    expect(readOnnxWeights(recipe.model, await readFile(result.model), result.model)).toEqual(tensors)
    // Done: asking for it again does nothing.
    expect(await start({ out, resume: true })).toEqual(result)
    expect((await readRun(out)).info.sessions).toHaveLength(2)
  })

  it('gives the same to the bit when it was stopped and resumed', async () => {
    await start({ out: join(folder, 'straight') })
    const whole = await readFile(runFile(out, 'checkpoint'))
    const log = await readLog(out)
    await rm(out, { recursive: true })

    // Killed some steps after its checkpoint at step 5: it reports rows that have to be done again.
    const broken = start({
      onProgress: ({ done }) => {
        if (done === 8) throw new Error('killed')
      },
    })
    await expect(broken).rejects.toThrow('killed')
    await appendFile(runFile(out, 'log'), `${JSON.stringify({ ...log[0]!, step: 8 })}\n{"step":9,"lo`)
    await start({ out, resume: true })
    expect((await readFile(runFile(out, 'checkpoint'))).equals(whole)).toBe(true)
    expect((await readRun(out)).info.sessions.map(({ fromStep }) => fromStep)).toEqual([0, 5])
    const untimed = (rows: TrainRow[]) => rows.map((row) => ({ ...row, stepMs: 0 }))
    expect(untimed(await readLog(out))).toEqual(untimed(log))

    // Stopped by request, between checkpoints: nothing is lost.
    const stop = new AbortController()
    const stopped = start({
      out: join(folder, 'stopped'),
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 3) stop.abort()
      },
    })
    await expect(stopped).rejects.toMatchObject({ detail: { code: 'cancelled' } })
    await start({ out, resume: true })
    expect((await readFile(runFile(out, 'checkpoint'))).equals(whole)).toBe(true)
    expect((await readRun(out)).info.sessions.at(-1)!.fromStep).toBe(3)
  })

  it('writes the network of a finished run again where it was deleted', async () => {
    const short = { out, recipe: { ...recipe, steps: 1 } }
    await start(short)
    const model = await readFile(runFile(out, 'model'))
    await rm(runFile(out, 'model'))
    await start({ ...short, resume: true })
    expect((await readFile(runFile(out, 'model'))).equals(model)).toBe(true)
  })

  it('starts from given weights and says so', async () => {
    const weights = initDenoiser(recipe.model, createRandom(9))
    const still = { ...recipe, steps: 1, optimizer: { ...recipe.optimizer, rate: 1e-12 } }
    await start({ recipe: still, startFrom: { name: 'other', weights } })
    const { tensors } = await readSafetensors(runFile(out, 'weights'))
    for (const [name, { data }] of Object.entries(weights)) {
      expect(Math.max(...data.map((value, i) => Math.abs(value - tensors[name]!.data[i]!)))).toBeLessThan(
        1e-6,
      )
    }
    expect((await readRun(out)).info.startFrom?.name).toBe('other')
    await expect(start({ out, recipe: still, resume: true })).rejects.toMatchObject({
      detail: { code: 'run-incompatible', expected: 'other', received: 'fresh weights' },
    })
    const narrow = initDenoiser({ ...recipe.model, widths: [4, 12] }, createRandom(9))
    await expect(start({ startFrom: { name: 'narrow', weights: narrow } })).rejects.toMatchObject({
      detail: { code: 'model-incompatible', file: 'narrow' },
    })
  })

  it('refuses a folder in use, another recipe, other images', async () => {
    await start({ recipe: { ...recipe, steps: 1 } })
    const again = { out, recipe: { ...recipe, steps: 1 } }
    await expect(start(again)).rejects.toMatchObject({ detail: { code: 'file-exists', file: out } })
    await expect(start({ out, resume: true })).rejects.toMatchObject({ detail: { code: 'run-incompatible' } })
    const other = join(folder, 'other')
    for (let i = 0; i < 3; i++) await writePicture(join(other, `${i}.png`), 10 + i, 40, 40)
    await expect(start({ ...again, resume: true, data: [other] })).rejects.toMatchObject({
      detail: { code: 'run-incompatible', received: '3 others' },
    })
    await writeFile(runFile(out, 'info'), '{')
    await expect(start({ ...again, resume: true })).rejects.toMatchObject({
      detail: { code: 'run-unreadable' },
    })
  })

  it('says what is wrong with images and recipe before it trains', async () => {
    const small = { ...recipe, data: { ...recipe.data, patch: 68 } }
    await expect(start({ recipe: small })).rejects.toMatchObject({
      detail: { code: 'training-data-missing', received: '0, 6 smaller, 0 unreadable' },
    })
    await expect(start({ recipe: { ...recipe, data: { ...recipe.data, patch: 30 } } })).rejects.toMatchObject(
      { detail: { code: 'recipe-invalid', received: '30' } },
    )
    const odd = { ...recipe.model, blocks: [1] }
    await expect(start({ recipe: { ...recipe, model: odd } })).rejects.toThrow(/model\.blocks/)
  })

  it('ends when the loss is no longer a number, and keeps the checkpoint before', async () => {
    const wild = {
      ...recipe,
      steps: 40,
      checkpointEvery: 1,
      optimizer: { ...recipe.optimizer, rate: 1e12, warmup: 0, clipNorm: null },
    }
    await expect(start({ recipe: wild })).rejects.toMatchObject({ detail: { code: 'training-diverged' } })
    const { tensors } = await readSafetensors(runFile(out, 'checkpoint'))
    for (const { data } of Object.values(tensors)) expect(data.every(Number.isFinite)).toBe(true)
  })

  it('leaves no tensor behind, however many steps', async () => {
    const counts: number[] = []
    const many = { ...recipe, steps: 40, batch: 1, checkpointEvery: 10 }
    await start({ recipe: many, onProgress: () => counts.push(engine().state.numTensors) })
    expect(new Set(counts).size).toBe(1)
  })
})
