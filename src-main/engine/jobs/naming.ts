import { basename, extname, isAbsolute, normalize, sep } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { DenoiseJob } from '../../contract/jobs.ts'
import { imageExtensions, outputContainer, outputExtension } from '../storage/image-formats.ts'
import type { Container } from '../storage/image.ts'
import { flatNames } from '../storage/zip-write.ts'

/**
 * Refuses a path that ends otherwise. Null is none.
 * @param option that it was named by
 * @param endings with their dots, in small letters
 * @throws argument-invalid
 */
export function checkEnding(option: string, path: string | null, endings: string[]): void {
  if (path === null || endings.includes(extname(path).toLowerCase())) return
  throw new DarkroomError('argument-invalid', { file: option, expected: endings.join(' | '), received: path })
}

/** What a name template may use. `dir` is relative to the source folder, `ext` starts with its dot. */
export interface NameFields {
  dir: string
  name: string
  ext: string
  model: string
  /** The σ that was asked for: `auto` or a number. It cannot be the estimate: names are settled before any work. */
  sigma: string
}

const fieldNames = ['dir', 'name', 'ext', 'model', 'sigma'] as const
const isField = (name: string): name is keyof NameFields => (fieldNames as readonly string[]).includes(name)

/** Bytes of one path segment that common file systems take (ext4, APFS, NTFS counts UTF-16 units and allows no less). */
const longestName = 255

const invalidName = (expected: string, received: string): DarkroomError =>
  new DarkroomError('argument-invalid', { file: '--name', expected, received })

/**
 * Checks what can be checked of a template before any file is known.
 * @throws argument-invalid for an unknown placeholder or a written-out image extension (the format decides it).
 */
export function checkTemplate(template: string): void {
  for (const [placeholder, name] of template.matchAll(/\{(\w*)\}/g))
    if (!isField(name!)) throw invalidName(fieldNames.map((field) => `{${field}}`).join(' '), placeholder)
  const written = extname(template)
  if (imageExtensions.has(written.toLowerCase()))
    throw invalidName('{ext}, and --format for the kind of file', written)
}

/** A file's name without its extension, if that is one: `v1.5 draft` keeps its dot. */
export function stemOf(path: string): string {
  const extension = extname(path)
  return basename(path, imageExtensions.has(extension.toLowerCase()) ? extension : '')
}

/** Names of PNG files for items of data (`images.idx#12`), all of one folder. */
export const pngNames = (items: string[]): string[] =>
  flatNames(items.map((item) => `${stemOf(item).replaceAll(/[^\p{L}\p{N}._ -]/gu, '-')}.png`)).map(
    ({ name }) => name,
  )

/**
 * The path of an output below the output folder. The extension goes to the end where the template leaves it out, and is not
 * doubled where the name ends in it already (`scan.png.jpg` cleaned into PNG is `scan.png`).
 * @throws argument-invalid when the path leaves the output folder; output-unwritable when a segment is too long.
 */
export function renderName(template: string, fields: NameFields): string {
  const whole = template.includes('{ext}') ? template : `${template}{ext}`
  let path = ''
  for (const token of whole.split(/(\{\w+\})/)) {
    const field = token.slice(1, -1)
    if (!token.startsWith('{') || !isField(field)) path += token
    else if (field === 'dir') path += fields.dir === '' ? '.' : fields.dir
    else if (field !== 'ext' || !path.toLowerCase().endsWith(fields.ext.toLowerCase())) path += fields[field]
  }
  const relative = normalize(path)
  const segments = relative.split(sep)
  if (isAbsolute(relative) || segments[0] === '..' || relative.includes('\0') || segments.at(-1) === '')
    throw invalidName('a path inside the output folder', relative)
  const tooLong = segments.find((segment) => Buffer.byteLength(segment) > longestName)
  if (tooLong !== undefined)
    throw new DarkroomError('output-unwritable', {
      file: tooLong,
      expected: `a name of at most ${longestName} bytes`,
      received: `${Buffer.byteLength(tooLong)} bytes`,
    })
  return relative
}

/** What a name is made from. `dir`: the source's folder, relative to the one that was given. */
export interface NamedSource {
  source: string
  dir: string
  container: Container
  pages: number
}

/**
 * The path of a source's output below the output folder.
 * @param model the network's name, for `{model}`.
 * @throws as `renderName`, and argument-invalid for several pages in a format that holds one.
 */
export function outputName(
  { source, dir, container, pages }: NamedSource,
  model: string,
  { name, format, sigma }: Pick<DenoiseJob, 'name' | 'format' | 'sigma'>,
): string {
  if (pages > 1 && outputContainer(container, format) !== 'tiff')
    throw new DarkroomError('argument-invalid', {
      file: source,
      expected: '--format keep or tiff for an image of several pages',
      received: `${pages} pages`,
    })
  const ext = outputExtension(container, format, source)
  return renderName(name, { dir, name: stemOf(source), ext, model, sigma: String(sigma) })
}

/** A label as the name of a folder, on every system; empty where nothing of it is left. */
export const folderName = (label: string): string =>
  label.replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, '-').replace(/^[. ]+|[. ]+$/g, '')
