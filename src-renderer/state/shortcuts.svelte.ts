import type { MessageKey } from '../../src-main/contract/messages/messages.ts'

/** Where a shortcut is listed. It works while something that is shown has taken it, wherever the focus is. */
export type Scope = 'everywhere' | 'queue' | 'viewer' | 'latent' | 'labels'

interface Shortcut {
  /** The first is shown in tooltips. `Mod` is ⌘ on a Mac, Ctrl elsewhere. */
  keys: readonly string[]
  label: MessageKey
  scope: Scope
}

/** Every shortcut of the window. Those that the application menu has too go by the menu's names. */
export const shortcuts = {
  'open-files': { keys: ['Mod+O'], label: 'ui.shortcut.open-files', scope: 'everywhere' },
  'open-folder': { keys: ['Mod+Shift+O'], label: 'ui.shortcut.open-folder', scope: 'everywhere' },
  'go-denoise': { keys: ['Mod+Alt+1'], label: 'ui.shortcut.go-denoise', scope: 'everywhere' },
  'go-train': { keys: ['Mod+Alt+2'], label: 'ui.shortcut.go-train', scope: 'everywhere' },
  'go-latent': { keys: ['Mod+Alt+3'], label: 'ui.shortcut.go-latent', scope: 'everywhere' },
  'go-analyse': { keys: ['Mod+Alt+4'], label: 'ui.shortcut.go-analyse', scope: 'everywhere' },
  'go-models': { keys: ['Mod+Alt+5'], label: 'ui.shortcut.go-models', scope: 'everywhere' },
  settings: { keys: ['Mod+,'], label: 'ui.shortcut.settings', scope: 'everywhere' },
  shortcuts: { keys: ['?'], label: 'ui.shortcut.shortcuts', scope: 'everywhere' },
  about: { keys: [], label: 'ui.shortcut.about', scope: 'everywhere' },

  save: { keys: ['Mod+S'], label: 'ui.shortcut.save', scope: 'queue' },
  'save-as': { keys: ['Mod+Shift+S'], label: 'ui.shortcut.save-as', scope: 'queue' },
  'save-all': { keys: ['Mod+Alt+S'], label: 'ui.shortcut.save-all', scope: 'queue' },
  copy: { keys: ['Mod+C'], label: 'ui.shortcut.copy', scope: 'queue' },
  'select-all': { keys: ['Mod+A'], label: 'ui.shortcut.select-all', scope: 'queue' },
  remove: { keys: ['Delete', 'Backspace'], label: 'ui.shortcut.remove', scope: 'queue' },
  previous: { keys: ['ArrowUp'], label: 'ui.shortcut.previous', scope: 'queue' },
  next: { keys: ['ArrowDown'], label: 'ui.shortcut.next', scope: 'queue' },
  pause: { keys: ['Mod+P'], label: 'ui.shortcut.pause', scope: 'queue' },

  original: { keys: ['Space'], label: 'ui.shortcut.original', scope: 'viewer' },
  slider: { keys: ['S'], label: 'ui.shortcut.slider', scope: 'viewer' },
  'side-by-side': { keys: ['D'], label: 'ui.shortcut.side-by-side', scope: 'viewer' },
  single: { keys: ['C'], label: 'ui.shortcut.single', scope: 'viewer' },
  blink: { keys: ['B'], label: 'ui.shortcut.blink', scope: 'viewer' },
  residual: { keys: ['R'], label: 'ui.shortcut.residual', scope: 'viewer' },
  'zoom-fit': { keys: ['0', 'F', 'Mod+0'], label: 'ui.shortcut.zoom-fit', scope: 'viewer' },
  'zoom-100': { keys: ['1', 'Z', 'Mod+1'], label: 'ui.shortcut.zoom-100', scope: 'viewer' },
  'zoom-in': { keys: ['+', 'Mod+='], label: 'ui.shortcut.zoom-in', scope: 'viewer' },
  'zoom-out': { keys: ['-', 'Mod+-'], label: 'ui.shortcut.zoom-out', scope: 'viewer' },

  undo: { keys: ['Mod+Z'], label: 'ui.shortcut.undo', scope: 'latent' },
  redo: { keys: ['Mod+Shift+Z', 'Mod+Y'], label: 'ui.shortcut.redo', scope: 'latent' },
  randomise: { keys: ['R'], label: 'ui.shortcut.randomise', scope: 'latent' },
  play: { keys: ['Space'], label: 'ui.shortcut.play', scope: 'latent' },

  'label-skip': { keys: ['S'], label: 'ui.shortcut.label-skip', scope: 'labels' },
  'label-clear': { keys: ['Delete', 'Backspace'], label: 'ui.shortcut.label-clear', scope: 'labels' },
  'label-name': { keys: ['/', 'N'], label: 'ui.shortcut.label-name', scope: 'labels' },
} as const satisfies Record<string, Shortcut>

export type ShortcutId = keyof typeof shortcuts

