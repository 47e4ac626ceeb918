import { flushSync } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DenoiseSettings } from '../../../src-main/contract/settings.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { applyChange, createQueue, itemsOf } from '../../../src-renderer/state/queue.svelte.ts'
import { fakeProgram, queueItem } from '../../support/fake-program.ts'
import { watching } from '../../support/runes.svelte.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

async function openQueue(ids: string[]) {
  const program = fakeProgram({
    engine: {
      queue: () => Promise.resolve({ items: ids.map((id) => queueItem(id)), paused: false, progress: null }),
      changeQueue: () => Promise.resolve({ ids: [], ignored: [] }),
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const queue = createQueue(link)
  await vi.waitUntil(() => queue.isLoaded)
  const tell = async (items: ReturnType<typeof queueItem>[], removed: string[] = []) => {
    const { order } = queue
    program.tellEngine({ event: 'queue', change: { items, removed, paused: true, progress: null } })
    await vi.waitUntil(() => queue.order !== order)
  }
  return { program, queue, tell }
}

describe('applyChange', () => {
  it('keeps the place of what changed, puts what is new at the end and drops what went', () => {
    const before = itemsOf(['a', 'b', 'c'].map((id) => queueItem(id)))
    const after = applyChange(before, {
      items: [queueItem('d'), queueItem('a', { state: 'done' })],
      removed: ['b'],
    })
    expect([...after.keys()]).toEqual(['a', 'c', 'd'])
    expect(after.get('a')?.state).toBe('done')
    expect([...before.keys()]).toEqual(['a', 'b', 'c'])
  })

  it('leaves items alone that did not change, so that their rows are not drawn again', () => {
    const before = itemsOf([queueItem('a'), queueItem('b')])
    expect(applyChange(before, { items: [queueItem('b')], removed: [] }).get('a')).toBe(before.get('a'))
  })
})

describe('the queue of the window', () => {
  it('reads the engine’s queue and follows its changes', async () => {
    const { queue, tell } = await openQueue(['a', 'b'])
    expect(queue.order).toEqual(['a', 'b'])
    await tell([queueItem('c')], ['a'])
    expect(queue.order).toEqual(['b', 'c'])
    expect(queue.paused).toBe(true)
  })

  it('shows the first picture, and its successor when it goes', async () => {
    const { queue, tell } = await openQueue(['a', 'b', 'c'])
    expect(queue.current?.id).toBe('a')
    queue.select('b')
    await tell([], ['b'])
    expect(queue.current?.id).toBe('c')
  })

  it('selects by click, with Ctrl, with Shift and by steps', async () => {
    const { queue } = await openQueue(['a', 'b', 'c', 'd'])
    const ids = () => queue.selected.map(({ id }) => id)
    queue.select('b')
    queue.select('d', { range: true })
    expect(ids()).toEqual(['b', 'c', 'd'])
    queue.select('c', { toggle: true })
    expect(ids()).toEqual(['b', 'd'])
    queue.step(-1)
    expect(ids()).toEqual(['b'])
    queue.selectAll()
    expect(ids()).toEqual(['a', 'b', 'c', 'd'])
    queue.select('nowhere')
    expect(ids()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('reacts: what reads it runs again', async () => {
    const { queue } = await openQueue(['a', 'b'])
    const seen: (string | undefined)[] = []
    const stop = watching(() => void seen.push(queue.current?.id))
    queue.select('b')
    flushSync()
    expect(seen).toEqual(['a', 'b'])
    stop()
  })

  it('sends commands and changes nothing by itself', async () => {
    const { program, queue } = await openQueue(['a'])
    await queue.add(['/pictures'], DenoiseSettings.parse({}))
    await queue.change(['a'], { strength: 50 })
    await queue.remove('all')
    expect(
      program.calls.filter(({ name }) => name === 'changeQueue').map(({ args }) => args[0]),
    ).toMatchObject([
      { type: 'add', sources: ['/pictures'], recursive: true },
      { type: 'change', ids: ['a'], settings: { strength: 50 } },
      { type: 'remove', ids: 'all' },
    ])
    expect(queue.order).toEqual(['a'])
  })
})
