import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { openPasted } from '../../src-main/electron/pasted.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()

it('keeps every picture under a name of its own, dated, for its owner alone', async () => {
  const pasted = openPasted(temporary('keep'))
  const contents = ['one', 'two', 'three']
  const paths = await Promise.all(contents.map((text) => pasted.keep(Buffer.from(text))))
  expect(new Set(paths).size).toBe(3)
  for (const [i, path] of paths.entries()) {
    expect(dirname(path)).toBe(temporary('keep', 'pasted'))
    expect(basename(path)).toMatch(/^pasted-\d{4}(-\d\d){5}(-\d)?\.png$/)
    expect(await readFile(path, 'utf8')).toBe(contents[i])
    if (platform() !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
  }
  expect(await readdir(temporary('keep', 'pasted'))).toHaveLength(3)
})

it('removes what is old, but nothing of the queue and nothing that it did not write', async () => {
  const home = temporary('old')
  const pasted = openPasted(home)
  const gone = await pasted.keep(Buffer.from('a'))
  const queued = await pasted.keep(Buffer.from('b'))
  const denoised = join(home, 'pasted', 'denoised')
  const note = join(home, 'pasted', 'note.txt')
  await mkdir(denoised)
  await writeFile(note, 'mine')
  const eightDaysAgo = new Date(Date.now() - 8 * 24 * 3_600_000)
  for (const path of [gone, queued, denoised, note]) await utimes(path, eightDaysAgo, eightDaysAgo)
  const fresh = await pasted.keep(Buffer.from('c'))
  await pasted.removeOld([queued])
  expect((await readdir(join(home, 'pasted'))).sort()).toEqual(
    [queued, fresh, denoised, note].map((path) => basename(path)).sort(),
  )
})
