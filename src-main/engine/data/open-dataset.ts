import { createHash } from 'node:crypto'
import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { DataKind, DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { ImageData, RowData } from '../../contract/recipe.ts'
import { dataKindOf } from './data-kind.ts'
import type { Dataset } from './dataset.ts'
import { openFolderSamples } from './folder-samples.ts'
import { openIdxSamples } from './idx-samples.ts'
import { labelSource, type Labels } from './labels.ts'
import { describeKept, itemsWith } from './only.ts'
import { openRowSamples } from './row-samples.ts'
import { describeWindows, windowStore } from './windows.ts'
import { unsuitable, type OpenOptions, type SampleSource } from './sample-source.ts'
import { openStore, storeEnding, storeSamples, trimStores, type SampleStore } from './sample-store.ts'

const defaultMemory = (): number => Math.min(2 ** 30, totalmem() / 8)
const defaultCacheLimit = 16 * 2 ** 30
/** Changes where the same files would give other samples. */
const storeVersion = 1

/**
 * Opens data as a recipe wants it. Every item is decoded once, several at a time, and kept packed: in memory where all fit, otherwise in a
 * file of the cache folder that is read piece by piece; a later run finds that file. Images that cannot be read are left out, each with its
 * reason; of IDX and CSV files all must be right.
 * @throws training-data-missing where there is no item, data-unsuitable where the recipe is for another kind, data-unreadable naming the
 *   place, labels-unusable, disk-full, cancelled; argument-invalid for labels to keep that are not there
 */
export async function openDataset(
  source: DataSource,
  spec: ImageData | RowData,
  options: OpenOptions,
): Promise<Dataset> {
  const kind = await dataKindOf(source.sources)
  const read = await openSource(kind, source, spec, options)
  const window = spec.type === 'rows' ? spec.window : null
  const key = createHash('sha256').update(JSON.stringify([storeVersion, read.shape, read.type, read.key]))
  const storeOptions = {
    sampleBytes: sizeOf(read.shape) * (read.type === 'uint8' ? 1 : 4),
    memory: options.memory ?? defaultMemory(),
    file: join(options.cacheFolder, key.digest('hex').slice(0, 32) + storeEnding),
  }
  const stored =
    (await openStore(storeOptions)) ??
    (await storeSamples(read.samples(), () => read.facts(), { ...storeOptions, keep: read.keep }))
  try {
    await trimStores(options.cacheFolder, options.cacheLimit ?? defaultCacheLimit, storeOptions.file)
    const { count, facts } = stored.about
    const whole = await read.describe(facts, count)
    if (count === 0)
      throw new DarkroomError('training-data-missing', {
        file: source.sources.join(', '),
        expected: 'items that can be read',
        received: whole.skippedCount > 0 ? `${whole.skippedCount} that cannot` : 'none',
      })
    const [file] = source.sources as [string]
    const store = window === null ? stored : windowStore(stored, window, file)
    const all = window === null ? whole : describeWindows(whole, count, window, file)
    const shape = window === null ? read.shape : [window.length * sizeOf(read.shape)]
    const values = sizeOf(shape)
    const kept = source.only === undefined ? null : itemsWith(all.labels, source.only)
    const described = kept === null ? all : describeKept(all, kept)
    const place = (index: number): number => kept?.[index] ?? index
    const placed = (indexes: ArrayLike<number>): ArrayLike<number> =>
      kept === null ? indexes : Int32Array.from(indexes, place)
    const about = kept === null ? store.about : { count: kept.length, sha256: await hashOf(store, kept) }
    return {
      kind,
      shape,
      count: about.count,
      place,
      ...described,
      sha256: fingerprint(shape, read.type, about, described.labels),
      samplesSha256: fingerprint(shape, read.type, about, null),
      read: (indexes, into = new Float32Array(indexes.length * values)) =>
        readValues(store, read.type, placed(indexes), into),
      close: () => store.close(),
    }
  } catch (error) {
    await stored.close()
    throw error
  }
}

const sizeOf = (shape: number[]): number => shape.reduce((product, side) => product * side, 1)

async function openSource(
  kind: DataKind,
  source: DataSource,
  spec: ImageData | RowData,
  options: OpenOptions,
): Promise<SampleSource> {
  const file = resolve(source.sources[0]!)
  const labels = labelSource(source, kind)
  if (kind === 'folder' && spec.type !== 'images') throw unsuitable(file, spec.type, 'images')
  if (kind === 'csv' && spec.type !== 'rows') throw unsuitable(file, spec.type, 'rows')
  if (kind === 'folder') return openFolderSamples(source.sources, labels, spec as ImageData, options)
  if (kind === 'idx') return openIdxSamples(file, labels, spec, options)
  return openRowSamples(file, labels, options)
}

async function readValues(
  store: SampleStore,
  type: SampleSource['type'],
  indexes: ArrayLike<number>,
  values: Float32Array,
): Promise<Float32Array> {
  const length = values.length / indexes.length
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  await store.read(indexes, (at, sample) => {
    if (type === 'float32') bytes.set(sample, at * sample.length)
    else writeUnit(sample, values, at * length)
  })
  return values
}

/** This product is rounded to the same float32 as the quotient, for each of the 256 bytes. */
const unit = 1 / 255

/**
 * Writes bytes as value / 255. About half the time of a loop in the callback above, whose variables a closure holds, because the
 * typed array converts all bytes at once and this function's variables are its own.
 */
function writeUnit(sample: Uint8Array, values: Float32Array, from: number): void {
  values.set(sample, from)
  const end = from + sample.length
  for (let i = from; i < end; i++) values[i]! *= unit
}

/** Samples that are hashed at a time. */
const hashedAtOnce = 1024

/** SHA-256 over the bytes of some samples, in order: that of a store which has them alone. */
async function hashOf(store: SampleStore, kept: Int32Array): Promise<string> {
  const hash = createHash('sha256')
  for (let from = 0; from < kept.length; from += hashedAtOnce) {
    const samples: Uint8Array[] = []
    await store.read(kept.subarray(from, from + hashedAtOnce), (at, sample) => {
      samples[at] = sample.slice()
    })
    for (const sample of samples) hash.update(sample)
  }
  return hash.digest('hex')
}

function fingerprint(
  shape: number[],
  type: SampleSource['type'],
  { count, sha256 }: Pick<SampleStore['about'], 'count' | 'sha256'>,
  labels: Labels | null,
): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify({ shape, type, count, values: sha256, labels: labels?.names ?? null }))
  if (labels !== null) hash.update(labels.of)
  return hash.digest('hex')
}
