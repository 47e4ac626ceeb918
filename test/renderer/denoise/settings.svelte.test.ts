import { flushSync } from 'svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DenoiseSettings } from '../../../src-main/contract/settings.ts'
import type { App } from '../../../src-renderer/state/app.ts'
import { createNotices } from '../../../src-renderer/state/notices.svelte.ts'
import {
  createSettingsEditor,
  type SettingsEditor,
} from '../../../src-renderer/views/denoise/settings.svelte.ts'
import { queueItem } from '../../support/fake-program.ts'
import { watching } from '../../support/runes.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A queue of two items that keeps what it is told, and preferences that do. */
function setUp() {
  let items = $state.raw(new Map(['a', 'b'].map((id) => [id, queueItem(id)])))
  let current = $state('a')
  const changes: [unknown, Partial<DenoiseSettings>][] = []
  let remembered: DenoiseSettings | null = null
  const queue = {
    get items() {
      return items
    },
    get current() {
      return items.get(current) ?? null
    },
    change(ids: string[] | 'all', change: Partial<DenoiseSettings>) {
      changes.push([ids, change])
      items = new Map(
        [...items].map(([id, item]) => [
          id,
          ids === 'all' || ids.includes(id) ? { ...item, settings: { ...item.settings, ...change } } : item,
        ]),
      )
      return Promise.resolve({ ids: [], ignored: [] })
    },
  }
  const preferences = {
    change({ settings }: { settings: DenoiseSettings }) {
      remembered = settings
      return Promise.resolve()
    },
  }
  let editor!: SettingsEditor
  const stop = watching(() => {
    editor = createSettingsEditor({ queue, preferences, notices: createNotices() } as unknown as App)
  })
  return {
    editor,
    stop,
    changes,
    remembered: () => remembered,
    show: (id: string) => {
      current = id
      flushSync()
    },
    itemOf: (id: string) => items.get(id)!,
  }
}

it('shows a change at once, and sends a slider that is moved as one', async () => {
  const { editor, changes, remembered, stop } = setUp()
  for (const strength of [90, 80, 70]) editor.change({ strength })
  editor.change({ sigma: 12 })
  expect(editor.shown).toMatchObject({ strength: 70, sigma: 12 })
  expect(changes).toEqual([])
  await vi.runAllTimersAsync()
  expect(changes).toEqual([[['a'], { strength: 70, sigma: 12 }]])
  expect(remembered()).toMatchObject({ strength: 70, sigma: 12 })
  expect(editor.shown).toMatchObject({ strength: 70, sigma: 12 })
  stop()
})

it('leaves the other picture alone, and sends what belongs to the last one when another is changed', async () => {
  const { editor, show, itemOf, stop } = setUp()
  editor.change({ strength: 40 })
  show('b')
  expect(editor.shown.strength).toBe(100)
  editor.change({ strength: 60 })
  await vi.runAllTimersAsync()
  expect([itemOf('a').settings.strength, itemOf('b').settings.strength]).toEqual([40, 60])
  stop()
})

it('gives all its settings to others, with what was changed just now', async () => {
  const { editor, itemOf, stop } = setUp()
  editor.change({ strength: 40, format: 'png' })
  await editor.giveTo('all')
  expect(itemOf('b').settings).toEqual(itemOf('a').settings)
  expect(itemOf('b').settings).toMatchObject({ strength: 40, format: 'png' })
  stop()
})
