import { extname } from 'node:path'
import { latin1, viewOf, type ReadAt } from './bytes.ts'
import type { Container } from './image.ts'
import { imageExtensions } from './image-formats.ts'
import { parsePnmHeader } from './pnm.ts'
import {
  entryNumbers,
  findEntry,
  readDirectories,
  readDirectory,
  readTiffHeader,
  type TiffEntry,
  type TiffHeader,
} from './tiff.ts'

/** What a file is, by its content. `refused`: an image of a kind that is not read, with the kind's name. */
export type FileKind =
  { kind: 'image'; container: Container } | { kind: 'refused'; format: string } | { kind: 'not-image' }

/** Raw photographs that are TIFF inside, or that nothing else tells. */
const rawExtensions = new Set(
  (
    '3fr arw cr2 cr3 crw dcr dng erf fff gpr iiq k25 kdc mef mos mrw nef nrw orf pef ptx raf raw rw2 rwl sr2 srf ' +
    'srw x3f'
  ).split(' '),
)
const heicExtensions = new Set(['heic', 'heif', 'hif'])

const rawPhotograph = 'a raw photograph'
const heic = 'HEIC'

/** Kinds that their first bytes tell. `at`: where the bytes stand, if not at the start. */
const marks: { bytes: string; at?: number; is: Container | { refused: string } }[] = [
  { bytes: '\xff\xd8\xff', is: 'jpeg' },
  { bytes: '\x89PNG\r\n\x1a\n', is: 'png' },
  { bytes: 'GIF87a', is: 'gif' },
  { bytes: 'GIF89a', is: 'gif' },
  { bytes: 'WEBP', at: 8, is: 'webp' },
  { bytes: 'CR\x02\0', at: 8, is: { refused: 'a Canon CR2 raw photograph' } },
  { bytes: 'ftypcrx ', at: 4, is: { refused: 'a Canon CR3 raw photograph' } },
  { bytes: 'HEAPCCDR', at: 6, is: { refused: 'a Canon CRW raw photograph' } },
  { bytes: 'IIRO', is: { refused: 'an Olympus ORF raw photograph' } },
  { bytes: 'IIRS', is: { refused: 'an Olympus ORF raw photograph' } },
  { bytes: 'MMOR', is: { refused: 'an Olympus ORF raw photograph' } },
  { bytes: 'IIU\0', is: { refused: 'a Panasonic RW2 raw photograph' } },
  { bytes: 'FUJIFILMCCD-RAW', is: { refused: 'a Fujifilm RAF raw photograph' } },
  { bytes: 'FOVb', is: { refused: 'a Sigma X3F raw photograph' } },
  { bytes: '\0MRM', is: { refused: 'a Minolta MRW raw photograph' } },
  { bytes: '\xff\x0a', is: { refused: 'JPEG XL' } },
  { bytes: '\0\0\0\x0cJXL ', is: { refused: 'JPEG XL' } },
  { bytes: '\0\0\0\x0cjP  ', is: { refused: 'JPEG 2000' } },
  { bytes: '\xff\x4f\xff\x51', is: { refused: 'JPEG 2000' } },
  { bytes: '8BPS', is: { refused: 'Photoshop PSD' } },
  { bytes: '\x76\x2f\x31\x01', is: { refused: 'OpenEXR' } },
]

/** What the file is. The name only decides between kinds that the content leaves open. */
export async function fileKind(read: ReadAt, name: string): Promise<FileKind> {
  const head = await read(0, 4096)
  const text = latin1(head)
  for (const { bytes, at = 0, is } of marks)
    if (text.startsWith(bytes, at))
      return typeof is === 'string'
        ? { kind: 'image', container: is }
        : { kind: 'refused', format: is.refused }
  if (text.startsWith('ftyp', 4)) return isoMediaKind(text, head)
  if (isBmp(head)) return { kind: 'image', container: 'bmp' }
  if (parsePnmHeader(head) !== null) return { kind: 'image', container: 'pnm' }

  const extension = extname(name).slice(1).toLowerCase()
  const tiff = await readTiffHeader(read)
  if (tiff !== null) return tiffKind(read, tiff, extension)
  if (rawExtensions.has(extension)) return { kind: 'refused', format: rawName(extension) }
  if (heicExtensions.has(extension)) return { kind: 'refused', format: heic }
  return { kind: 'not-image' }
}

