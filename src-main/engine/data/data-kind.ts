import { stat } from 'node:fs/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { DataKind } from '../../contract/dataset.ts'
import { hasImageExtension } from '../storage/image-kind.ts'
import { readBytesOf } from './byte-stream.ts'

const csvName = /\.(csv|tsv)(\.gz)?$/i
/** `train-images-idx3-ubyte.gz`, `images.idx`. */
const idxName = /(idx\d?-|\.idx\d?(\.gz)?$|-?ubyte(\.gz)?$)/i

/**
 * What kind of data sources are: by what they are and their names, and of a file of another name by how it begins; what a file holds is looked
 * at when it is read.
 * @throws file-not-found, folder-unreadable, data-unreadable for a file of another kind, data-unsuitable for a data file beside others
 */
export async function dataKindOf(sources: string[]): Promise<DataKind> {
  const kinds = await Promise.all(sources.map(kindOf))
  const file = sources[kinds.findIndex((kind) => kind !== 'folder')]
  if (file !== undefined && sources.length > 1)
    throw new DarkroomError('data-unsuitable', {
      file,
      expected: 'one IDX or CSV file by itself, or folders of images',
      received: `${sources.length} sources`,
    })
  return kinds[0] ?? 'folder'
}

async function kindOf(source: string): Promise<DataKind> {
  const about = await stat(source).catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new DarkroomError(missing ? 'file-not-found' : 'folder-unreadable', { file: source }, cause)
  })
  if (about.isDirectory() || hasImageExtension(source)) return 'folder'
  if (csvName.test(source)) return 'csv'
  if (idxName.test(source) || (await startsAsIdx(source))) return 'idx'
  throw new DarkroomError('data-unreadable', {
    file: source,
    expected: 'a folder of images, an IDX file (.idx, -ubyte) or a CSV file (.csv, .tsv); .gz too',
  })
}

/** Whether a file, gzipped or not, begins as IDX files do: two zero bytes, the type of the values, the number of dimensions. */
async function startsAsIdx(file: string): Promise<boolean> {
  const head: number[] = []
  try {
    for await (const bytes of readBytesOf(file)) {
      head.push(...bytes.subarray(0, 4 - head.length))
      if (head.length === 4) break
    }
  } catch (thrown) {
    if (thrown instanceof DarkroomError) return false
    throw thrown
  }
  const [first, second, type = 0, dimensions = 0] = head
  return first === 0 && second === 0 && type >= 0x08 && type <= 0x0e && dimensions >= 1 && dimensions <= 8
}
