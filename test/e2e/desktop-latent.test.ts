import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJob } from '../../bench/support.ts'
import { createEngine } from '../../src-main/engine/engine.ts'
import { fashion } from '../support/trained.ts'
import { button } from './support/denoise-view.ts'
import { findTestElectron, launchDesktop, newFolder, patience } from './support/desktop.ts'

// Codes on the desktop are those of the browser but for the dialogs, which give paths, and for what is dropped, which has one.

const electron = findTestElectron()
if ('missing' in electron) console.warn(`SKIPPED: codes in Electron (${electron.missing})`)

describe.skipIf('missing' in electron)('codes on the desktop', () => {
  let app: ElectronApplication
  let page: Page
  const home = newFolder()
  const files = newFolder()
  const strip = join(files, 'strip.png')
  beforeAll(async () => {
    const engine = createEngine({ home })
    const overrides = ['epochs=1', 'model.encoder.latentDim=2']
    const out = join(home, 'runs', 'vae-1')
    const ended = await runJob(engine, { type: 'train', data: fashion, recipe: 'vae', overrides, out })
    expect(ended).toMatchObject({ event: 'done' })
    await engine.close()
    ;({ app, page } = await launchDesktop('path' in electron ? electron.path : '', { home }))
    page.setDefaultTimeout(60_000)
  }, 120_000)
  afterAll(() => app.close())

  /** Answers the next dialogs, which nothing outside of the program can drive, with this path. */
  const answer = (path: string): Promise<void> =>
    app.evaluate(({ dialog }, given) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [given] })
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: given })
    }, path)
  const plot = () => page.getByRole('application', { name: /^Map of 3,000 items/ })
  const tab = (name: string) => page.getByRole('radio', { name, exact: true })
  /** Writes what the open dialog is about to this path, and closes it. */
  async function write(path: string): Promise<void> {
    const dialog = page.getByRole('dialog')
    await answer(path)
    await dialog.getByRole('button', { name: 'Choose where…' }).click()
    await dialog.getByText(/^Written: /).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await dialog.waitFor({ state: 'hidden' })
  }
  async function choose(item: string): Promise<void> {
    await button(page, 'Save and open').click()
    await page.getByRole('menuitem', { name: item }).click()
  }

  it('are laid out, and two of them joined to a film that plays', async () => {
    await page.getByRole('link', { name: 'Latent' }).click()
    await page.getByRole('link', { name: /^vae-1/ }).click()
    await plot().focus()
    for (const key of ['ArrowRight', 'Enter', 'ArrowUp', 'Enter']) await page.keyboard.press(key)
    await page.getByText('2 selected', { exact: true }).waitFor()
    await page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: 'Add to the path' })
      .click()
    await tab('Interpolate').click()
    const place = page.getByRole('slider', { name: 'Place on the path' })
    await expect.poll(() => place.getAttribute('aria-valuetext'), patience).toBe('1 of 24')
    await button(page, 'Play').click()
    await expect.poll(() => place.getAttribute('aria-valuetext'), patience).toBe('24 of 24')
  })

  it('are exported to where the dialog says', async () => {
    await button(page, 'Export…').click()
    await write(join(files, 'film.gif'))
    expect((await sharp(join(files, 'film.gif'), { pages: -1 }).metadata()).pages).toBe(24)
    await button(page, 'Export…').click()
    await page.getByRole('radio', { name: 'Strip (PNG)' }).click()
    await write(strip)
    expect((await sharp(strip).metadata()).format).toBe('png')
  })

  it('are saved as a view, which the dialog for opening opens, as it does an export', async () => {
    const view = join(files, 'view.json')
    await choose('Save this view…')
    await write(view)
    expect(JSON.parse(await readFile(view, 'utf8'))).toMatchObject({ darkroom: 'latent-view' })
    await tab('Samples').click()
    await plot().waitFor({ state: 'hidden' })
    await answer(view)
    await choose('Open a view or an export…')
    await plot().waitFor()

    await answer(strip)
    await choose('Open a view or an export…')
    await page.getByText('The run is still the same.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  })

  it('are known by an export that is dropped', async () => {
    await page.evaluate(() => {
      const input = document.createElement('input')
      ;[input.type, input.id] = ['file', 'dropped']
      document.body.append(input)
    })
    // As with a drop, the browser makes the file of a path that the page does not get to see.
    await page.setInputFiles('#dropped', strip)
    await page.evaluate(() => {
      const { files } = document.querySelector<HTMLInputElement>('#dropped')!
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(files![0]!)
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    })
    const dialog = page.getByRole('dialog')
    await dialog.getByText('interpolate', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Put its codes on the path' }).click()
    await expect
      .poll(() => page.getByRole('listbox', { name: 'Path' }).getByRole('option').count(), patience)
      .toBe(2 + 24)
  })
})
