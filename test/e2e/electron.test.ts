import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageBoxReturnValue } from 'electron'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../../src-main/contract/engine.ts'
import type { JobStatus } from '../../src-main/contract/jobs.ts'
import type { RunSummary } from '../../src-main/contract/runs.ts'
import type { DesktopBridge, ShellInfo } from '../../src-main/contract/shell.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import {
  callFromPage,
  findTestElectron,
  launchAgain,
  launchDesktop,
  newFolder,
  newPicture,
  patience,
  queueOf,
} from './support/desktop.ts'

// The built program in a real, if old, Electron (22.3.25: scripts/test-electron.sh). What is newer has to be tried where
// its runtime can be downloaded.

const electron = findTestElectron()
if ('missing' in electron) console.warn(`SKIPPED: the desktop in Electron (${electron.missing})`)
const executable = 'path' in electron ? electron.path : ''

const settings = DenoiseSettings.parse({})
/** Answers the next question about quitting with its button of this number, and counts the questions. */
const answerQuestions = (app: ElectronApplication, response: number): Promise<void> =>
  app.evaluate(({ dialog }, button) => {
    const counter = globalThis as { questions?: string[] }
    counter.questions = []
    dialog.showMessageBox = ((_window: unknown, options: { message: string }) => {
      counter.questions!.push(options.message)
      return Promise.resolve({ response: button, checkboxChecked: false } satisfies MessageBoxReturnValue)
    }) as typeof dialog.showMessageBox
  }, response)
const questions = (app: ElectronApplication): Promise<string[]> =>
  app.evaluate(() => (globalThis as { questions?: string[] }).questions ?? [])

