import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenDialogOptions, SaveDialogOptions } from 'electron'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeImages } from '../support/batch.ts'
import { writeData } from '../support/datasets.ts'
import { waves } from '../support/trainings.ts'
import { button } from './support/denoise-view.ts'
import { findTestElectron, launchDesktop, newFolder } from './support/desktop.ts'

// Training on the desktop is that of the browser but for its dialogs, which give paths instead of uploads.

const electron = findTestElectron()
if ('missing' in electron) console.warn(`SKIPPED: training in Electron (${electron.missing})`)

describe.skipIf('missing' in electron)('the dialogs of training', () => {
  let app: ElectronApplication
  let page: Page
  const files = newFolder()
  const archive = join(files, 'mine.zip')
  beforeAll(async () => {
    ;({ app, page } = await launchDesktop('path' in electron ? electron.path : '', { home: newFolder() }))
    page.setDefaultTimeout(60_000)
  }, 60_000)
  afterAll(() => app.close())

  /** Answers the next dialogs, which nothing outside of the program can drive, with this path. */
  const answer = (path: string): Promise<void> =>
    app.evaluate(({ dialog }, given) => {
      const seen = globalThis as { asked?: unknown }
      dialog.showOpenDialog = ((_window: unknown, options: unknown) => {
        seen.asked = options
        return Promise.resolve({ canceled: false, filePaths: [given] })
      }) as typeof dialog.showOpenDialog
      dialog.showSaveDialog = ((_window: unknown, options: unknown) => {
        seen.asked = options
        return Promise.resolve({ canceled: false, filePath: given })
      }) as typeof dialog.showSaveDialog
    }, path)
  /** What the last dialog was asked. */
  const asked = () =>
    app.evaluate(() => (globalThis as { asked?: unknown }).asked as OpenDialogOptions & SaveDialogOptions)

  it('finds the pictures of a folder that was chosen', async () => {
    await page.getByRole('link', { name: 'Train' }).click()
    await writeImages(join(files, 'photos'), ['a.png', 'b.png', 'c.png'])
    await answer(join(files, 'photos'))
    await button(page, 'Choose a folder').click()
    await page.getByText('3 pictures', { exact: true }).waitFor()
    expect((await asked()).properties).toContain('openDirectory')
    await button(page, 'Other data…').click()
  })

  it('takes the words in a table that was chosen as its labels, and learns from it', async () => {
    const table = await writeData(join(files, 'waves.csv'), waves(60))
    await answer(table)
    await button(page, 'Choose a file').click()
    await page.getByLabel('Column: kind').waitFor()
    expect((await asked()).filters?.map(({ extensions }) => extensions)).toEqual([['*']])
    const epochs = page.getByRole('spinbutton', { name: 'Epochs', exact: true })
    await epochs.fill('2')
    await epochs.press('Tab')
    await button(page, 'Start training').click()
    await page.getByRole('heading', { name: 'signal-1' }).waitFor()
    await button(page, 'Train longer').waitFor()
    await page.getByText('even, odd', { exact: true }).waitFor()
  })

  it('archives the run where one says, and imports it from there', async () => {
    await page.locator('main section').getByRole('button', { name: 'More for signal-1' }).click()
    await page.getByRole('menuitem', { name: 'Archive…' }).click()
    const dialog = page.getByRole('dialog')
    await answer(archive)
    await dialog.getByRole('button', { name: 'Choose where…' }).click()
    await dialog.getByText('Written: mine.zip').waitFor()
    expect(existsSync(archive)).toBe(true)
    expect((await asked()).filters?.map(({ extensions }) => extensions)).toEqual([['zip']])
    expect((await asked()).defaultPath).toBe('signal-1.zip')
    await dialog.getByRole('button', { name: 'Close' }).last().click()

    await button(page, 'Import').click()
    await page.getByText('The run was imported.').waitFor()
    expect((await asked()).filters?.map(({ extensions }) => extensions)).toEqual([['zip']])
    await page.getByRole('heading', { name: 'mine' }).waitFor()
  })
})
