import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { flatNames, planZip, zipBytes } from '../../../src-main/engine/storage/zip-write.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const temporary = temporaryFolder()

/** `unzip` reads an archive as strictly as any program does. */
const hasUnzip = ((): boolean => {
  try {
    execFileSync('unzip', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('unzip is not installed: archives are not checked from outside')
    return false
  }
})()

async function archive(files: string[]): Promise<{ bytes: Buffer; size: number }> {
  const plan = await planZip(flatNames(files))
  return { bytes: await buffer(Readable.from(zipBytes(plan))), size: plan.size }
}

async function files(): Promise<string[]> {
  await mkdir(temporary('one'), { recursive: true })
  await mkdir(temporary('two'), { recursive: true })
  const contents: [string, Buffer][] = [
    ['one/여름 🌻.jpg', Buffer.from('summer')],
    ['two/a.png', Buffer.alloc(300_000, 7)],
    ['one/a.png', Buffer.from('another a')],
    ['one/A.PNG', Buffer.from('a third')],
    ['one/empty.png', Buffer.alloc(0)],
  ]
  for (const [name, bytes] of contents) await writeFile(temporary(name), bytes)
  return contents.map(([name]) => temporary(name))
}

describe('zip', () => {
  it('is exactly as long as was said before it was made', async () => {
    const { bytes, size } = await archive(await files())
    expect(bytes).toHaveLength(size)
  })

  it.skipIf(!hasUnzip)('is unpacked by others, with names in any script and none lost', async () => {
    const { bytes } = await archive(await files())
    await writeFile(temporary('all.zip'), bytes)
    const unzip = (...args: string[]): string => execFileSync('unzip', args, { encoding: 'utf8' })
    expect(unzip('-t', temporary('all.zip'))).toContain('No errors detected')
    unzip('-qo', temporary('all.zip'), '-d', temporary('out'))
    const read = (name: string): Promise<string> => readFile(temporary('out', name), 'utf8')
    expect(await read('여름 🌻.jpg')).toBe('summer')
    expect(await read('a.png')).toHaveLength(300_000)
    expect(await read('a-2.png')).toBe('another a')
    expect(await read('A-3.PNG')).toBe('a third')
    expect(await read('empty.png')).toBe('')
  })

  it('leaves out what is gone, and is none where nothing is left', async () => {
    await writeFile(temporary('there.png'), 'x')
    const { members } = await planZip(flatNames([temporary('gone.png'), temporary('there.png')]))
    expect(members.map(({ file }) => file)).toEqual([temporary('there.png')])
    await expect(planZip(flatNames([temporary('gone.png')]))).rejects.toMatchObject({
      detail: { code: 'file-not-found' },
    })
  })

  it('keeps its length where a file grows after its checksum was taken', async () => {
    await writeFile(temporary('late.png'), 'short')
    const plan = await planZip(flatNames([temporary('late.png')]))
    const bytes = zipBytes(plan)
    const header = await bytes.next()
    await appendFile(temporary('late.png'), ' no more')
    const rest = await buffer(Readable.from(bytes))
    expect((header.value as Buffer).length + rest.length).toBe(plan.size)
  })

  it('fails where a file changes while it is packed', async () => {
    await writeFile(temporary('grows.png'), 'short')
    const plan = await planZip(flatNames([temporary('grows.png')]))
    await writeFile(temporary('grows.png'), 'longer than it was')
    await expect(buffer(Readable.from(zipBytes(plan)))).rejects.toThrow('changed')
  })
})
