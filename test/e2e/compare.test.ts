import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { psnr } from '../../src-main/engine/analysis/psnr.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { hasChromium, launchChromium } from './support/chromium.ts'
import { button, dropFiles, rows } from './support/denoise-view.ts'
import { noisyPicture } from './support/pictures.ts'
import { openProgram, type ProgramPage } from './support/program-page.ts'
import type { StartArguments } from './support/start.ts'
import { columns, painted, rgbOf, type Painted } from './support/viewer.ts'

const temporary = temporaryFolder()
const sample = fileURLToPath(new URL('../../assets/samples/church.jpg', import.meta.url))
/** The machine may be busy: what never comes is found by the test's own limit. */
const patience = { timeout: 20_000, interval: 50 }

let browser: Browser | undefined
let opened: ProgramPage
let page: Page

async function open(
  start: StartArguments = {},
  view: BrowserContextOptions = { reducedMotion: 'reduce' },
): Promise<void> {
  opened = await openProgram(browser!, { viewport: { width: 1280, height: 800 }, ...view }, start)
  page = opened.page
}
const shut = (): Promise<void> => opened.close()
beforeAll(async () => {
  if (hasChromium) browser = await launchChromium()
})
afterAll(() => browser?.close())

/** Waits until what is painted is as it should be, and gives it. */
async function until(holds: (seen: Painted) => boolean): Promise<Painted> {
  let seen!: Painted
  await expect.poll(async () => holds((seen = await painted(page))), patience).toBe(true)
  return seen
}
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b))
const slider = (name: string) => page.getByRole('slider', { name, exact: true })
const zoom = () => page.getByLabel('Zoom', { exact: true }).innerText()

