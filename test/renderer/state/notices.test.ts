import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import { createNotices } from '../../../src-renderer/state/notices.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('notices', () => {
  it('show a line for a while', () => {
    const notices = createNotices()
    notices.show('Saved.', { tone: 'good' })
    expect(notices.all.map(({ text }) => text)).toEqual(['Saved.'])
    vi.runAllTimers()
    expect(notices.all).toEqual([])
  })

  it('keep a failure until it is closed, and show the same one once', async () => {
    const notices = createNotices()
    const fail = () => Promise.reject(new DarkroomError('disk-full', { file: '/a' }))
    expect(await notices.attempt(fail)).toBeNull()
    await notices.attempt(fail)
    vi.runAllTimers()
    expect(notices.all.map(({ error }) => error)).toEqual([{ code: 'disk-full', file: '/a' }])
    notices.dismiss(notices.all[0]!.id)
    expect(notices.all).toEqual([])
  })

  it('give back what an attempt gives', async () => {
    expect(await createNotices().attempt(() => Promise.resolve(7))).toBe(7)
  })
})
