import { existsSync } from 'node:fs'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openUploads } from '../../src-main/server/uploads.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
const day = 24 * 60 * 60 * 1000

/** Files of a session that ended so many days ago. */
async function session(name: string, days: number): Promise<string> {
  const folder = temporary('uploads', name)
  await mkdir(`${folder}/batch`, { recursive: true })
  await writeFile(`${folder}/batch/a.jpg`, 'x')
  const time = new Date(Date.now() - days * day)
  await utimes(folder, time, time)
  return folder
}

describe('removeOld', () => {
  it('removes what is older than a week and in no queue', async () => {
    const uploads = openUploads(temporary())
    const [old, used, recent, sibling] = await Promise.all([
      session('old', 8),
      session('used', 400),
      session('recent', 6),
      session('used-not', 400),
    ])
    await uploads.removeOld([`${used}/batch/a.jpg`, '/elsewhere/old/a.jpg'])
    expect([old, used, recent, sibling].map((folder) => existsSync(folder))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('does nothing where nothing was ever uploaded', async () => {
    await openUploads(temporary('none')).removeOld([])
    expect(existsSync(temporary('none'))).toBe(false)
  })
})