describe.skipIf(!hasChromium)('comparing in Chromium', () => {
  /** Of the picture that is shown: its samples with noise, and without. RGB. */
  let noisy: Uint8Array
  let clean: Uint8Array
  const [width, height] = [256, 256]
  /** dB gained over the picture with its noise, in some columns of it. */
  const gain = (seen: Uint8Array, from = 0, to = width): number => {
    const part = (whole: Uint8Array): Uint8Array => {
      const rgba = new Uint8Array(width * height * 4)
      for (let i = 0; i < width * height; i += 1) rgba.set(whole.subarray(3 * i, 3 * i + 3), 4 * i)
      return columns({ width, height, samples: rgba }, from, to)
    }
    return psnr(seen, part(clean), 255) - psnr(part(noisy), part(clean), 255)
  }
  /** The cleaned picture alone, at its own pixels. */
  const showCleaned = async (): Promise<Painted> => {
    await page.keyboard.press('c')
    await page.keyboard.press('1')
    return until((seen) => seen.width === width && gain(rgbOf(seen)) > 5)
  }

  beforeAll(async () => {
    await open()
    const picture = await noisyPicture(7)
    clean = picture.clean
    noisy = new Uint8Array(await sharp(picture.bytes).removeAlpha().raw().toBuffer())
    await button(page, 'Choose photos').waitFor()
    await dropFiles(page, [{ name: 'noisy.png', bytes: picture.bytes }])
    await page.getByText(/^Noise σ \d/).waitFor()
  })
  afterAll(shut)
  beforeEach(() => showCleaned())

  it('shows the original before the divider, and what becomes of it after', async () => {
    await page.keyboard.press('s')
    const seen = await until((now) => !isSame(rgbOf(now), noisy) && gain(columns(now, 128, 256), 128) > 5)
    const original = columns({ width, height, samples: rgba(noisy) }, 0, 120)
    expect(isSame(columns(seen, 0, 120), original)).toBe(true)
  })

  it('shows both side by side, in the same place', async () => {
    await page.keyboard.press('d')
    const seen = await until((now) => now.width > 2 * width)
    expect(isSame(columns(seen, 0, width), noisy)).toBe(true)
    expect(gain(columns(seen, seen.width - width, seen.width))).toBeGreaterThan(5)
    // Moved on one side, the other follows: at 300 % the picture is larger than its view.
    for (let press = 0; press < 3; press += 1) await page.keyboard.press('+')
    await page.getByRole('group', { name: /side by side/ }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('1')
    await until((now) => now.width > 2 * width && isSame(columns(now, 0, width), noisy))
  })

  it('shows the original while a key or the button is held', async () => {
    await page.keyboard.down('Space')
    await until((now) => isSame(rgbOf(now), noisy))
    await page.keyboard.up('Space')
    await until((now) => gain(rgbOf(now)) > 5)
    await button(page, 'Hold to see the original').hover()
    await page.mouse.down()
    await until((now) => isSame(rgbOf(now), noisy))
    await page.mouse.up()
    await until((now) => gain(rgbOf(now)) > 5)
  })

  it('shows what is removed, amplified about middle gray', async () => {
    const cleaned = rgbOf(await painted(page))
    await page.keyboard.press('r')
    const expected = Uint8ClampedArray.from(noisy, (sample, i) => 128 + 5 * (sample - cleaned[i]!))
    await until((now) => isSame(rgbOf(now), new Uint8Array(expected)))
  })

  it('does not blink by itself where motion is to be reduced, and shows the other one when asked', async () => {
    await page.keyboard.press('b')
    await button(page, 'Blink by itself').waitFor()
    const longest = await page.evaluate(() =>
      Math.max(0, ...document.getAnimations().map((one) => Number(one.effect!.getComputedTiming().endTime))),
    )
    expect(longest).toBeLessThan(1)
    await until((now) => gain(rgbOf(now)) > 5)
    await page.keyboard.press('b')
    await until((now) => isSame(rgbOf(now), noisy))
    await button(page, 'Show the other one').click()
    await until((now) => gain(rgbOf(now)) > 5)
    await button(page, 'Blink by itself').click()
    await until((now) => isSame(rgbOf(now), noisy))
    await until((now) => gain(rgbOf(now)) > 5)
  })

  it('gives the original back at strength 0, and a share of the way between', async () => {
    const cleaned = rgbOf(await painted(page))
    await slider('Strength').focus()
    await page.keyboard.press('Home')
    await until((now) => isSame(rgbOf(now), noisy))
    for (let press = 0; press < 10; press += 1) await page.keyboard.press('ArrowRight')
    const tenth = await until((now) => !isSame(rgbOf(now), noisy) && isShare(rgbOf(now), cleaned, 0.1))
    expect(tenth.width).toBe(width)
    await page.keyboard.press('End')
    await until((now) => isSame(rgbOf(now), cleaned))
  })
  /** Each sample lies so far from the noisy one towards the cleaned one, to a step. */
  const isShare = (seen: Uint8Array, cleaned: Uint8Array, share: number): boolean =>
    seen.every((sample, i) => Math.abs(sample - (noisy[i]! + share * (cleaned[i]! - noisy[i]!))) <= 1)

  it('removes the colour noise separately', async () => {
    await page.getByRole('switch', { name: 'Colour noise separately' }).click()
    await slider('Grain').focus()
    await page.keyboard.press('Home')
    const lumaOf = (rgb: Uint8Array): number[] =>
      Array.from({ length: width * height }, (_, i) => {
        const [red, green, blue] = rgb.subarray(3 * i, 3 * i + 3)
        return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
      })
    const before = lumaOf(noisy)
    // The brightness stays where nothing was cut off at black or white, to rounding; the colours do not.
    const seen = await until((now) => {
      const after = lumaOf(rgbOf(now))
      const kept = after.filter((luma, i) => Math.abs(luma - before[i]!) <= 1).length
      return kept > 0.95 * after.length && !isSame(rgbOf(now), noisy)
    })
    expect(gain(rgbOf(seen))).toBeGreaterThan(1)
    await page.keyboard.press('End')
    await page.getByRole('switch', { name: 'Colour noise separately' }).click()
  })

  it('zooms by keys and by double click', async () => {
    expect(await zoom()).toBe('100%')
    await page.keyboard.press('+')
    await expect.poll(zoom).toBe('150%')
    await page.keyboard.press('-')
    await expect.poll(zoom).toBe('100%')
    for (let press = 0; press < 12; press += 1) await page.keyboard.press('+')
    await expect.poll(zoom).toBe('800%')
    expect(await button(page, 'Zoom in').isDisabled()).toBe(true)
    await page.keyboard.press('0')
    await expect.poll(zoom).toBe('200%')
    // The label is written at once, the picture painted with the next frame.
    await until((now) => now.width === 2 * width && now.height === 2 * height)
    await page.getByRole('region', { name: 'Compare' }).locator('canvas').dblclick()
    await expect.poll(zoom).toBe('100%')
  })

  it('lets the divider be reached and moved without a pointer', async () => {
    await page.keyboard.press('s')
    await page.getByRole('radio', { name: 'Before/after slider' }).focus()
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null)
    for (let press = 0; press < 12 && !(await focused())?.startsWith('Divider'); press += 1)
      await page.keyboard.press('Tab')
    expect(await focused()).toBe('Divider between original and clean')
    await page.keyboard.press('End')
    await until((now) => isSame(rgbOf(now), noisy))
    await page.keyboard.press('Home')
    await until((now) => gain(rgbOf(now)) > 5)
    expect(await slider('Divider between original and clean').getAttribute('aria-valuetext')).toBe(
      '0% original',
    )
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('PageUp')
  })

  it('shows a noise level that is set by hand', async () => {
    const cleaned = rgbOf(await painted(page))
    await page.getByRole('radio', { name: 'By hand' }).click()
    await page.getByRole('spinbutton', { name: 'Noise level σ' }).fill('3')
    await page.keyboard.press('Enter')
    // Too low a level leaves the noise in.
    await until((now) => gain(rgbOf(now)) < 2)
    await page.getByRole('radio', { name: 'Auto' }).click()
    await until((now) => isSame(rgbOf(now), cleaned))
  })

  it('knows after a reload what was saved, and what was changed since', async () => {
    await button(page, 'Save').click()
    await rows(page, 'noisy.png', 'Saved').waitFor()
    await page.reload()
    await rows(page, 'noisy.png', 'Saved').waitFor()
    await slider('Strength').focus()
    await page.keyboard.press('Home')
    await rows(page, 'noisy.png', 'Saved, changed since').waitFor()
    await page.reload()
    await rows(page, 'noisy.png', 'Saved, changed since').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(page, 'Download all saved ones').click(),
    ])
    expect(download.suggestedFilename()).toBe('latent-darkroom.zip')
    await slider('Strength').focus()
    await page.keyboard.press('End')
    await rows(page, 'noisy.png', 'Saved').waitFor()
    await page
      .locator('.line.figures')
      .getByText(/^σ\s[\d.]+\s→\s\d/)
      .waitFor()
    await showCleaned()
  })

  const rgba = (rgb: Uint8Array): Uint8Array =>
    Uint8Array.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : rgb[3 * Math.floor(i / 4) + (i % 4)]!,
    )
})

