import { describe, expect, it } from 'vitest'
import { createNewest } from '../../../src-renderer/state/newest.ts'

/** Questions that are answered when the test says so. */
function open() {
  const asked: { question: number; answer: (text: string) => void; refuse: (reason: Error) => void }[] = []
  const ask = createNewest(
    (question: number) =>
      new Promise<string>((answer, refuse) => {
        asked.push({ question, answer, refuse })
      }),
  )
  return { ask, asked }
}

describe('only the newest question', () => {
  it('waits for the one under way, and takes the place of those that came between', async () => {
    const { ask, asked } = open()
    const answers = [ask(1), ask(2), ask(3)]
    expect(asked.map(({ question }) => question)).toEqual([1])
    asked[0]!.answer('one')
    expect(await answers[0]).toBe('one')
    expect(await answers[1]).toBeNull()
    expect(asked.map(({ question }) => question)).toEqual([1, 3])
    asked[1]!.answer('three')
    expect(await answers[2]).toBe('three')
  })

  it('goes on after one that fails', async () => {
    const { ask, asked } = open()
    const [first, second] = [ask(1), ask(2)]
    asked[0]!.refuse(new Error('no'))
    await expect(first).rejects.toThrow('no')
    asked[1]!.answer('two')
    expect(await second).toBe('two')
  })
})
