import { expect, it } from 'vitest'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import { createQuestionContext } from '../../src-main/engine/question-context.ts'

const backendThat = (close: () => void): Backend => ({ close: () => Promise.resolve(close()) }) as Backend

it('opens one backend for all questions, and tries again where it could not', async () => {
  let tries = 0
  const { backend } = createQuestionContext('home', () =>
    ++tries === 1 ? Promise.reject(new Error('not now')) : Promise.resolve(backendThat(() => undefined)),
  )
  await expect(backend()).rejects.toThrow('not now')
  const [first, second] = await Promise.all([backend(), backend()])
  expect(first).toBe(second)
  expect(tries).toBe(2)
})

it('does one work at a time, also after one that failed', async () => {
  const { inTurn } = createQuestionContext('home', () => Promise.reject(new Error()))
  let running = 0
  const work = async (fails: boolean): Promise<number> => {
    const beside = running++
    await Promise.resolve()
    running--
    if (fails) throw new Error('unsuitable')
    return beside
  }
  const failed = inTurn(() => work(true))
  const others = [inTurn(() => work(false)), inTurn(() => work(false))]
  await expect(failed).rejects.toThrow('unsuitable')
  expect(await Promise.all(others)).toEqual([0, 0])
})

it('ends what is going on, releases what stands on the backend, and closes it last', async () => {
  const said: string[] = []
  const context = createQuestionContext('home', () => Promise.resolve(backendThat(() => said.push('closed'))))
  await context.backend()
  void context.inTurn(async () => {
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
    said.push('stopped')
  })
  // The work has begun.
  await Promise.resolve()
  await context.close(() => Promise.resolve(said.push('released')))
  expect(said).toEqual(['stopped', 'released', 'closed'])
})
