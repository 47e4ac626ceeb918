import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobInput, JobStatus } from '../../src-main/contract/jobs.ts'
import { StageNativeJob, type NativeOffer } from '../../src-main/contract/native.ts'
import { doctorReport } from '../support/fake-program.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button } from './support/denoise-view.ts'
import { startFakeServer, type FakeServer } from './support/fake-server.ts'

const size = { download: 300e6, downloaded: 0, disk: 640e6, room: 2e9 }
const fresh: NativeOffer = {
  ...{ obstacle: null, cpu: size, cuda: { ...size, download: 2.5e9 }, free: 30e9 },
  ...{ missing: [], staged: null, driver: false },
}

// Staging downloads hundreds of megabytes: the engine here only says what one would that does.
describe.skipIf(!hasChromium)('the native engine in Settings', () => {
  let browser: Browser
  let server: FakeServer
  let watched: WatchedPage
  let page: Page
  let offer = fresh
  let jobs: JobStatus[] = []
  const started: JobInput[] = []
  beforeAll(async () => void (browser = await launchChromium()))
  afterAll(() => browser.close())
  beforeEach(async () => {
    offer = fresh
    jobs = []
    started.length = 0
    server = await startFakeServer({
      doctor: () => Promise.resolve(doctorReport),
      nativeOffer: () => Promise.resolve(offer),
      analyses: () => Promise.resolve([]),
      jobs: () => Promise.resolve(jobs),
      stop: () => Promise.resolve(),
      start(job: JobInput) {
        started.push(job)
        jobs = [{ id: 'stage', job: StageNativeJob.parse(job), progress: null, run: null }]
        tellProgress(0)
        return Promise.resolve('stage')
      },
    })
    watched = await openPage(browser, { viewport: { width: 1024, height: 680 }, reducedMotion: 'reduce' })
    page = watched.page
    await page.goto(server.url)
    await open()
  })
  afterEach(async () => {
    await watched.close()
    await server.close()
    watched.complain()
  })

  const native = (): Locator => page.getByRole('region', { name: 'Native engine (TensorFlow)' })
  const open = async (): Promise<void> => {
    await page.evaluate(() => void (location.hash = '#/settings/engine'))
    await native().getByText('300 MB').first().waitFor()
  }
  function tellProgress(done: number): void {
    const progress = { done, total: 300e6, secondsLeft: 30, step: 'download' as const }
    jobs = jobs.map((job) => ({ ...job, progress }))
    server.tell({ id: 'stage', event: 'progress', progress })
  }
  function end(event: { event: 'cancelled' } | { event: 'failed'; error: { code: 'disk-full' } }): void {
    jobs = []
    server.tell({ id: 'stage', ...event })
  }

  it('says what it takes, and downloads nothing before it is asked to', async () => {
    await native().getByText('2 GB, 30 GB free').waitFor()
    await native().getByRole('radio', { name: 'NVIDIA card (CUDA)' }).click()
    await native().getByText('2.5 GB').first().waitFor()
    await native().getByText('No NVIDIA driver was found').waitFor()
    expect(started).toEqual([])
    expect(await axeFindings(page)).toEqual([])
  })

  it('shows how far it is, is cancelled, and goes on from what is there', async () => {
    await button(page, 'Download and prepare (300 MB)').click()
    await expect.poll(() => started).toEqual([{ type: 'stage-native', cuda: false, force: false }])
    tellProgress(120e6)
    await native().getByText('Downloading · 40%').waitFor()
    expect(await axeFindings(page)).toEqual([])
    // A page that is loaded anew finds it under way.
    await page.reload()
    await native().getByText('Downloading · 40%').waitFor()
    offer = { ...fresh, cpu: { ...size, downloaded: 120e6 } }
    await native().getByRole('button', { name: 'Cancel', exact: true }).click()
    end({ event: 'cancelled' })
    await native().getByText('120 MB of it is here already').waitFor()
    await button(page, 'Go on (180 MB to download)').waitFor()
  })

  it('tells what the self-test found', async () => {
    const staged = { version: '2.21.0', cuda: false, folder: '/home/a/native' }
    const selfTest = { passed: true, difference: 2e-6, seconds: 3, failure: null }
    await button(page, 'Download and prepare (300 MB)').click()
    await native()
      .getByText(/^Downloading/)
      .waitFor()
    offer = { ...fresh, staged: { ...staged, selfTest } }
    jobs = []
    server.tell({ id: 'stage', event: 'done', result: { type: 'stage-native', staged, selfTest } })
    await native().getByText('TensorFlow 2.21.0 is ready.').waitFor()
    await native().getByText('The self-test passed.').waitFor()
    await native().getByText('Largest difference from the usual engine: 2E-6, in 3 sec').waitFor()
    await button(page, 'Prepare it anew').waitFor()
    expect(await axeFindings(page)).toEqual([])
  })

  it('trains from then on, if one likes, once the self-test has passed', async () => {
    const staged = { version: '2.21.0', cuda: false, folder: '/home/a/native' }
    const tested = { passed: false, difference: null, seconds: 3, failure: 'no such kernel' }
    const toggle = native().getByRole('switch', { name: 'Train with it' })
    offer = { ...fresh, staged: { ...staged, selfTest: tested } }
    await page.reload()
    await native().getByText('The self-test failed, so it is not used.').waitFor()
    expect(await toggle.count()).toBe(0)
    offer = { ...fresh, staged: { ...staged, selfTest: { ...tested, passed: true, failure: null } } }
    await page.reload()
    await toggle.click()
    // It is kept; and can be left where the engine is gone.
    offer = fresh
    await page.reload()
    await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('true')
    expect(await axeFindings(page)).toEqual([])
    await toggle.click()
    await toggle.waitFor({ state: 'detached' })
  })

  it('says why it failed, and what is missing, and looks again', async () => {
    await button(page, 'Download and prepare (300 MB)').click()
    await native()
      .getByText(/^Downloading/)
      .waitFor()
    end({ event: 'failed', error: { code: 'disk-full' } })
    await native().getByText('There is no room left on the disk.').waitFor()
    offer = { ...fresh, missing: [{ command: 'g++', packageName: 'g++' }] }
    await page.reload()
    await native().getByText('sudo apt install g++').waitFor()
    expect(await page.getByRole('button', { name: /^Download and prepare/ }).count()).toBe(0)
    offer = fresh
    await button(page, 'Look again').click()
    await button(page, 'Download and prepare (300 MB)').waitFor()
  })
})
