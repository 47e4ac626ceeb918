import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium } from './support/chromium.ts'
import { button, dropFiles, rows } from './support/denoise-view.ts'
import { noisyPicture } from './support/pictures.ts'
import { openProgram, type ProgramPage } from './support/program-page.ts'

describe.skipIf(!hasChromium)('learning from pictures that are all noisy', () => {
  let browser: Browser
  let home: string
  let opened: ProgramPage
  let page: Page
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'darkroom-noisy-'))
    browser = await launchChromium()
    const view = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' } as const
    opened = await openProgram(browser, view, { home, argv: ['--root', home] })
    page = opened.page
    await button(page, 'Choose photos').waitFor()
  })
  afterAll(async () => {
    await opened.close()
    await browser.close()
    await rm(home, { recursive: true })
  })

  it('looks at their noise, and says which ways there are', async () => {
    const files = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => ({
        name: `${seed}.png`,
        bytes: (await noisyPicture(seed, 192)).bytes,
      })),
    )
    await dropFiles(page, files)
    await rows(page, 'Not saved yet').nth(3).waitFor()
    await button(page, 'These are all noisy: learn from them').click()
    const dialog = page.getByRole('dialog', { name: 'Learn from noisy pictures' })
    await dialog.getByText(/^4, together/).waitFor()
    await dialog.getByText('Each pixel has its own', { exact: false }).waitFor()
    expect(await dialog.getByRole('radio').count()).toBeGreaterThan(0)
    expect(await axeFindings(page)).toEqual([])
    // By the keyboard alone: a name, and Enter.
    await dialog.getByRole('textbox', { name: 'Name of the model' }).fill('My garden')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
  })

  it('tells how far it is, and leads to its training, which can be ended early', async () => {
    await page.getByText('“My garden” learns from 4 of these photos.').waitFor()
    await button(page, 'Show the training').click()
    await page.getByRole('heading', { name: 'My garden' }).waitFor()
    await page.getByText('Learned from noisy pictures alone', { exact: false }).waitFor()
    await button(page, 'Finish after this epoch').click()
    await page.getByText('Finished after the epoch that you chose').waitFor()
  })

  it('offers what it has become for just these pictures, which it then cleans', async () => {
    await page.getByRole('link', { name: 'Denoise' }).click()
    await page.getByText('“My garden” has learned from 4 of these photos.').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'Use it for these pictures').click()
    await page.getByLabel('Model: My garden', { exact: true }).waitFor()
    // A network that has learned for a moment makes nothing better: here it only matters that it is the one that is used.
    await page.getByRole('switch', { name: 'Only where it is better' }).click()
    await button(page, 'Save').click()
    await rows(page, 'Saved', 'My garden').waitFor()
  })

  it('is also set up in Train, with all its settings', async () => {
    const folder = join(home, 'noisy')
    await mkdir(folder)
    await writeFile(join(folder, 'a.png'), (await noisyPicture(9, 192)).bytes)
    await page.evaluate(() => void (location.hash = '#/train/new'))
    await button(page, 'Open by path…').click()
    await page.getByRole('dialog').getByRole('textbox').fill(folder)
    await page.keyboard.press('Enter')
    await page.getByRole('radio', { name: 'All noisy: I have no clean ones' }).click()
    const recipes = page.getByRole('radiogroup', { name: 'What to learn' })
    await recipes.getByText('Two takes (Noise2Noise)').click()
    await page.getByRole('region', { name: 'Second takes' }).waitFor()
    await recipes.getByText('Hidden pixels (Noise2Void)').click()
    await page.getByRole('region', { name: 'Second takes' }).waitFor({ state: 'hidden' })
    await page.getByText('Share of hidden pixels').first().waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'These are all noisy: learn from them').click()
    await page.getByRole('dialog', { name: 'Learn from noisy pictures' }).waitFor()
    await page.keyboard.press('Escape')
  })
})
