import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { isTemporaryName } from '../../../src-main/engine/storage/atomic.ts'
import { readCheckpoint } from '../../../src-main/engine/storage/checkpoints.ts'
import { readHistory, readRun, runFile } from '../../../src-main/engine/storage/runs.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { killedRecipe, trainingOf, untimed } from '../../support/training.ts'

const temporary = temporaryFolder()
const entry = fileURLToPath(new URL('../../support/train-process.ts', import.meta.url))
let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

it('loses nothing when its process is killed, in the middle of writing a checkpoint too', async () => {
  const [killed, straight] = [temporary('killed'), temporary('straight')]
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry, killed])
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  expect(await once(child, 'close'), said).toEqual([null, 'SIGKILL'])
  expect((await readCheckpoint(killed))!.step).toBe(2)
  const left = await readdir(runFile(killed, 'checkpoints'))
  expect(left.filter(isTemporaryName)).toHaveLength(1)

  const resumed = trainingOf(backend, killedRecipe, killed)
  await train({ ...resumed, resume: true })
  const other = trainingOf(backend, killedRecipe, straight)
  await train(other)
  await resumed.task.close()
  await other.task.close()
  for (const file of ['weights', 'model'] as const)
    expect((await readFile(runFile(killed, file))).equals(await readFile(runFile(straight, file)))).toBe(true)
  expect(untimed(await readHistory(killed))).toEqual(untimed(await readHistory(straight)))
  expect((await readRun(killed)).sessions).toHaveLength(2)
  expect((await readdir(runFile(killed, 'checkpoints'))).filter(isTemporaryName)).toEqual([])
})
