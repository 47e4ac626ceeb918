import { flushSync } from 'svelte'
import { expect, it } from 'vitest'
import type { QueueItem } from '../../../src-main/contract/queue.ts'
import { itemsOf, type Items } from '../../../src-renderer/state/queue.svelte.ts'
import { createWritten, type Written } from '../../../src-renderer/views/denoise/written.svelte.ts'
import { queueItem } from '../../support/fake-program.ts'
import { watching } from '../../support/runes.svelte.ts'

/** A queue of one item that is told what it is now. */
function setUp() {
  let items = $state.raw<Items>(new Map())
  let written!: Written
  const stop = watching(() => {
    written = createWritten({
      get items() {
        return items
      },
    })
  })
  const tell = (change: Partial<QueueItem>): QueueItem => {
    items = itemsOf([queueItem('a', { output: '/out/a.jpg', ...change })])
    flushSync()
    return items.get('a')!
  }
  return {
    tell,
    stop,
    fileOf: (item: QueueItem) => written.fileOf(item, item.settings),
    isStale: (item: QueueItem) => written.isStale(item),
  }
}
const { settings } = queueItem('a')
const weaker = { ...settings, strength: 50 }

it('knows the file that settings were written to, until they change', () => {
  const { tell, fileOf, isStale, stop } = setUp()
  expect(fileOf(tell({ state: 'waiting' }))).toBe(null)
  tell({ state: 'running' })
  const done = tell({ state: 'done' })
  expect(fileOf(done)).toBe('/out/a.jpg')
  expect(isStale(done)).toBe(false)
  const changed = tell({ state: 'done', settings: weaker })
  expect(fileOf(changed)).toBe(null)
  expect(isStale(changed)).toBe(true)
  const back = tell({ state: 'done', settings })
  expect(fileOf(back)).toBe('/out/a.jpg')
  expect(isStale(back)).toBe(false)
  stop()
})

it('goes by the settings that the work began with, not by those of its end', () => {
  const { tell, isStale, stop } = setUp()
  tell({ state: 'waiting' })
  tell({ state: 'waiting', settings: weaker })
  tell({ state: 'running', settings: weaker })
  tell({ state: 'running', settings })
  expect(isStale(tell({ state: 'done', settings }))).toBe(true)
  expect(isStale(tell({ state: 'done', settings: weaker }))).toBe(false)
  stop()
})

it('claims nothing of what was written before this session', () => {
  const { tell, fileOf, isStale, stop } = setUp()
  const done = tell({ state: 'done' })
  expect(fileOf(done)).toBe(null)
  expect(isStale(done)).toBe(false)
  stop()
})