/** What of a keyboard event matters. */
export interface Press {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** Whether a press is a combination such as `Mod+Shift+S`. Letters and digits are matched by place where the layout has no Latin. */
export function matches(keys: string, press: Press, isMac: boolean): boolean {
  const parts = keys.split(/\+(?=.)/)
  const key = parts.at(-1)!
  const [mod, other] = isMac ? [press.metaKey, press.ctrlKey] : [press.ctrlKey, press.metaKey]
  if (mod !== parts.includes('Mod') || other || press.altKey !== parts.includes('Alt')) return false
  const isNamed = key.length > 1 || /[A-Z0-9]/.test(key)
  // Signs such as ? and + need Shift on some layouts and not on others.
  if (isNamed && press.shiftKey !== parts.includes('Shift')) return false
  if (key === 'Space') return press.code === 'Space'
  if (press.key.toLowerCase() === key.toLowerCase()) return true
  // A Korean or Cyrillic layout, or Alt on a Mac, gives other characters for the same key.
  return /^[A-Z]$/.test(key)
    ? !/^[a-z]$/i.test(press.key) && press.code === `Key${key}`
    : press.code === `Digit${key}`
}

/** In the order in which a Mac's menus write them. */
const macSigns: Record<string, string> = { Alt: '⌥', Shift: '⇧', Mod: '⌘' }
const signs: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Delete: 'Del',
  '-': '−',
}

/** As a person reads it: `Ctrl+Shift+S`, `⇧⌘S`. */
export function showKeys(keys: string, isMac: boolean): string {
  const parts = keys.split(/\+(?=.)/).map((part) => signs[part] ?? part)
  if (!isMac) return parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)).join('+')
  const modifiers = Object.keys(macSigns).filter((name) => parts.includes(name))
  return modifiers.map((name) => macSigns[name]).join('') + parts.at(-1)!
}

export interface Handler {
  down: () => void
  /** When the key is let go, for what lasts while it is held. */
  up?: () => void
}

export interface Shortcuts {
  readonly isMac: boolean
  /** Takes a shortcut over while what takes it is shown; the result gives it back. The last to take it has it. */
  on(id: ShortcutId, handler: Handler | (() => void)): () => void
  /** Runs it as if its keys were pressed, for menus. */
  run(id: ShortcutId): void
  /** The first keys of a shortcut, for a tooltip. */
  show(id: ShortcutId): string | undefined
  onkeydown: (event: KeyboardEvent) => void
  onkeyup: (event: KeyboardEvent) => void
  /** Lets go of what is held: the window lost the keyboard. */
  onblur: () => void
}

export function createShortcuts(isMac: boolean): Shortcuts {
  const handlers = new Map<ShortcutId, Handler[]>()
  let held: { code: string; handler: Handler } | null = null

  const handlerOf = (id: ShortcutId): Handler | undefined => handlers.get(id)?.at(-1)
  const release = (): void => {
    const { handler } = held ?? {}
    held = null
    handler?.up?.()
  }

  return {
    isMac,
    on(id, given) {
      const handler = typeof given === 'function' ? { down: given } : given
      handlers.set(id, [...(handlers.get(id) ?? []), handler])
      return () => {
        handlers.set(
          id,
          (handlers.get(id) ?? []).filter((other) => other !== handler),
        )
      }
    },
    run(id) {
      handlerOf(id)?.down()
    },
    show(id) {
      const first = (shortcuts[id] as Shortcut).keys[0]
      return first === undefined ? undefined : showKeys(first, isMac)
    },
    onkeydown(event) {
      if (event.defaultPrevented || event.isComposing || isTyping(event) || isModal()) return
      for (const id of Object.keys(shortcuts) as ShortcutId[]) {
        const handler = handlerOf(id)
        if (!handler || !shortcuts[id].keys.some((keys) => matches(keys, event, isMac))) continue
        event.preventDefault()
        if (handler.up) {
          // Auto-repeat says again what is held already.
          if (held?.code === event.code) return
          release()
          held = { code: event.code, handler }
        }
        return handler.down()
      }
    },
    onkeyup(event) {
      if (held?.code === event.code) release()
    },
    onblur: release,
  }
}

const fields = 'input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true]'
/** Controls that use a plain key themselves. */
const users: Record<string, string> = {
  Space: 'button, a, summary, [role=button], [role=switch], [role=radio], [role=option], [role=menuitem]',
  ArrowUp: '[role=slider], [role=radio], [role=listbox], [role=option], [role=menu]',
  ArrowDown: '[role=slider], [role=radio], [role=listbox], [role=option], [role=menu]',
}

/** Whether the press belongs to the control that has the focus. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof Element)) return false
  if (target.closest(fields)) return true
  const user = users[event.code]
  return user !== undefined && target.closest(user) !== null
}

/** Whether a dialog or an open list has the keyboard. */
export const isModal = (): boolean =>
  document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]') !== null
