import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src-main/transport/connect.ts'
import { partOf } from '../../src-renderer/views/analyse/place.ts'
import { partOf as latentPart } from '../../src-renderer/views/latent/place.ts'
import { connectTo, enter } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button } from './support/denoise-view.ts'
import { startProgram, type Started } from './support/start.ts'

const looks = (['en', 'ko'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => [language, theme] as const),
)

/** What the sample data's labels 0–9 are, as a person would name them; 12 items of four kinds are labelled. */
const kinds = { '0': 'Shirt', '1': 'Trousers', '8': 'Bag', '9': 'Boot' } as const

/** What is to be seen may take a while on a busy machine. */
const patience = { timeout: 60_000 }

/** The next job to end. */
const nextDone = ({ engine }: Connection): Promise<void> =>
  new Promise((resolve) => {
    const release = engine.subscribe(({ event }) => {
      if (event !== 'done') return
      release()
      resolve()
    })
  })

describe.skipIf(!hasChromium)('labels in the page, on a network trained on the sample data', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  let connection: Connection & { socket: { terminate(): void } }
  let run: string
  /** Labels of the sample data, in order. */
  let truth: Map<string, string>
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-labels-'))
    // What is exported is written there, too.
    ;[program, browser] = await Promise.all([
      startProgram({ home, argv: ['--root', home] }),
      launchChromium(),
    ])
    watched = await openPage(browser, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    page = watched.page
    const { origin, cookie } = await enter(program.url)
    connection = await connectTo(origin, { origin, cookie })
    const data = (await connection.shell.info()).sampleData!
    const trained = nextDone(connection)
    await connection.engine.start({
      ...{ type: 'train', data, recipe: 'undercomplete', out: null },
      overrides: ['epochs=3', 'model.encoder.latentDim=8'],
    })
    run = join(home, 'runs', 'undercomplete-1')
    await trained
    const table = join(home, 'truth.csv')
    const written = nextDone(connection)
    const indexes = Array.from({ length: 3000 }, (_, index) => index)
    await connection.engine.start({ type: 'export-items', run, data, indexes, as: 'csv', out: table })
    await written
    const [, ...lines] = (await readFile(table, 'utf8')).trim().split(/\r?\n/)
    truth = new Map(lines.map((line) => line.split(',') as [string, string]))
    await page.goto(program.url)
  }, 180_000)
  afterAll(async () => {
    connection.socket.terminate()
    await browser.close()
    await program.stop()
    await rm(program.home, { recursive: true })
    watched.complain()
  })

  const go = (address: string): Promise<void> => page.evaluate((hash) => void (location.hash = hash), address)
  const goTo = (place: Parameters<typeof partOf>[0]): Promise<void> =>
    go(`#/analyse/${encodeURIComponent(partOf(place))}`)
  const now = () => page.getByRole('region', { name: 'The item to label' })
  /** The item that is labelled next, once its picture is here: its file's name. */
  async function current(): Promise<string> {
    await page.waitForFunction(
      () => (document.querySelector<HTMLCanvasElement>('section [role=img] canvas')?.width ?? 0) > 1,
    )
    return (await now().getByRole('img').getAttribute('aria-label'))!
  }
  const labelled = (count: number) => page.getByText(`${count} labelled`, { exact: true }).waitFor()
  /** Writes what the open dialog is about, and closes it. */
  async function write(path: string): Promise<void> {
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Path' }).fill(path)
    await dialog.getByRole('button', { name: 'Write', exact: true }).click()
    await dialog.getByText(/^Written: /).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  }

  it('are reached from the map of the run’s codes', async () => {
    await go(`#/latent/${encodeURIComponent(latentPart({ tab: 'map', run }))}`)
    await button(page, 'Label its data').click()
    await page.getByRole('heading', { name: 'Label: undercomplete-1' }).waitFor()
    // Of the 3,000 those that a classifier learns from.
    await page.getByRole('application', { name: /^Map of 2,\d{3} items/ }).waitFor()
    await current()
  })

  it('are given by keys alone, and classes are named on the way', async () => {
    let given = 0
    const known = new Set<string>()
    for (let seen = 0; given < 12 && seen < 120; seen++) {
      const name = await current()
      const kind = truth.get(name)
      if (kind === undefined || !(kind in kinds)) {
        await page.keyboard.press('s')
      } else {
        await page.keyboard.press(kind)
        if (!known.has(kind)) {
          const field = page.getByRole('combobox', { name: 'Name of a class' })
          await expect
            .poll(() => field.evaluate((element) => element === document.activeElement), patience)
            .toBe(true)
          await page.keyboard.type(kinds[kind as keyof typeof kinds])
          await page.keyboard.press('Enter')
          known.add(kind)
        }
        await labelled(++given)
      }
      await expect.poll(current, patience).not.toBe(name)
    }
    expect(given).toBe(12)
    expect(known.size).toBeGreaterThan(1)
  })

  it('colour the map by what the rest is taken for, and say how far to believe it', async () => {
    await page.getByText(/^About \d+% of the rest is taken for the right class$/).waitFor()
    await now()
      .getByRole('status')
      .filter({ hasText: /^Taken for (Shirt|Trousers|Bag|Boot), \d+% sure$/ })
      .waitFor()
  })

  it('can be undone and done again, and are there after a reload', async () => {
    await page.keyboard.press('Control+z')
    await labelled(11)
    await page.keyboard.press('Control+Shift+z')
    await labelled(12)
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.reload()
    await labelled(12)
    await page
      .getByRole('button', { name: /^Bag|Boot|Shirt|Trousers/ })
      .first()
      .waitFor()
  })

  it('are found by name where there are more classes than digits, and written as a table', async () => {
    await current()
    await page.keyboard.press('/')
    await page.keyboard.type('Sandal')
    await page.getByRole('option', { name: 'New class “Sandal”' }).waitFor()
    await page.keyboard.press('Escape')
    const path = join(program.home, 'labels.csv')
    await button(page, 'Export…').click()
    await write(path)
    const lines = (await readFile(path, 'utf8')).trim().split(/\r?\n/)
    expect(lines).toHaveLength(13)
    expect(lines[0]).toBe('name,label')
    for (const line of lines.slice(1)) {
      const [name, label] = line.split(',') as [string, string]
      expect(kinds[truth.get(name) as keyof typeof kinds]).toBe(label)
    }
  })

  it('become a classifier of these labels alone', async () => {
    await button(page, 'Make a classifier of these…').click()
    await page.getByText('It will learn from 12 labels given by hand.').waitFor()
    expect(await page.getByRole('radio', { name: 'Given by hand' }).getAttribute('aria-checked')).toBe('true')
    await button(page, 'Make the classifier').click()
    await page.getByRole('heading', { name: 'undercomplete-1-classes-1' }).waitFor()
    await page.getByText('12 labels', { exact: true }).first().waitFor()
    // The data's own labels have other names: there is nothing to compare with.
    await button(page, 'Classify').click()
    await page.getByText('300 items classified').waitFor()
    await page.getByText('There are no labels of these classes to compare with.').waitFor()
    await page.getByRole('listbox', { name: 'All, the surest first' }).waitFor()
  })

  it('of the data make another one, whose predictions are compared with them', async () => {
    await goTo({ kind: 'new-classifier', run })
    await page.getByRole('radio', { name: 'Of the data' }).click()
    const perClass = page.getByRole('spinbutton', { name: 'Labels per class' })
    await perClass.fill('20')
    await perClass.press('Tab')
    await button(page, 'Make the classifier').click()
    await page.getByRole('heading', { name: 'undercomplete-1-classes-2' }).waitFor()
    await button(page, 'Classify').click()
    await page.getByText(/^\d+% right$/).waitFor()
    await page.getByText(/^Of 300 items with a label\./).waitFor()
  }, 240_000)

  it('show in each cell of the confusion matrix what was taken for what', async () => {
    const grid = page.getByRole('grid', { name: 'What is taken for what' })
    const first = grid.getByRole('button').first()
    await first.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    expect(await first.getAttribute('aria-pressed')).toBe('true')
    const [, count] = /right: (\d+)$/.exec((await first.getAttribute('aria-label'))!)!
    await page
      .getByRole('status')
      .filter({ hasText: `${count} items` })
      .waitFor()
    const items = page.getByRole('listbox', { name: '0, right' })
    await items.focus()
    await expect
      .poll(() => items.getByRole('option').getAttribute('aria-label'), patience)
      .toMatch(/is 0, taken for 0, \d+% sure$/)
    // Once more: the mistakes again.
    await first.click()
    await page.getByRole('listbox', { name: 'Mistakes, the most confident first' }).waitFor()
  })

  it('are written as a table, and their mistakes as a sheet', async () => {
    const path = join(program.home, 'predictions.csv')
    await button(page, 'Export…').click()
    await write(path)
    const lines = (await readFile(path, 'utf8')).trim().split(/\r?\n/)
    expect(lines).toHaveLength(301)
    expect(lines[0]).toBe('name,label,probability,0,1,2,3,4,5,6,7,8,9,truth')
    await button(page, 'Export…').click()
    await page.getByRole('radio', { name: 'Mistakes as a sheet' }).click()
    const sheet = join(program.home, 'mistakes.png')
    await write(sheet)
    expect((await readFile(sheet)).subarray(1, 4).toString()).toBe('PNG')
  })

  it.each(looks)('have no accessibility findings: %s, %s', async (language, theme) => {
    await connection.shell.setPreferences({ language, theme })
    await page.locator(`html[lang=${language}][data-theme=${theme}]`).waitFor()
    const classifier = join(program.home, 'analyses', 'undercomplete-1-classes-2')
    for (const place of [
      { kind: 'classifier', path: classifier },
      { kind: 'new-classifier', run },
      { kind: 'label', run },
    ] as const) {
      await goTo(place)
      await page.locator('h2').first().waitFor()
      if (place.kind === 'label') await page.locator('section [role=application]').waitFor()
      expect(await axeFindings(page)).toEqual([])
    }
  })

  it('fit into a small window', async () => {
    await connection.shell.setPreferences({ language: 'en', theme: 'light' })
    await page.setViewportSize({ width: 640, height: 480 })
    for (const place of [
      { kind: 'classifier', path: join(program.home, 'analyses', 'undercomplete-1-classes-2') },
      { kind: 'label', run },
    ] as const) {
      await goTo(place)
      await page.locator('h2').first().waitFor()
      const isWider = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      )
      expect(isWider).toBe(false)
    }
  })
})
