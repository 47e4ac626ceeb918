import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import type { Connection } from '../../src-main/transport/connect.ts'
import { connectTo, enter } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button } from './support/denoise-view.ts'
import { startProgram, type Started } from './support/start.ts'

const looks = (['en', 'ko'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => [language, theme] as const),
)

/** Waves of one kind, every sixth with a step in it, as a CSV with labels. */
function waves(count: number): string {
  const random = createRandom(1)
  const columns = Array.from({ length: 32 }, (_, t) => t)
  const rows = Array.from({ length: count }, (_, row) => {
    const isOdd = row % 6 === 5
    const phase = 0.6 * random.uniform()
    const values = columns.map((t) => Math.sin(t / 4 + phase) + (isOdd && t > 15 ? 0.8 : 0))
    return [isOdd ? 'odd' : 'normal', ...values.map((value) => value.toFixed(4))].join(',')
  })
  return [['label', ...columns.map((t) => `t${t}`)].join(','), ...rows, ''].join('\n')
}

const sliderOf = (page: Page) => page.getByRole('slider', { name: 'Threshold' })
const thresholdOf = async (page: Page): Promise<number> =>
  Number(await sliderOf(page).getAttribute('aria-valuenow'))

describe.skipIf(!hasChromium)('anomalies in the page', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  let connection: Connection & { socket: { terminate(): void } }
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'darkroom-analyse-'))
    await writeFile(join(home, 'waves.csv'), waves(480))
    const starting = startProgram({ home, argv: ['--root', home] })
    ;[program, browser] = await Promise.all([starting, launchChromium()])
    watched = await openPage(browser, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    page = watched.page
    const { origin, cookie } = await enter(program.url)
    connection = await connectTo(origin, { origin, cookie })
    await page.goto(program.url)
  }, 120_000)
  afterAll(async () => {
    connection.socket.terminate()
    await browser.close()
    await program.stop()
    await rm(home, { recursive: true })
    watched.complain()
  })

  it('makes a detector of a recipe from the normal items of a table', async () => {
    await page.keyboard.press('Control+Alt+4')
    await page.getByRole('link', { name: 'New detector…' }).click()
    await button(page, 'Open by path…').click()
    await page.getByRole('dialog').getByRole('textbox').fill(join(home, 'waves.csv'))
    await button(page, 'Look through it').click()
    await page.getByRole('checkbox', { name: /^odd/ }).waitFor()
    // The label says that it is normal.
    expect(await page.getByRole('checkbox', { name: /^odd/ }).isChecked()).toBe(false)
    await page.getByRole('spinbutton', { name: 'Epochs' }).fill('8')
    await page.getByRole('spinbutton', { name: /^Normal items that may/ }).fill('5')
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'Make the detector').click()
    await button(page, 'Score').waitFor()
    expect(await page.getByText(/with 95% confidence/).isVisible()).toBe(true)
    expect(await readdir(join(home, 'analyses'))).toHaveLength(1)
  }, 180_000)

  it('scores its test part; the threshold is moved by keyboard and pointer, and figures follow', async () => {
    await button(page, 'Score').click()
    await sliderOf(page).waitFor()
    const own = await thresholdOf(page)
    await sliderOf(page).focus()
    await page.keyboard.press('End')
    await expect.poll(() => page.getByText(/^0 of \d+ anomalies are found/).count()).toBe(1)
    await page.keyboard.press('PageDown')
    const below = await thresholdOf(page)
    await page.keyboard.press('ArrowRight')
    expect(await thresholdOf(page)).toBeGreaterThan(below)

    const { x, y, width } = (await sliderOf(page).locator('..').boundingBox())!
    await page.mouse.move(x + width / 2, y + 40)
    await page.mouse.down()
    await page.mouse.move(x + 1, y + 40, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => page.getByText(/^(\d+) of \1 anomalies are found/).count()).toBe(1)
    await button(page, 'Back to the detector’s').click()
    expect(await thresholdOf(page)).toBeCloseTo(own, 9)

    await page.getByRole('radio', { name: 'Normal items' }).click()
    await page.getByText(/^As some tutorials count/).waitFor()
    await page.getByRole('radio', { name: 'Passed' }).click()
    const grid = page.getByRole('listbox', { name: 'Items, the highest score first' })
    await grid.focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => grid.getByRole('option').getAttribute('aria-label')).toMatch(/, Passed$/)
    expect(await axeFindings(page)).toEqual([])
  }, 120_000)

  it('exports verdicts of the threshold that is set, and says in the sidecar how', async () => {
    await page.getByRole('textbox', { name: 'Threshold as a number' }).fill('0')
    await page.keyboard.press('Tab')
    await button(page, 'Export…').click()
    const file = join(home, 'scores.csv')
    await page.getByRole('dialog').getByRole('textbox').fill(file)
    await button(page, 'Write').click()
    await page.getByText('Written: scores.csv').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('radio', { name: 'All', exact: true }).click()
    const [head, ...rows] = (await readFile(file, 'utf8')).trim().split('\n')
    expect(head).toMatch(/^name,score,verdict,percentile,label/)
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.every((row) => row.includes(',anomaly,'))).toBe(true)
    expect(await readFile(`${file}.json`, 'utf8')).toMatch(/"type":\s*"set",\s*"value":\s*0/)
  }, 60_000)

  it.each(looks)('has nothing that axe finds wrong, in %s, %s', async (language, theme) => {
    await connection.shell.setPreferences({ language, theme })
    await page.locator(`html[lang="${language}"][data-theme="${theme}"]`).waitFor()
    await page.getByRole('listbox').waitFor()
    expect(await axeFindings(page)).toEqual([])
  })

  it('fits into a narrow window', async () => {
    await connection.shell.setPreferences({ language: 'en', theme: 'light' })
    await page.setViewportSize({ width: 360, height: 700 })
    const overflow = () =>
      page
        .locator('main')
        .evaluate(
          (main) =>
            Math.max(
              ...[...main.querySelectorAll('section, h2, p, button, canvas, svg, table')].map(
                (one) => one.getBoundingClientRect().right,
              ),
            ) - innerWidth,
        )
    await expect.poll(overflow).toBeLessThanOrEqual(0)
    expect(await axeFindings(page)).toEqual([])
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  it('deletes a detector after asking', async () => {
    await page.getByRole('button', { name: /^More for / }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No detector yet.').waitFor()
    expect(await readdir(join(home, 'analyses'))).toEqual([])
  }, 60_000)
})
