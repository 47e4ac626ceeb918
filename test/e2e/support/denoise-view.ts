import type { Locator, Page } from 'playwright-core'

/** A file as a browser has it. */
export interface DroppedFile {
  name: string
  bytes: Buffer
}

/** Drops files onto the page, as from the file manager. */
export async function dropFiles(page: Page, files: DroppedFile[]): Promise<void> {
  const given = files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }))
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer()
    for (const { name, base64 } of list)
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name))
    return data
  }, given)
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

/** Drops files and folders of this computer onto the page: only so a browser takes a folder for one. */
export async function dropPaths(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { width, height } = page.viewportSize()!
  const drag = { x: width / 2, y: height / 2, data: { items: [], files, dragOperationsMask: 1 } }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...drag })
  await session.detach()
}

/** The rows of the queue that hold all of the texts: exactly, or `Saved` would be found in `Not saved yet`. */
export const rows = (page: Page, ...texts: string[]): Locator =>
  texts.reduce(
    (found, text) => found.filter({ has: page.getByText(text, { exact: true }) }),
    page.getByRole('option'),
  )

export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true })
