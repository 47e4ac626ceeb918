import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { Browser, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJob } from '../../bench/support.ts'
import { partOf, type LatentTab } from '../../src-renderer/views/latent/place.ts'
import { connectTo, enter } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { button, dropFiles, dropPaths, type DroppedFile } from './support/denoise-view.ts'
import { startProgram, type Started } from './support/start.ts'

/** What a canvas shows, as text: the same for the same pixels. */
const shownIn = (canvas: Locator): Promise<string> =>
  canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL())

/** A picture of the sample data as a PNG file. */
async function sample(index: number, name: string): Promise<DroppedFile> {
  const file = new URL('../../assets/data/fashion-mnist/images-idx3-ubyte.gz', import.meta.url)
  const pixels = gunzipSync(await readFile(file)).subarray(16 + index * 784, 16 + (index + 1) * 784)
  const raw = { width: 28, height: 28, channels: 1 } as const
  return { name, bytes: await sharp(pixels, { raw }).png().toBuffer() }
}

/** Asks until the answer is right: the machine may be busy. */
const poll = <Answer>(ask: () => Answer | Promise<Answer>) => expect.poll(ask, { timeout: 60_000 })

/** What it shows when it no longer changes: pictures of moves before the last one may still come. */
async function settled(canvas: Locator): Promise<string> {
  for (let shown = await shownIn(canvas); ;) {
    await setTimeout(500)
    const now = await shownIn(canvas)
    if (now === shown) return now
    shown = now
  }
}

