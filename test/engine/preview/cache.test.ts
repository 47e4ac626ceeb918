import { describe, expect, it } from 'vitest'
import { createCache } from '../../../src-main/engine/preview/cache.ts'

interface Box {
  name: string
  weight: number
}

function counting(limit: number, isCurrent?: (box: Box) => Promise<boolean>) {
  const made: string[] = []
  const dropped: string[] = []
  const cache = createCache<Box>({
    limit,
    weigh: ({ weight }) => weight,
    ...(isCurrent && { isCurrent }),
    drop: (box) => {
      dropped.push(box.name)
      return Promise.resolve()
    },
  })
  const get = (name: string, weight = 1): Promise<Box> =>
    cache.get(name, () => {
      made.push(name)
      return Promise.resolve({ name, weight })
    })
  return { cache, get, made, dropped }
}

describe('createCache', () => {
  it('makes a value once, however many ask for it at a time', async () => {
    const { get, made } = counting(10)
    const boxes = await Promise.all([get('a'), get('a'), get('b'), get('a')])
    expect(made).toEqual(['a', 'b'])
    expect(boxes[0]).toBe(boxes[3])
  })

  it('drops what was unused for longest, until the rest fits', async () => {
    const { get, made, dropped } = counting(3)
    await get('a')
    await get('b')
    await get('c')
    await get('a')
    await get('d', 2)
    expect(dropped).toEqual(['b', 'c'])
    await get('a')
    expect(made).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps the last value whatever it weighs', async () => {
    const { get, made, dropped } = counting(3)
    await get('a')
    await get('huge', 100)
    await get('huge')
    expect(dropped).toEqual(['a'])
    expect(made).toEqual(['a', 'huge'])
    await get('b')
    expect(dropped).toEqual(['a', 'huge'])
  })

  it('looks again when a value has grown', async () => {
    const { cache, get, dropped } = counting(3)
    await get('a')
    const grown = await get('b')
    grown.weight = 3
    await cache.trim()
    expect(dropped).toEqual(['a'])
  })

  it('does not keep a failure', async () => {
    const { cache, get } = counting(3)
    await expect(cache.get('a', () => Promise.reject(new Error('once')))).rejects.toThrow('once')
    await expect(get('a')).resolves.toMatchObject({ name: 'a' })
  })

  it('makes a value anew when it no longer holds, once', async () => {
    let current = true
    const { get, made, dropped } = counting(3, () => Promise.resolve(current))
    await get('a')
    await get('a')
    expect(made).toHaveLength(1)
    current = false
    await Promise.all([get('a'), get('a')])
    expect(made).toHaveLength(2)
    expect(dropped).toEqual(['a'])
  })

  it('drops everything when it is cleared, also what is being made', async () => {
    const { cache, get, dropped } = counting(3)
    await get('a')
    const pending = get('b')
    await cache.clear()
    await pending
    expect(dropped.sort()).toEqual(['a', 'b'])
  })
})
