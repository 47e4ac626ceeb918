import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src-main/transport/connect.ts'
import { partOf as latentPart } from '../../src-renderer/views/latent/place.ts'
import { partOf as trainPart } from '../../src-renderer/views/train/place.ts'
import { connectTo, enter } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button, dropFiles } from './support/denoise-view.ts'
import { startProgram, type Started } from './support/start.ts'

const looks = (['en', 'ko'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => [language, theme] as const),
)

/** The map, once it is drawn. */
const plotOf = (page: Page) => page.getByRole('application', { name: /^Map of 3,000 items/ })
/** How many items are selected. */
const selected = async (page: Page): Promise<number> => {
  const text = await page
    .getByRole('status')
    .filter({ hasText: /selected$/ })
    .textContent()
  return Number(/^[\d,]+/.exec(text ?? '')?.[0].replaceAll(',', '') ?? NaN)
}

/** The next job to end. */
const nextDone = ({ engine }: Connection): Promise<void> =>
  new Promise((resolve) => {
    const release = engine.subscribe(({ event }) => {
      if (event !== 'done') return
      release()
      resolve()
    })
  })

/** Draws a lasso of this share of the map's size around its middle. */
async function lasso(page: Page, share: number): Promise<void> {
  const { x, y, width, height } = (await plotOf(page).boundingBox())!
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
    [-1, -0.9],
  ].map(([dx, dy]) => [x + (width / 2) * (1 + dx! * share), y + (height / 2) * (1 + dy! * share)] as const)
  await page.mouse.move(...corners[0]!)
  await page.keyboard.down('Shift')
  await page.mouse.down()
  for (const corner of corners.slice(1)) await page.mouse.move(...corner, { steps: 12 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
}

describe.skipIf(!hasChromium)('codes in the page, of a network trained on the sample data', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  let connection: Connection & { socket: { terminate(): void } }
  let run: string
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-latent-'))
    // What is exported is written there, too.
    const starting = startProgram({ home, argv: ['--root', home] })
    ;[program, browser] = await Promise.all([starting, launchChromium()])
    watched = await openPage(browser, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    page = watched.page
    const { origin, cookie } = await enter(program.url)
    connection = await connectTo(origin, { origin, cookie })
    const data = (await connection.shell.info()).sampleData!
    const trained = nextDone(connection)
    await connection.engine.start({
      ...{ type: 'train', data, recipe: 'undercomplete', out: null },
      overrides: ['epochs=3', 'model.encoder.latentDim=2'],
    })
    run = join(home, 'runs', 'undercomplete-1')
    await trained
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
  /** Writes what the open dialog is about, and closes it. */
  async function write(path: string): Promise<void> {
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Path' }).fill(path)
    await dialog.getByRole('button', { name: 'Write', exact: true }).click()
    await dialog.getByText(/^Written: /).waitFor()
    // Whoever sits at another computer's browser fetches it: a file, or a folder as an archive.
    const link = dialog.getByRole('link', { name: /^Download/ })
    const status = await link.evaluate(async ({ href }: HTMLAnchorElement) => (await fetch(href)).status)
    expect(status).toBe(200)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  }

  it('are reached from the run’s page, and laid out as they are where they have two dimensions', async () => {
    await go(`#/train/${encodeURIComponent(trainPart({ kind: 'run', path: run }))}`)
    await button(page, 'Explore its codes').click()
    await plotOf(page).waitFor()
    await expect
      .poll(() => page.getByRole('radio', { name: 'Dimensions' }).getAttribute('aria-checked'))
      .toBe('true')
    await page.getByText(/Trustworthiness 1, continuity 1/).waitFor()
    await button(page, 'Its training').click()
    await page.getByRole('heading', { name: 'undercomplete-1' }).waitFor()
    await page.goBack()
    await plotOf(page).waitFor()
  })

  it('are selected by a lasso, and exported as a folder and as a list', async () => {
    await lasso(page, 0.2)
    await expect.poll(() => selected(page)).toBeGreaterThan(0)
    const count = await selected(page)
    expect(count).toBeLessThan(3000)

    const folder = join(program.home, 'middle')
    await button(page, 'Export…').click()
    await page.getByRole('textbox', { name: 'Label' }).fill('middle')
    await write(folder)
    const files = await readdir(folder, { recursive: true })
    expect(files.filter((file) => /\.png$/.test(file))).toHaveLength(count)

    await button(page, 'Export…').click()
    await page.getByRole('radio', { name: 'CSV' }).click()
    await write(join(program.home, 'middle.csv'))
    const lines = (await readFile(join(program.home, 'middle.csv'), 'utf8')).trim().split(/\r?\n/)
    expect(lines).toHaveLength(count + 1)
  })

  it('become data of their own, which are trained on at once', async () => {
    const count = await selected(page)
    const folder = join(program.home, 'chosen')
    await button(page, 'Train on it…').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Path' }).fill(folder)
    await dialog.getByRole('button', { name: 'Write', exact: true }).click()
    await dialog.getByRole('button', { name: 'Set up the training' }).click()
    await page.getByRole('heading', { name: 'New training' }).waitFor()
    await page.getByText(`${count.toLocaleString('en')} pictures`, { exact: true }).waitFor()
    await page.getByRole('listbox', { name: 'What was found' }).waitFor()
    // They keep their labels.
    expect(await page.getByRole('list', { name: 'Labels' }).getByRole('listitem').count()).toBeGreaterThan(3)

    const epochs = page.getByRole('spinbutton', { name: 'Epochs', exact: true })
    await epochs.fill('1')
    await epochs.press('Tab')
    await button(page, 'Start training').click()
    await page.getByRole('heading', { name: 'undercomplete-2' }).waitFor()
    await button(page, 'Train longer').waitFor()
    await go(`#/latent/${encodeURIComponent(latentPart({ tab: 'map', run }))}`)
    await expect.poll(() => selected(page)).toBe(count)
  })

  it('are gone through, selected and found by the keyboard alone', async () => {
    const plot = plotOf(page)
    await plot.focus()
    await page.keyboard.press('Escape')
    await expect.poll(() => selected(page)).toBe(0)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await expect.poll(() => selected(page)).toBe(2)
    await page.keyboard.press('Enter')
    await expect.poll(() => selected(page)).toBe(1)
    await page.getByRole('radio', { name: 'Table' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('rowheader').first().waitFor()
    expect(await page.getByRole('rowheader').count()).toBe(1)

    await page.getByRole('textbox', { name: 'Find by file name' }).fill('#12')
    await page.keyboard.press('Enter')
    await page.getByText(/^1 of \d+/).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText(/^2 of \d+/).waitFor()
    await page.getByRole('textbox', { name: 'Find by file name' }).fill('')
  })

  it('show an item’s picture and reconstruction, and what is nearest to it', async () => {
    const item = page.getByRole('region', { name: 'Item', exact: true })
    await item.getByRole('img', { name: 'Reconstruction' }).waitFor()
    await item.getByRole('img', { name: /^Code: -?[\d.]+, -?[\d.]+$/ }).waitFor()
    await item.getByRole('button', { name: 'Its nearest' }).click()
    await expect
      .poll(() => item.getByRole('list', { name: 'Its nearest' }).getByRole('button').count())
      .toBe(12)
  })

  it('are decoded where the pointer is', async () => {
    await button(page, 'Walk: decode what is under the pointer').click()
    const { x, y, width, height } = (await plotOf(page).boundingBox())!
    const pictures = async (): Promise<number> =>
      Number(await page.locator('[data-pictures]').getAttribute('data-pictures'))
    await page.mouse.move(x + width / 2, y + height / 2)
    await expect.poll(pictures).toBeGreaterThan(0)
    // In the page itself: a message for each move would take longer than the picture.
    const before = await pictures()
    const seconds = await plotOf(page).evaluate(async (element) => {
      const target = element.querySelectorAll('canvas')[1]!
      const box = element.getBoundingClientRect()
      const from = performance.now()
      while (performance.now() - from < 3000) {
        const turn = (performance.now() - from) / 300
        const clientX = box.left + box.width * (0.5 + 0.3 * Math.cos(turn))
        const clientY = box.top + box.height * (0.5 + 0.3 * Math.sin(turn))
        target.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, bubbles: true }))
        await new Promise((resolve) => setTimeout(resolve, 4))
      }
      return (performance.now() - from) / 1000
    })
    console.log(
      `decoded under the pointer: ${(((await pictures()) - before) / seconds).toFixed(0)} pictures/s`,
    )
    expect(await pictures()).toBeGreaterThan(before)
    await button(page, 'Add to the path').first().click()
    await button(page, 'Walk: decode what is under the pointer').click()
  })

  it('are coloured by the columns of a table of one’s own', async () => {
    const data = (await connection.shell.info()).sampleData!
    const { items } = await connection.engine.dataPage({ data, count: 40 })
    const lines = items.map(({ name }, i) => `${name},${i / 10},${i < 20 ? 'first' : 'second'}`)
    const choosing = page.waitForEvent('filechooser')
    await button(page, 'Columns of a CSV…').click()
    const bytes = Buffer.from(['name,weight,half', ...lines].join('\n'))
    await (await choosing).setFiles({ name: 'own.csv', mimeType: 'text/csv', buffer: bytes })

    const colour = page.locator('[aria-label^="Colour: "]')
    // The map is made anew, with the columns.
    const offered = async (name: string): Promise<boolean> => {
      await plotOf(page).waitFor()
      await colour.click()
      const isThere = await page.getByRole('option', { name }).isVisible()
      await page.keyboard.press('Escape')
      return isThere
    }
    await expect.poll(() => offered('half'), { timeout: 30_000, interval: 500 }).toBe(true)
    await colour.click()
    await page.getByRole('option', { name: 'half' }).click()
    await page.getByText('second', { exact: true }).waitFor()
    await colour.click()
    await page.getByRole('option', { name: 'Label' }).click()
  })

  it('are saved as a view, and opened with what was set', async () => {
    const view = join(program.home, 'view.json')
    await page.locator('[aria-label^="Colour: "]').click()
    await page.getByRole('option', { name: 'Reconstruction error' }).click()
    await button(page, 'Save and open').click()
    await page.getByRole('menuitem', { name: 'Save this view…' }).click()
    await write(view)
    expect(JSON.parse(await readFile(view, 'utf8'))).toMatchObject({
      ...{ darkroom: 'latent-view', colour: 'error', map: { run, method: { type: 'raw' } } },
      track: [{ from: 'code' }],
    })

    await page.reload()
    await plotOf(page).waitFor()
    await page.locator('[aria-label="Colour: Label"]').waitFor()
    await button(page, 'Save and open').click()
    await page.getByRole('menuitem', { name: 'Open by path…' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill(view)
    await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
    await page.locator('[aria-label="Colour: Reconstruction error"]').waitFor()

    // Dropped, it opens on any of the tabs.
    for (const tab of ['Samples', 'Explore']) {
      await page.getByRole('radio', { name: tab, exact: true }).click()
      await plotOf(page).waitFor({ state: 'hidden' })
      await dropFiles(page, [{ name: 'view.json', bytes: await readFile(view) }])
      await plotOf(page).waitFor()
    }
  })

  it('say of an export how it was made', async () => {
    const grid = join(program.home, 'grid.png')
    const done = nextDone(connection)
    await connection.engine.start({ type: 'sample', run, count: 9, seed: 3, out: grid })
    await done
    await button(page, 'Save and open').click()
    await page.getByRole('menuitem', { name: 'Open by path…' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill(grid)
    await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
    await page.getByText('The run is still the same.').waitFor()
    await button(page, 'Make it again…').click()
    await write(join(program.home, 'again.png'))
    expect((await readFile(join(program.home, 'again.png'))).length).toBeGreaterThan(100)
  })

  it.each(looks)('has nothing that axe finds wrong, in %s, %s', async (language, theme) => {
    await connection.shell.setPreferences({ language, theme })
    await page.locator(`html[lang="${language}"][data-theme="${theme}"]`).waitFor()
    await go('#/latent')
    await page.locator('main h2').first().waitFor()
    expect(await axeFindings(page)).toEqual([])
    await go(`#/latent/${encodeURIComponent(latentPart({ tab: 'map', run }))}`)
    const plot = page.getByRole('application').first()
    await plot.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.locator('[aria-activedescendant=item-current]').or(page.locator('tbody')).first().waitFor()
    expect(await axeFindings(page)).toEqual([])
  })

  it('stay inside a window of 360 pixels', async () => {
    await connection.shell.setPreferences({ language: 'en', theme: 'light' })
    await page.setViewportSize({ width: 360, height: 700 })
    await plotOf(page).waitFor()
    const overflow = await page
      .locator('main')
      .evaluate(
        (main) =>
          Math.max(
            ...[...main.querySelectorAll('section, h2, p, button, canvas')].map(
              (one) => one.getBoundingClientRect().right,
            ),
          ) - innerWidth,
      )
    expect(overflow).toBeLessThanOrEqual(1)
  })

  it('are laid out without WebGL, too', async () => {
    const plain = await openPage(browser, { viewport: { width: 1280, height: 900 } })
    await plain.page.context().addCookies(await page.context().cookies())
    await plain.page.addInitScript(
      `const { getContext } = HTMLCanvasElement.prototype
       HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
         return kind === 'webgl' ? null : getContext.call(this, kind, ...rest)
       }`,
    )
    await plain.page.goto(page.url())
    await plain.page.getByText('There is no WebGL here', { exact: false }).waitFor()
    await lasso(plain.page, 0.5)
    await expect.poll(() => selected(plain.page)).toBeGreaterThan(10)
    plain.complain()
    await plain.close()
  })
})
