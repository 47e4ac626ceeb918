import { DarkroomError } from '../../contract/errors.ts'
import type { ImageData, RowData } from '../../contract/recipe.ts'
import { fitSample, type ByteImage } from '../storage/sample-images.ts'
import { isByteType, openIdx, type IdxHeader, type IdxItem } from './idx.ts'
import { readLabelFile } from './label-file.ts'
import { labelsOf, type LabelSource } from './labels.ts'
import { mapAhead } from './ordered.ts'
import { createProgress } from './progress.ts'
import { cutTiles, describeTiles, isTiled } from './tiles.ts'
import {
  fileVersion,
  nameInFile,
  throwIfCancelled,
  unsuitable,
  type Described,
  type OpenOptions,
  type SampleSource,
} from './sample-source.ts'

/** Images being brought to size. */
const fitsAhead = 16

/**
 * Items of an IDX file: images of three dimensions (count, height, width), or of four with 1, 3 or 4 channels last; rows of two.
 * @throws data-unreadable, data-unsuitable where the recipe is for another kind
 */
export async function openIdxSamples(
  file: string,
  labels: LabelSource,
  spec: ImageData | RowData,
  { signal, onProgress }: OpenOptions,
): Promise<SampleSource> {
  const header = await readHeader(file)
  const [count, ...shape] = header.dimensions as [number, ...number[]]
  const suits = shape.length === 1 ? 'rows' : 'images'
  if (spec.type !== suits) throw unsuitable(file, spec.type, suits)

  async function* samples(): AsyncGenerator<Uint8Array> {
    const note = createProgress(count, (progress) => onProgress?.(progress))
    const source =
      spec.type === 'rows'
        ? rowsOf(file)
        : mapAhead(imagesOf(file, await byteScale(file, header)), fitsAhead, async (image) =>
            isTiled(spec) ? cutTiles(image, spec, file) : [await fitSample(image, spec)],
          )
    for await (const item of source) {
      throwIfCancelled(signal)
      note(file)
      yield* item
    }
  }

  return {
    shape: spec.type === 'rows' ? shape : [spec.height, spec.width, spec.channels],
    type: spec.type === 'rows' ? 'float32' : 'uint8',
    key: {
      file: await fileVersion(file),
      fit: spec.type === 'rows' ? null : spec.fit,
      ...(spec.type === 'images' && isTiled(spec) && { tiles: spec.tiles }),
    },
    keep: false,
    samples,
    facts: () => null,
    async describe() {
      const items: Described = {
        name: (index) => nameInFile(file, index),
        labels:
          labels.from === 'file'
            ? labelsOf(
                await readLabelFile(labels.file, { count, name: (index) => nameInFile(file, index) }),
                labels.file,
                'labels',
              )
            : null,
        groups: null,
        skipped: [],
        skippedCount: 0,
      }
      const size = shape.slice(0, 2)
      return spec.type === 'images' && isTiled(spec)
        ? describeTiles(items, new Array<number[]>(count).fill(size), spec)
        : items
    },
  }
}

/**
 * The header of a file of items, not of labels.
 * @throws data-unreadable, data-unsuitable
 */
async function readHeader(file: string): Promise<IdxHeader> {
  const { header, close } = await openIdx(file)
  await close()
  const [count, height, , channels] = header.dimensions
  if (count === 0)
    throw new DarkroomError('training-data-missing', { file, expected: 'items', received: 'none' })
  if (height === undefined || (channels !== undefined && ![1, 3, 4].includes(channels)))
    throw new DarkroomError('data-unsuitable', {
      file,
      expected: 'images (count × height × width, or with 1, 3 or 4 channels) or rows (count × columns)',
      received: `dimensions ${header.dimensions.join(' × ')}`,
    })
  return header
}

/** The items as images of 8 bits. */
export async function* imagesOf(file: string, scale: ByteScale): AsyncGenerator<ByteImage> {
  const { header, items } = await openIdx(file)
  const [, height, width, channels = 1] = header.dimensions as [number, number, number, (1 | 3 | 4)?]
  for await (const item of items) yield { width, height, channels, data: scale(item) }
}

async function* rowsOf(file: string): AsyncGenerator<Uint8Array[]> {
  const { items } = await openIdx(file)
  let index = 0
  for await (const item of items) {
    checkFinite(item, file, index++)
    yield [new Uint8Array(Float32Array.from(item).buffer)]
  }
}

export type ByteScale = (item: IdxItem) => Uint8Array

/**
 * How values of an IDX file become bytes. Unsigned bytes stay. Of other types the range decides, which takes a pass over the file: [0, 1]
 * is black to white, [0, 255] are bytes already, any other range is spread over them.
 * @throws data-unreadable naming the item that holds no finite number
 */
export async function byteScale(file: string, header: IdxHeader): Promise<ByteScale> {
  if (isByteType(header)) return (item) => item as Uint8Array
  let low = Infinity
  let high = -Infinity
  let index = 0
  for await (const item of (await openIdx(file)).items) {
    checkFinite(item, file, index++)
    for (const value of item) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  const [black, white] = low < 0 || high > 255 ? [low, high] : [0, high > 1 ? 255 : 1]
  const scale = 255 / (white - black || 1)
  return (item) => Uint8Array.from(item, (value) => Math.round((value - black) * scale))
}

function checkFinite(item: IdxItem, file: string, index: number): void {
  if (item.every((value) => Number.isFinite(Math.fround(value)))) return
  throw new DarkroomError('data-unreadable', {
    file,
    expected: 'finite numbers',
    received: `item ${index} holds another`,
  })
}
