import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { isBelow, isNetwork, isPlain, openGrants, type Grants } from '../../src-main/host/grants.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
let grants: Grants

beforeAll(async () => {
  for (const folder of ['photos/inner', 'photos-2', 'elsewhere'])
    await mkdir(temporary(folder), { recursive: true })
  for (const file of [
    'photos/a.png',
    'photos/inner/b.png',
    'photos-2/c.png',
    'elsewhere/secret.png',
    'alone.png',
  ])
    await writeFile(temporary(file), '')
  await symlink(temporary('elsewhere'), temporary('photos/way-out'))
  await symlink(temporary('elsewhere/secret.png'), temporary('photos/link.png'))
  await symlink(temporary('elsewhere/not-there.png'), temporary('photos/dangling.png'))
  await symlink(temporary('photos'), temporary('way-in'))
  grants = await openGrants([temporary('photos')])
  await grants.add([temporary('alone.png')])
})

const refused = (path: string): Promise<void> =>
  expect(grants.check(path)).rejects.toMatchObject({ detail: { code: 'path-not-granted', file: path } })

describe('grants', () => {
  it.each([
    'photos',
    'photos/a.png',
    'photos/inner/b.png',
    'photos/new/folder/new.png',
    'alone.png',
    'way-in/a.png',
  ])('allow %s', async (path) => {
    expect(await grants.check(temporary(path))).toBe(temporary(path))
  })

  it.each([
    ['what lies beside', 'elsewhere/secret.png'],
    ['a name that begins alike', 'photos-2/c.png'],
    ['the folder above', '.'],
    ['a link to a folder elsewhere', 'photos/way-out/secret.png'],
    ['a new file below such a link', 'photos/way-out/new.png'],
    ['a link to a file elsewhere', 'photos/link.png'],
    ['a link to where a file could be made', 'photos/dangling.png'],
    ['below a file that is granted by itself', 'alone.png/x'],
  ])('refuse %s', (_, path) => refused(temporary(path)))

  it('refuse other cases of letters where the file system tells them apart', async ({ skip }) => {
    const isFolding = await openGrants([temporary('PHOTOS')]).then((folding) =>
      folding.check(temporary('photos')).then(Boolean, () => false),
    )
    if (isFolding) skip('This file system folds case: there they are one folder.')
    await refused(temporary('Photos/a.png'))
    await refused(temporary('photos/../Photos/a.png'))
  })

  it.each([
    ['a relative path', 'photos/a.png'],
    ['an empty path', ''],
    ['a zero byte', '/photos\0.png'],
  ])('refuse %s', (_, path) => refused(path))

  it('refuse `..`, also where it would lead back', async () => {
    await refused(`${temporary('photos')}/../elsewhere/secret.png`)
    await refused(`${temporary('photos')}/inner/../a.png`)
    // What it means depends on who resolves it: `way-out/..` is the folder above `elsewhere`.
    await refused(`${temporary('photos')}/way-out/../a.png`)
  })

  it('hold for what the engine gave out, exactly', async () => {
    const given = await openGrants()
    given.give([temporary('elsewhere/secret.png'), temporary('photos'), null, undefined, ''])
    expect(await given.check(temporary('elsewhere/secret.png'))).toBe(temporary('elsewhere/secret.png'))
    expect(await given.check(temporary('photos'))).toBe(temporary('photos'))
    await expect(given.check(temporary('photos/a.png'))).rejects.toMatchObject({
      detail: { code: 'path-not-granted' },
    })
  })

  it('know a folder that was chosen by another of its names', async () => {
    const linked = await openGrants([temporary('way-in')])
    expect(linked.roots).toEqual([temporary('way-in')])
    expect(await linked.check(temporary('photos/a.png'))).toBe(temporary('photos/a.png'))
    expect(await linked.check(temporary('way-in/a.png'))).toBe(temporary('way-in/a.png'))
  })

  it('allow a file to save to before it is there, and nothing beside it', async () => {
    const saving = await openGrants()
    await saving.add([temporary('photos-2/new.png')])
    expect(await saving.check(temporary('photos-2/new.png'))).toBeTruthy()
    await expect(saving.check(temporary('photos-2/c.png'))).rejects.toThrow('path-not-granted')
  })

  it('go by what a path is when it is asked for', async () => {
    const later = await openGrants([temporary('photos')])
    await mkdir(temporary('photos/turns'))
    expect(await later.check(temporary('photos/turns/x.png'))).toBeTruthy()
    await rename(temporary('photos/turns'), temporary('photos/turned'))
    await symlink(temporary('elsewhere'), temporary('photos/turns'))
    await expect(later.check(temporary('photos/turns/x.png'))).rejects.toThrow('path-not-granted')
  })
})

describe('paths of both systems', () => {
  it.each([
    ['/a/b', 'posix', true],
    ['a/b', 'posix', false],
    ['/a/../b', 'posix', false],
    ['/a/..', 'posix', false],
    ['/a/..b', 'posix', true],
    ['/a\\..\\b', 'posix', true],
    ['C:\\a', 'win32', true],
    ['C:a', 'win32', false],
    ['C:\\a\\..\\b', 'win32', false],
    ['C:/a/../b', 'win32', false],
    ['C:\\a\\..b', 'win32', true],
  ] as const)('%s on %s is plain: %s', (path, system, expected) => {
    expect(isPlain(path, system)).toBe(expected)
  })

  it.each([
    ['\\\\server\\share\\a.png', 'win32', true],
    ['//server/share/a.png', 'win32', true],
    ['\\\\?\\C:\\a.png', 'win32', true],
    ['\\\\.\\pipe\\x', 'win32', true],
    ['C:\\a.png', 'win32', false],
    ['//server/share/a.png', 'posix', false],
  ] as const)('%s on %s is of the network: %s', (path, system, expected) => {
    expect(isNetwork(path, system)).toBe(expected)
  })

  it.each([
    ['/a', '/a', 'posix', true],
    ['/a/b', '/', 'posix', true],
    ['/A/b', '/a', 'posix', false],
    ['/ab', '/a', 'posix', false],
    ['/a/..b', '/a', 'posix', true],
    ['C:\\photos\\b', 'c:\\Photos', 'win32', true],
    ['D:\\photos\\b', 'C:\\photos', 'win32', false],
    ['\\\\server\\share\\b', '\\\\server\\share', 'win32', true],
    ['\\\\other\\share\\b', '\\\\server\\share', 'win32', false],
    ['\\\\server\\share\\b', 'C:\\', 'win32', false],
  ] as const)('%s is below %s on %s: %s', (path, folder, system, expected) => {
    expect(isBelow(path, folder, system)).toBe(expected)
  })

  it('joins as this system does', () => {
    expect(isBelow(join(temporary('photos'), 'a.png'), temporary('photos'))).toBe(true)
  })
})
