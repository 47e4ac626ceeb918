import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask, connectTo, enter } from '../support/server.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { startProgram, type Started } from './support/start.ts'

describe('npm start -- --browser', () => {
  let program: Started
  beforeAll(async () => void (program = await startProgram()))
  afterAll(() => program.stop())

  it('answers the engine’s calls from a process of its own', async () => {
    const { origin, cookie } = await enter(program.url)
    const { engine, shell, socket } = await connectTo(origin, { origin, cookie })
    expect(await shell.info()).toMatchObject({ kind: 'browser', home: program.home })
    expect((await engine.models()).map(({ id }) => id)).toContain('photo')
    expect((await engine.doctor()).engines.some(({ inUse }) => inUse)).toBe(true)
    expect(await engine.queue()).toEqual({ items: [], paused: false, progress: null })
    socket.terminate()
  })

  it('says so when it runs already, without the secret', async () => {
    await expect(startProgram({ home: program.home })).rejects.toThrow(
      new RegExp(
        `ended with 1 .*Latent Darkroom is already running\\.\\n${new URL(program.url).origin}/\\n`,
        's',
      ),
    )
  })
})

describe('its end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('by %s has exit code %i, keeps the home folder, and frees it', async (signal, code) => {
    const program = await startProgram()
    const { origin } = new URL(program.url)
    const holder = JSON.parse(await readFile(join(program.home, 'running.json'), 'utf8')) as object
    expect(holder).toMatchObject({ kind: 'browser', url: `${origin}/` })
    expect(await program.stop(signal)).toBe(code)
    await expect(stat(join(program.home, 'running.json'))).rejects.toThrow('ENOENT')
    await expect(ask(origin, '/')).rejects.toThrow('ECONNREFUSED')
  })
})

describe.skipIf(!hasChromium)('the page in Chromium', () => {
  let program: Started
  let browser: Browser
  let watched: WatchedPage | undefined
  beforeAll(async () => {
    ;[program, browser] = await Promise.all([startProgram(), launchChromium()])
  })
  afterEach(async () => {
    const page = watched
    watched = undefined
    await page?.close()
    page?.complain()
  })
  afterAll(async () => {
    await browser.close()
    await program.stop()
  })

  it('opens from the printed address, whose secret then is gone from it', async () => {
    watched = await openPage(browser)
    const { page } = watched
    await page.goto(program.url)
    expect(page.url()).toBe(`${new URL(program.url).origin}/`)
    expect(await page.title()).toMatch(/Latent Darkroom/)
    await page.getByRole('main').waitFor()
  })

  it('stays open to this browser, and to no other', async () => {
    watched = await openPage(browser)
    const { page } = watched
    await page.goto(program.url)
    await page.reload()
    await page.getByRole('main').waitFor()
    const stranger = await browser.newContext()
    const answer = await (await stranger.newPage()).goto(new URL(program.url).origin)
    expect(answer!.status()).toBe(401)
    await stranger.close()
  })
})
