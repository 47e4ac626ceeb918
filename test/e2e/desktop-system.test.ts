import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import sharp from 'sharp'
import type { NativeImage } from 'electron'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { QueueItem } from '../../src-main/contract/queue.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import {
  callFromPage,
  findTestElectron,
  launchDesktop,
  newFolder,
  newPicture,
  patience,
  queueOf,
} from './support/desktop.ts'

// What the desktop does outside of its window, in a real Electron: there the system's side is replaced by notes of what it
// was told, since no file manager, task bar or notification service stands behind a display that nobody looks at.

const electron = findTestElectron()
if ('missing' in electron) console.warn(`SKIPPED: the desktop and the system (${electron.missing})`)
const executable = 'path' in electron ? electron.path : ''

/** What the main process told the system, in order. */
interface Notes {
  calls: [name: string, ...args: unknown[]][]
  /** What the window is to say of itself. */
  isFocused: boolean
}
type Noting = typeof globalThis & { notes: Notes }
/** Electron 22 has these; they are gone from the types of the newer one. */
interface OldClipboard {
  readImage(): NativeImage
  writeImage(image: NativeImage): void
}

const noteSystem = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ BrowserWindow, Notification, powerSaveBlocker, shell }) => {
    const notes: Notes = { calls: [], isFocused: false }
    ;(globalThis as Noting).notes = notes
    const window = BrowserWindow.getAllWindows()[0]!
    shell.showItemInFolder = (path) => void notes.calls.push(['reveal', path])
    shell.openPath = (path) => {
      notes.calls.push(['open', path])
      return Promise.resolve('')
    }
    window.webContents.startDrag = ({ file, icon }) =>
      void notes.calls.push(['drag', file, (icon as NativeImage).getSize()])
    window.setProgressBar = (share, options) => void notes.calls.push(['progress', share, options?.mode])
    window.isFocused = () => notes.isFocused
    // The real ones: what is kept awake must be let go.
    const start = powerSaveBlocker.start.bind(powerSaveBlocker)
    const stop = powerSaveBlocker.stop.bind(powerSaveBlocker)
    powerSaveBlocker.start = (type) => {
      const id = start(type)
      notes.calls.push(['awake', type, id])
      return id
    }
    powerSaveBlocker.stop = (id) => {
      notes.calls.push(['asleep', id])
      return stop(id)
    }
    Notification.isSupported = () => true
    // Its methods are each instance's own: one is caught where the program listens to it.
    Object.assign(Notification.prototype, {
      on(this: Electron.Notification) {
        this.show = () => void notes.calls.push(['notify', this.title, this.body])
      },
    })
  })

