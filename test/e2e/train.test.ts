import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partOf } from '../../src-renderer/views/train/place.ts'
import type { Connection } from '../../src-main/transport/connect.ts'
import { connectTo, enter } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button } from './support/denoise-view.ts'
import { startProgram, type Started } from './support/start.ts'

const looks = (['en', 'ko'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => [language, theme] as const),
)

/** The value of a fact of the run's page: `Step` is `120 of 7,600`. */
async function fact(page: Page, name: string): Promise<string> {
  const entry = page.locator('dl > div').filter({ has: page.getByText(name, { exact: true }) })
  return (await entry.locator('dd').first().textContent()) ?? ''
}
const stepOf = async (page: Page): Promise<number> =>
  Number(/^[\d,]+/.exec(await fact(page, 'Step'))?.[0].replaceAll(',', '') ?? 0)

/** Whether anything but one colour was painted. */
const isPainted = (canvas: Locator): Promise<boolean> =>
  canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement
    const copy = new OffscreenCanvas(width, height)
    const context = copy.getContext('2d')!
    context.drawImage(element as HTMLCanvasElement, 0, 0)
    return new Set(new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)).size > 8
  })

describe.skipIf(!hasChromium)('training in the page, on the sample data', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  let connection: Connection & { socket: { terminate(): void } }
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-train-'))
    // What is exported is written there, too.
    const starting = startProgram({ home, argv: ['--root', home] })
    ;[program, browser] = await Promise.all([starting, launchChromium()])
    watched = await openPage(browser, { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
    page = watched.page
    const { origin, cookie } = await enter(program.url)
    connection = await connectTo(origin, { origin, cookie })
    await page.goto(program.url)
  })
  afterAll(async () => {
    connection.socket.terminate()
    await browser.close()
    await program.stop()
    await rm(program.home, { recursive: true })
    watched.complain()
  })

  const folder = (name: string): string => join(program.home, 'runs', name)
  const open = (part: string): Promise<void> =>
    page.evaluate((hash) => void (location.hash = hash), `#/train/${encodeURIComponent(part)}`)
  const plot = (): Locator => page.getByRole('slider', { name: 'Loss and its terms by Epoch' })

  it('shows the sample data, and the wheel goes through them and past them', async () => {
    await page.getByRole('link', { name: 'Train' }).click()
    await page.getByRole('button', { name: /^Try the sample data/ }).click()
    const grid = page.getByRole('listbox', { name: 'What was found' })
    await grid.locator('canvas').first().waitFor()
    const topOf = (place: Locator): Promise<number> => place.evaluate((element) => element.scrollTop)
    await grid.hover()
    await page.mouse.wheel(0, 400)
    await expect.poll(() => topOf(grid)).toBeGreaterThan(100)
    await expect.poll(() => isPainted(grid.locator('canvas').last())).toBe(true)
    const before = await grid.getByRole('option').getAttribute('aria-label')
    await page.mouse.wheel(0, 100_000)
    await expect
      .poll(() => grid.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight))
      .toBeLessThan(2)
    // Under the pointer is another item, once it moves.
    await page.mouse.move(400, 300)
    await grid.hover()
    await expect.poll(() => grid.getByRole('option').getAttribute('aria-label')).not.toBe(before)
    const whole = page.locator('main section').first()
    const start = await topOf(whole)
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 200)
        return topOf(whole)
      })
      .toBeGreaterThan(start)
  })

  it('begins in three choices, and shows the first epoch’s curve and reconstructions', async () => {
    await page.getByRole('radio', { name: 'The plain autoencoder' }).check({ force: true })
    // Long enough to be stopped on any machine.
    const epochs = page.getByRole('spinbutton', { name: 'Epochs', exact: true })
    await epochs.fill('2000')
    await epochs.press('Tab')
    await button(page, 'Start training').click()
    await page.getByRole('heading', { name: 'undercomplete-1' }).waitFor()
    await page.locator('header').getByText('Sample data: Fashion-MNIST').waitFor()

    await expect.poll(() => stepOf(page), { timeout: 120_000 }).toBeGreaterThan(0)
    await expect.poll(() => fact(page, 'Loss, validation'), { timeout: 120_000 }).toMatch(/\d/)
    expect(await fact(page, 'Time left')).not.toBe('')
    await expect.poll(() => isPainted(plot().locator('canvas'))).toBe(true)
    const picture = page.getByRole('img', { name: /same held-out samples/ })
    await picture.locator('canvas').waitFor()
    expect(await isPainted(picture.locator('canvas'))).toBe(true)
  })

  it('tells by the keyboard alone what the curve holds', async () => {
    // The first place differs from the last once there are two.
    await expect
      .poll(async () => Number(await plot().getAttribute('aria-valuemax')), { timeout: 120_000 })
      .toBeGreaterThan(0)
    await plot().focus()
    await page.keyboard.press('Home')
    await expect.poll(() => plot().getAttribute('aria-valuenow')).toBe('0')
    const first = await plot().getAttribute('aria-valuetext')
    expect(first).toMatch(/^Epoch .*Loss, training [\d.]+, Loss, validation/)
    await page.keyboard.press('End')
    expect(await plot().getAttribute('aria-valuetext')).not.toBe(first)
  })

  it('is found again by a page that comes later', async () => {
    const before = await stepOf(page)
    await page.reload()
    await page.getByRole('heading', { name: 'undercomplete-1' }).waitFor()
    await button(page, 'Pause').waitFor()
    await expect.poll(() => stepOf(page), { timeout: 120_000 }).toBeGreaterThan(before)
  })

  it('stops with a checkpoint, resumes where it stood, and ends after an epoch', async () => {
    await button(page, 'Pause').click()
    await button(page, 'Resume').waitFor()
    expect(await readdir(join(folder('undercomplete-1'), 'checkpoints'))).not.toEqual([])
    const stopped = await stepOf(page)
    await button(page, 'Resume').click()
    await page.getByRole('status').getByText('Training', { exact: true }).waitFor()
    await expect.poll(() => stepOf(page), { timeout: 120_000 }).toBeGreaterThan(stopped)
    const { info } = await connection.engine.run(folder('undercomplete-1'))
    expect(info.sessions).toHaveLength(2)
    // The last row of the history may be older than the checkpoint.
    expect(info.sessions[1]!.fromStep).toBeGreaterThanOrEqual(stopped)

    await button(page, 'Finish after this epoch').click()
    await button(page, 'Train longer').waitFor()
    await page.getByText('Finished after the epoch that you chose').waitFor()
    expect((await connection.engine.run(folder('undercomplete-1'))).info.finished?.why).toBe('asked')
  })

  it('goes back and forth through the history of reconstructions', async () => {
    const history = page.getByRole('slider', { name: 'How far the training was' })
    const newest = await history.getAttribute('aria-valuetext')
    await button(page, 'The picture before').click()
    await expect.poll(() => history.getAttribute('aria-valuetext')).not.toBe(newest)
    await button(page, 'Newest').click()
    await expect.poll(() => history.getAttribute('aria-valuetext')).toBe(newest)
  })

  it('exports the network, and says how far it is from the engine’s', async () => {
    await page.locator('main section').getByRole('button', { name: 'More for undercomplete-1' }).click()
    await page.getByRole('menuitem', { name: 'Export ONNX…' }).click()
    const dialog = page.getByRole('dialog')
    const path = join(program.home, 'undercomplete.onnx')
    await dialog.getByRole('textbox', { name: 'Path' }).fill(path)
    await dialog.getByRole('button', { name: 'Write', exact: true }).click()
    await dialog.getByText(/Largest difference from the engine’s own output: /).waitFor()
    const shown = await dialog.getByText(/Largest difference/).textContent()
    expect(Number(/[\d.E-]+$/.exec(shown ?? '')?.[0])).toBeLessThan(1e-4)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  })

  it('compares it with another: curves, settings that differ, reconstructions', async () => {
    const data = (await connection.shell.info()).sampleData!
    await connection.engine.start({
      ...{ type: 'train', data, recipe: 'undercomplete', out: null },
      overrides: ['epochs=2', 'model.encoder.latentDim=8'],
    })
    const second = page.getByRole('checkbox', { name: 'Compare undercomplete-2' })
    await second.check()
    await page.getByRole('checkbox', { name: 'Compare undercomplete-1' }).check()
    await expect
      .poll(async () => (await connection.engine.run(folder('undercomplete-2'))).summary.state, {
        timeout: 120_000,
      })
      .toBe('finished')
    await button(page, 'Compare (2)').click()
    await page.getByRole('heading', { name: 'Runs compared' }).waitFor()

    const settings = page.getByRole('region', { name: 'Settings that differ' })
    await settings.getByRole('rowheader', { name: 'model.encoder.latentDim' }).waitFor()
    expect(await settings.getByRole('rowheader').allTextContents()).toEqual([
      'model.encoder.latentDim',
      'epochs',
    ])
    await expect
      .poll(() =>
        isPainted(page.getByRole('slider', { name: 'Loss, validation by Epoch' }).locator('canvas')),
      )
      .toBe(true)
    await expect.poll(() => page.getByRole('img', { name: /same held-out samples/ }).count()).toBe(2)
  })

  it('deletes a run after a word of warning', async () => {
    const ask = async (): Promise<void> => {
      await page.locator('nav').getByRole('button', { name: 'More for undercomplete-2' }).click()
      await page.getByRole('menuitem', { name: 'Delete' }).click()
      await page
        .getByRole('dialog')
        .getByText(/cannot be brought back/)
        .waitFor()
    }
    await ask()
    // One Escape is enough.
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden', timeout: 5_000 })
    await ask()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect.poll(() => readdir(join(program.home, 'runs'))).toEqual(['undercomplete-1'])
  })

  it.each(looks)('has nothing that axe finds wrong, in %s, %s', async (language, theme) => {
    await connection.shell.setPreferences({ language, theme })
    await page.locator(`html[lang="${language}"][data-theme="${theme}"]`).waitFor()
    await open('new')
    const sample = page.locator('[aria-describedby="sample-about"]')
    await page.locator('main canvas').or(sample).first().waitFor()
    // What is set up stays from one look to the next.
    if (await sample.isVisible()) await sample.click()
    for (const part of [
      'new',
      partOf({ kind: 'run', path: folder('undercomplete-1') }),
      partOf({ kind: 'compare', paths: [folder('undercomplete-1')] }),
    ]) {
      await open(part)
      await page.locator('main canvas').first().waitFor()
      expect(await axeFindings(page), part).toEqual([])
    }
  })

  it('stays inside a window of 360 pixels', async () => {
    await page.setViewportSize({ width: 360, height: 700 })
    for (const part of [
      partOf({ kind: 'run', path: folder('undercomplete-1') }),
      partOf({ kind: 'compare', paths: [folder('undercomplete-1')] }),
    ]) {
      await open(part)
      await page.locator('main canvas').first().waitFor()
      const overflow = await page
        .locator('main')
        .evaluate(
          (main) =>
            Math.max(
              ...[...main.querySelectorAll('section, h2, p')].map((one) => one.getBoundingClientRect().right),
            ) - innerWidth,
        )
      expect(overflow, part).toBeLessThanOrEqual(1)
    }
  })
})
