import { Menu, type MenuItemConstructorOptions } from 'electron'
import { translate, type Locale, type MessageKey } from '../contract/messages/messages.ts'
import type { MenuCommand } from '../contract/shell.ts'

export interface MenuOptions {
  locale: Locale
  isMac: boolean
  isDeveloping: boolean
  /** Passes a command to the page. */
  send(command: MenuCommand): void
  openLogs(): void
}

type Item = MenuItemConstructorOptions

const name = 'Latent Darkroom'
const separator: Item = { type: 'separator' }

/**
 * The application menu. Roles act on the page by themselves (undo, paste, quit); everything else is a command that the
 * page carries out, with the same keys as in browser mode.
 */
export function menuTemplate(options: MenuOptions): Item[] {
  const { locale, isMac, isDeveloping } = options
  const text = (key: MessageKey): string => translate(locale, key, { name })
  const role = (role: NonNullable<Item['role']>, key: MessageKey, accelerator?: string): Item => ({
    role,
    label: text(key),
    ...(accelerator === undefined ? {} : { accelerator }),
  })
  const command = (command: MenuCommand, accelerator?: string): Item => ({
    id: command,
    label: text(`menu.${command}`),
    click: () => options.send(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  })
  const quit = role('quit', 'menu.quit', 'CmdOrCtrl+Q')
  const settings = command('settings', 'CmdOrCtrl+,')
  const about = command('about')

  // macOS keeps these under the program's own name.
  const application: Item = {
    label: name,
    submenu: [
      about,
      separator,
      settings,
      separator,
      role('hide', 'menu.hide'),
      role('hideOthers', 'menu.hide-others'),
      role('unhide', 'menu.show-all'),
      separator,
      quit,
    ],
  }
  const file: Item = {
    label: text('menu.file'),
    submenu: [
      command('open-files', 'CmdOrCtrl+O'),
      command('open-folder', 'CmdOrCtrl+Shift+O'),
      separator,
      command('save', 'CmdOrCtrl+S'),
      command('save-as', 'CmdOrCtrl+Shift+S'),
      command('save-all', 'CmdOrCtrl+Alt+S'),
      ...(isMac ? [] : [separator, settings, separator, quit]),
    ],
  }
  const edit: Item = {
    label: text('menu.edit'),
    submenu: [
      role('undo', 'menu.undo'),
      role('redo', 'menu.redo'),
      separator,
      role('cut', 'menu.cut'),
      role('copy', 'menu.copy-text'),
      role('paste', 'menu.paste'),
      role('selectAll', 'menu.select-all'),
      separator,
      command('copy', 'CmdOrCtrl+Shift+C'),
    ],
  }
  const view: Item = {
    label: text('menu.view'),
    submenu: [
      command('zoom-fit', 'CmdOrCtrl+0'),
      command('zoom-100', 'CmdOrCtrl+1'),
      command('zoom-in', 'CmdOrCtrl+='),
      command('zoom-out', 'CmdOrCtrl+-'),
      separator,
      role('zoomIn', 'menu.text-larger', 'CmdOrCtrl+Alt+='),
      role('zoomOut', 'menu.text-smaller', 'CmdOrCtrl+Alt+-'),
      role('resetZoom', 'menu.text-normal', 'CmdOrCtrl+Alt+0'),
      separator,
      role('togglefullscreen', 'menu.full-screen'),
      ...(isDeveloping ? [role('toggleDevTools', 'menu.developer')] : []),
    ],
  }
  const window: Item = {
    role: 'windowMenu',
    label: text('menu.window'),
    submenu: [role('minimize', 'menu.minimize')],
  }
  const help: Item = {
    role: 'help',
    label: text('menu.help'),
    submenu: [
      command('shortcuts'),
      { id: 'logs', label: text('menu.logs'), click: () => options.openLogs() },
      ...(isMac ? [] : [separator, about]),
    ],
  }
  return [...(isMac ? [application] : []), file, edit, view, ...(isMac ? [window] : []), help]
}

export const setMenu = (options: MenuOptions): void =>
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)))