describe.skipIf(!hasChromium)('moving among the codes of a small VAE', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  let run: string
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-moves-'))
    const starting = startProgram({ home, argv: ['--root', home] })
    ;[program, browser] = await Promise.all([starting, launchChromium()])
    const { origin, cookie } = await enter(program.url)
    const { engine, shell, socket } = await connectTo(origin, { origin, cookie })
    run = join(home, 'runs', 'vae-1')
    // Two numbers a code: they have a plane, too.
    const overrides = ['epochs=6', 'model.encoder.latentDim=2']
    const data = (await shell.info()).sampleData!
    const ended = await runJob(engine, { type: 'train', data, recipe: 'vae', out: run, overrides })
    expect(ended).toMatchObject({ event: 'done' })
    socket.terminate()
    watched = await openPage(browser, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    page = watched.page
    await page.goto(program.url)
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await program.stop()
    await rm(program.home, { recursive: true })
    watched.complain()
  })

  const open = async (tab: LatentTab): Promise<void> => {
    await page.evaluate(
      (hash) => void (location.hash = hash),
      `#/latent/${encodeURIComponent(partOf({ tab, run }))}`,
    )
    await page.getByRole('heading', { name: 'vae-1', exact: true }).waitFor()
  }
  const slider = (name: string): Locator => page.getByRole('slider', { name, exact: true })
  const picture = (): Locator => page.getByRole('img', { name: 'What the code decodes to' })
  /** Writes an export where the dialog that is open suggests the name, and closes it. */
  async function write(name: string): Promise<string> {
    const dialog = page.getByRole('dialog')
    const file = join(program.home, name)
    await dialog.getByRole('textbox', { name: 'Path' }).fill(file)
    await button(page, 'Write').click()
    await dialog.getByText(`Written: ${name}`).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await dialog.waitFor({ state: 'hidden' })
    return file
  }

  describe('explore', () => {
    const first = (): Locator => page.getByRole('slider').first()
    const values = async (): Promise<(string | null)[]> =>
      Promise.all([0, 1].map((at) => page.getByRole('slider').nth(at).getAttribute('aria-valuetext')))

    it('follows a slider, and takes its move back', async () => {
      await open('explore')
      await first().waitFor()
      await poll(() => picture().getAttribute('width')).toBe('28')
      const mean = await shownIn(picture())
      await first().focus()
      for (let press = 0; press < 30; press++) await page.keyboard.press('ArrowRight')
      await poll(() => first().getAttribute('aria-valuetext')).toBe('+1.50 σ')
      await poll(() => shownIn(picture())).not.toBe(mean)
      await page.getByText(/^Distance \d\.\d\d$/).waitFor()
      const moved = await settled(picture())

      for (let press = 0; press < 30; press++) await page.keyboard.press('Control+z')
      await poll(() => shownIn(picture())).toBe(mean)
      for (let press = 0; press < 30; press++) await button(page, 'Redo').click()
      await poll(() => shownIn(picture())).toBe(moved)
      await button(page, 'Back to the mean').click()
      await poll(() => shownIn(picture())).toBe(mean)
    })

    it('draws codes at random, each of its own', async () => {
      await button(page, 'Random code').click()
      await poll(values).not.toEqual(['0.00 σ', '0.00 σ'])
      const one = await values()
      await page.keyboard.press('r')
      await poll(values).not.toEqual(one)
    })

    it('copies a code and pastes it, and says what is wrong with another', async () => {
      const before = await shownIn(picture())
      const place = await values()
      await button(page, 'Copy the code').click()
      await page.getByText('The code was copied.').waitFor()
      await button(page, 'Back to the mean').click()
      await poll(values).toEqual(['0.00 σ', '0.00 σ'])
      await page.keyboard.press('Control+v')
      await poll(values).toEqual(place)
      await poll(() => shownIn(picture())).toBe(before)

      await button(page, 'Paste a code').click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('textbox', { name: 'Code' }).fill('[1, 2, 3]')
      await button(page, 'Go there').click()
      await dialog.getByText('This network’s codes have 2 numbers; there are 3.').waitFor()
      await dialog.getByRole('textbox', { name: 'Code' }).fill('[0.5, -0.5]')
      await page.keyboard.press('Enter')
      await dialog.waitFor({ state: 'hidden' })
      await poll(values).not.toEqual(place)
    })

    it('follows the pointer on the plane', async () => {
      const pad = page.getByRole('group', { name: 'The plane of the code' })
      const box = (await pad.boundingBox())!
      const seen = new Set<string>()
      await page.mouse.move(box.x + 10, box.y + 10)
      await page.mouse.down()
      for (let step = 1; step <= 10; step++) {
        await page.mouse.move(box.x + 10 + (step / 10) * (box.width - 20), box.y + box.height / 2)
        await page.waitForTimeout(50)
        seen.add(await shownIn(picture()))
      }
      await page.mouse.up()
      expect(seen.size).toBeGreaterThan(3)
      // One drag is one step back.
      const dropped = await values()
      await pad.focus()
      await page.keyboard.press('Shift+ArrowUp')
      await poll(values).not.toEqual(dropped)
      await button(page, 'Undo').click()
      await poll(values).toEqual(dropped)
    })

    it('starts from a picture that is dropped, and keeps it in sight', async () => {
      const before = await shownIn(picture())
      await dropFiles(page, [await sample(0, 'start.png')])
      await poll(() => shownIn(picture())).not.toBe(before)
      await page.getByText('Distance 0.00').waitFor()
      const start = page.getByRole('img', { name: 'Start', exact: true })
      await poll(async () => (await shownIn(start)) === (await shownIn(picture()))).toBe(true)
    })

    it('exports a traversal', async () => {
      await button(page, 'Traversal…').click()
      const { format, width, height } = await sharp(await write('traversal.png')).metadata()
      expect(format).toBe('png')
      // Eleven pictures a line, two lines.
      expect(width).toBeGreaterThan(11 * 28)
      expect(height).toBeGreaterThan(2 * 28)
    })
  })

  describe('interpolate', () => {
    const track = (): Locator => page.getByRole('listbox', { name: 'Path' })
    const stops = (): Locator => track().getByRole('option')
    const names = (): Promise<string[]> => stops().allInnerTexts()
    const scrub = (): Locator => slider('Place on the path')
    const frame = (): Locator => page.getByRole('img', { name: /^Frame .* of the path$/ })

    it('makes a film of two pictures that are dropped', async () => {
      await open('interpolate')
      await dropFiles(page, await Promise.all([sample(0, 'one.png'), sample(1, 'two.png')]))
      await poll(names).toEqual(['one.png', 'two.png'])
      await poll(() => scrub().getAttribute('aria-valuetext')).toBe('1 of 24')
      const begun = await shownIn(frame())
      await scrub().focus()
      await page.keyboard.press('End')
      await poll(() => scrub().getAttribute('aria-valuetext')).toBe('24 of 24')
      const ended = await shownIn(frame())
      expect(ended).not.toBe(begun)
      await page.keyboard.press('Home')
      for (let press = 0; press < 12; press++) await page.keyboard.press('ArrowRight')
      expect([begun, ended]).not.toContain(await shownIn(frame()))
    })

    it('plays, and stops at the end', async () => {
      // Never by itself.
      await scrub().focus()
      await page.keyboard.press('Home')
      await page.waitForTimeout(300)
      expect(await scrub().getAttribute('aria-valuetext')).toBe('1 of 24')
      await page.keyboard.press('Space')
      await button(page, 'Pause').waitFor()
      await poll(() => scrub().getAttribute('aria-valuetext')).toBe('24 of 24')
      await button(page, 'Play').waitFor()
    })

    it('shows the blend of the pixels beside it', async () => {
      await page.getByRole('switch', { name: 'Blend of the pixels beside it' }).click()
      await page.keyboard.press('Home')
      await scrub().focus()
      await page.keyboard.press('Home')
      const blend = page.getByRole('img', { name: /of the pixel blend$/ })
      await poll(async () => (await shownIn(blend)) === (await shownIn(frame()))).toBe(true)
      for (let press = 0; press < 12; press++) await page.keyboard.press('ArrowRight')
      expect(await shownIn(blend)).not.toBe(await shownIn(frame()))
      await page.getByRole('switch', { name: 'Blend of the pixels beside it' }).click()
    })

    it('exports an animation with all its frames', async () => {
      await button(page, 'Export…').click()
      const { format, pages, delay } = await sharp(await write('walk.gif'), { pages: -1 }).metadata()
      expect([format, pages]).toEqual(['gif', 24])
      expect(delay?.[0]).toBe(80)
    })

    it('is put in another order by the keyboard and by dragging', async () => {
      await dropFiles(page, [await sample(2, 'three.png')])
      await poll(names).toEqual(['one.png', 'two.png', 'three.png'])
      await stops().first().focus()
      await page.keyboard.press('Alt+ArrowRight')
      await poll(names).toEqual(['two.png', 'one.png', 'three.png'])
      await page.keyboard.press('End')
      await page.keyboard.press('Alt+ArrowLeft')
      await poll(names).toEqual(['two.png', 'three.png', 'one.png'])
      await stops()
        .nth(2)
        .dragTo(stops().first(), { targetPosition: { x: 4, y: 20 } })
      await poll(names).toEqual(['one.png', 'two.png', 'three.png'])
      await stops().nth(1).focus()
      await page.keyboard.press('Delete')
      await poll(names).toEqual(['one.png', 'three.png'])
    })

    it('takes seeds', async () => {
      await button(page, 'Clear').click()
      await button(page, 'Add seed 1').click()
      await button(page, 'Add seed 2').click()
      await poll(names).toEqual(['Seed 1', 'Seed 2'])
      await scrub().waitFor()
    })

    it('takes the pictures of a folder', async () => {
      const folder = join(program.home, 'shoes')
      await mkdir(folder)
      for (const at of [0, 1, 2]) await writeFile(join(folder, `${at}.png`), (await sample(at, '')).bytes)
      await button(page, 'Clear').click()
      await dropPaths(page, [folder])
      await poll(names).toEqual(['0.png', '1.png', '2.png'])
      await scrub().waitFor()
    })

    it('is made of the codes of an exported strip', async () => {
      await button(page, 'Export…').click()
      await page.getByRole('radio', { name: 'Strip (PNG)' }).click()
      const strip = await write('walk.png')
      await button(page, 'Clear').click()
      await dropPaths(page, [strip])
      await button(page, 'Put its codes on the path').click()
      await poll(() => stops().count()).toBe(47)
    })
  })

  describe('samples', () => {
    const grid = (): Locator => page.getByRole('listbox', { name: 'Samples' })
    const topOfFirst = (): Promise<string> =>
      grid()
        .locator('canvas')
        .first()
        .evaluate((element) => element.style.top)
    const favourites = (): Locator => page.getByRole('listbox', { name: 'Favourites' }).getByRole('option')

    it('have no end, and are the same each time', async () => {
      await open('samples')
      const top = grid().locator('canvas').first()
      await top.waitFor()
      const before = await shownIn(top)
      const size = await grid().evaluate((element) => element.scrollHeight)
      await grid().evaluate((element) => (element.scrollTop = element.scrollHeight))
      await poll(() => grid().evaluate((element) => element.scrollHeight)).toBeGreaterThan(size)
      await grid().locator('canvas').first().waitFor()
      await grid().evaluate((element) => (element.scrollTop = 0))
      await poll(topOfFirst).toBe('0px')
      expect(await shownIn(top)).toBe(before)
      // Of what was scrolled past, little is kept on the page.
      expect(await grid().locator('canvas').count()).toBeLessThan(8)
    })

    it('are marked by the keyboard and by the pointer', async () => {
      await grid().focus()
      await page.keyboard.press('Space')
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await poll(() => favourites().count()).toBe(2)
      await grid().click({ position: { x: 200, y: 30 } })
      await poll(() => favourites().count()).toBe(3)
      await grid().click({ position: { x: 200, y: 30 } })
      await poll(() => favourites().count()).toBe(2)
      // Before it is drawn, too.
      await grid().evaluate((element) => (element.scrollTop = element.scrollHeight))
      await grid().click({ position: { x: 200, y: 30 } })
      await poll(() => favourites().count()).toBe(3)
      await grid().click({ position: { x: 200, y: 30 } })
      await poll(() => favourites().count()).toBe(2)
      await grid().evaluate((element) => (element.scrollTop = 0))
      await poll(topOfFirst).toBe('0px')
    })

    it('are varied around a favourite, more widely with a larger radius', async () => {
      const top = grid().locator('canvas').first()
      const all = await shownIn(top)
      await favourites().first().click()
      await page.getByRole('region', { name: 'Favourites' }).getByRole('button', { name: 'Vary' }).click()
      await poll(() => shownIn(top)).not.toBe(all)
      const near = await shownIn(top)
      await slider('Radius').focus()
      await page.keyboard.press('End')
      await poll(() => shownIn(top)).not.toBe(near)
      await button(page, 'All samples').click()
      await poll(() => shownIn(top)).toBe(all)
    })

    it('are drawn from a mixture of one class', async () => {
      const top = grid().locator('canvas').first()
      const prior = await shownIn(top)
      await page.getByRole('radio', { name: 'Mixture' }).click()
      await page.getByRole('spinbutton', { name: 'Gaussians' }).fill('2')
      await page.getByRole('spinbutton', { name: 'Gaussians' }).press('Tab')
      await page.getByRole('switch', { name: 'One mixture per class' }).click()
      await page.getByLabel('Class: All in turn').waitFor()
      await poll(async () => (await shownIn(top)) !== prior).toBe(true)
      await page.getByRole('radio', { name: 'Prior' }).click()
    })

    it('are exported: favourites, and as many as are asked for', async () => {
      await page.getByRole('region', { name: 'Favourites' }).getByRole('button', { name: 'Export…' }).click()
      expect((await sharp(await write('favourites.png')).metadata()).format).toBe('png')
      await button(page, 'Export samples…').click()
      await page.getByRole('dialog').getByRole('radio', { name: 'Folder' }).click()
      await page.getByRole('spinbutton', { name: 'How many' }).fill('5')
      const folder = await write('samples')
      await access(join(folder, 'darkroom.json'))
    })

    it('become a path', async () => {
      await button(page, 'Interpolate').click()
      await poll(() => page.getByRole('listbox', { name: 'Path' }).getByRole('option').count()).toBe(2)
      await slider('Place on the path').waitFor()
    })
  })

  describe('arithmetic', () => {
    const drop = async (term: string, files: DroppedFile[]): Promise<void> => {
      const given = files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }))
      const transfer = await page.evaluateHandle((list) => {
        const data = new DataTransfer()
        for (const { name, base64 } of list)
          data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name))
        return data
      }, given)
      await page
        .getByRole('group', { name: term, exact: true })
        .dispatchEvent('drop', { dataTransfer: transfer })
    }

    it('adds the difference of two groups to a picture, as strongly as is asked for', async () => {
      await open('arithmetic')
      await drop('Group A', await Promise.all([sample(3, 'a.png'), sample(4, 'b.png')]))
      await drop('Group B', [await sample(5, 'c.png')])
      await drop('Picture', [await sample(6, 'd.png')])
      await page.getByText('Mean of 2', { exact: true }).waitFor()
      await page.getByText('Mean of 1', { exact: true }).waitFor()
      const result = page.getByRole('img', { name: 'Result', exact: true })
      await poll(() => result.getAttribute('width')).toBe('28')
      const weak = await shownIn(result)
      await slider('Strength').focus()
      await page.keyboard.press('End')
      await poll(() => shownIn(result)).not.toBe(weak)
      await button(page, 'Export a strip…').click()
      const { width } = await sharp(await write('strip.png')).metadata()
      expect(width).toBeGreaterThan(7 * 28)
    })
  })

  it.each(['light', 'dark'] as const)('can be used by everyone, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const tab of ['explore', 'interpolate', 'samples', 'arithmetic'] as const) {
      await open(tab)
      await page.waitForTimeout(500)
      expect(await axeFindings(page), tab).toEqual([])
    }
    for (const [tab, name] of [
      ['explore', 'Traversal…'],
      ['samples', 'Export samples…'],
    ] as const) {
      await open(tab)
      await button(page, name).click()
      await page.getByRole('dialog').waitFor()
      expect(await axeFindings(page), name).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
  })
})
