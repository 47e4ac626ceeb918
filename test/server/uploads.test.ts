import { existsSync } from 'node:fs'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { toErrorDetail } from '../../src-main/contract/errors.ts'
import { openUploads } from '../../src-main/server/uploads.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

/** A disk with 1 GB free. */
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  statfs: () => Promise.resolve({ bavail: 1e6, bsize: 1000 }),
}))

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

describe('receive', () => {
  const bodyOf = (length: number): PassThrough & IncomingMessage =>
    Object.assign(new PassThrough(), { headers: { 'content-length': String(length) } }) as never

  it('promises the space on the disk once, however many come at a time', async () => {
    const uploads = openUploads(temporary('full'))
    const bodies = [bodyOf(500e6), bodyOf(500e6)]
    const receiving = bodies.map((body, n) => uploads.receive(body, `${n}.png`, null))
    await expect(Promise.race(receiving)).rejects.toMatchObject({ detail: { code: 'disk-full' } })
    for (const body of bodies) body.destroy()
    const endings = await Promise.allSettled(receiving)
    expect(
      endings.map((ending) => ending.status === 'rejected' && toErrorDetail(ending.reason).code).sort(),
    ).toEqual(['disk-full', 'internal'])
    const third = bodyOf(500e6)
    third.end('x')
    expect(existsSync(await uploads.receive(third, 'c.png', null))).toBe(true)
  })
})

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
