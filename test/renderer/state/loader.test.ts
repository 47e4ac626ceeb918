import { expect, it } from 'vitest'
import { createLoader } from '../../../src-renderer/state/loader.ts'

/** An engine whose answers are given by hand. */
function setUp(inFlight = 2) {
  const asked: string[] = []
  const answers = new Map<string, { resolve: (value: string) => void; reject: (reason: Error) => void }>()
  const ready: string[] = []
  const failed: string[] = []
  const loader = createLoader<string, string>({
    ask: (question) => {
      asked.push(question)
      return new Promise((resolve, reject) => answers.set(question, { resolve, reject }))
    },
    inFlight,
    ready: (key) => ready.push(key),
    failed: (key) => failed.push(key),
  })
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0))
  return {
    loader,
    asked,
    ready,
    failed,
    want: (...keys: string[]) => loader.want(keys.map((key) => ({ key, question: key }))),
    answer: async (key: string) => {
      answers.get(key)!.resolve(key)
      await settle()
    },
    refuse: async (key: string) => {
      answers.get(key)!.reject(new Error(key))
      await settle()
    },
  }
}

it('asks for two at a time, in the order of the wishes', async () => {
  const { want, asked, answer, ready, loader } = setUp()
  want('a', 'b', 'c')
  expect(asked).toEqual(['a', 'b'])
  await answer('b')
  expect(asked).toEqual(['a', 'b', 'c'])
  expect(ready).toEqual(['b'])
  expect(loader.open()).toBe(2)
})

it('drops what is no longer wanted, and never asks twice for what is under way', async () => {
  const { want, asked, answer, ready } = setUp()
  want('a', 'b', 'c')
  want('d', 'b')
  expect(asked).toEqual(['a', 'b'])
  await answer('a')
  await answer('b')
  expect(asked).toEqual(['a', 'b', 'd'])
  expect(ready).toEqual(['a', 'b'])
})

it('does not ask again for what failed, until it was not wanted for a while', async () => {
  const { want, asked, refuse, failed, loader } = setUp(1)
  want('a')
  await refuse('a')
  expect(failed).toEqual(['a'])
  want('a')
  expect(asked).toEqual(['a'])
  expect(loader.open()).toBe(0)
  want('b')
  want('a')
  await refuse('b')
  expect(asked).toEqual(['a', 'b', 'a'])
})

it('keeps silent once closed', async () => {
  const { want, answer, ready, asked, loader } = setUp(1)
  want('a', 'b')
  loader.close()
  await answer('a')
  expect(ready).toEqual([])
  expect(asked).toEqual(['a'])
})
