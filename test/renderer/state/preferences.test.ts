import { afterEach, describe, expect, it, vi } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import { Preferences, type PreferencesChange } from '../../../src-main/contract/shell.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createPreferences } from '../../../src-renderer/state/preferences.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

function memory(kept: Record<string, string> = {}) {
  const values = new Map(Object.entries(kept))
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  }
}

function open(
  storage = memory(),
  setPreferences = (change: PreferencesChange) => Promise.resolve(Preferences.parse(change)),
) {
  const program = fakeProgram({ shell: { setPreferences } })
  const link = createLink(program.open)
  links.push(link)
  return { program, preferences: createPreferences(link, storage) }
}

describe('preferences', () => {
  it('begin with the look of the last window, until the program has said them', async () => {
    const { preferences } = open(memory({ 'darkroom.look': '{"theme":"dark","language":"ko"}' }))
    expect(preferences.current.theme).toBe('dark')
    await vi.waitUntil(() => preferences.isLoaded)
    expect(preferences.current.theme).toBe('system')
  })

  it.each(['no JSON', '{"theme":"purple"}', '[]'])('do not stumble over a damaged look: %s', (look) => {
    expect(open(memory({ 'darkroom.look': look })).preferences.current.theme).toBe('system')
  })

  it('show a change at once and keep it', async () => {
    const storage = memory()
    const { preferences } = open(storage)
    await vi.waitUntil(() => preferences.isLoaded)
    const kept = preferences.change({ theme: 'dark' })
    expect(preferences.current.theme).toBe('dark')
    await kept
    expect(JSON.parse(storage.values.get('darkroom.look')!)).toEqual({ language: 'system', theme: 'dark' })
  })

  it('take a change back that could not be kept', async () => {
    const { preferences } = open(memory(), () => Promise.reject(new DarkroomError('disk-full')))
    await vi.waitUntil(() => preferences.isLoaded)
    await expect(preferences.change({ theme: 'dark' })).rejects.toMatchObject({
      detail: { code: 'disk-full' },
    })
    expect(preferences.current.theme).toBe('system')
  })

  it('follow another window', async () => {
    const { program, preferences } = open()
    await vi.waitUntil(() => preferences.isLoaded)
    program.tellShell({ event: 'preferences', preferences: Preferences.parse({ language: 'ko' }) })
    await vi.waitUntil(() => preferences.current.language === 'ko')
  })
})
