import { readdir, readFile, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { darkroom } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { hasChromium, launchChromium } from './support/chromium.ts'
import { button, dropFiles, rows, type DroppedFile } from './support/denoise-view.ts'
import { noisyPicture, psnrOf } from './support/pictures.ts'
import { openProgram, type ProgramPage } from './support/program-page.ts'

const temporary = temporaryFolder()

describe.skipIf(!hasChromium)('cleaning photographs in Chromium', () => {
  let browser: Browser
  let opened: ProgramPage
  let page: Page
  beforeAll(async () => void (browser = await launchChromium()))
  afterAll(() => browser.close())
  beforeEach(async () => {
    opened = await openProgram(browser)
    page = opened.page
    await button(page, 'Choose photos').waitFor()
  })
  afterEach(() => opened.close())

  /** So many noisy pictures, called `0.png` and so on. Large ones take about half a second each on two cores. */
  const large = 768
  const noisyFiles = async (count: number, side?: number): Promise<DroppedFile[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, n) => ({
        name: `${n}.png`,
        bytes: (await noisyPicture(n, side)).bytes,
      })),
    )

  it('takes a dropped photograph, and saves and hands out what the command line would write', async () => {
    const { bytes, clean } = await noisyPicture(7)
    const before = await psnrOf(bytes, clean)
    await dropFiles(page, [{ name: '여름 🌻.png', bytes }])
    await rows(page, '여름 🌻.png', 'Not saved yet').waitFor()
    await page.getByText(/^Noise σ \d/).waitFor()

    await button(page, 'Save').click()
    await rows(page, '여름 🌻.png', 'Saved').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()])
    expect(download.suggestedFilename()).toBe('여름 🌻.png')
    const saved = await readFile(await download.path())
    expect(await psnrOf(saved, clean)).toBeGreaterThan(before + 5)

    await writeFile(temporary('same.png'), bytes)
    const run = await darkroom(['denoise', temporary('same.png'), '--out', temporary('out')])
    expect(run.code).toBe(0)
    const expected = await psnrOf(await readFile(temporary('out', 'same.png')), clean)
    expect(await psnrOf(saved, clean)).toBeCloseTo(expected, 2)
  })

  it('takes its time for the finest quality, which is nearer to the clean picture', async () => {
    const { bytes, clean } = await noisyPicture(7)
    const saved: number[] = []
    await dropFiles(page, [{ name: 'fine.png', bytes }])
    await rows(page, 'fine.png', 'Not saved yet').waitFor()
    for (const isFinest of [false, true]) {
      if (isFinest) {
        await page.getByRole('switch', { name: 'Finest quality' }).click()
        await rows(page, 'fine.png', 'Saved, changed since').waitFor()
      }
      await button(page, 'Save').click()
      await rows(page, 'fine.png', 'Saved').waitFor()
      const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()])
      saved.push(await psnrOf(await readFile(await download.path()), clean))
    }
    expect(saved[1]).toBeGreaterThan(saved[0]!)
  })

  it('copies a result that no browser shows', async () => {
    const { bytes } = await noisyPicture(8)
    await dropFiles(page, [{ name: 'scan.tif', bytes: await sharp(bytes).tiff().toBuffer() }])
    await rows(page, 'scan.tif', 'Not saved yet').waitFor()
    await button(page, 'Save').click()
    await rows(page, 'scan.tif', 'Saved').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()])

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await button(page, 'Copy photo').click()
    await page.getByText('The clean photo is on the clipboard.').waitFor()
    const copied = await page.evaluate(async () => {
      const png = await (await navigator.clipboard.read())[0]!.getType('image/png')
      return [...new Uint8Array(await png.arrayBuffer())]
    })
    const pixels = (picture: Buffer): Promise<Buffer> => sharp(picture).removeAlpha().raw().toBuffer()
    const saved = await pixels(await readFile(await download.path()))
    expect((await pixels(Buffer.from(copied))).equals(saved)).toBe(true)
  })

  it('goes on past a file that is damaged, and says which and why', async () => {
    const [good, other] = await noisyFiles(2)
    const damaged = { name: 'damaged.png', bytes: good!.bytes.subarray(0, good!.bytes.length / 2) }
    await dropFiles(page, [damaged, good!, other!])
    await rows(page, 'Not saved yet').nth(1).waitFor()
    await button(page, 'Save all').click()
    await rows(page, '0.png', 'Saved').waitFor()
    await rows(page, '1.png', 'Saved').waitFor()
    await rows(page, 'damaged.png', 'The file cannot be read as an image.').waitFor()
  })

  it('keeps the queue when the page is loaded anew, and while no page is open', async () => {
    await dropFiles(page, await noisyFiles(3))
    await rows(page, 'Not saved yet').nth(2).waitFor()
    await button(page, 'Save all').click()
    await page.goto('about:blank')
    await page.goto(new URL(opened.program.url).origin)
    await rows(page, 'Saved').nth(2).waitFor()
    expect(await rows(page).count()).toBe(3)
  })

  it('cancels: what waits is not saved, and can be asked for again', async () => {
    await dropFiles(page, await noisyFiles(8, large))
    await rows(page, 'Not saved yet').nth(7).waitFor()
    await button(page, 'Save all').click()
    await button(page, 'Cancel all').click()
    await rows(page, 'Not saved yet').first().waitFor()
    await button(page, 'Cancel all').waitFor({ state: 'hidden' })
    expect(await rows(page, 'Saved').count()).toBeLessThan(8)
    await button(page, 'Save all').click()
    await rows(page, 'Saved').nth(7).waitFor()
  })

  // Finding the engine's process by its parent is Linux's way.
  it.skipIf(platform() !== 'linux')('goes on by itself when the engine is killed', async () => {
    await dropFiles(page, await noisyFiles(6, large))
    await rows(page, 'Not saved yet').nth(5).waitFor()
    await button(page, 'Save all').click()
    await rows(page, 'Saved').first().waitFor()
    const [engine] = await childrenOf(opened.program.pid)
    expect(await rows(page, 'Saved').count()).toBeLessThan(6)
    process.kill(engine!, 'SIGKILL')
    await rows(page, 'Saved').nth(5).waitFor()
    expect(await childrenOf(opened.program.pid)).not.toContain(engine)
  })
})

/** Process ids. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}
