// Makes docs/screenshots from the built program in browser mode: every view, light, dark and in Korean, with the sample
// photographs.
//   npm run build && npx tsx scripts/make-screenshots.ts
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import type { JobInput, JobResult } from '../src-main/contract/jobs.ts'
import { translate, type Locale } from '../src-main/contract/messages/messages.ts'
import { partOf } from '../src-renderer/views/analyse/place.ts'
import { launchChromium, openPage } from '../test/e2e/support/chromium.ts'
import { dropFiles, rows } from '../test/e2e/support/denoise-view.ts'
import { startProgram, type Started } from '../test/e2e/support/start.ts'
import { connectTo, enter } from '../test/support/server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const samples = join(root, 'assets/samples')
const fashion = join(root, 'assets/data/fashion-mnist')
const target = join(root, 'docs/screenshots')

interface Look {
  name: string
  locale: Locale
  theme: 'light' | 'dark'
  width: number
  height: number
}
const looks: Look[] = [
  { name: 'dark', locale: 'en', theme: 'dark', width: 1440, height: 900 },
  { name: 'light', locale: 'en', theme: 'light', width: 1440, height: 900 },
  { name: 'korean', locale: 'ko', theme: 'dark', width: 1440, height: 900 },
  { name: 'small', locale: 'en', theme: 'light', width: 1024, height: 680 },
]

async function capture(page: Page, name: string): Promise<void> {
  const png = await page.screenshot()
  await sharp(png)
    .webp({ quality: 88 })
    .toFile(join(target, `${name}.webp`))
}

/** The Train view: what is set up, two trainings under way one after the other, and both compared. */
async function captureTraining(page: Page, locale: Locale, name: string): Promise<void> {
  const text = (key: Parameters<typeof translate>[1], params = {}): string => translate(locale, key, params)
  const button = (key: Parameters<typeof translate>[1]): Locator =>
    page.getByRole('button', { name: text(key), exact: true })
  const titles = ['conv-denoising-1', 'denoising-1']

  await page.evaluate(() => void (location.hash = '#/train'))
  await button('ui.train.setup.data.sample').click()
  const recipes = page.getByRole('radiogroup', { name: text('ui.train.setup.recipe') })
  await recipes.waitFor()
  await recipes.evaluate((element) => element.scrollIntoView())
  await page.waitForTimeout(1000)
  await capture(page, `train-setup-${name}`)

  for (const title of titles) {
    await page.evaluate(() => void (location.hash = '#/train/new'))
    await page.locator(`input[name=recipe][value=${title.replace(/-1$/, '')}]`).check({ force: true })
    await button('ui.train.setup.begin').click()
    await page.getByRole('heading', { name: title, exact: true }).waitFor()
    // Curves of a few epochs.
    await page.getByText(text('ui.train.axis.epoch'), { exact: true }).first().waitFor()
    await page.locator('main [role=img] canvas').waitFor()
    await page.waitForTimeout(8000)
    if (title === titles[0]) await capture(page, `train-run-${name}`)
    const end = button('ui.train.run.stop.epoch')
    if (await end.isVisible()) await end.click({ timeout: 2000 }).catch(() => undefined)
    await button('ui.train.run.continue').waitFor()
  }
  for (const title of titles)
    await page.getByRole('checkbox', { exact: true, name: text('ui.train.runs.tick', { title }) }).check()
  await page.getByRole('button', { name: text('ui.train.runs.compare', { count: 2 }), exact: true }).click()
  await page.locator('main canvas').first().waitFor()
  await page.waitForTimeout(1500)
  await capture(page, `train-compare-${name}`)
}

