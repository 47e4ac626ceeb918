import { concatBytes, latin1, type ReadAt } from './bytes.ts'
import { emptyMetadata, type Density, type ImageMetadata, type ImageWarning } from './image.ts'
import { resourcesOf } from './photoshop.ts'
import {
  directoryBytes,
  entryNumbers,
  findEntry,
  headerBytes,
  integerEntry,
  readDirectories,
  readDirectory,
  readTiffHeader,
  type TiffEntry,
  type TiffHeader,
} from './tiff.ts'

export const tiffTags = {
  bitsPerSample: 258,
  compression: 259,
  imageDescription: 270,
  xResolution: 282,
  yResolution: 283,
  resolutionUnit: 296,
  subDirectories: 330,
  xmp: 700,
  iptc: 33723,
  photoshop: 34377,
  exifDirectory: 34665,
  icc: 34675,
  gpsDirectory: 34853,
  interoperability: 40965,
}

/** Tags that say how the pixels lie in the file; a writer decides them anew. */
export const structuralTags = new Set([
  ...[
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284, 288, 289,
  ],
  ...[
    290, 291, 292, 293, 301, 317, 320, 322, 323, 324, 325, 326, 327, 328, 330, 332, 333, 334, 336, 337, 338,
  ],
  ...[339, 340, 341, 342, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532],
])

/** Tags that metadata carries in fields of its own. */
const carriedTags = new Set<number>([
  ...[tiffTags.xResolution, tiffTags.yResolution, tiffTags.resolutionUnit, tiffTags.xmp, tiffTags.iptc],
  ...[tiffTags.photoshop, tiffTags.exifDirectory, tiffTags.icc, tiffTags.gpsDirectory],
])

/** Descriptive tags that Exif has in its first directory too; they go along to other containers. */
const exifMainTags = new Set([
  ...[270, 271, 272, 305, 306, 315, 316, 318, 319, 33432, 18246, 40091, 40092, 40093, 40094, 40095],
])

/**
 * Metadata of a TIFF file: of its first page what other containers hold too, of every page the rest of
 * its tags.
 *
 * @returns also how many pages ImageJ says that there are, where it says so: beyond 4 GiB it writes one directory only
 */
export async function readTiffMetadata(
  read: ReadAt,
): Promise<{ metadata: ImageMetadata; warnings: ImageWarning[]; promisedPages: number }> {
  const metadata = emptyMetadata()
  const warnings = new Set<ImageWarning>()
  const header = await readTiffHeader(read)
  if (header === null) return { metadata, warnings: [], promisedPages: 1 }
  const { littleEndian } = header
  const directories = await readDirectories(read, header)
  const main = directories[0]?.entries ?? []
  const bytes = (tag: number): Uint8Array | null => findEntry(main, tag)?.value ?? null
  const numbers = (tag: number): number[] => {
    const entry = findEntry(main, tag)
    return entry === undefined ? [] : entryNumbers(entry, littleEndian)
  }

  metadata.icc = bytes(tiffTags.icc)
  metadata.xmp = bytes(tiffTags.xmp)
  const iptc = bytes(tiffTags.iptc)
  metadata.photoshop = bytes(tiffTags.photoshop) ?? (iptc === null ? null : resourcesOf(iptc))
  metadata.density = densityOf(
    numbers(tiffTags.xResolution)[0],
    numbers(tiffTags.yResolution)[0],
    numbers(tiffTags.resolutionUnit)[0] ?? 2,
  )
  metadata.exif = await exifOf(read, header, main)
  const compression = numbers(tiffTags.compression)[0] ?? 1
  metadata.source.bits = numbers(tiffTags.bitsPerSample)[0] ?? 1
  metadata.source.uncompressed = compression === 1

  const pages = directories.map(({ entries }, page) => {
    const pointers = [
      tiffTags.subDirectories,
      ...(page === 0 ? [] : [tiffTags.exifDirectory, tiffTags.gpsDirectory]),
    ]
    if (pointers.some((tag) => findEntry(entries, tag) !== undefined)) warnings.add('metadata-dropped')
    const isCarried = (tag: number): boolean => page === 0 && (carriedTags.has(tag) || exifMainTags.has(tag))
    return (
      entries
        // Types above 12 are pointers, which would lead nowhere in the new file, and BigTIFF's own.
        .filter(
          ({ tag, type }) =>
            type <= 12 && !structuralTags.has(tag) && !pointers.includes(tag) && !isCarried(tag),
        )
        .map(({ tag, type, count, value }) => ({ tag, type, count, value }))
    )
  })
  if (pages.some((tags) => tags.length > 0)) metadata.native = { container: 'tiff', littleEndian, pages }

  const description = latin1(bytes(tiffTags.imageDescription) ?? new Uint8Array(0))
  const images = description.startsWith('ImageJ=') ? /^images=(\d+)/m.exec(description)?.[1] : undefined
  return { metadata, warnings: [...warnings], promisedPages: Number(images ?? 1) }
}

function densityOf(x: number | undefined, y: number | undefined, unit: number): Density | null {
  if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return null
  return { x, y, unit: unit === 2 ? 'inch' : unit === 3 ? 'cm' : 'none' }
}

/**
 * The Exif block that a TIFF file's directories amount to, laid out anew; null where there is nothing to say. Offsets
 * inside a maker note count from the old file's start and cannot be followed.
 */
async function exifOf(read: ReadAt, header: TiffHeader, main: TiffEntry[]): Promise<Uint8Array | null> {
  const { littleEndian } = header
  const child = async (parent: TiffEntry[], tag: number): Promise<TiffEntry[]> => {
    const pointer = findEntry(parent, tag)
    if (pointer === undefined) return []
    return (await readDirectory(read, header, entryNumbers(pointer, littleEndian)[0] ?? 0)).entries
  }
  const exif = await child(main, tiffTags.exifDirectory)
  const gps = await child(main, tiffTags.gpsDirectory)
  const interoperability = await child(exif, tiffTags.interoperability)
  const plain = main.filter(({ tag }) => exifMainTags.has(tag))
  if (plain.length + exif.length + gps.length === 0) return null
  const withPointers = (
    entries: TiffEntry[],
    pointers: [tag: number, entries: TiffEntry[], at: number][],
  ) => [
    ...entries.filter(({ tag }) => !pointers.some(([pointer]) => pointer === tag)),
    ...pointers
      .filter(([, target]) => target.length > 0)
      .map(([tag, , at]) => integerEntry(tag, 4, [at], littleEndian)),
  ]
  const layOut = (exifAt: number, gpsAt: number, interoperabilityAt: number): Uint8Array[] => [
    headerBytes(littleEndian, 8),
    directoryBytes(
      withPointers(plain, [
        [tiffTags.exifDirectory, exif, exifAt],
        [tiffTags.gpsDirectory, gps, gpsAt],
      ]),
      ...([8, 0, littleEndian] as const),
    ),
    directoryBytes(
      withPointers(exif, [[tiffTags.interoperability, interoperability, interoperabilityAt]]),
      ...([exifAt, 0, littleEndian] as const),
    ),
    directoryBytes(gps, gpsAt, 0, littleEndian),
    directoryBytes(interoperability, interoperabilityAt, 0, littleEndian),
  ]
  // Sizes do not depend on offsets: lay out once to learn them, and again with them.
  const [headerSize, mainSize, exifSize, gpsSize] = layOut(0, 0, 0).map((part) => part.length) as [
    ...[number, number, number, number],
  ]
  const exifAt = headerSize + mainSize
  return concatBytes(layOut(exifAt, exifAt + exifSize, exifAt + exifSize + gpsSize))
}