describe.skipIf('missing' in electron)('the window', () => {
  let app: ElectronApplication
  let page: Page
  const named = newPicture('cliffs.jpg')

  beforeAll(async () => {
    ;({ app, page } = await launchDesktop(executable, { home: newFolder(), files: [named] }))
  }, 60_000)
  afterAll(() => app.close())

  it('opens and shows its first content', async () => {
    expect(page.url()).toMatch(/^app:\/\/darkroom\//)
    await page.locator('#app > *').first().waitFor()
    const [window] = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((one) => ({
        title: one.getTitle(),
        size: one.getSize(),
        smallest: one.getMinimumSize(),
      })),
    )
    expect(window).toMatchObject({ title: 'Latent Darkroom', smallest: [800, 560] })
  })

  it('gives the page nothing of Node, and exactly the bridge of the contract', async () => {
    const seen = await page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter(
        (name) => name in window,
      ),
      bridge: Object.entries((window as unknown as { darkroom: object }).darkroom)
        .map(([name, value]) => `${name}: ${typeof value}`)
        .sort(),
    }))
    expect(seen).toEqual({ globals: [], bridge: ['connect: function', 'kind: string', 'pathOf: function'] })
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      return (
        webContents as unknown as { getLastWebPreferences(): { enableBlinkFeatures?: string } }
      ).getLastWebPreferences()
    })
    expect(preferences).toMatchObject({
      ...{
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        webSecurity: true,
      },
      ...{ allowRunningInsecureContent: false, experimentalFeatures: false },
    })
    expect(preferences.enableBlinkFeatures ?? '').toBe('')
  })

  it('runs no script but its own', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.head.append(script)
      return 'ran' in window
    })
    expect(ran).toBe(false)
    const refused: string[] = []
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text())
    })
    const answer = await page.reload()
    const policy = answer!.headers()['content-security-policy']!
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    await page.locator('#app > *').first().waitFor()
    // The page itself needs nothing that the policy forbids.
    expect(refused).toEqual([])
  })

  it('reaches no network', async () => {
    const answers = await page.evaluate(() =>
      Promise.all(
        ['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/hostname'].map((url) =>
          fetch(url).then(
            () => 'answered',
            () => 'refused',
          ),
        ),
      ),
    )
    expect(answers).toEqual(['refused', 'refused', 'refused'])
    const blocked = await app.evaluate(async ({ net }) => {
      const request = net.request('http://127.0.0.1:9/')
      return new Promise<string>((resolve) => {
        request.on('error', (error) => resolve(error.message))
        request.end()
      })
    })
    expect(blocked).toBe('net::ERR_BLOCKED_BY_CLIENT')
  })

  it('gets no permission', async () => {
    const states = await page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read']
      const answers = await Promise.all(
        names.map((name) => navigator.permissions.query({ name: name as PermissionName })),
      )
      return [...answers.map(({ state }) => state), await Notification.requestPermission()]
    })
    expect(new Set(states)).toEqual(new Set(['denied']))
  })

  it('has a menu in the language of the person', async () => {
    const labels = (): Promise<string[]> =>
      app.evaluate(({ Menu }) => Menu.getApplicationMenu()!.items.map((item) => item.label))
    expect(await labels()).toEqual(['File', 'Edit', 'View', 'Help'])
    await callFromPage(page, 'shell.setPreferences', { language: 'ko' })
    expect(await labels()).toEqual(['파일', '편집', '보기', '도움말'])
    await callFromPage(page, 'shell.setPreferences', { language: 'system' })
  })

  it('talks to an engine in a real Node process', async () => {
    const doctor = await callFromPage<DoctorReport>(page, 'engine.doctor')
    expect(doctor.node).toBe(process.version)
    expect(doctor.engines.some(({ inUse }) => inUse)).toBe(true)
  })

  it('opens the files of its command line', async () => {
    await expect
      .poll(async () => (await queueOf(page)).items.map(({ source }) => source), patience)
      .toContain(named)
  })

  it('refuses a file that nobody chose', async () => {
    const strange = newPicture()
    await expect(callFromPage(page, 'engine.preview', { path: strange })).rejects.toThrow('path-not-granted')
    await expect(callFromPage(page, 'shell.grant', [strange])).rejects.toThrow('path-not-granted')
    await expect(callFromPage(page, 'shell.reveal', strange)).rejects.toThrow('path-not-granted')
  })

  it('answers no page but its own', async () => {
    const strange = newPicture()
    const answered = await app.evaluate(({ ipcMain }, path) => {
      const posted: string[] = []
      const event = {
        senderFrame: { url: 'https://example.com/' },
        sender: { postMessage: (channel: string) => posted.push(channel) },
      }
      ipcMain.emit('darkroom:connect', event)
      ipcMain.emit('darkroom:dropped', event, path)
      return posted
    }, strange)
    expect(answered).toEqual([])
    await expect(callFromPage(page, 'shell.grant', [strange])).rejects.toThrow('path-not-granted')
  })

  it('takes a file that was dropped, and only as what it is', async () => {
    const dropped = newPicture()
    await page.evaluate(() => {
      const input = document.createElement('input')
      input.type = 'file'
      input.id = 'dropped'
      document.body.append(input)
    })
    // As with a drop, the browser makes the file of a path that the page does not get to see.
    await page.setInputFiles('#dropped', dropped)
    const paths = await page.evaluate(() => {
      const { darkroom } = window as unknown as { darkroom: DesktopBridge }
      const { files } = document.querySelector<HTMLInputElement>('#dropped')!
      return [darkroom.pathOf(files![0]!), darkroom.pathOf(new File(['x'], '/etc/hostname'))]
    })
    expect(paths).toEqual([dropped, ''])
    expect(await callFromPage(page, 'shell.grant', [dropped])).toEqual([dropped])
    expect(await callFromPage(page, 'engine.preview', { path: dropped })).toMatchObject({ width: 512 })
  })

  it('opens what a second launch names, in the first window', async () => {
    const second = newPicture('gallery.jpg')
    const home = await app.evaluate(() => process.env['DARKROOM_HOME']!)
    expect(await launchAgain(executable, home, [second])).toBe(0)
    await expect
      .poll(async () => (await queueOf(page)).items.map(({ source }) => source), patience)
      .toContain(second)
    expect(app.windows()).toHaveLength(1)
  })

  it('cleans a picture that was chosen in the dialog', async () => {
    const picture = newPicture()
    await app.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
    }, picture)
    const chosen = await callFromPage<string[]>(page, 'shell.chooseFiles')
    expect(chosen).toEqual([picture])
    const { ids } = await callFromPage<{ ids: string[] }>(page, 'engine.changeQueue', {
      ...{ type: 'add', sources: chosen, settings },
    })
    await callFromPage(page, 'engine.changeQueue', { type: 'save', ids })
    const item = async () => (await queueOf(page)).items.find(({ id }) => id === ids[0])
    await expect.poll(async () => (await item())?.state, patience).toBe('done')
    const { output, error } = (await item())!
    expect(error).toBeNull()
    expect(existsSync(output!)).toBe(true)
    expect(readdirSync(join(picture, '..', 'denoised'))).toEqual(['church.jpg'])

    await callFromPage(page, 'shell.copyImage', output)
    const copied = await app.evaluate(({ clipboard }) =>
      (clipboard as unknown as { readImage(): { getSize(): object } }).readImage().getSize(),
    )
    expect(copied).toEqual({ width: 512, height: 512 })
  })

  // The last one: Playwright waits for the navigation that was refused before it does anything else to the page.
  it('goes nowhere, and opens nothing', async () => {
    await page.evaluate(() => {
      location.href = 'https://example.com/'
    })
    await page.evaluate(() => window.open('https://example.com/'))
    await page.evaluate(() => {
      const frame = document.createElement('iframe')
      frame.src = 'https://example.com/'
      document.body.append(frame)
    })
    expect(page.url()).toMatch(/^app:\/\/darkroom\//)
    expect(app.windows()).toHaveLength(1)
    expect(page.frames().map((frame) => frame.url())).not.toContain('https://example.com/')
  })
})

