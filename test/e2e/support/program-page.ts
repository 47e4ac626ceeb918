import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openPage } from './chromium.ts'
import { startProgram, type StartArguments, type Started } from './start.ts'

export interface ProgramPage {
  program: Started
  page: Page
  /** Ends both; fails where the page had trouble. */
  close(): Promise<void>
}

/** Starts the built program in browser mode, and opens its address in a browser profile of its own. */
export async function openProgram(
  browser: Browser,
  view: BrowserContextOptions = {},
  start: StartArguments = {},
): Promise<ProgramPage> {
  const program = await startProgram(start)
  const watched = await openPage(browser, view)
  const { page } = watched
  await page.goto(program.url)
  return {
    program,
    page,
    async close() {
      await watched.close()
      await program.stop()
      watched.complain()
    },
  }
}
