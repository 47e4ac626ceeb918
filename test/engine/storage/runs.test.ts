import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import {
  appendLog,
  isOccupied,
  readCheckpoint,
  readLog,
  readRun,
  rewriteLog,
  runFile,
  writeCheckpoint,
  writeRun,
  type Run,
} from '../../../src-main/engine/storage/runs.ts'
import { writeSafetensors } from '../../../src-main/engine/storage/safetensors.ts'

const run: Run = {
  recipe: Recipe.parse({
    version: 1,
    name: 'test',
    model: { type: 'denoiser', widths: [4], blocks: [1] },
    data: { patch: 8 },
    corruption: [{ type: 'gaussian', sigma: [0, 50] }],
    loss: { type: 'l1' },
    optimizer: { type: 'adam', rate: 1e-3 },
    batch: 1,
    steps: 1,
  }),
  info: {
    version: 1,
    product: '1.2.3',
    data: { folders: ['pictures'], images: 3, sha256: '00', leftOut: [] },
    heldOut: ['pictures/a.png'],
    startFrom: null,
    sessions: [
      { engine: 'traced', engineVersion: '1', threads: 2, fromStep: 0, startedAt: '2026-01-01T00:00:00Z' },
    ],
    finished: null,
  },
}

const folders: string[] = []
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runs-'))
  folders.push(folder)
})
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true }))))

describe('run folder', () => {
  it('reads back what was written; is made where it is missing', async () => {
    const inner = join(folder, 'a', 'b')
    expect(await isOccupied(inner)).toBe(false)
    await writeRun(inner, run)
    expect(await isOccupied(inner)).toBe(true)
    expect(await readRun(inner)).toEqual(run)
  })

  it('is refused where it is none, or damaged, by name of the field', async () => {
    await expect(readRun(folder)).rejects.toMatchObject({
      detail: { code: 'run-unreadable', file: runFile(folder, 'recipe') },
    })
    await writeRun(folder, run)
    await writeFile(runFile(folder, 'info'), JSON.stringify({ ...run.info, product: 3 }))
    await expect(readRun(folder)).rejects.toMatchObject({
      detail: { code: 'run-unreadable', received: expect.stringContaining('product') as string },
    })
    await expect(isOccupied(runFile(folder, 'info'))).rejects.toMatchObject({
      detail: { code: 'output-unwritable' },
    })
  })

  it('logs a row a line, survives a cut line, and can go back to a step', async () => {
    expect(await readLog(folder)).toEqual([])
    const rows = [50, 100].map((step) => ({
      step,
      loss: 1 / step,
      rate: 1e-3,
      stepMs: 2,
      psnr: { '25': 30 },
    }))
    for (const row of rows) await appendLog(folder, row)
    await appendFile(runFile(folder, 'log'), '{"step":150,"lo')
    expect(await readLog(folder)).toEqual(rows)
    await rewriteLog(folder, await readLog(folder, 60))
    await appendLog(folder, rows[1]!)
    expect(await readLog(folder)).toEqual(rows)
  })

  it('keeps one checkpoint: step and state together', async () => {
    expect(await readCheckpoint(folder)).toBeNull()
    const state = (value: number): TensorMap => ({
      'weights/a': { shape: [1], dtype: 'float32', data: Float32Array.of(value) },
    })
    await writeCheckpoint(folder, { step: 5, state: state(1) })
    await writeCheckpoint(folder, { step: 10, state: state(2) })
    expect(await readCheckpoint(folder)).toEqual({ step: 10, state: state(2) })
    await writeSafetensors(runFile(folder, 'checkpoint'), state(3))
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ detail: { code: 'run-unreadable' } })
    await writeFile(runFile(folder, 'checkpoint'), 'cut off')
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ detail: { code: 'model-unreadable' } })
  })
})
