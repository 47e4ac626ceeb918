import type { Browser, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { drawPicture } from '../support/pictures.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button, dropFiles, rows } from './support/denoise-view.ts'
import { noisyPicture } from './support/pictures.ts'
import { startProgram, type Started } from './support/start.ts'

describe.skipIf(!hasChromium)('what the program chooses, and what it leaves alone', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  beforeAll(async () => void (browser = await launchChromium()))
  afterAll(() => browser.close())
  beforeEach(async () => {
    program = await startProgram()
    watched = await openPage(browser, { reducedMotion: 'reduce' })
    page = watched.page
    await page.goto(program.url)
    await button(page, 'Choose photos').waitFor()
  })
  afterEach(async () => {
    await watched.close()
    await program.stop()
    watched.complain()
  })

  const model = (title: string): Locator => page.getByLabel(`Model: ${title}`, { exact: true })

  it('takes the model that suits white noise, says so, and another one with one click', async () => {
    await dropFiles(page, [{ name: 'white.png', bytes: (await noisyPicture(3, 512)).bytes }])
    await model('Automatic').waitFor()
    const choice = page.getByText(/chosen automatically\./)
    await choice.waitFor()
    expect(await choice.textContent()).toContain('white noise')
    const taken = /^\s*(.+), chosen/.exec((await choice.textContent()) ?? '')?.[1]

    const other = page.getByRole('group', { name: 'Use instead:' }).getByRole('button').first()
    const title = (await other.textContent())!.trim()
    await other.click()
    await model(title).waitFor()
    await page.getByText(`Automatic would take ${taken}.`).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'Back to automatic').click()
    await model('Automatic').waitFor()

    await button(page, 'Save').click()
    await rows(page, 'white.png', 'Saved', taken!).waitFor()
    await page.getByText(`Cleaned with ${taken}`, { exact: true }).waitFor()
    await expect.poll(() => rows(page, 'white.png').textContent()).toMatch(/σ [\d.]+ → [\d.]+/)
  })

  it('keeps a picture that cleaning would not make better, and cleans it when asked to', async () => {
    const side = 512
    const clean = sharp(drawPicture(5, side, side), { raw: { width: side, height: side, channels: 3 } })
    await dropFiles(page, [{ name: 'clean.png', bytes: await clean.png().toBuffer() }])
    await rows(page, 'clean.png', 'Not saved yet').waitFor()
    await button(page, 'Save').click()
    await rows(page, 'clean.png', 'Kept as it was').waitFor()
    await page.getByText('Kept as it was: cleaning would not have made it better.').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'Clean anyway').click()
    await rows(page, 'clean.png', 'Saved').waitFor()
    const only = page.getByRole('switch', { name: 'Only where it is better' })
    expect(await only.getAttribute('aria-checked')).toBe('false')
    // It was this picture's: the next one is kept again.
    const next = sharp(drawPicture(6, side, side), { raw: { width: side, height: side, channels: 3 } })
    await dropFiles(page, [{ name: 'next.png', bytes: await next.png().toBuffer() }])
    await rows(page, 'next.png', 'Not saved yet').click()
    await expect.poll(() => only.getAttribute('aria-checked')).toBe('true')
  })
})
