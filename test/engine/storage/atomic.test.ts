import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isTemporaryName, writeAtomic } from '../../../src-main/engine/storage/atomic.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
const fails = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const writes = (text: string) => (path: string) => writeFile(path, text)
const systemError = (code: string) => (): Promise<void> =>
  Promise.reject(Object.assign(new Error(code), { code }))

describe('writeAtomic', () => {
  it('makes folders, writes, and leaves nothing else behind', async () => {
    const path = file('made', 'deep', 'a.txt')
    await writeAtomic(path, writes('one'), { overwrite: false })
    expect(await readFile(path, 'utf8')).toBe('one')
    expect(await readdir(dirname(path))).toEqual(['a.txt'])
  })

  it('replaces only when told to', async () => {
    const path = file('twice', 'a.txt')
    await writeAtomic(path, writes('one'), { overwrite: false })
    let called = false
    const refused = await fails(
      writeAtomic(path, () => Promise.resolve(void (called = true)), { overwrite: false }),
    )
    expect(refused).toMatchObject({ detail: { code: 'file-exists', file: path } })
    expect(called).toBe(false)
    await writeAtomic(path, writes('two'), { overwrite: true })
    expect(await readFile(path, 'utf8')).toBe('two')
  })

  it('does not replace a file that appears while it writes', async () => {
    const path = file('race', 'a.txt')
    const error = await fails(
      writeAtomic(
        path,
        async (temporary) => {
          expect(isTemporaryName(basename(temporary))).toBe(true)
          await writeFile(temporary, 'mine')
          await writeFile(path, 'theirs')
        },
        { overwrite: false },
      ),
    )
    expect(error).toMatchObject({ detail: { code: 'file-exists' } })
    expect(await readFile(path, 'utf8')).toBe('theirs')
    expect(await readdir(dirname(path))).toEqual(['a.txt'])
  })

  it('lets one of many writers win', async () => {
    const path = file('many', 'a.txt')
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => writeAtomic(path, writes(`writer ${i}`), { overwrite: false })),
    )
    const winner = results.findIndex(({ status }) => status === 'fulfilled')
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readFile(path, 'utf8')).toBe(`writer ${winner}`)
    expect(await readdir(dirname(path))).toEqual(['a.txt'])
  })

  it('keeps the old file and removes its own when writing fails or is cancelled', async () => {
    const path = file('fails', 'a.txt')
    await writeAtomic(path, writes('old'), { overwrite: false })
    const cancelled = new Error('cancelled')
    const thrown = await fails(
      writeAtomic(
        path,
        async (temporary) => {
          await writeFile(temporary, 'half')
          throw cancelled
        },
        { overwrite: true },
      ),
    )
    expect(thrown).toBe(cancelled)
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(dirname(path))).toEqual(['a.txt'])
  })

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EACCES', 'output-unwritable'],
    ['EROFS', 'output-unwritable'],
    ['ENAMETOOLONG', 'output-unwritable'],
  ])('says %s as %s', async (code, expected) => {
    const path = file('codes', `${code}.txt`)
    const error = await fails(writeAtomic(path, systemError(code), { overwrite: false }))
    expect(error).toMatchObject({ detail: { code: expected, file: path } })
  })

  it('takes names of 255 bytes and refuses longer ones', async () => {
    const longest = file('names', `${'é'.repeat(125)}.text`)
    await writeAtomic(longest, writes('long'), { overwrite: false })
    expect(await readFile(longest, 'utf8')).toBe('long')
    for (const overwrite of [false, true]) {
      const error = await fails(writeAtomic(file('names', 'n'.repeat(256)), writes('x'), { overwrite }))
      expect(error).toMatchObject({ detail: { code: 'output-unwritable', received: 'ENAMETOOLONG' } })
    }
  })

  it('refuses a folder in the place of the file and a file in the place of the folder', async () => {
    await mkdir(file('places', 'folder'), { recursive: true })
    expect(
      await fails(writeAtomic(file('places', 'folder'), writes('x'), { overwrite: true })),
    ).toMatchObject({
      detail: { code: 'output-unwritable' },
    })
    await writeFile(file('places', 'file'), 'x')
    expect(
      await fails(writeAtomic(file('places', 'file', 'a.txt'), writes('x'), { overwrite: false })),
    ).toMatchObject({ detail: { code: 'output-unwritable' } })
  })

  // Permissions do not bind the superuser.
  it.skipIf(process.getuid?.() === 0)('refuses a folder without permission', async () => {
    await mkdir(file('locked'))
    await chmod(file('locked'), 0o500)
    const error = await fails(writeAtomic(file('locked', 'a.txt'), writes('x'), { overwrite: false }))
    expect(error).toMatchObject({ detail: { code: 'output-unwritable' } })
    await chmod(file('locked'), 0o700)
  })
})
