import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { HistoryRow, RunInfo } from '../../../src-main/contract/runs.ts'
import { temporaryName } from '../../../src-main/engine/storage/atomic.ts'
import {
  appendHistory,
  isBeingTrained,
  isOccupied,
  listPreviews,
  lockRun,
  readHistory,
  readRun,
  rewindRun,
  runFile,
  writeModel,
  writePreview,
  writeRun,
} from '../../../src-main/engine/storage/runs.ts'
import { readSafetensors } from '../../../src-main/engine/storage/safetensors.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoderRecipe } from '../../support/recipes.ts'

const temporary = temporaryFolder()

const info: RunInfo = {
  version: 2,
  product: '1.2.3',
  recipe: autoencoderRecipe(),
  data: {
    ...{ sources: ['/photos'], labels: 'folders', kind: 'folder', items: 10, shape: [28, 28, 1] },
    ...{ sha256: 'a', labelNames: ['x', 'y'], scaling: null, skippedCount: 1 },
    skipped: [{ code: 'image-unreadable', file: '/photos/broken.png' }],
  },
  split: { training: 8, validation: 1, test: 1, stratified: true, sha256: 'b' },
  parameters: 100,
  startFrom: null,
  sessions: [{ engine: 'traced', engineVersion: '1', threads: 2, fromStep: 0, startedAt: '2026-01-01' }],
  finished: null,
}

const row = (step: number): HistoryRow => ({
  ...{ step, epoch: step / 10, stage: 'train', rate: 0.1, stepMs: 2, samplesPerSecond: 1e3, memory: 1e8 },
  ...{ seconds: 1, training: { loss: 1 / 3 }, validation: step % 2 === 0 ? { loss: 0.5 } : null },
})

describe('a run folder', () => {
  it('gives back what was written', async () => {
    const folder = temporary('whole')
    await writeRun(folder, info)
    expect(await readRun(folder)).toEqual(info)
    for (const step of [1, 2, 3]) await appendHistory(folder, row(step))
    expect(await readHistory(folder)).toEqual([1, 2, 3].map(row))
    expect(await readHistory(folder, 1)).toEqual([1, 3].map(row))
    for (const step of [120, 1_000_000, 5]) await writePreview(folder, step, Uint8Array.of(step & 255))
    expect((await listPreviews(folder)).map(({ name }) => name)).toEqual([
      'step-000005.png',
      'step-000120.png',
      'step-1000000.png',
    ])
    const weights = { w: { shape: [2], dtype: 'float32' as const, data: Float32Array.of(1, 2) } }
    await writeModel(folder, weights, { model: Uint8Array.of(1), encoder: Uint8Array.of(2) }, { step: '3' })
    expect(await readSafetensors(runFile(folder, 'weights'))).toEqual({
      tensors: weights,
      metadata: { step: '3' },
    })
    expect([...(await readFile(runFile(folder, 'encoder')))]).toEqual([2])
  })

  it('is occupied by anything but a lock', async () => {
    expect(await isOccupied(temporary('none'))).toBe(false)
    await (await lockRun(temporary('locked'))).release()
    // Nothing was written into it.
    expect(await readdir(temporary())).not.toContain('locked')
    await mkdir(temporary('locked'))
    await writeFile(runFile(temporary('locked'), 'lock'), '{}')
    expect(await isOccupied(temporary('locked'))).toBe(false)
    await writeFile(temporary('locked', 'note.txt'), '')
    expect(await isOccupied(temporary('locked'))).toBe(true)
    await expect(isOccupied(temporary('locked', 'note.txt'))).rejects.toMatchObject({
      detail: { code: 'output-unwritable', expected: 'a folder' },
    })
  })

  it('goes back to a step', async () => {
    const folder = temporary('rewound')
    await writeRun(folder, info)
    for (const step of [1, 2, 3]) await appendHistory(folder, row(step))
    await appendFile(runFile(folder, 'history'), '{"step":4,"ep')
    for (const step of [1, 2, 3]) await writePreview(folder, step, Uint8Array.of(1))
    await rewindRun(folder, 2)
    expect(await readFile(runFile(folder, 'history'), 'utf8')).toBe(
      [1, 2].map((step) => `${JSON.stringify(row(step))}\n`).join(''),
    )
    expect((await listPreviews(folder)).map(({ step }) => step)).toEqual([1, 2])
  })

  it('is trained in by one at a time, who clears away what a killed one left', async () => {
    const folder = temporary('held')
    await mkdir(runFile(folder, 'checkpoints'), { recursive: true })
    await writeFile(temporary('held', 'checkpoints', temporaryName()), 'half')
    await writeFile(temporary('held', temporaryName()), 'half')
    const lock = await lockRun(folder)
    expect(await readdir(folder, { recursive: true })).toEqual(['checkpoints', 'training.lock'])
    expect(await isBeingTrained(folder)).toBe(true)
    await expect(lockRun(folder)).rejects.toMatchObject({ detail: { code: 'run-in-use', file: folder } })
    await lock.release()
    expect(await isBeingTrained(folder)).toBe(false)
  })

  it.each<[string, string, object]>([
    ['nothing', '', {}],
    ['no JSON', '{', {}],
    ['another version', '{"version":1}', { expected: 'version 2', received: 'version 1' }],
    ['a missing field', JSON.stringify({ ...info, split: undefined }), {}],
    ['an unknown field', JSON.stringify({ ...info, more: 1 }), {}],
  ])('is not read where run.json is %s', async (name, text, detail) => {
    const folder = temporary(name)
    await mkdir(folder)
    if (text !== '') await writeFile(runFile(folder, 'info'), text)
    await expect(readRun(folder)).rejects.toMatchObject({
      detail: { code: 'run-unreadable', file: runFile(folder, 'info'), ...detail },
    })
  })
})