describe.skipIf('missing' in electron)('the desktop and the system', () => {
  const home = newFolder()
  const picture = newPicture()
  let app: ElectronApplication
  let page: Page
  let id = ''

  const notesOf = (...names: string[]): Promise<unknown[][]> =>
    app.evaluate(
      (_, wanted) => (globalThis as Noting).notes.calls.filter(([name]) => wanted.includes(name)),
      names,
    )
  const item = async (): Promise<QueueItem> => (await queueOf(page)).items.find((one) => one.id === id)!
  const output = async (): Promise<string> => (await item()).output!
  /** Cleans the picture, until it is written. */
  async function save(): Promise<void> {
    await callFromPage(page, 'engine.changeQueue', { type: 'save', ids: [id] })
    await expect.poll(async () => (await queueOf(page)).progress, patience).toBeNull()
    expect(await item()).toMatchObject({ state: 'done', error: null })
  }
  /** Answers the next dialogs that ask where to save, and gives what the last one was asked with. */
  const answerSaving = (filePath: string): Promise<void> =>
    app.evaluate(({ dialog }, chosen) => {
      const { notes } = globalThis as Noting
      dialog.showSaveDialog = ((_window: unknown, options: unknown) => {
        notes.calls.push(['ask', options])
        return Promise.resolve({ canceled: false, filePath: chosen })
      }) as typeof dialog.showSaveDialog
    }, filePath)
  const clickMenu = (command: string): Promise<void> =>
    app.evaluate(({ Menu }, name) => {
      const item = Menu.getApplicationMenu()!.getMenuItemById(name) as unknown as { click(): void }
      item.click()
    }, command)

  beforeAll(async () => {
    ;({ app, page } = await launchDesktop(executable, { home, files: [picture] }))
    const opened = await vi.waitUntil(async () => (await queueOf(page)).items[0], patience)
    id = opened.id
    await noteSystem(app)
    const settings = { ...DenoiseSettings.parse({}), format: 'tiff', ifExists: 'replace' }
    await callFromPage(page, 'engine.changeQueue', { type: 'change', ids: [id], settings })
  }, 60_000)
  afterAll(() => app.close())

  it('shows the progress, keeps the machine awake, and tells of the end', async () => {
    await save()
    await expect.poll(() => notesOf('asleep'), patience).toHaveLength(1)
    const [awake, asleep] = await notesOf('awake', 'asleep')
    expect(awake).toEqual(['awake', 'prevent-app-suspension', expect.any(Number)])
    expect(asleep).toEqual(['asleep', awake![2]])
    const bar = (await notesOf('progress')).map(([, share]) => share as number)
    expect(bar.at(-1)).toBe(-1)
    const shown = bar.filter((share) => share >= 0)
    expect(shown.length).toBeGreaterThan(0)
    expect(shown).toEqual([...shown].sort((one, other) => one - other))
    expect(shown.at(-1)).toBeLessThanOrEqual(1)
    expect(await notesOf('notify')).toEqual([['notify', 'Photos cleaned', 'Done: 1']])
  })

  it('tells nothing to who looks at the window, or wants to hear nothing', async () => {
    const silently = async (): Promise<void> => {
      const before = (await notesOf('notify')).length
      await save()
      await expect.poll(async () => (await notesOf('progress')).at(-1)?.[1], patience).toBe(-1)
      expect(await notesOf('notify')).toHaveLength(before)
    }
    await callFromPage(page, 'shell.setPreferences', { notifications: false })
    await silently()
    await callFromPage(page, 'shell.setPreferences', { notifications: true })
    await app.evaluate(() => void ((globalThis as Noting).notes.isFocused = true))
    await silently()
  })

  it('reveals a result, drags it out and opens the logs', async () => {
    const file = await output()
    expect(basename(file)).toBe('church.tif')
    await callFromPage(page, 'shell.reveal', file)
    await callFromPage(page, 'shell.dragOut', file)
    await clickMenu('logs')
    await expect
      .poll(() => notesOf('reveal', 'drag', 'open'), patience)
      .toEqual([
        ['reveal', file],
        ['drag', file, { width: 96, height: 96 }],
        ['open', join(home, 'logs')],
      ])
    expect(existsSync(join(home, 'logs'))).toBe(true)
  })

  it('copies a TIFF, pixel for pixel', async () => {
    const file = await output()
    await callFromPage(page, 'shell.copyImage', file)
    const copied = await app.evaluate(({ clipboard }) =>
      (clipboard as unknown as OldClipboard).readImage().toPNG().toString('base64'),
    )
    const pixels = (input: string | Buffer): Promise<Buffer> => sharp(input).removeAlpha().raw().toBuffer()
    expect((await pixels(Buffer.from(copied, 'base64'))).equals(await pixels(file))).toBe(true)
  })

  it('takes a picture that was copied in another program', async () => {
    const pixels = Buffer.from(Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7) % 256))
    const raw = { width: 40, height: 30, channels: 3 } as const
    const png = await sharp(pixels, { raw }).png().toBuffer()
    await app.evaluate(({ BrowserWindow, clipboard, nativeImage }, base64) => {
      const image = nativeImage.createFromBuffer(Buffer.from(base64, 'base64'))
      ;(clipboard as unknown as OldClipboard).writeImage(image)
      // What the menu's Paste does.
      BrowserWindow.getAllWindows()[0]!.webContents.paste()
    }, png.toString('base64'))
    const pasted = async (): Promise<string | undefined> =>
      (await queueOf(page)).items.find(({ source }) => dirname(source) === join(home, 'pasted'))?.source
    await expect.poll(pasted, patience).toMatch(/pasted-[\d-]+\.png$/)
    const file = (await pasted())!
    expect((await sharp(file).removeAlpha().raw().toBuffer()).equals(pixels)).toBe(true)
    // The page may show it.
    expect(await callFromPage(page, 'engine.preview', { path: file })).toMatchObject({ width: 40 })

    await app.evaluate(({ clipboard }) => clipboard.writeText('no picture'))
    expect(await callFromPage(page, 'shell.pastePicture')).toBeNull()
  })

  it('saves as what the dialog says', async () => {
    await page
      .getByRole('option')
      .filter({ hasText: basename(picture) })
      .click()
    const chosen = join(newFolder(), 'chosen.png')
    await answerSaving(chosen)
    await clickMenu('save-as')
    await expect.poll(async () => (await item()).output, patience).toBe(chosen)
    await expect.poll(() => existsSync(chosen), patience).toBe(true)
    expect((await sharp(chosen).metadata()).format).toBe('png')
    const [[, asked]] = (await notesOf('ask')) as [[string, { filters: { extensions: string[] }[] }]]
    expect(asked).toMatchObject({ defaultPath: expect.stringMatching(/church\.tif$/) as string })
    expect(asked.filters[0]!.extensions).toContain('png')
  })

  it('exports a model to where the dialog says', async () => {
    const chosen = join(newFolder(), 'mine.onnx')
    await answerSaving(chosen)
    await page.getByRole('link', { name: 'Models' }).click()
    await page.getByRole('button', { name: 'Export…' }).click()
    await expect.poll(() => existsSync(chosen), patience).toBe(true)
    const asked = (await notesOf('ask')).at(-1)![1]
    expect(asked).toMatchObject({ filters: [{ extensions: ['onnx'] }] })
    await page.getByText(/^Exported: /).waitFor()
  })
})
