import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { Preferences } from '../../src-main/contract/shell.ts'
import { openPreferences } from '../../src-main/host/preferences.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
const defaults = Preferences.parse({})
let count = 0
let home = ''
beforeEach(() => {
  home = temporary(`home ${count++}`)
})

describe('openPreferences', () => {
  it('begins with the defaults and writes nothing', async () => {
    expect((await openPreferences(home)).get()).toEqual(defaults)
    await expect(readdir(home)).rejects.toThrow('ENOENT')
  })

  it('keeps changes, and tells of them', async () => {
    const preferences = await openPreferences(home)
    const told: Preferences[] = []
    const end = preferences.subscribe((changed) => told.push(changed))
    expect(await preferences.change({ language: 'ko' })).toEqual({ ...defaults, language: 'ko' })
    end()
    await preferences.change({ threads: 3, settings: { ...defaults.settings, strength: 70 } })
    const expected = {
      ...defaults,
      language: 'ko',
      threads: 3,
      settings: { ...defaults.settings, strength: 70 },
    }
    expect(preferences.get()).toEqual(expected)
    expect((await openPreferences(home)).get()).toEqual(expected)
    expect(told).toEqual([{ ...defaults, language: 'ko' }])
    expect(await readdir(home)).toEqual(['preferences.json'])
  })

  it('writes changes in their order', async () => {
    const preferences = await openPreferences(home)
    const changes = Array.from({ length: 20 }, (_, n) => preferences.change({ threads: n + 1 }))
    expect((await Promise.all(changes)).map(({ threads }) => threads)).toEqual(changes.map((_, n) => n + 1))
    expect((await openPreferences(home)).get().threads).toBe(20)
  })

  it('refuses what is none, and stays as it was', async () => {
    const preferences = await openPreferences(home)
    await expect(preferences.change({ threads: 0 })).rejects.toMatchObject({
      detail: { code: 'argument-invalid', received: expect.stringContaining('threads') as string },
    })
    expect(preferences.get()).toEqual(defaults)
  })

  it.each([
    ['damaged', '{"language": "ko"'],
    ['of a later version', '{"language": "ko", "halo": true}'],
    ['empty', ''],
  ])('sets a file aside that is %s', async (_, text) => {
    await mkdir(home)
    await writeFile(`${home}/preferences.json`, text)
    const preferences = await openPreferences(home)
    expect(preferences.get()).toEqual(defaults)
    const [aside, ...rest] = await readdir(home)
    expect(rest).toEqual([])
    expect(aside).toMatch(/^preferences\.[\dTZ-]+\.json$/)
    expect(await readFile(`${home}/${aside}`, 'utf8')).toBe(text)
    await preferences.change({ theme: 'dark' })
    expect((await openPreferences(home)).get().theme).toBe('dark')
    expect(await readdir(home)).toHaveLength(2)
  })

  it('says when it cannot write, and goes on', async () => {
    await writeFile(home, 'a file where the folder should be')
    const preferences = await openPreferences(home)
    await expect(preferences.change({ theme: 'dark' })).rejects.toMatchObject({
      detail: { code: 'output-unwritable' },
    })
    expect(preferences.get().theme).toBe('dark')
  })
})
