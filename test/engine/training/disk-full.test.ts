import type * as FileSystem from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { readCheckpoint } from '../../../src-main/engine/storage/checkpoints.ts'
import { readHistory, readRun, runFile } from '../../../src-main/engine/storage/runs.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { rowRecipe, trainingOf } from '../../support/training.ts'

/** Folder in which files can be begun, but not ended. */
const disk = vi.hoisted(() => ({ full: null as string | null }))
vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof FileSystem>()
  const noSpace = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
  const writeFile = async (file: string, data: Uint8Array): Promise<void> => {
    if (dirname(file) !== disk.full) return files.writeFile(file, data)
    await files.writeFile(file, data.subarray(0, data.length / 2))
    noSpace()
  }
  const appendFile = async (file: string, text: string): Promise<void> =>
    dirname(file) === disk.full ? noSpace() : files.appendFile(file, text)
  return { ...files, writeFile, appendFile }
})

const temporary = temporaryFolder()
let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

it.each([
  ['checkpoint', (out: string) => runFile(out, 'checkpoints')],
  ['row of the history', (out: string) => out],
  ['network', (out: string) => dirname(runFile(out, 'model'))],
])('says that the disk is full in the middle of a %s, and loses nothing', async (name, folderOf) => {
  const out = temporary(name)
  const options = trainingOf(backend, rowRecipe({ epochs: 2, checkpointEvery: 2 }), out)
  let steps = 0
  const pause = (): Promise<void> => {
    if (steps++ === 7) disk.full = folderOf(out)
    return Promise.resolve()
  }
  await expect(train({ ...options, pause })).rejects.toMatchObject({ detail: { code: 'disk-full' } })
  const checkpoint = (await readCheckpoint(out))!
  expect(checkpoint.step).toBeGreaterThanOrEqual(6)
  expect((await readRun(out)).finished).toBeNull()

  disk.full = null
  expect(await train({ ...options, resume: true })).toMatchObject({ steps: 12, why: 'done' })
  expect((await readRun(out)).sessions.at(-1)!.fromStep).toBe(checkpoint.step)
  expect((await readHistory(out)).map(({ step }) => step)).toEqual([6, 12])
  await options.task.close()
})
