import { DarkroomError } from '../contract/errors.ts'

/** Most folders above a file, and most bytes of one name: what file systems take. */
const maxDepth = 32
const maxNameBytes = 255

/** Characters that lead into folders, those that Windows refuses in names, and control characters. */
const forbidden = /[/\\<>:"|?*\p{Cc}]/gu
/** Names that are devices on Windows, with any extension. */
const device = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i

/**
 * The parts of the path below the upload's folder that a file gets: its own name, and those of the folders that it was
 * dropped with. Names stay as they are, in any script, but for what some file system would not take.
 *
 * @throws DarkroomError `argument-invalid` for a path that is absolute, leads upwards or is empty
 */
export function uploadName(path: string): string[] {
  const parts = path.split(/[/\\]/)
  const isRelative = parts.every((part) => part !== '' && part !== '.' && part !== '..')
  if (!isRelative || /^[a-z]:/i.test(path) || parts.length > maxDepth)
    throw new DarkroomError('argument-invalid', { file: path, expected: 'a relative path' })
  return parts.map(safeName)
}

/** A name that every file system takes, as close to the given one as can be. */
export function safeName(name: string): string {
  // Windows drops dots and spaces at the end, so that two names would be one file.
  const plain = name.replace(forbidden, '_').replace(/[. ]+$/, '') || '_'
  const dot = plain.indexOf('.', 1)
  const stem = dot < 0 ? plain : plain.slice(0, dot)
  return fitBytes(device.test(stem.trimEnd()) ? `_${plain}` : plain)
}

/** Shortens a name at the end of its stem, whole characters at a time. */
function fitBytes(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) < 32 ? name.slice(dot) : ''
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(
    name.slice(0, name.length - extension.length),
  )
  let stem = ''
  for (const { segment } of graphemes) {
    if (Buffer.byteLength(stem + segment + extension) > maxNameBytes) break
    stem += segment
  }
  return stem + extension
}
