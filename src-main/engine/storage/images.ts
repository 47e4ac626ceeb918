import { copyFile, open, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { OutputFormat } from '../../contract/jobs.ts'
import { writeAtomic } from './atomic.ts'
import { bmpHeaderBytes, decodeBmp, parseBmpHeader } from './bmp.ts'
import { readAtFile, type ReadAt } from './bytes.ts'
import { asGray, checkSize, decodePage, decoderFacts, sharpInput } from './image-decode.ts'
import { encodePage } from './image-encode.ts'
import { outputContainer } from './image-formats.ts'
import { fileKind, hasImageExtension, type FileKind } from './image-kind.ts'
import { metadataFor, uprightMetadata } from './image-metadata.ts'
import {
  emptyMetadata,
  type Container,
  type ImageFile,
  type ImageMetadata,
  type ImagePage,
  type ImageWarning,
} from './image.ts'
import { linearRange } from './linear-range.ts'
import { readAvifMetadata } from './metadata-avif.ts'
import { readJpegMetadata } from './metadata-jpeg.ts'
import { readPngMetadata } from './metadata-png.ts'
import { readTiffMetadata } from './metadata-tiff.ts'
import { readWebpMetadata } from './metadata-webp.ts'
import { decodePnm, parsePnmHeader } from './pnm.ts'
import { writeTiff } from './tiff-write.ts'

/** What a look at a file's header tells. Width and height are of the first page, upright. */
export type ImageProbe =
  | { kind: 'image'; container: Container; width: number; height: number; pages: number }
  /** An image of a kind that is not read, by name. */
  | { kind: 'refused'; format: string }
  | { kind: 'not-image' }

/**
 * A cheap look: what the file is, by its content, and how large. Nothing is decoded.
 *
 * @throws DarkroomError `file-not-found`, `image-empty`, `image-too-large`, and `image-unreadable` for a file that its
 *   name or its first bytes call an image and that is none
 */
export async function probeImage(path: string): Promise<ImageProbe> {
  return withSource(path, async (source) => {
    const kind = await kindOf(source)
    if (kind.kind !== 'image') return kind
    const { container } = kind
    if (container === 'bmp' || container === 'pnm') {
      const { width, height } = container === 'bmp' ? await bmpHeader(source) : await pnmHeader(source)
      return { kind: 'image', container, width, height, pages: 1 }
    }
    const facts = await decoderFacts(path, await sharpInput(path, () => readFile(path)))
    const { width, height } = facts.autoOrient
    const pages = container === 'tiff' ? (facts.pages ?? 1) : 1
    checkSize(path, width * height * pages, bytesPerPixel(facts), source.size)
    return { kind: 'image', container, width, height, pages }
  })
}

/**
 * Reads an image: every page of a TIFF file, the first frame of an animation, upright. Samples stay in the file's own
 * encoding and depth; what had to be changed or left behind stands in `warnings`.
 *
 * Memory: the samples once; twice for a moment where alpha is taken apart or a picture is turned.
 *
 * @throws DarkroomError as `probeImage`, and `image-format-refused`
 */
export async function readImage(path: string): Promise<ImageFile> {
  return withSource(path, async (source) => {
    const kind = await kindOf(source)
    if (kind.kind === 'refused')
      throw new DarkroomError('image-format-refused', { file: path, received: kind.format })
    if (kind.kind === 'not-image')
      throw new DarkroomError('image-unreadable', { file: path, expected: 'an image' })
    if (kind.container === 'bmp') return readBmp(source)
    if (kind.container === 'pnm') return readPnm(source)
    return readCoded(source, kind.container)
  })
}

export interface WriteOptions {
  format: OutputFormat
  /** 1–100 for lossy formats; null takes the source's or a good default. */
  quality: number | null
  overwrite: boolean
  /** Looked at before the file takes its name: an aborted write leaves nothing behind. */
  signal?: AbortSignal
}

/**
 * Writes an image with all metadata that the container can hold, atomically.
 *
 * Memory beside the samples: the encoded file; for AVIF the samples once more; TIFF is written strip by strip.
 *
 * @throws DarkroomError `argument-invalid` for several pages into a container that holds one, `file-exists`, `disk-full`,
 *   `output-unwritable`, `image-too-large`, and the signal's reason
 */
export async function writeImage(
  image: ImageFile,
  path: string,
  { format, quality, overwrite, signal }: WriteOptions,
): Promise<{ path: string; warnings: ImageWarning[] }> {
  const container = outputContainer(image.container, format)
  if (container !== 'tiff' && image.pages.length > 1)
    throw new DarkroomError('argument-invalid', {
      file: image.path,
      expected: 'TIFF for an image of several pages',
      received: container,
    })
  const { metadata, warnings } = metadataFor(image.metadata, container)
  if (format === 'keep' && container !== image.container) warnings.push('container-changed')
  await writeAtomic(
    path,
    async (temporary) => {
      if (container === 'tiff') await writeTiff(temporary, image.pages, metadata)
      else {
        const encoded = await encodePage(image, container, metadata, quality)
        warnings.push(...encoded.warnings)
        await writeParts(temporary, encoded.parts)
      }
      signal?.throwIfAborted()
    },
    { overwrite },
  )
  return { path, warnings: [...new Set(warnings)] }
}

/**
 * Copies an image file byte for byte, atomically.
 * @throws DarkroomError `file-not-found`, `file-exists`, `disk-full`, `output-unwritable`, and the signal's reason
 */
export async function copyImage(
  from: string,
  to: string,
  { overwrite, signal }: Pick<WriteOptions, 'overwrite' | 'signal'>,
): Promise<void> {
  // Says what is wrong with the source; closed again, because an open file cannot be replaced by its copy on every system.
  await withSource(from, () => Promise.resolve())
  await writeAtomic(
    to,
    async (temporary) => {
      await copyFile(from, temporary)
      signal?.throwIfAborted()
    },
    { overwrite },
  )
}

async function writeParts(path: string, parts: Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for (const part of parts) await writeFile(file, part)
  } finally {
    await file.close()
  }
}

