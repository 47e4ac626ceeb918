import { stat } from 'node:fs/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { DataKind } from '../../contract/dataset.ts'
import { hasImageExtension } from '../storage/image-kind.ts'

const csvName = /\.(csv|tsv)(\.gz)?$/i
/** `train-images-idx3-ubyte.gz`, `images.idx`. */
const idxName = /(idx\d?-|\.idx\d?(\.gz)?$|-?ubyte(\.gz)?$)/i

/**
 * What kind of data sources are: by what they are and their names; what a file holds is looked at when it is read.
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
  if (idxName.test(source)) return 'idx'
  throw new DarkroomError('data-unreadable', {
    file: source,
    expected: 'a folder of images, an IDX file (.idx, -ubyte) or a CSV file (.csv, .tsv); .gz too',
  })
}
