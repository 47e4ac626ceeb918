import { createHash } from 'node:crypto'
import type * as Files from 'node:fs/promises'
import { mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  openStore,
  storeSamples,
  trimStores,
  type SampleStore,
} from '../../../src-main/engine/data/sample-store.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const disk = vi.hoisted(() => ({ isFull: false, writes: 0, reads: 0 }))
vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof Files>()
  const open: typeof files.open = async (path, flags, mode) => {
    const file = await files.open(path, flags, mode)
    const [write, read] = [file.writeFile.bind(file), file.read.bind(file) as (...args: unknown[]) => unknown]
    file.writeFile = (data, options) =>
      disk.isFull && disk.writes++ > 0
        ? Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
        : write(data, options)
    file.read = ((...args: unknown[]) => {
      disk.reads++
      return read(...args)
    }) as typeof file.read
    return file
  }
  return { ...files, open }
})
beforeEach(() => Object.assign(disk, { isFull: false, writes: 0, reads: 0 }))

const file = temporaryFolder()
/** So large that four fit into a block. */
const sampleBytes = 2 ** 20
const count = 11
const sample = (index: number): Uint8Array => new Uint8Array(sampleBytes).fill(index + 1)
async function* samples(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    await Promise.resolve()
    yield sample(index)
  }
}
const facts = () => ({ left: ['out'] })

/** First bytes of samples as they are read, checked to be all alike. */
async function read(store: SampleStore, indexes: number[]): Promise<number[]> {
  const found: number[] = []
  await store.read(indexes, (at, bytes) => {
    expect(bytes).toHaveLength(sampleBytes)
    expect(bytes.every((byte) => byte === bytes[0])).toBe(true)
    found[at] = bytes[0]! - 1
  })
  return found
}

describe('storeSamples', () => {
  it.each([
    ['in memory', 64, false, false],
    ['in memory, kept for later', 64, true, true],
    ['in a file', 6, false, true],
    ['in a file without any memory', 0, true, true],
  ])('gives samples back in any order: %s', async (name, mebibytes, keep, hasFile) => {
    const path = file(name, 'a.samples')
    const options = { sampleBytes, memory: mebibytes * 2 ** 20, file: path }
    const store = await storeSamples(samples(), facts, { ...options, keep })
    const order = [10, 0, 3, 3, 7, 4, 9]
    expect(await read(store, order)).toEqual(order)
    expect(await read(store, [])).toEqual([])
    expect(store.about).toEqual({
      count,
      sha256: createHash('sha256')
        .update(Buffer.concat(Array.from({ length: count }, (_, i) => sample(i))))
        .digest('hex'),
      facts: facts(),
    })
    const again = await openStore(options)
    expect(again?.about).toEqual(hasFile ? store.about : undefined)
    if (again !== null) expect(await read(again, order)).toEqual(order)
    await store.close()
    await again?.close()
    expect(await readdir(file(name)).catch(() => [])).toEqual(hasFile ? ['a.samples'] : [])
  })

  it('reads neighbours at once', async () => {
    const small = 64
    async function* many(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 5000; index++) {
        await Promise.resolve()
        yield new Uint8Array(small).fill(index % 251)
      }
    }
    const options = { sampleBytes: small, memory: 0, file: file('many.samples') }
    const store = await storeSamples(many(), facts, { ...options, keep: true })
    disk.reads = 0
    const random = createRandom(1)
    const indexes = Array.from({ length: 1000 }, () => random.integer(5000))
    await store.read(indexes, (at, bytes) => expect(bytes[0]).toBe(indexes[at]! % 251))
    expect(disk.reads).toBe(1)
    await store.close()
  })

  it('holds nothing where there is nothing', async () => {
    async function* none(): AsyncGenerator<Uint8Array> {}
    const options = { sampleBytes, memory: 0, file: file('none.samples'), keep: true }
    const store = await storeSamples(none(), facts, options)
    expect(store.about.count).toBe(0)
    expect((await openStore(options))?.about.count).toBe(0)
  })

  it('says that the disk is full, and leaves nothing behind', async () => {
    disk.isFull = true
    const options = { sampleBytes, memory: 2 ** 20, file: file('full', 'a.samples'), keep: false }
    await expect(storeSamples(samples(), facts, options)).rejects.toMatchObject({
      detail: { code: 'disk-full', file: options.file },
    })
    expect(await readdir(dirname(options.file))).toEqual([])
  })

  it('does without its file where the disk is full and all fits into memory', async () => {
    disk.isFull = true
    const options = { sampleBytes, memory: 2 ** 30, file: file('full too', 'a.samples'), keep: true }
    const store = await storeSamples(samples(), facts, options)
    expect(await read(store, [1])).toEqual([1])
    expect(await readdir(dirname(options.file))).toEqual([])
  })

  it('ends with what ends its samples, and leaves nothing behind', async () => {
    let closed = false
    async function* broken(): AsyncGenerator<Uint8Array> {
      try {
        yield* samples()
        throw new Error('enough')
      } finally {
        closed = true
      }
    }
    const options = { sampleBytes, memory: 2 ** 20, file: file('broken', 'a.samples'), keep: false }
    await expect(storeSamples(broken(), facts, options)).rejects.toThrow('enough')
    expect(closed).toBe(true)
    expect(await readdir(dirname(options.file))).toEqual([])
  })
})

describe('openStore', () => {
  it('takes a damaged file for none', async () => {
    const options = { sampleBytes, memory: 0, file: file('damaged.samples') }
    await (await storeSamples(samples(), facts, { ...options, keep: true })).close()
    const { length } = await readFile(options.file)
    expect(await openStore({ ...options, sampleBytes: sampleBytes / 2 })).toBeNull()
    await truncate(options.file, length - 1)
    expect(await openStore(options)).toBeNull()
    await writeFile(options.file, '')
    expect(await openStore(options)).toBeNull()
    await writeFile(options.file, 'LDS1'.repeat(10))
    expect(await openStore(options)).toBeNull()
  })
})

describe('trimStores', () => {
  it('deletes the longest unused beyond the limit, what killed writes left, and nothing else', async () => {
    const days = (ago: number): Date => new Date(Date.now() - ago * 24 * 3600 * 1000)
    const files: [name: string, bytes: number, days: number][] = [
      ['old.samples', 100, 9],
      ['older-but-mine.samples', 100, 20],
      ['new.samples', 100, 1],
      ['.darkroom-0123456789abcdef.tmp', 50, 2],
      ['.darkroom-fedcba9876543210.tmp', 50, 0],
      ['other.txt', 1000, 30],
    ]
    await mkdir(file('cache'))
    for (const [name, bytes, ago] of files) {
      await writeFile(file('cache', name), new Uint8Array(bytes))
      await utimes(file('cache', name), days(ago), days(ago))
    }
    await trimStores(file('cache'), 200, file('cache', 'older-but-mine.samples'))
    expect(new Set(await readdir(file('cache')))).toEqual(
      new Set(['older-but-mine.samples', 'new.samples', '.darkroom-fedcba9876543210.tmp', 'other.txt']),
    )
    await trimStores(file('nowhere'), 0, '')
  })
})