interface Source {
  path: string
  read: ReadAt
  /** Bytes. */
  size: number
}

async function withSource<T>(path: string, use: (source: Source) => Promise<T>): Promise<T> {
  let file: FileHandle
  let size: number
  try {
    // Opening a pipe would wait for its writer.
    const about = await stat(path)
    if (!about.isFile()) throw new DarkroomError('image-unreadable', { file: path, expected: 'a file' })
    size = about.size
    file = await open(path, 'r')
  } catch (error) {
    throw accessError(path, error)
  }
  try {
    return await use({ path, read: readAtFile(file), size })
  } catch (error) {
    throw accessError(path, error)
  } finally {
    await file.close()
  }
}

function accessError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (error instanceof DarkroomError || code === '') return error
  if (code === 'ENOENT') return new DarkroomError('file-not-found', { file: path }, error)
  return new DarkroomError('image-unreadable', { file: path, received: code }, error)
}

async function kindOf({ path, read, size }: Source): Promise<FileKind> {
  const promised = hasImageExtension(basename(path))
  if (size === 0 && promised) throw new DarkroomError('image-empty', { file: path })
  const kind = await fileKind(read, basename(path))
  if (kind.kind === 'not-image' && promised)
    throw new DarkroomError('image-unreadable', { file: path, expected: 'an image, as its name says' })
  return kind
}

const bytesPerPixel = ({ channels, depth }: { channels: number; depth: string }): number =>
  channels * (depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 4)

async function bmpHeader({ path, read, size }: Source) {
  const header = parseBmpHeader(await read(0, bmpHeaderBytes))
  if (typeof header === 'string')
    throw new DarkroomError('image-unreadable', {
      file: path,
      expected: 'a BMP that is not compressed',
      received: header,
    })
  checkSize(path, header.width * header.height, 3, size)
  return header
}

async function pnmHeader({ path, read, size }: Source) {
  const header = parsePnmHeader(await read(0, 4096))
  if (header === null) throw new DarkroomError('image-unreadable', { file: path })
  checkSize(path, header.width * header.height, 3, size)
  return header
}

