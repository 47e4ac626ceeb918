import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TensorData } from '../../../src-main/contract/tensors.ts'
import {
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../src-main/engine/storage/checkpoints.ts'
import { runFile } from '../../../src-main/engine/storage/runs.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const temporary = temporaryFolder()

const tensor = (...values: number[]): TensorData => ({
  ...{ shape: [values.length], dtype: 'float32', data: Float32Array.from(values) },
})
const checkpoint = (step: number): Checkpoint => ({
  step,
  best: { loss: 0.1 + 0.2, step: 1, validation: { loss: 0.1 + 0.2, psnr: 20 } },
  stopping: { reference: 1 / 3, waited: 2 },
  seconds: 1.5,
  sums: { loss: Math.PI, 'kl/x': 1e-30 },
  samples: 7,
  state: { 'weights/a/b': tensor(step, 2), 'moment1/a/b': tensor(3, 4) },
  bestWeights: { 'a/b': tensor(5, 6) },
})

describe('checkpoints', () => {
  it('come back as they were, to the last bit', async () => {
    const folder = temporary('one')
    expect(await readCheckpoint(folder)).toBeNull()
    await writeCheckpoint(folder, checkpoint(1))
    expect(await readCheckpoint(folder)).toEqual(checkpoint(1))
    const bare = { ...checkpoint(2), best: null, bestWeights: null, stopping: { reference: null, waited: 0 } }
    await writeCheckpoint(folder, bare)
    expect(await readCheckpoint(folder)).toEqual(bare)
  })

  it('keep the newest two, in the order of their steps', async () => {
    const folder = temporary('two')
    for (const step of [8, 9, 10, 1_000_000]) await writeCheckpoint(folder, checkpoint(step))
    expect((await readdir(runFile(folder, 'checkpoints'))).sort()).toEqual([
      'step-000010.safetensors',
      'step-1000000.safetensors',
    ])
    expect((await readCheckpoint(folder))!.step).toBe(1_000_000)
  })

  it('may be damaged: the newest whole one counts', async () => {
    const folder = temporary('damaged')
    const file = (step: number): string =>
      join(runFile(folder, 'checkpoints'), `step-00000${step}.safetensors`)
    for (const step of [1, 2]) await writeCheckpoint(folder, checkpoint(step))
    await truncate(file(2), 100)
    expect(await readCheckpoint(folder)).toEqual(checkpoint(1))
    await writeFile(file(1), '')
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      detail: { code: 'run-unreadable', file: file(2), expected: 'a whole checkpoint' },
    })
  })
})
