import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { desktopEnded, findHolder, takeHomeLock } from '../../src-main/host/home-lock.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
const browser = { kind: 'browser', url: 'http://127.0.0.1:4321/' } as const
const desktop = { kind: 'desktop', url: null } as const

/** A lock as a process that is gone, or another one, left it. */
async function leave(home: string, content: string): Promise<void> {
  await mkdir(home, { recursive: true })
  await writeFile(`${home}/running.json`, content)
}

describe('takeHomeLock', () => {
  it('gives the folder to one, and tells the next where it is', async () => {
    const home = temporary('one')
    const lock = await takeHomeLock(home, browser)
    expect(await findHolder(home)).toEqual({ pid: process.pid, ...browser })
    await expect(takeHomeLock(home, desktop)).rejects.toMatchObject({
      detail: { code: 'home-in-use', file: browser.url },
    })
    await lock.release()
    expect(await findHolder(home)).toBeNull()
    await (await takeHomeLock(home, desktop)).release()
  })

  it('gives the folder to one of many that start at once', async () => {
    const takings = Array.from({ length: 8 }, () => takeHomeLock(temporary('race'), browser))
    const results = await Promise.allSettled(takings)
    const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(locks).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ detail: { code: 'home-in-use', file: browser.url } })
    await locks[0]!.release()
  })

  it('gives the folder of a program that is gone to one of many that start at once', async () => {
    // Which of them looks when is chance: several times, the later ones a little later.
    for (let round = 0; round < 20; round++) {
      const home = temporary(`gone${round}`)
      await leave(home, '{}')
      const takings = Array.from({ length: 16 }, async (_, i) => {
        for (let turn = 0; turn < i; turn++) await nextTurn()
        return takeHomeLock(home, browser)
      })
      const results = await Promise.allSettled(takings)
      const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      expect(locks).toHaveLength(1)
      expect(await findHolder(home)).toEqual({ pid: process.pid, ...browser })
      await locks[0]!.release()
      expect(await readdir(home)).toEqual([])
    }
  })

  it('takes over at the second attempt where the first was killed in the middle of it', async () => {
    const home = temporary('halfway')
    await leave(home, '{}')
    await writeFile(`${home}/running.json.takeover`, '')
    await expect(takeHomeLock(home, desktop)).rejects.toMatchObject({ detail: { code: 'home-in-use' } })
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(`${home}/running.json.takeover`, longAgo, longAgo)
    await expect(takeHomeLock(home, desktop)).rejects.toMatchObject({ detail: { code: 'home-in-use' } })
    await (await takeHomeLock(home, desktop)).release()
  })

  it.skipIf(platform() === 'win32')('can be read by nobody else, and holds no secret', async () => {
    const home = temporary('private')
    const lock = await takeHomeLock(home, browser)
    expect((await stat(`${home}/running.json`)).mode & 0o777).toBe(0o600)
    expect(Object.keys(JSON.parse(await readFile(`${home}/running.json`, 'utf8')) as object)).toEqual([
      'pid',
      'kind',
      'url',
    ])
    await lock.release()
  })

  it('takes over from a process that was killed', async () => {
    const home = temporary('killed')
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    await leave(home, JSON.stringify({ pid: child.pid, ...browser }))
    await (await takeHomeLock(home, desktop)).release()
  })

  it('takes over when the process number is another program’s since a power cut', async () => {
    const home = temporary('reused')
    await leave(home, JSON.stringify({ pid: process.ppid, ...browser }))
    expect(await findHolder(home)).not.toBeNull()
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(`${home}/running.json`, longAgo, longAgo)
    await (await takeHomeLock(home, desktop)).release()
  })

  it.each(['', '{', '{"pid":"x"}'])('takes over from a damaged file: %j', async (content) => {
    const home = temporary(`damaged${content.length}`)
    await leave(home, content)
    await (await takeHomeLock(home, desktop)).release()
  })
})

describe('desktopEnded', () => {
  it('waits for a desktop that lets go, and for nobody else', async () => {
    const home = temporary('ending')
    await desktopEnded(home)
    const lock = await takeHomeLock(home, desktop)
    let hasEnded = false
    const ended = desktopEnded(home).then(() => (hasEnded = true))
    await delay(150)
    expect(hasEnded).toBe(false)
    await lock.release()
    await ended

    const other = await takeHomeLock(home, browser)
    await desktopEnded(home)
    await other.release()
  })
})