const cutOff = (path: string): DarkroomError =>
  new DarkroomError('image-unreadable', { file: path, expected: 'all of its pixels', received: 'fewer' })

async function readBmp(source: Source): Promise<ImageFile> {
  const header = await bmpHeader(source)
  const page = decodeBmp(await readFile(source.path), header)
  if (page === null) throw cutOff(source.path)
  const metadata = { ...emptyMetadata(), density: header.density }
  return { path: source.path, container: 'bmp', pages: [page], metadata, warnings: [] }
}

async function readPnm(source: Source): Promise<ImageFile> {
  const header = await pnmHeader(source)
  const page = decodePnm(await readFile(source.path), header)
  if (page === null) throw cutOff(source.path)
  const metadata = emptyMetadata()
  metadata.source.bits = 8 * page.data.BYTES_PER_ELEMENT
  return { path: source.path, container: 'pnm', pages: [page], metadata, warnings: [] }
}

/** Everything that libvips decodes. */
async function readCoded(source: Source, container: Exclude<Container, 'bmp' | 'pnm'>): Promise<ImageFile> {
  const { path, size } = source
  const input = await sharpInput(path, () => readFile(path))
  const first = await decoderFacts(path, input)
  const about = await readMetadata(source, container, first)
  const count = container === 'tiff' ? (first.pages ?? 1) : 1
  if (about.promisedPages > count)
    throw new DarkroomError('image-unreadable', {
      file: path,
      expected: `${about.promisedPages} pages`,
      received: `${count}`,
    })

  const warnings = new Set<ImageWarning>(about.warnings)
  const pages: ImagePage[] = []
  let pixels = 0
  let { metadata } = about
  for (let index = 0; index < count; index++) {
    const facts = index === 0 ? first : await decoderFacts(path, input, index)
    pixels += facts.width * facts.height
    checkSize(path, pixels, bytesPerPixel(facts), size)
    const decoded = await decodePage(path, input, index, facts)
    decoded.warnings.forEach((warning) => warnings.add(warning))
    // The profile described the colours before; they are sRGB now.
    if (decoded.converted) metadata = { ...metadata, icc: null }
    if (index === 0 && (facts.orientation ?? 1) > 1)
      metadata = await uprightMetadata(metadata, decoded.page, facts.orientation! > 4)
    pages.push(about.gray ? asGray(decoded.page) : decoded.page)
  }
  if (linearRange(pages)) warnings.add('non-finite-replaced')
  return { path, container, pages, metadata, warnings: [...warnings] }
}

interface About {
  metadata: ImageMetadata
  warnings: ImageWarning[]
  /** Decoded as RGB, but gray by its palette. */
  gray: boolean
  /** Pages that the file says it has. */
  promisedPages: number
}

async function readMetadata(
  { read }: Source,
  container: Exclude<Container, 'bmp' | 'pnm'>,
  facts: Awaited<ReturnType<typeof decoderFacts>>,
): Promise<About> {
  const plain = { warnings: [], gray: false, promisedPages: 1 }
  const animation = (animated: boolean): ImageWarning[] => (animated ? ['animation-first-frame'] : [])
  switch (container) {
    case 'jpeg':
      return { ...plain, ...(await readJpegMetadata(read)) }
    case 'png': {
      const { metadata, warnings, grayPalette, animated } = await readPngMetadata(read)
      // A profile for RGB describes RGB samples only.
      const gray = grayPalette && facts.isPalette && facts.channels >= 3 && metadata.icc === null
      return { ...plain, metadata, gray, warnings: [...warnings, ...animation(animated)] }
    }
    case 'webp': {
      const { metadata, animated } = await readWebpMetadata(read)
      return { ...plain, metadata, warnings: animation(animated) }
    }
    case 'tiff':
      return { ...plain, ...(await readTiffMetadata(read)) }
    case 'avif':
      return {
        ...plain,
        ...(await readAvifMetadata(read, facts)),
        warnings: animation((facts.pages ?? 1) > 1),
      }
    case 'gif':
      return { ...plain, metadata: emptyMetadata(), warnings: animation((facts.pages ?? 1) > 1) }
  }
}
