import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { automaticModel, type Evidence, type ModelChoice } from '../../src-main/contract/evidence.ts'
import type { QueueCommandInput, QueueItem } from '../../src-main/contract/queue.ts'
import { modelEntry } from '../support/fake-program.ts'
import { queueItem } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button, dropFiles, rows } from './support/denoise-view.ts'
import { startFakeServer, type FakeServer } from './support/fake-server.ts'
import { noisyPicture } from './support/pictures.ts'
import { openProgram, type ProgramPage } from './support/program-page.ts'

describe.skipIf(!hasChromium)('the model that the program chooses', () => {
  let browser: Browser
  let opened: ProgramPage
  let page: Page
  beforeAll(async () => void (browser = await launchChromium()))
  afterAll(() => browser.close())
  beforeEach(async () => {
    opened = await openProgram(browser, { reducedMotion: 'reduce' })
    page = opened.page
    await button(page, 'Choose photos').waitFor()
  })
  afterEach(() => opened.close())

  const model = (title: string): Locator => page.getByLabel(`Model: ${title}`, { exact: true })

  it('takes the model that suits white noise, says so, and another one with one click', async () => {
    await dropFiles(page, [{ name: 'white.png', bytes: (await noisyPicture(3, 512)).bytes }])
    await model('Automatic').waitFor()
    const choice = page.getByText(/chosen automatically\./)
    await choice.waitFor()
    expect(await choice.textContent()).toContain('white noise')
    const taken = /^\s*(.+), chosen/.exec((await choice.textContent()) ?? '')?.[1]

    const other = page.getByRole('group', { name: 'Use instead:' }).getByRole('button').first()
    const title = (await other.textContent())!.trim()
    await other.click()
    await model(title).waitFor()
    await page.getByText(`Automatic would take ${taken}.`).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'Back to automatic').click()
    await model('Automatic').waitFor()

    await button(page, 'Save').click()
    await rows(page, 'white.png', 'Saved', taken!).waitFor()
    await page.getByText(`Cleaned with ${taken}`, { exact: true }).waitFor()
    await expect.poll(() => rows(page, 'white.png').textContent()).toMatch(/σ\s[\d.]+\s→\s[\d.]+/)
  })
})

// Which pictures are kept is the engine's business, and tested there: here one is told of.
describe.skipIf(!hasChromium)('a picture that was kept as it was', () => {
  const noise = { sigma: 1.2, correlation: { horizontal: 0.4, vertical: 0.4 }, blocking: 0, isGray: false }
  const choice: ModelChoice = { model: 'camera', reason: 'clean', noise }
  const evidence: Evidence = {
    ...{ before: 1.2, after: 1.1, gain: -0.3, isBetter: false },
    removed: { deviation: 0.4, correlation: noise.correlation, structure: 0.2, isDetailLost: true },
  }
  const settings = { ...queueItem('').settings, model: automaticModel }
  const kept: QueueItem = {
    ...queueItem('/pictures/hill.png', { settings, state: 'done', output: '/pictures/denoised/hill.png' }),
    ...{ written: settings, cleaned: { model: 'camera', choice, evidence, isKept: true } },
  }
  const asked: QueueCommandInput[] = []
  let browser: Browser
  let server: FakeServer
  let watched: WatchedPage
  let page: Page
  beforeAll(async () => {
    const { bytes } = await noisyPicture(2, 64)
    const tile = { bytes, type: 'image/png', width: 64, height: 64 }
    const facts = { width: 64, height: 64, container: 'png', bits: 8, channels: 3, profile: null }
    server = await startFakeServer({
      queue: () => Promise.resolve({ items: [kept], paused: false, progress: null }),
      models: () => Promise.resolve([modelEntry('camera', { origin: 'shipped' })]),
      ...{ analyses: () => Promise.resolve([]), jobs: () => Promise.resolve([]) },
      preview: (question: { path: string; page: number }) =>
        Promise.resolve({ ...question, ...facts, pages: 1, sigma: 1.2, choice, levels: 1 }),
      ...{ previewTile: () => Promise.resolve(tile), thumbnail: () => Promise.resolve(tile) },
      residual: () => Promise.resolve({ structure: 0, isDetailLost: false }),
      outputFor: () => Promise.resolve('/pictures/denoised/hill.png'),
      changeQueue(command: QueueCommandInput) {
        asked.push(command)
        return Promise.resolve({ ids: [kept.id], ignored: [] })
      },
    })
    browser = await launchChromium()
    watched = await openPage(browser, { reducedMotion: 'reduce' })
    page = watched.page
    await page.goto(server.url)
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
    watched.complain()
  })

  it('is said to be, in its row, below it and beside it, and is cleaned when asked to', async () => {
    await rows(page, 'hill.png', 'Kept as it was').waitFor()
    await page.getByText('Kept as it was: cleaning would not have made it better.').waitFor()
    await page.getByText('PSNR -0.3 dB by estimate').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button(page, 'Clean anyway').click()
    await expect
      .poll(() => asked)
      .toEqual([
        { type: 'change', ids: [kept.id], settings: { onlyIfBetter: false } },
        { type: 'save', ids: [kept.id] },
      ])
  })

  it('is one no more once it was cleaned, which warns of what may be lost', async () => {
    const cleaned = { model: 'camera', choice, evidence, isKept: false }
    const now = { ...settings, onlyIfBetter: false }
    const item = { ...kept, settings: now, written: now, cleaned, warnings: ['warning.detail-lost'] }
    server.tell({ event: 'queue', change: { items: [item], removed: [], paused: false, progress: null } })
    await rows(page, 'hill.png', 'Saved', 'Camera denoiser').waitFor()
    await page.getByText('By the estimate it is no better than before.').waitFor()
    await page.getByText('What was removed holds structure of the picture', { exact: false }).last().waitFor()
    expect(await button(page, 'Clean anyway').count()).toBe(0)
  })
})
