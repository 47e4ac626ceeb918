import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it, vi } from 'vitest'
import { locales } from '../../src-main/contract/messages/messages.ts'
import { menuCommands } from '../../src-main/contract/shell.ts'
import { pictureExtensions } from '../../src-main/electron/dialogs.ts'
import { launchPaths } from '../../src-main/electron/launch.ts'
import { menuTemplate } from '../../src-main/electron/menu.ts'
import { imageExtensions } from '../../src-main/engine/storage/image-formats.ts'

vi.mock('electron', () => ({}))

const flatten = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])])

const template = (isMac: boolean, locale: 'en' | 'ko' = 'en', send = vi.fn()) =>
  menuTemplate({ locale, isMac, isDeveloping: false, send, openLogs: vi.fn() })

describe.each([true, false])('the menu (macOS: %s)', (isMac) => {
  it('holds every command of the contract once, and sends it', () => {
    const send = vi.fn()
    const items = flatten(template(isMac, 'en', send))
    for (const command of menuCommands) {
      const found = items.filter(({ id }) => id === command)
      expect(found).toHaveLength(1)
      ;(found[0]!.click as () => void)()
      expect(send).toHaveBeenLastCalledWith(command)
    }
  })

  it('gives each key to one item', () => {
    const keys = flatten(template(isMac)).flatMap(({ accelerator }) => (accelerator ? [accelerator] : []))
    expect(new Set(keys).size).toBe(keys.length)
  })

  it.each(locales)('is labelled throughout in %s', (locale) => {
    for (const { type, label } of flatten(template(isMac, locale)))
      if (type !== 'separator') expect(label).toBeTruthy()
  })

  it('offers the developer tools to developers only', () => {
    expect(flatten(template(isMac)).map(({ role }) => role)).not.toContain('toggleDevTools')
  })
})

it('offers in the dialog what the engine reads', () => {
  expect(new Set(pictureExtensions.map((extension) => `.${extension}`))).toEqual(imageExtensions)
})

describe('launchPaths', () => {
  const here = import.meta.filename
  const folder = import.meta.dirname

  it('takes files and folders, not switches, and not what does not exist', () => {
    const named = ['--no-sandbox', 'menu.test.ts', '-psn_0_1', folder, 'gone.jpg', '']
    expect(launchPaths(['darkroom', ...named], folder, true)).toEqual([here, folder])
    expect(launchPaths(['electron', '.', ...named], folder, false)).toEqual([here, folder])
  })

  it('takes addresses of files, as Linux desktops give them', () => {
    const address = new URL(import.meta.url).href
    expect(launchPaths(['darkroom', address, 'file://elsewhere/a.jpg'], folder, true)).toEqual([here])
  })
})