/** Whether a name promises an image: content that is none is then a damaged file, not an unrelated one. */
export function hasImageExtension(name: string): boolean {
  const extension = extname(name).slice(1).toLowerCase()
  return imageExtensions.has(`.${extension}`) || rawExtensions.has(extension) || heicExtensions.has(extension)
}

function rawName(extension: string): string {
  return rawExtensions.has(extension) ? `${rawPhotograph} (${extension.toUpperCase()})` : rawPhotograph
}

/** ISO base media files by brand (ISO/IEC 14496-12): AVIF is read, HEVC-coded stills are not, films are no images. */
function isoMediaKind(text: string, head: Uint8Array): FileKind {
  const end = Math.min(text.length, viewOf(head).getUint32(0))
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(text.slice(at, at + 4))
  if (brands.includes('avif') || brands.includes('avis')) return { kind: 'image', container: 'avif' }
  const stills = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1']
  return brands.some((brand) => stills.includes(brand))
    ? { kind: 'refused', format: heic }
    : { kind: 'not-image' }
}

/** `BM`, reserved words zero, and a header size that exists. */
function isBmp(head: Uint8Array): boolean {
  if (head.length < 26 || head[0] !== 0x42 || head[1] !== 0x4d) return false
  const view = viewOf(head)
  return view.getUint32(6) === 0 && [12, 40, 52, 56, 64, 108, 124].includes(view.getUint32(14, true))
}

const tag = {
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  subDirectories: 330,
  sampleFormat: 339,
  dngVersion: 50706,
}
/** Colour filter array and linear raw (TIFF/EP, DNG). */
const rawPhotometrics = [32803, 34892]
/** Sony, Nikon, Pentax, Samsung and Kodak raw codings. */
const rawCompressions = [32767, 34713, 65535, 32770, 65000]
/** Codings that the TIFF library here is built without. */
const unreadCompressions: Partial<Record<number, string>> = {
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
}

/** Raw photographs in TIFF say so in a directory of the chain or just below it; other kinds that are not read, in the first. */
async function tiffKind(read: ReadAt, header: TiffHeader, extension: string): Promise<FileKind> {
  const numbers = (entries: TiffEntry[], wanted: number): number[] => {
    const entry = findEntry(entries, wanted)
    return entry === undefined ? [] : entryNumbers(entry, header.littleEndian)
  }
  const saysRaw = (entries: TiffEntry[]): boolean =>
    findEntry(entries, tag.dngVersion) !== undefined ||
    numbers(entries, tag.photometric).some((value) => rawPhotometrics.includes(value)) ||
    numbers(entries, tag.compression).some((value) => rawCompressions.includes(value))

  const raw = { kind: 'refused', format: rawName(extension) } as const
  if (rawExtensions.has(extension)) return raw
  const directories = await readDirectories(read, header)
  for (const { entries } of directories) {
    if (saysRaw(entries)) return raw
    for (const offset of numbers(entries, tag.subDirectories).slice(0, 16))
      if (saysRaw((await readDirectory(read, header, offset)).entries)) return raw
  }
  const first = directories[0]?.entries ?? []
  const coding = unreadCompressions[numbers(first, tag.compression)[0] ?? 1]
  if (coding !== undefined) return { kind: 'refused', format: `TIFF with ${coding} compression` }
  const bits = numbers(first, tag.bitsPerSample)[0] ?? 1
  const isFloat = numbers(first, tag.sampleFormat)[0] === 3
  const isInteger = (numbers(first, tag.sampleFormat)[0] ?? 1) === 1
  if ((isInteger && bits <= 16) || (isFloat && bits === 32)) return { kind: 'image', container: 'tiff' }
  const kind = isInteger ? 'unsigned integers' : isFloat ? 'floats' : 'signed or complex numbers'
  return { kind: 'refused', format: `TIFF with ${bits}-bit ${kind}` }
}
