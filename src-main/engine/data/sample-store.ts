import { createHash } from 'node:crypto'
import { open, readdir, rm, stat, utimes, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isTemporaryName, writeAtomic } from '../storage/atomic.ts'

// Samples of one size, packed. A file holds them one after the other, then what is known of them as JSON, the length of that in four
// bytes (little-endian), and a mark.

export interface SampleStore {
  about: StoreInfo
  /** Hands out the samples of these indexes, in any order: `at` is the place in `indexes`. The bytes are only lent. */
  read(indexes: ArrayLike<number>, take: (at: number, sample: Uint8Array) => void): Promise<void>
  close(): Promise<void>
}

const StoreInfo = z.strictObject({
  count: z.int().min(0),
  /** SHA-256 over the samples' bytes in order. */
  sha256: z.string(),
  /** What else was to be remembered. */
  facts: z.unknown(),
})
export type StoreInfo = z.infer<typeof StoreInfo>

export interface StoreOptions {
  /** Bytes of one. */
  sampleBytes: number
  /** Bytes of samples that are held in memory at most; more of them stay in the file. */
  memory: number
  file: string
}

export const storeEnding = '.samples'
const mark = Buffer.from('LDS1')
const tailBytes = 4 + mark.length
const blockBytes = 4 * 2 ** 20
/** Samples that lie no farther apart are read at once: what is read for nothing costs less than another call. */
const joinBytes = 2 ** 15

const samplesPerBlock = (sampleBytes: number): number => Math.max(1, Math.floor(blockBytes / sampleBytes))

/**
 * Stores samples as they come: in memory where all of them fit, in the file otherwise. With `keep` the file is written either way, so that
 * a later run finds it; that there is no room for it is then no failure.
 * @param facts asked for after the last sample; plain data.
 * @throws disk-full, output-unwritable, and what `samples` throws: nothing is left behind then.
 */
export async function storeSamples(
  samples: AsyncIterable<Uint8Array>,
  facts: () => unknown,
  options: StoreOptions & { keep: boolean },
): Promise<SampleStore> {
  const { sampleBytes, memory, file } = options
  const hash = createHash('sha256')
  let count = 0
  const blocks = packed(samples, sampleBytes, (block) => {
    hash.update(block)
    count += block.length / sampleBytes
  })
  try {
    const held: Uint8Array[] = []
    let room = memory
    let next = await blocks.next()
    for (; !next.done && next.value.length <= room; next = await blocks.next()) {
      held.push(next.value)
      room -= next.value.length
    }
    if (!next.done) {
      const all = chained([...held, next.value], blocks)
      held.length = 0
      await writeStore(file, all, () => ({ count, sha256: hash.digest('hex'), facts: facts() }))
      const stored = await openStore(options)
      if (stored === null) throw new Error(`${file} is gone already`)
      return stored
    }
    const about = { count, sha256: hash.digest('hex'), facts: facts() }
    if (options.keep) await writeStore(file, held, () => about).catch(() => undefined)
    return memoryStore(held, about, sampleBytes)
  } finally {
    await blocks.return(undefined)
  }
}

/** Samples put together to blocks of equal length; the last one may be shorter. */
async function* packed(
  samples: AsyncIterable<Uint8Array>,
  sampleBytes: number,
  onBlock: (block: Uint8Array) => void,
): AsyncGenerator<Uint8Array, undefined> {
  const length = samplesPerBlock(sampleBytes) * sampleBytes
  let block = new Uint8Array(length)
  let filled = 0
  const full = (): Uint8Array => {
    const ready = filled === length ? block : block.slice(0, filled)
    onBlock(ready)
    return ready
  }
  for await (const sample of samples) {
    block.set(sample, filled)
    filled += sampleBytes
    if (filled < length) continue
    yield full()
    block = new Uint8Array(length)
    filled = 0
  }
  if (filled > 0) yield full()
}

/** The first blocks, each forgotten once it is written, and then the rest. */
async function* chained(
  first: Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  for (let block = first.shift(); block !== undefined; block = first.shift()) yield block
  yield* rest
}

async function writeStore(
  file: string,
  blocks: AsyncIterable<Uint8Array> | Uint8Array[],
  about: () => StoreInfo,
): Promise<void> {
  await writeAtomic(
    file,
    async (temporary) => {
      const target = await open(temporary, 'wx')
      try {
        for await (const block of blocks) await target.writeFile(block)
        const json = Buffer.from(JSON.stringify(about()))
        const length = Buffer.alloc(4)
        length.writeUInt32LE(json.length)
        await target.writeFile(Buffer.concat([json, length, mark]))
      } finally {
        await target.close()
      }
    },
    { overwrite: true },
  )
}

