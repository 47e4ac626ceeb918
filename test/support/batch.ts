import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import type { Container } from '../../src-main/engine/storage/image.ts'
import { writeImage } from '../../src-main/engine/storage/images.ts'
import { imageOf, smoothPage } from './image-fixtures.ts'

/** Writes small images; the container goes by the name's ending. */
export async function writeImages(folder: string, names: string[], side = 24): Promise<void> {
  for (const [index, name] of names.entries()) {
    const format = /\.jpe?g$/i.test(name) ? 'jpeg' : 'png'
    const image = imageOf([smoothPage(side + (index % 3), side)], format satisfies Container)
    await writeImage(image, join(folder, name), { format, quality: 95, overwrite: false })
  }
}

export async function writeFiles(folder: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

/** All files below a folder, sorted, hidden ones included; empty when there is no such folder. */
export async function tree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** A PNG that claims far more pixels than its bytes could hold: a decompression bomb. */
export function bombPng(side = 60_000): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const framed = Buffer.alloc(body.length + 8)
    framed.writeUInt32BE(data.length, 0)
    body.copy(framed, 4)
    framed.writeUInt32BE(crc32(body), body.length + 4)
    return framed
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
