import { sep } from 'node:path'
import type { Engine } from '../contract/engine.ts'
import type { ZipFile } from '../engine/storage/zip-write.ts'

/** The files that jobs have written since the program began: a browser may fetch them. */
export interface Written {
  has(file: string): boolean
  /** Those in a folder that was written, named from there; none for any other. Other files in it are nobody's result. */
  below(folder: string): ZipFile[]
}

/** Remembers what jobs say that they have written. */
export function watchWritten(engine: Pick<Engine, 'subscribe'>): Written {
  const written = new Set<string>()
  engine.subscribe((event) => {
    if (event.event !== 'done') return
    const { result } = event
    if ('files' in result) for (const file of result.files) written.add(file)
    if ('file' in result) written.add(result.file)
  })
  return {
    has: (file) => written.has(file),
    below: (folder) =>
      [...written]
        .filter((file) => file.startsWith(folder + sep))
        .map((file) => ({ file, name: file.slice(folder.length + 1).replaceAll(sep, '/') })),
  }
}