/** The Latent view: the map of what the first run of `captureTraining` has learned, with some of it selected. */
async function captureCodes(page: Page, locale: Locale, name: string): Promise<void> {
  const text = (key: Parameters<typeof translate>[1], params = {}): string => translate(locale, key, params)
  await page.evaluate(() => void (location.hash = '#/latent'))
  await page.getByRole('link', { name: /^conv-denoising-1/ }).click()
  const plot = page.getByRole('application')
  await plot.waitFor()
  // Until the pictures of items are there, too.
  await page.waitForTimeout(6000)
  await capture(page, `latent-map-${name}`)

  const { x, y, width, height } = (await plot.boundingBox())!
  const [middle, centre] = [x + width / 2, y + height / 2]
  await page.mouse.move(middle, centre)
  for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, -150)
  await page.keyboard.down('Shift')
  await page.mouse.move(middle - 120, centre - 100)
  await page.mouse.down()
  for (const [dx, dy] of [
    [120, -100],
    [120, 100],
    [-120, 100],
    [-120, -90],
  ] as const)
    await page.mouse.move(middle + dx, centre + dy, { steps: 10 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await page.getByRole('button', { name: text('ui.latent.map.export'), exact: true }).waitFor()
  await page.waitForTimeout(2500)
  await capture(page, `latent-selection-${name}`)
}

/** Runs a job of the program as another page would. */
async function finish(program: Started, job: JobInput): Promise<JobResult> {
  const { origin, cookie } = await enter(program.url)
  const { engine, socket } = await connectTo(origin, { origin, cookie })
  try {
    return await new Promise((resolve, reject) => {
      engine.subscribe((event) => {
        if (event.event === 'done') resolve(event.result)
        if (event.event === 'failed') reject(new Error(JSON.stringify(event.error)))
      })
      engine.start(job).catch(reject)
    })
  } finally {
    socket.terminate()
  }
}

/** The Analyse view: sneakers as what is normal, and a classifier on the first run of `captureTraining` and its labels. */
async function captureAnalysis(page: Page, program: Started, locale: Locale, name: string): Promise<void> {
  const button = (key: Parameters<typeof translate>[1]): Locator =>
    page.getByRole('main').getByRole('button', { name: translate(locale, key), exact: true })
  const show = (place: Parameters<typeof partOf>[0]): Promise<void> =>
    page.evaluate((part) => void (location.hash = `#/analyse/${encodeURIComponent(part)}`), partOf(place))
  const data = {
    sources: [join(fashion, 'images-idx3-ubyte.gz')],
    labels: join(fashion, 'labels-idx1-ubyte.gz'),
  }

  const fitted = await finish(program, {
    ...{ type: 'anomaly-fit', data, normal: ['7'], recipe: 'undercomplete' },
    ...{ overrides: ['epochs=30'], threshold: { type: 'deviations', count: 2 } },
  })
  if (fitted.type !== 'anomaly-fit') throw new Error(fitted.type)
  await show({ kind: 'detector', path: fitted.detector })
  await button('ui.analyse.score-data.start').click()
  await page.getByRole('slider').first().waitFor()
  await page.waitForTimeout(2000)
  await capture(page, `analyse-scores-${name}`)
  await page
    .getByRole('heading', { name: translate(locale, 'ui.analyse.items'), exact: true })
    .evaluate((element) => element.scrollIntoView())
  await page.waitForTimeout(2000)
  await capture(page, `analyse-items-${name}`)

  const run = join(program.home, 'runs', 'conv-denoising-1')
  const learned = await finish(program, { type: 'classify-fit', run, data, labelsPerClass: 20 })
  if (learned.type !== 'classify-fit') throw new Error(learned.type)
  await show({ kind: 'classifier', path: learned.classifier })
  await button('ui.labels.predict.start').click()
  await page.getByRole('table').first().waitFor()
  await page.waitForTimeout(1500)
  await page
    .getByRole('region', { name: translate(locale, 'ui.labels.result'), exact: true })
    .evaluate((element) => element.scrollIntoView())
  await page.waitForTimeout(1000)
  await capture(page, `analyse-classes-${name}`)

  await show({ kind: 'label', run })
  await page.getByRole('application').waitFor()
  await page.waitForTimeout(6000)
  await capture(page, `analyse-label-${name}`)
}

/** A saved picture with what was done to it, and what the engine proposes for pictures that are all noisy. */
async function captureOutcome(page: Page, locale: Locale, name: string): Promise<void> {
  const button = (key: Parameters<typeof translate>[1]): Locator =>
    page.getByRole('button', { name: translate(locale, key), exact: true })
  await button('ui.denoise.save').click()
  const [saved, kept] = (['done', 'kept'] as const).map((state) =>
    rows(page, 'cliffs.jpg', translate(locale, `ui.denoise.state.${state}`)),
  )
  await saved!.or(kept!).waitFor()
  await page.waitForTimeout(1500)
  await capture(page, `denoise-saved-${name}`)
  await button('ui.noisy.open').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio').first().waitFor()
  await page.waitForTimeout(1000)
  await capture(page, `learn-noisy-${name}`)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
}

/** All views in one look, with a program and a queue of their own. */
async function makeScreenshots(
  browser: Browser,
  { name, locale, theme, width, height }: Look,
): Promise<void> {
  const text = (key: Parameters<typeof translate>[1]): string => translate(locale, key)
  const language = locale === 'ko' ? 'ko-KR' : 'en-US'
  const program = await startProgram({ env: { LC_ALL: `${language.replace('-', '_')}.UTF-8` } })
  const watched = await openPage(browser, {
    ...{ viewport: { width, height }, locale: language, colorScheme: theme, reducedMotion: 'reduce' },
  })
  const { page } = watched
  const go = async (hash: string, heading: string): Promise<void> => {
    await page.evaluate((where) => void (location.hash = where), hash)
    await page.getByRole('heading', { name: heading, exact: true }).first().waitFor({ state: 'attached' })
    await page.waitForLoadState('networkidle')
  }

  await page.goto(program.url)
  await page.getByRole('button', { name: text('ui.denoise.choose-files'), exact: true }).waitFor()
  await page.waitForTimeout(1000)
  await capture(page, `empty-${name}`)

  const files = (await readdir(samples)).filter((file) => !file.endsWith('.md')).sort()
  await dropFiles(
    page,
    await Promise.all(
      files.map(async (file) => ({ name: file, bytes: await readFile(join(samples, file)) })),
    ),
  )
  await rows(page, text('ui.denoise.state.idle'))
    .nth(files.length - 1)
    .waitFor()
  await rows(page, 'cliffs.jpg').click()
  const working = page.getByText(text('ui.denoise.working'), { exact: true })
  await working.waitFor({ timeout: 5000 }).catch(() => undefined)
  await working.waitFor({ state: 'hidden' })
  await page.waitForTimeout(500)
  await capture(page, `denoise-${name}`)
  await captureOutcome(page, locale, name)

  await captureTraining(page, locale, name)
  await captureCodes(page, locale, name)
  await captureAnalysis(page, program, locale, name)

  await go('#/models', text('ui.view.models'))
  await capture(page, `models-${name}`)
  for (const part of ['general', 'output', 'engine', 'about'] as const) {
    await go(`#/settings/${part}`, text(`ui.settings.${part}`))
    // The engine looks at the machine first.
    await page.getByRole('progressbar').first().waitFor({ state: 'detached' })
    await page.waitForTimeout(500)
    await capture(page, `settings-${part}-${name}`)
    if (part !== 'engine') continue
    await page.locator('#native-engine').evaluate((element) => element.scrollIntoView())
    await page.waitForTimeout(500)
    await capture(page, `settings-native-${name}`)
  }
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await capture(page, `shortcuts-${name}`)

  await watched.close()
  await program.stop()
  watched.complain()
}

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
const browser = await launchChromium()
for (const look of looks) await makeScreenshots(browser, look)
await browser.close()