describe.skipIf(!hasChromium)('what the viewer says in Chromium', () => {
  beforeAll(async () => {
    await open({}, { reducedMotion: 'no-preference' })
    await button(page, 'Choose photos').waitFor()
  })
  afterAll(shut)

  it('warns where detail goes with the noise, and says when a preview is reduced', async () => {
    const large = await sharp(sample).resize(1600).jpeg({ quality: 90 }).toBuffer()
    await dropFiles(page, [{ name: 'large.jpg', bytes: large }])
    await page.getByText('Preview at 1:2 – zoom to 100 % to judge').waitFor()
    const lost = page.getByText('Detail is being removed too: lower the strength or σ.')
    expect(await lost.isVisible()).toBe(false)
    await page.keyboard.press('1')
    await page.getByText(/^Preview at/).waitFor({ state: 'hidden' })
    // The model for cameras looks for itself, and does not believe just any noise level.
    await page.getByRole('group', { name: 'Use instead:' }).getByRole('button').first().click()
    await page.getByRole('radio', { name: 'By hand' }).click()
    await page.getByRole('spinbutton', { name: 'Noise level σ' }).fill('75')
    await page.keyboard.press('Enter')
    await lost.waitFor()
    await slider('Strength').focus()
    await page.keyboard.press('Home')
    await lost.waitFor({ state: 'hidden' })
  })

  it('blinks by itself', async () => {
    await slider('Strength').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('b')
    const first = rgbOf(await painted(page))
    await until((now) => !isSame(rgbOf(now), first))
    await button(page, 'Stop blinking').waitFor()
  })
})

describe.skipIf(!hasChromium)('a long queue in Chromium', () => {
  const count = 2000
  beforeAll(async () => {
    const folder = temporary('many')
    await mkdir(folder, { recursive: true })
    const first = temporary('many', '0000.png')
    await writeFile(
      first,
      await sharp({ create: { ...size, channels: 3, background: 'gray' } })
        .png()
        .toBuffer(),
    )
    for (let n = 1; n < count; n += 1)
      await copyFile(first, temporary('many', `${String(n).padStart(4, '0')}.png`))
    await open({ argv: ['--root', folder, folder] })
  })
  const size = { width: 32, height: 32 }
  afterAll(shut)

  it('is scrolled from end to end with few rows on the page', async () => {
    await page.locator(`[role=option][aria-setsize="${count}"]`).first().waitFor()
    const list = page.getByRole('listbox')
    const most = async (): Promise<number> => rows(page).count()
    expect(await most()).toBeLessThan(60)
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2))
    await rows(page, '1000.png').waitFor()
    expect(await most()).toBeLessThan(60)
    await list.focus()
    await page.keyboard.press('End')
    await rows(page, '1999.png').waitFor()
    expect(await most()).toBeLessThan(60)
    expect(await rows(page, '1999.png').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => rows(page, '1998.png').getAttribute('aria-selected'), patience).toBe('true')
  })
})