/** Opens what was stored before; null where there is nothing, or not what this version writes. Marks it as used now. */
export async function openStore({ file, sampleBytes, memory }: StoreOptions): Promise<SampleStore | null> {
  const source = await open(file, 'r').catch(() => null)
  if (source === null) return null
  const about = await readInfo(source, sampleBytes).catch(() => null)
  if (about === null) {
    await source.close()
    return null
  }
  await utimes(file, new Date(), new Date()).catch(() => undefined)
  const bytes = about.count * sampleBytes
  if (bytes > memory) return fileStore(source, about, sampleBytes)
  try {
    const blocks: Uint8Array[] = []
    const length = samplesPerBlock(sampleBytes) * sampleBytes
    for (let from = 0; from < bytes; from += length)
      blocks.push(await readFully(source, from, Math.min(length, bytes - from)))
    return memoryStore(blocks, about, sampleBytes)
  } finally {
    await source.close()
  }
}

async function readInfo(source: FileHandle, sampleBytes: number): Promise<StoreInfo | null> {
  const { size } = await source.stat()
  const tail = Buffer.from(await readFully(source, size - tailBytes, tailBytes))
  const length = tail.readUInt32LE(0)
  if (!tail.subarray(4).equals(mark)) return null
  const json = await readFully(source, size - tailBytes - length, length)
  const about = StoreInfo.parse(JSON.parse(Buffer.from(json).toString('utf8')))
  return about.count * sampleBytes + length + tailBytes === size ? about : null
}

async function readFully(source: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await source.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) throw new Error('The file of samples is shorter than it was')
    filled += bytesRead
  }
  return bytes
}

function memoryStore(blocks: Uint8Array[], about: StoreInfo, sampleBytes: number): SampleStore {
  const perBlock = samplesPerBlock(sampleBytes)
  return {
    about,
    read(indexes, take) {
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at]!
        const from = (index % perBlock) * sampleBytes
        take(at, blocks[Math.floor(index / perBlock)]!.subarray(from, from + sampleBytes))
      }
      return Promise.resolve()
    },
    close() {
      blocks.length = 0
      return Promise.resolve()
    },
  }
}

function fileStore(source: FileHandle, about: StoreInfo, sampleBytes: number): SampleStore {
  return {
    about,
    async read(indexes, take) {
      const places = Array.from(indexes, (index, at) => ({ at, from: index * sampleBytes })).sort(
        (a, b) => a.from - b.from,
      )
      await Promise.all(
        neighbours(places, sampleBytes).map(async (group) => {
          const start = group[0]!.from
          const bytes = await readFully(source, start, group.at(-1)!.from + sampleBytes - start)
          for (const { at, from } of group) take(at, bytes.subarray(from - start, from - start + sampleBytes))
        }),
      )
    },
    close: () => source.close(),
  }
}

/** Where a sample lies in the file, in bytes, and where it goes. */
interface Place {
  at: number
  from: number
}

/** Samples in the order of the file, in groups that are read at once. */
function neighbours(places: Place[], sampleBytes: number): Place[][] {
  const groups: Place[][] = []
  let group: Place[] = []
  for (const place of places) {
    const [first, last] = [group[0], group.at(-1)]
    const isNear =
      first !== undefined &&
      place.from - last!.from <= sampleBytes + joinBytes &&
      place.from + sampleBytes - first.from <= blockBytes
    if (isNear) group.push(place)
    else groups.push((group = [place]))
  }
  return groups
}

/** A write that was killed leaves its hidden file behind; one that still runs is younger. Milliseconds. */
const abandonedAfter = 24 * 3600 * 1000

/**
 * Deletes stored samples (or what else has an ending of its own), the longest unused first, while all together take more than `limit` bytes;
 * and what killed writes left. One file stays whatever it takes. What cannot be deleted, being read on Windows, is left.
 */
export async function trimStores(
  folder: string,
  limit: number,
  keep: string,
  ending = storeEnding,
): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const files: { file: string; size: number; usedAt: number }[] = []
  for (const name of names) {
    const file = join(folder, name)
    const about = await stat(file).catch(() => null)
    if (about === null) continue
    const isAbandoned = isTemporaryName(name) && Date.now() - about.mtimeMs > abandonedAfter
    if (isAbandoned) await rm(file, { force: true }).catch(() => undefined)
    else if (name.endsWith(ending)) files.push({ file, size: about.size, usedAt: about.mtimeMs })
  }
  let total = files.reduce((sum, { size }) => sum + size, 0)
  for (const { file, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= limit) return
    if (file === keep) continue
    await rm(file, { force: true }).then(
      () => (total -= size),
      () => undefined,
    )
  }
}
