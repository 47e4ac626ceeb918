import { extname } from 'node:path'
import type { OutputFormat } from '../../contract/jobs.ts'
import type { Container } from './image.ts'

/** Containers that can be written. */
export type OutputContainer = Exclude<OutputFormat, 'keep'>

/** File name endings by container; the first is the usual one. */
const extensions: Record<Container, string[]> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  webp: ['.webp'],
  tiff: ['.tif', '.tiff'],
  avif: ['.avif'],
  gif: ['.gif'],
  bmp: ['.bmp', '.dib'],
  pnm: ['.pnm', '.ppm', '.pgm', '.pbm'],
}

export const imageExtensions = new Set(Object.values(extensions).flat())

/** What a file's name says that it is; null for a name that is no image's. */
export function containerByName(name: string): Container | null {
  const extension = extname(name).toLowerCase()
  const known = Object.entries(extensions) as [Container, string[]][]
  return known.find(([, endings]) => endings.includes(extension))?.[0] ?? null
}

/** What a source of this container is written as: PNG where its own cannot be written. */
export function outputContainer(container: Container, format: OutputFormat): OutputContainer {
  if (format !== 'keep') return format
  return container === 'gif' || container === 'bmp' || container === 'pnm' ? 'png' : container
}

/**
 * The output's ending, with its dot. The source's own (`.JPEG`, `.tif`) stays where it is right for what is written; a
 * mislabelled source gets the right one.
 */
export function outputExtension(container: Container, format: OutputFormat, sourceName = ''): string {
  const known = extensions[outputContainer(container, format)]
  const own = extname(sourceName)
  return known.includes(own.toLowerCase()) ? own : known[0]!
}
