// How quickly the window answers, in Chromium against browser mode, and what a picture of 100 megapixels takes.
//   npm run build && npx tsx bench/window.ts [runs: 5]
// Times are medians (and 95th percentiles), as the page sees them: from the event to the frame that shows its effect.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import sharp from 'sharp'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { launchChromium, openPage, type WatchedPage } from '../test/e2e/support/chromium.ts'
import { startProgram } from '../test/e2e/support/start.ts'
import { machine, median, printTable } from './support.ts'

const runs = Number(process.argv[2] ?? 5)
const small = { width: 1024, height: 680 }
const large = { width: 2560, height: 1440 }
/** Strengths that are set one after another, for the percentiles. */
const moves = 20

const percentile95 = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1] ?? NaN
const ms = (value: number): string => `${value.toFixed(0)} ms`

/** A JPEG of 100 megapixels: smooth shades with strong noise on them, from a seed. */
async function writeHuge(path: string): Promise<void> {
  const [width, height] = [11_600, 8_700]
  const random = createRandom(1)
  // One block of noise, laid out over the picture: drawing 300 million numbers would take longer than all else.
  const side = 580
  const noise = Uint8ClampedArray.from({ length: side * side * 3 }, () => 128 + 25 * random.normal())
  const tile = await sharp(noise, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
  const shades = Uint8ClampedArray.from({ length: 16 * 12 * 3 }, () => 40 + 175 * random.uniform())
  await sharp(shades, { raw: { width: 16, height: 12, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .composite([{ input: tile, tile: true, blend: 'hard-light' }])
    .jpeg({ quality: 92 })
    .toFile(path)
}

async function open(browser: Browser, options: BrowserContextOptions): Promise<WatchedPage> {
  const watched = await openPage(browser, options)
  // What tsx makes of a named function calls this helper, which a page does not have.
  await watched.page.addInitScript('globalThis.__name = (made) => made')
  return watched
}

/** Milliseconds from the begin of the navigation to the first content, and to the Denoise view with its samples. */
async function timeToContent(browser: Browser): Promise<{ content: number; view: number }> {
  const program = await startProgram()
  const { page, ...watched } = await open(browser, { viewport: small })
  await page.goto(program.url, { waitUntil: 'commit' })
  await page.getByRole('button', { name: 'Choose photos' }).waitFor()
  const times = await page.evaluate(() => ({
    content: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
    view: performance.now(),
  }))
  await watched.close()
  await program.stop()
  return times
}

/**
 * Lets the page note, after every frame, what the viewer shows at places in the clean half, from the next event of a kind on.
 * Looking costs a little time itself, so that the figures are rather too high than too low.
 */
async function startWatch(page: Page, event: string): Promise<void> {
  await page.evaluate((name) => {
    const copy = new OffscreenCanvas(8, 8)
    const context = copy.getContext('2d', { willReadFrequently: true })!
    const places = [0.3, 0.7].flatMap((y) => [0.56, 0.6, 0.64].map((x) => [x, y] as const))
    const look = (): string[] => {
      const canvas = document.querySelector<HTMLCanvasElement>('section.viewer canvas')
      if (canvas === null) return []
      return places.map(([x, y]) => {
        context.clearRect(0, 0, 8, 8)
        context.drawImage(canvas, x * canvas.width, y * canvas.height, 8, 8, 0, 0, 8, 8)
        return context.getImageData(0, 0, 8, 8).data.join()
      })
    }
    const notes: [number, string[]][] = []
    Object.assign(window, { notes })
    const start = (): void => {
      const begin = performance.now()
      const channel = new MessageChannel()
      // A message that is sent from a frame arrives when the frame is done.
      channel.port1.onmessage = () => {
        notes.push([performance.now() - begin, look()])
        if ((window as unknown as Watched).notes === notes) next()
      }
      const next = (): void => void requestAnimationFrame(() => channel.port2.postMessage(null))
      notes.push([0, look()])
      next()
    }
    window.addEventListener(name, start, { capture: true, once: true })
  }, event)
}

interface Watched {
  notes: [number, string[]][]
}

/** Milliseconds until the first of the places had what it has in the end, of those that were changed at all. */
async function firstShown(page: Page): Promise<number> {
  await settled(page)
  return page.evaluate(() => {
    const watched = window as unknown as Watched
    const { notes } = watched
    watched.notes = []
    const last = notes.at(-1)![1]
    const times = last.flatMap((final, place) => {
      const at = notes.findIndex((_, from) => notes.slice(from).every(([, shown]) => shown[place] === final))
      return at > 0 ? [notes[at]![0]] : []
    })
    return Math.min(...times)
  })
}

/** Waits until all that is seen has come: work may begin a little after what asks for it, and again for what follows. */
async function settled(page: Page): Promise<void> {
  for (let look = 0; look < 2; look += 1) {
    await page.waitForTimeout(300)
    await page.getByText('Cleaning what you see…').waitFor({ state: 'hidden' })
  }
}

/** Milliseconds to the first clean tile: of a picture that is opened, with the network still to load, and of a new σ. */
async function timeToTile(browser: Browser): Promise<{ opened: number; sigma: number }> {
  const program = await startProgram()
  const { page, ...watched } = await open(browser, { viewport: small })
  await page.goto(program.url)
  const sample = page.getByRole('button', { name: /church/i })
  await sample.waitFor()
  await startWatch(page, 'click')
  await sample.click()
  await page.getByText(/^Noise σ/).waitFor()
  const opened = await firstShown(page)
  await page.getByRole('radio', { name: 'By hand' }).click()
  await settled(page)
  await page.getByRole('spinbutton', { name: 'Noise level σ' }).fill('30')
  await startWatch(page, 'change')
  await page.keyboard.press('Enter')
  const sigma = await firstShown(page)
  await watched.close()
  await program.stop()
  return { opened, sigma }
}

/** Milliseconds from each of many changes of the strength to the frame that shows it, with a picture that fills the window. */
async function timesToRepaint(browser: Browser, file: string, viewport: typeof small): Promise<number[]> {
  const program = await startProgram({ argv: ['--root', join(file, '..'), file] })
  const { page, ...watched } = await open(browser, { viewport })
  await page.goto(program.url)
  await page.getByText(/^Noise σ/).waitFor()
  await page.keyboard.press('c')
  await settled(page)
  await page.getByRole('slider', { name: 'Strength', exact: true }).focus()
  // Near 100 % one percent less is rounded away.
  for (let press = 0; press < 10; press += 1) await page.keyboard.press('ArrowLeft')
  await settled(page)
  const times: number[] = []
  for (let move = 0; move < moves; move += 1) {
    await startWatch(page, 'keydown')
    // By one percent: every tile that is seen is blended anew.
    await page.keyboard.press('ArrowLeft')
    times.push(await firstShown(page))
  }
  await watched.close()
  await program.stop()
  return times
}

/** Bytes that the page's scripts hold, pixels included, with a picture open that is shown at 100 % and moved about. */
async function heapWith(browser: Browser, file: string): Promise<number> {
  const program = await startProgram({ argv: ['--root', join(file, '..'), file] })
  const { page, ...watched } = await open(browser, { viewport: large })
  await page.goto(program.url)
  await page.getByText(/^Noise σ/).waitFor()
  await page.keyboard.press('1')
  await page.getByRole('group', { name: /huge/ }).focus()
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press(step % 4 === 3 ? 'Shift+ArrowDown' : 'Shift+ArrowRight')
    await page.waitForTimeout(300)
  }
  await settled(page)
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage')
  await watched.close()
  await program.stop()
  return usedSize + backingStorageSize
}

const folder = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const browser = await launchChromium()
try {
  const huge = join(folder, 'huge.jpg')
  const filling = join(folder, 'filling.jpg')
  await writeHuge(huge)
  await sharp(huge)
    .extract({ left: 0, top: 0, ...large })
    .jpeg({ quality: 92 })
    .toFile(filling)

  const contents: Awaited<ReturnType<typeof timeToContent>>[] = []
  const tiles: Awaited<ReturnType<typeof timeToTile>>[] = []
  for (let run = 0; run < runs; run += 1) {
    contents.push(await timeToContent(browser))
    tiles.push(await timeToTile(browser))
  }
  const row = (what: string, times: number[], target: string): string[] => [
    what,
    ms(median(times)),
    ms(percentile95(times)),
    target,
  ]
  const rows = [
    row(
      'first content',
      contents.map(({ content }) => content),
      '1 s',
    ),
    row(
      'Denoise view shown',
      contents.map(({ view }) => view),
      '',
    ),
    row(
      'sample opened → first clean tile',
      tiles.map(({ opened }) => opened),
      '',
    ),
    row(
      'new σ → first clean tile',
      tiles.map(({ sigma }) => sigma),
      '500 ms',
    ),
  ]
  for (const viewport of [small, large]) {
    const times = await timesToRepaint(browser, filling, viewport)
    rows.push(row(`strength → repainted, ${viewport.width}×${viewport.height}`, times, '100 ms'))
  }
  const heap = await heapWith(browser, huge)
  console.log(machine())
  printTable(['', 'median', '95 %', 'target'], rows)
  console.log(`heap of the page with 101 megapixels, 100 %, panned: ${(heap / 2 ** 20).toFixed(0)} MiB`)
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}
