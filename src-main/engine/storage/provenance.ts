import { createHash } from 'node:crypto'
import { access, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import type { Job } from '../../contract/jobs.ts'
import { LatentView } from '../../contract/latent.ts'
import { Provenance } from '../../contract/provenance.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { writeAtomic } from './atomic.ts'
import { concatBytes, fromLatin1, latin1, viewOf } from './bytes.ts'
import { chunkBytes, signatureBytes } from './metadata-png.ts'
import { readRunTitle } from './run-title.ts'
import { encodeSafetensors } from './safetensors.ts'

/** Of the text chunk, in Latin-1. */
const keyword = 'Latent Darkroom'
/** In a folder: how its files were made. */
export const folderNote = 'darkroom.json'
/** More numbers than these are not kept: deflated they take about 80 kB. */
const mostNumbers = 16_384
/** Text that grows beyond this when inflated is an attack, not provenance. */
const mostText = 64 * 2 ** 20

/** What is known of a run when something is made with it: a `TrainedRun` has it. */
export interface ProvenanceRun {
  /** Absolute. */
  path: string
  info: RunInfo
  weights: TensorMap
}

/** SHA-256 of weights, as hexadecimal digits: the same whatever order they come in. */
export function weightsHash(weights: TensorMap): string {
  const sorted = Object.fromEntries(Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(encodeSafetensors(sorted)).digest('hex')
}

/**
 * How an export was made.
 * @param codes of its pictures, [count, size], in order; null of what has none.
 * @param product its version.
 */
export async function provenanceOf(
  job: Job,
  run: ProvenanceRun,
  codes: { codes: Float32Array; size: number } | null,
  product: string,
): Promise<Provenance> {
  return {
    darkroom: 'export',
    version: 1,
    product,
    job: withAbsolutePaths(job),
    run: {
      title: (await readRunTitle(run.path)) ?? basename(run.path),
      recipe: run.info.recipe.name,
      weights: weightsHash(run.weights),
    },
    codes: codes === null || codes.codes.length > mostNumbers ? null : rowsOf(codes.codes, codes.size),
    ...{ items: null, lines: null },
    at: new Date().toISOString(),
  }
}

/** Nine digits give a float back exactly; its value as a double would take seventeen. */
const rowsOf = (codes: Float32Array, size: number): number[][] =>
  Array.from({ length: codes.length / size }, (_, i) =>
    Array.from(codes.subarray(i * size, (i + 1) * size), (value) => Number(value.toPrecision(9))),
  )

const pathFields = new Set([
  ...['run', 'path', 'out', 'png', 'attributes', 'latents', 'sources'],
  ...['detector', 'classifier', 'masks', 'heat', 'mistakes'],
])

/** A job that means the same in every working folder. */
function withAbsolutePaths(job: Job): Job {
  const absolute = (key: string, value: unknown): unknown => {
    if (typeof value === 'string') {
      const isLabelFile = key === 'labels' && value !== 'folders' && !value.startsWith('column:')
      return pathFields.has(key) || isLabelFile ? resolve(value) : value
    }
    if (Array.isArray(value)) return value.map((item: unknown) => absolute(key, item))
    return value !== null && typeof value === 'object' ? inside(value) : value
  }
  const inside = (value: object): object =>
    Object.fromEntries(Object.entries(value).map(([key, field]) => [key, absolute(key, field)]))
  return inside(job) as Job
}

/** A PNG file that says how it was made; its pixels are left as they are. */
function withProvenance(png: Uint8Array, provenance: Provenance): Uint8Array {
  const text = deflateSync(Buffer.from(JSON.stringify(provenance)))
  // Keyword, compressed, by deflate, no language, no translated keyword.
  const data = concatBytes([fromLatin1(`${keyword}\0\x01\0\0\0`), text])
  const header = signatureBytes + 12 + viewOf(png).getUint32(signatureBytes)
  return concatBytes([png.subarray(0, header), chunkBytes({ type: 'iTXt', data }), png.subarray(header)])
}

const sidecarOf = (file: string): string => `${file}.json`

/**
 * Writes an export, and how it was made: within a PNG, beside anything else (`<file>.json`).
 * @param write fills the file, under a name that it has meanwhile; of a PNG the bytes are given instead.
 * @returns the files that were written.
 * @throws file-exists, also for the file beside; output-unwritable, disk-full
 */
export async function writeExport(
  file: string,
  content: Uint8Array | string | ((temporary: string) => Promise<void>),
  provenance: Provenance,
  overwrite: boolean,
): Promise<string[]> {
  const isPng = typeof content === 'object' && isPngFile(content)
  const write = (temporary: string): Promise<void> => {
    if (typeof content === 'function') return content(temporary)
    return writeFile(temporary, isPng ? withProvenance(content, provenance) : content)
  }
  if (isPng) {
    await writeAtomic(file, write, { overwrite })
    return [file]
  }
  const beside = sidecarOf(file)
  // Looked for first: nothing is written where one of the two is in the way.
  if (!overwrite && (await exists(beside))) throw new DarkroomError('file-exists', { file: beside })
  await writeAtomic(file, write, { overwrite })
  await writeNote(beside, provenance, overwrite)
  return [file, beside]
}

/** Writes how the files of a folder were made into it; the result is the note's path. */
export async function writeFolderNote(
  folder: string,
  provenance: Provenance,
  overwrite: boolean,
): Promise<string> {
  const file = join(folder, folderNote)
  await writeNote(file, provenance, overwrite)
  return file
}

const writeNote = (file: string, provenance: Provenance, overwrite: boolean): Promise<void> =>
  writeAtomic(file, (temporary) => writeFile(temporary, `${JSON.stringify(provenance, null, 2)}\n`), {
    overwrite,
  })

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * What a file says of itself: a saved view, or how an export was made: a PNG, a folder, a file of one, a file with its note beside, or the
 * note itself.
 * @throws export-unreadable where it says nothing; file-not-found
 */
export async function readSelfDescription(path: string): Promise<LatentView | Provenance> {
  const status = await stat(path).catch((cause: unknown) => {
    throw new DarkroomError('file-not-found', { file: path }, cause)
  })
  const candidates = status.isDirectory()
    ? [join(path, folderNote)]
    : // An export may be .json itself.
      [sidecarOf(path), path, join(dirname(path), folderNote)]
  for (const candidate of candidates) {
    const text = await readText(candidate)
    if (text !== null) return parseText(text, candidate)
  }
  throw new DarkroomError('export-unreadable', { file: path })
}

/** Anything larger is no note of ours. */
const mostBytes = 256 * 2 ** 20

/** The JSON that a file is, or a PNG carries; null where there is none. */
async function readText(file: string): Promise<string | null> {
  const size = (await stat(file).catch(() => null))?.size ?? 0
  if (size === 0 || size > mostBytes) return null
  const bytes = await readFile(file)
  if (isPngFile(bytes)) return pngText(bytes)
  return file.toLowerCase().endsWith('.json') ? bytes.toString('utf8') : null
}

function parseText(text: string, file: string): LatentView | Provenance {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new DarkroomError('export-unreadable', { file, received: String(cause) }, cause)
  }
  const kind = (json as { darkroom?: unknown } | null)?.darkroom
  return kind === 'latent-view'
    ? parseOrThrow(LatentView, json, 'export-unreadable', file)
    : parseOrThrow(Provenance, json, 'export-unreadable', file)
}

const pngSignature = [137, 80, 78, 71, 13, 10, 26, 10]
const isPngFile = (bytes: Uint8Array): boolean => pngSignature.every((byte, i) => bytes[i] === byte)

/** The text of our chunk. @returns null without one, or where it is damaged */
function pngText(png: Uint8Array): string | null {
  const view = viewOf(png)
  const head = fromLatin1(`${keyword}\0\x01\0\0\0`)
  for (let at = signatureBytes; at + 12 <= png.length;) {
    const end = at + 8 + view.getUint32(at)
    const data = png.subarray(at + 8, end)
    if (latin1(png.subarray(at + 4, at + 8)) === 'iTXt' && head.every((byte, i) => data[i] === byte)) {
      try {
        return inflateSync(data.subarray(head.length), { maxOutputLength: mostText }).toString('utf8')
      } catch {
        return null
      }
    }
    at = end + 4
  }
  return null
}
