import type { OutputFormat } from '../../../src-main/contract/jobs.ts'
import type { DenoiseSettings } from '../../../src-main/contract/settings.ts'
import { folderOf, nameOf } from '../../state/names.ts'

const formats: Record<string, OutputFormat> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  png: 'png',
  tif: 'tiff',
  tiff: 'tiff',
  webp: 'webp',
  avif: 'avif',
}

/** Settings that write to a path that a person named: its folder, its name, and the format that its ending says. */
export function settingsForPath(path: string): Pick<DenoiseSettings, 'out' | 'name' | 'format'> {
  const name = nameOf(path)
  const [, stem, ending] = /^(.+)\.([^.]+)$/.exec(name) ?? [null, name, '']
  const format = formats[ending.toLowerCase()]
  // The root of a file system keeps its slash.
  const out = folderOf(path) || path.slice(0, 1)
  return format === undefined ? { out, name, format: 'keep' } : { out, name: stem, format }
}