const closeWindow = (app: ElectronApplication): Promise<void> =>
  // Later: the answer to this call must still arrive.
  app.evaluate(({ BrowserWindow }) => void setTimeout(() => BrowserWindow.getAllWindows()[0]!.close(), 50))

describe.skipIf('missing' in electron)('quitting while pictures are cleaned', () => {
  async function launchAtWork(): Promise<{ app: ElectronApplication; page: Page; home: string }> {
    const home = newFolder()
    const pictures = ['church.jpg', 'cliffs.jpg'].map(newPicture)
    const { app, page } = await launchDesktop(executable, { home, files: pictures })
    await expect.poll(async () => (await queueOf(page)).items, patience).toHaveLength(2)
    await callFromPage(page, 'engine.changeQueue', { type: 'save', ids: 'all' })
    return { app, page, home }
  }
  it('asks; stays if so answered; goes and keeps the queue if not', async () => {
    const { app, page, home } = await launchAtWork()
    await answerQuestions(app, 2)
    await closeWindow(app)
    await expect.poll(() => questions(app), patience).toEqual(['Photos are still being cleaned.'])
    expect(app.windows()).toHaveLength(1)
    expect((await queueOf(page)).items).toHaveLength(2)

    await answerQuestions(app, 1)
    const ended = once(app.process(), 'exit')
    await closeWindow(app)
    await ended
    const again = await launchDesktop(executable, { home })
    expect((await queueOf(again.page)).items).toHaveLength(2)
    // It goes on by itself.
    await answerQuestions(again.app, 1)
    await again.app.close()
  })

  it('ends by itself when the work is done, if so answered', async () => {
    const { app } = await launchAtWork()
    await answerQuestions(app, 0)
    const ended = once(app.process(), 'exit')
    await closeWindow(app)
    await ended
  })

  it('hands a launch that comes meanwhile to a window of its own', async () => {
    const home = newFolder()
    const first = await launchDesktop(executable, { home })
    await callFromPage(first.page, 'engine.doctor')
    // An engine that stands still: ending takes the seconds after which it is killed.
    const log = readFileSync(join(home, 'logs', 'engine.log'), 'utf8')
    process.kill(Number(/runs as process (\d+)/.exec(log)![1]), 'SIGSTOP')
    const lockOf = (): boolean => readdirSync(join(home, 'window')).includes('SingletonLock')
    expect(lockOf()).toBe(true)
    const ended = once(first.app.process(), 'exit')
    await closeWindow(first.app)
    await expect.poll(lockOf, patience).toBe(false)
    expect(first.app.process().exitCode).toBeNull()

    const late = newPicture()
    const second = await launchDesktop(executable, { home, files: [late] })
    await ended
    await expect
      .poll(async () => (await queueOf(second.page)).items.map(({ source }) => source), patience)
      .toEqual([late])
    await second.app.close()
  })
})

describe.skipIf('missing' in electron)('quitting while a network is trained', () => {
  it('asks; stays if so answered; goes and keeps a checkpoint if not', async () => {
    const home = newFolder()
    const { app, page } = await launchDesktop(executable, { home })
    const { sampleData } = await callFromPage<ShellInfo>(page, 'shell.info')
    const training = { type: 'train', data: sampleData, recipe: 'undercomplete', out: null }
    await callFromPage(page, 'engine.start', { ...training, overrides: ['epochs=100000'] })
    const jobs = (): Promise<JobStatus[]> => callFromPage(page, 'engine.jobs')
    // Progress before that is of reading the data: nothing would be lost yet, and nothing is asked.
    await expect.poll(async () => (await jobs())[0]?.run ?? null, patience).not.toBeNull()
    await expect.poll(async () => (await jobs())[0]?.progress?.done ?? 0, patience).toBeGreaterThan(0)

    await answerQuestions(app, 1)
    await closeWindow(app)
    await expect.poll(() => questions(app), patience).toEqual(['A network is still being trained.'])
    expect(await jobs()).toHaveLength(1)

    await answerQuestions(app, 0)
    const ended = once(app.process(), 'exit')
    await closeWindow(app)
    await ended
    const again = await launchDesktop(executable, { home })
    const runs = await callFromPage<RunSummary[]>(again.page, 'engine.runs', null)
    expect(runs).toMatchObject([{ title: 'undercomplete-1', state: 'stopped', error: null }])
    expect(readdirSync(join(home, 'runs', 'undercomplete-1', 'checkpoints'))).not.toEqual([])
    await again.app.close()
  })
})
