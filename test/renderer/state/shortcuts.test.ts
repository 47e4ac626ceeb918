import { describe, expect, it, vi } from 'vitest'
import {
  createShortcuts,
  matches,
  showKeys,
  shortcuts as table,
  type Press,
} from '../../../src-renderer/state/shortcuts.svelte.ts'

const press = (key: string, changes: Partial<Press> = {}): Press => ({
  ...{ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...changes,
})

const event = (key: string, changes: Partial<KeyboardEvent> = {}) => {
  const made = { ...press(key, changes), target: null, defaultPrevented: false, ...changes }
  const preventDefault = () => (made.defaultPrevented = true)
  return Object.assign(made, { preventDefault }) as unknown as KeyboardEvent
}

describe('matches', () => {
  it.each<[string, Press, boolean, boolean]>([
    ['Mod+S', press('s', { ctrlKey: true }), false, true],
    ['Mod+S', press('s', { metaKey: true }), true, true],
    ['Mod+S', press('s', { metaKey: true }), false, false],
    ['Mod+S', press('s'), false, false],
    ['Mod+S', press('S', { ctrlKey: true, shiftKey: true }), false, false],
    ['Mod+Shift+S', press('S', { ctrlKey: true, shiftKey: true }), false, true],
    ['Mod+Alt+S', press('ß', { metaKey: true, altKey: true, code: 'KeyS' }), true, true],
    ['Mod+S', press('ㄴ', { ctrlKey: true, code: 'KeyS' }), false, true],
    ['B', press('ㅠ', { code: 'KeyB' }), false, true],
    // On an AZERTY keyboard the key Z is where W is elsewhere.
    ['Z', press('w', { code: 'KeyZ' }), false, false],
    ['?', press('?', { shiftKey: true, code: 'Slash' }), false, true],
    ['+', press('+', { code: 'NumpadAdd' }), false, true],
    ['Mod+=', press('=', { ctrlKey: true }), false, true],
    ['Space', press(' ', { code: 'Space' }), false, true],
    ['ArrowUp', press('ArrowUp', { shiftKey: true }), false, false],
    ['1', press('1', { altKey: true }), false, false],
  ])('%s, %o, on a Mac %s: %s', (keys, pressed, isMac, expected) => {
    expect(matches(keys, pressed, isMac)).toBe(expected)
  })
})

describe('the table', () => {
  it.each([
    ['Denoise', ['everywhere', 'queue', 'viewer']],
    ['Latent', ['everywhere', 'latent']],
  ])('gives no keys to two shortcuts that are shown together in %s', (_, scopes) => {
    const keys = Object.values(table).flatMap(({ keys, scope }) => (scopes.includes(scope) ? [...keys] : []))
    expect(keys.length).toBeGreaterThan(0)
    expect(keys).toEqual([...new Set(keys)])
  })

  it('is shown as each system writes it', () => {
    expect(showKeys('Mod+Shift+S', false)).toBe('Ctrl+Shift+S')
    expect(showKeys('Mod+Shift+S', true)).toBe('⇧⌘S')
    expect(showKeys('+', false)).toBe('+')
    expect(showKeys('Mod+-', false)).toBe('Ctrl+−')
  })
})

describe('createShortcuts', () => {
  const open = () => {
    vi.stubGlobal('document', { querySelector: () => null })
    vi.stubGlobal('Element', Function)
    return createShortcuts(false)
  }

  it('runs what was taken last, and gives it back', () => {
    const shortcuts = open()
    const [first, second] = [vi.fn(), vi.fn()]
    shortcuts.on('save', first)
    const release = shortcuts.on('save', second)
    const pressed = event('s', { ctrlKey: true })
    shortcuts.onkeydown(pressed)
    release()
    shortcuts.run('save')
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
    expect(pressed.defaultPrevented).toBe(true)
  })

  it('leaves keys alone that nothing on the screen has taken', () => {
    const pressed = event('s', { ctrlKey: true })
    open().onkeydown(pressed)
    expect(pressed.defaultPrevented).toBe(false)
  })

  it('holds once however long the key repeats, and lets go', () => {
    const shortcuts = open()
    const [down, up] = [vi.fn(), vi.fn()]
    shortcuts.on('original', { down, up })
    for (let repeat = 0; repeat < 3; repeat++) shortcuts.onkeydown(event(' ', { code: 'Space' }))
    shortcuts.onkeyup(event('x', { code: 'KeyX' }))
    expect(up).not.toHaveBeenCalled()
    shortcuts.onkeyup(event(' ', { code: 'Space' }))
    shortcuts.onblur()
    expect([down.mock.calls.length, up.mock.calls.length]).toEqual([1, 1])
  })

  it('lets go when the window loses the keyboard', () => {
    const shortcuts = open()
    const up = vi.fn()
    shortcuts.on('original', { down: () => undefined, up })
    shortcuts.onkeydown(event(' ', { code: 'Space' }))
    shortcuts.onblur()
    expect(up).toHaveBeenCalledOnce()
  })

  it('does nothing while a word is composed, or a dialog has the keyboard', () => {
    const shortcuts = open()
    const run = vi.fn()
    shortcuts.on('save', run)
    shortcuts.onkeydown(event('s', { ctrlKey: true, isComposing: true }))
    vi.stubGlobal('document', { querySelector: () => ({}) })
    shortcuts.onkeydown(event('s', { ctrlKey: true }))
    expect(run).not.toHaveBeenCalled()
  })
})
