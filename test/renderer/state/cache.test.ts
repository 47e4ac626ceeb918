import { expect, it } from 'vitest'
import { createCache } from '../../../src-renderer/state/cache.ts'

const bytesOf = (value: { bytes: number }): number => value.bytes

it('forgets what was not used for longest, and never holds more than its bytes', () => {
  const cache = createCache(100, bytesOf)
  cache.set('a', { bytes: 40 })
  cache.set('b', { bytes: 40 })
  cache.get('a')
  cache.set('c', { bytes: 40 })
  expect(['a', 'b', 'c'].map((key) => cache.has(key))).toEqual([true, false, true])
  expect(cache.bytes()).toBe(80)
})

it('counts an entry that is set again once', () => {
  const cache = createCache(100, bytesOf)
  cache.set('a', { bytes: 40 })
  cache.set('a', { bytes: 30 })
  expect(cache.bytes()).toBe(30)
})

it('does not keep what is larger than all of it', () => {
  const cache = createCache(100, bytesOf)
  cache.set('a', { bytes: 101 })
  expect(cache.has('a')).toBe(false)
  expect(cache.bytes()).toBe(0)
})

it('drops by key', () => {
  const cache = createCache(100, bytesOf)
  for (const key of ['one:1', 'one:2', 'two:1']) cache.set(key, { bytes: 10 })
  cache.drop((key) => key.startsWith('one'))
  expect(cache.bytes()).toBe(10)
  expect(cache.has('two:1')).toBe(true)
})
