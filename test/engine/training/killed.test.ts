import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
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

/** Trains in a process of its own, and kills it once it has done some steps and `isMoment` says so. */
async function trainAndKill(out: string, steps: number, isMoment: () => Promise<boolean>): Promise<void> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry, out])
  let seen = ''
  child.stdout.on('data', (text: Buffer) => (seen += text.toString()))
  child.stderr.on('data', (text: Buffer) => (seen += text.toString()))
  const ended = once(child, 'exit')
  while (seen.split('step').length <= steps && child.exitCode === null) await delay(5)
  while (child.exitCode === null && !(await isMoment())) continue
  child.kill('SIGKILL')
  const [code, signal] = (await ended) as [number | null, string | null]
  expect([code, signal, seen.includes('Error')], seen).toEqual([null, 'SIGKILL', false])
}

it('loses nothing when its process is killed, in the middle of writing a checkpoint too', async () => {
  const [killed, straight] = [temporary('killed'), temporary('straight')]
  const isWriting = async (): Promise<boolean> =>
    (await readdir(runFile(killed, 'checkpoints'))).some(isTemporaryName)
  await trainAndKill(killed, 3, isWriting)
  expect((await readCheckpoint(killed))!.step).toBeGreaterThanOrEqual(2)
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
