import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { translate } from '../../src-main/contract/messages/messages.ts'
import type { Connection } from '../../src-main/transport/connect.ts'
import { connectTo, enter } from '../support/server.ts'
import { axeFindings } from './support/axe.ts'
import { hasChromium, launchChromium, openPage, type WatchedPage } from './support/chromium.ts'
import { dropFiles, rows } from './support/denoise-view.ts'
import { noisyPicture } from './support/pictures.ts'
import { startProgram, type Started } from './support/start.ts'

/** What can be gone to, and the heading that is there then. */
const places = [
  ['#/denoise', 'ui.view.denoise'],
  ['#/models', 'ui.view.models'],
  ['#/settings/general', 'ui.settings.general'],
  ['#/settings/output', 'ui.settings.output'],
  ['#/settings/engine', 'ui.settings.engine'],
  ['#/settings/about', 'ui.settings.about'],
] as const
const looks = (['en', 'ko'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => [language, theme] as const),
)

describe.skipIf(!hasChromium)('the page in Chromium, by axe', () => {
  let browser: Browser
  let program: Started
  let watched: WatchedPage
  let page: Page
  let connection: Connection & { socket: { terminate(): void } }
  beforeAll(async () => {
    ;[program, browser] = await Promise.all([startProgram(), launchChromium()])
    watched = await openPage(browser, { viewport: { width: 1024, height: 680 }, reducedMotion: 'reduce' })
    page = watched.page
    // Both use the printed address: it lets in as often as it is used.
    const { origin, cookie } = await enter(program.url)
    connection = await connectTo(origin, { origin, cookie })
    await page.goto(program.url)
  })
  afterAll(async () => {
    connection.socket.terminate()
    await browser.close()
    await program.stop()
    watched.complain()
  })

  async function look(language: 'en' | 'ko', theme: 'light' | 'dark'): Promise<void> {
    await connection.shell.setPreferences({ language, theme })
    await page.locator(`html[lang="${language}"][data-theme="${theme}"]`).waitFor()
    // Colours that pass over into the new ones have the old ones until they are drawn.
    await page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      await Promise.all(document.getAnimations().map(({ finished }) => finished))
    })
  }

  async function go(place: string, heading: string): Promise<void> {
    await page.evaluate((hash) => void (location.hash = hash), place)
    await page.getByRole('heading', { name: heading, exact: true }).first().waitFor({ state: 'attached' })
  }

  describe.each(looks)('in %s, %s', (language, theme) => {
    it.each(places)('finds nothing wrong with %s', async (place, heading) => {
      await look(language, theme)
      await go(place, translate(language, heading))
      expect(await axeFindings(page)).toEqual([])
    })
  })

  it('finds nothing wrong with a photograph that is open, in any look', async () => {
    await look('en', 'light')
    await go('#/denoise', translate('en', 'ui.view.denoise'))
    await dropFiles(page, [{ name: 'noisy.png', bytes: (await noisyPicture(1)).bytes }])
    await rows(page, 'noisy.png').waitFor()
    for (const [language, theme] of looks) {
      await look(language, theme)
      await rows(page, translate(language, 'ui.denoise.state.idle')).waitFor()
      expect(await axeFindings(page), `${language}, ${theme}`).toEqual([])
    }
  })
})
