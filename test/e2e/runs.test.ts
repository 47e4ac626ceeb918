import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button, dropFiles, rows } from './support/denoise-view.ts'
import { noisyPicture, psnrOf } from './support/pictures.ts'
import { startProgram, type Started } from './support/start.ts'

const samples = fileURLToPath(new URL('../../assets/samples', import.meta.url))

// What a run is good for once it is trained.
describe.skipIf(!hasChromium)('a denoiser that was trained in the page, on the sample photographs', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-runs-'))
    await cp(samples, join(home, 'photos'), { recursive: true })
    ;[program, browser] = await Promise.all([
      startProgram({ home, argv: ['--root', home] }),
      launchChromium(),
    ])
    watched = await openPage(browser, { viewport: { width: 1280, height: 800 } })
    page = watched.page
    await page.goto(program.url)
  })
  afterAll(async () => {
    await browser.close()
    await program.stop()
    await rm(program.home, { recursive: true })
    watched.complain()
  })

  const more = (title: string) =>
    page.locator('main section').getByRole('button', { name: `More for ${title}` })
  /** Cleans a noisy picture with the network that is chosen. @returns its PSNR before and after, in dB */
  async function clean(name: string): Promise<[before: number, after: number]> {
    const { bytes, clean: wanted } = await noisyPicture(7)
    await dropFiles(page, [{ name, bytes }])
    await rows(page, name, 'Not saved yet').waitFor()
    await button(page, 'Save').click()
    await rows(page, name, 'Saved').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()])
    return [await psnrOf(bytes, wanted), await psnrOf(await readFile(await download.path()), wanted)]
  }

  it('is trained', async () => {
    await page.getByRole('link', { name: 'Train' }).click()
    await button(page, 'Open by path…').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill(join(program.home, 'photos'))
    await dialog.getByRole('button', { name: 'Look through it' }).click()
    await page.getByRole('radio', { name: 'Photo denoiser, small' }).check({ force: true })
    const steps = page.getByRole('spinbutton', { name: 'Steps', exact: true })
    await steps.fill('200')
    await steps.press('Tab')
    await button(page, 'Start training').click()
    await page.getByRole('heading', { name: 'photo-denoiser-tiny-1' }).waitFor()
    await button(page, 'Train longer').waitFor()
  })

  it('cleans pictures in Denoise', async () => {
    await button(page, 'Use in Denoise').click()
    const [before, after] = await clean('first.png')
    await page.getByLabel('Model: photo-denoiser-tiny-1').waitFor()
    expect(after).toBeGreaterThan(before + 2)
  })

  it('is archived, deleted and imported, and cleans pictures as before', async () => {
    await page.getByRole('link', { name: 'Train' }).click()
    await page.getByRole('link', { name: /photo-denoiser-tiny-1/ }).click()
    const file = join(program.home, 'mine.zip')
    await more('photo-denoiser-tiny-1').click()
    await page.getByRole('menuitem', { name: 'Archive…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Path' }).fill(file)
    await dialog.getByRole('button', { name: 'Write', exact: true }).click()
    await dialog.getByText('Written: mine.zip').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()

    await more('photo-denoiser-tiny-1').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Trainings that you start are listed here.').waitFor()

    await button(page, 'Import').click()
    await dialog.getByRole('textbox').fill(file)
    await dialog.getByRole('button', { name: 'Import' }).click()
    await page.getByText('The run was imported.').waitFor()
    await page.getByRole('heading', { name: 'mine' }).waitFor()
    await button(page, 'Use in Denoise').click()
    const [before, after] = await clean('second.png')
    expect(after).toBeGreaterThan(before + 2)
  })
})
