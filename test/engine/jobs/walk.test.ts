import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { walkSources, type Found } from '../../../src-main/engine/jobs/walk.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'darkroom-walk-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function touch(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), path)
  }
}

async function walk(sources: string[], { recursive = true, out = 'out' } = {}): Promise<Found[]> {
  const found: Found[] = []
  const options = { recursive, except: join(root, out) }
  for await (const one of walkSources(
    sources.map((source) => join(root, source)),
    options,
  ))
    found.push(one)
  return found
}

/** `kind path → dir`, relative to the root. */
const summary = (found: Found[]): string[] =>
  found.map((one) => {
    const path = relative(root, one.path)
    return one.kind === 'file' ? `${path} → ${one.dir}` : `${one.kind} ${path}`
  })

describe('walkSources', () => {
  it('reads a folder by name, then its subfolders when asked', async () => {
    await touch('in/b.jpg', 'in/a.jpg', 'in/sub/deep/c.jpg', 'in/another/d.jpg')
    expect(summary(await walk(['in'], { recursive: false }))).toEqual(['in/a.jpg → ', 'in/b.jpg → '])
    expect(summary(await walk(['in']))).toEqual([
      'in/a.jpg → ',
      'in/b.jpg → ',
      'in/another/d.jpg → another',
      'in/sub/deep/c.jpg → sub/deep',
    ])
  })

  it('takes files and folders as given, each once', async () => {
    await touch('in/a.jpg', 'in/b.jpg')
    expect(summary(await walk(['in/b.jpg', 'in', 'in', 'in/a.jpg']))).toEqual(['in/b.jpg → ', 'in/a.jpg → '])
  })

  it('passes over hidden entries of folders, but not what is named', async () => {
    await touch('in/.DS_Store', 'in/._a.jpg', 'in/.cache/x.jpg', 'in/a.jpg')
    expect(summary(await walk(['in', 'in/._a.jpg']))).toEqual(['in/a.jpg → ', 'in/._a.jpg → '])
  })

  it('does not enter the output folder inside a source, unless it is the source', async () => {
    await touch('in/a.jpg', 'in/clean/a.jpg')
    expect(summary(await walk(['in'], { out: 'in/clean' }))).toEqual(['in/a.jpg → '])
    expect(summary(await walk(['in/clean'], { out: 'in/clean' }))).toEqual(['in/clean/a.jpg → '])
  })

  it('ends at links that lead back, and prefers real folders to links', async () => {
    await touch('in/z/a.jpg')
    await symlink(join(root, 'in'), join(root, 'in/z/up'))
    await symlink(join(root, 'in/z'), join(root, 'in/latest'))
    await symlink('itself', join(root, 'in/itself'))
    expect(summary(await walk(['in']))).toEqual(['ignored in/itself', 'in/z/a.jpg → z'])
  })

  it('follows links to files and to folders elsewhere', async () => {
    await touch('in/a.jpg', 'elsewhere/b.jpg')
    await symlink(join(root, 'elsewhere'), join(root, 'in/linked'))
    await symlink(join(root, 'in/a.jpg'), join(root, 'in/same.jpg'))
    expect(summary(await walk(['in']))).toEqual(['in/a.jpg → ', 'in/same.jpg → ', 'in/linked/b.jpg → linked'])
  })

  it('reports what is missing and goes on', async () => {
    await touch('in/a.jpg')
    await symlink('nowhere.jpg', join(root, 'in/broken.jpg'))
    const found = await walk(['missing', 'in'])
    expect(summary(found)).toEqual(['failed missing', 'in/a.jpg → ', 'failed in/broken.jpg'])
    expect(found[0]).toMatchObject({ error: { code: 'file-not-found', received: 'ENOENT' } })
  })

  it.skipIf(process.getuid?.() === 0)('reports a folder without permission and goes on', async () => {
    await touch('in/a.jpg', 'in/locked/b.jpg')
    await chmod(join(root, 'in/locked'), 0)
    const found = await walk(['in'])
    await chmod(join(root, 'in/locked'), 0o755)
    expect(summary(found)).toEqual(['in/a.jpg → ', 'failed in/locked'])
    expect(found[1]).toMatchObject({ error: { code: 'folder-unreadable', received: 'EACCES' } })
  })

  it('reports a folder that cannot be read and goes on', async () => {
    await touch('in/a.jpg')
    // A name that no system lists: true for root too, whom permissions do not stop.
    const unreadable = join(root, 'in', 'n'.repeat(300))
    const found: Found[] = []
    for await (const one of walkSources([unreadable, join(root, 'in')], { recursive: true, except: root }))
      found.push(one)
    expect(found.map(({ kind }) => kind)).toEqual(['failed', 'file'])
    expect(found[0]).toMatchObject({ error: { code: 'folder-unreadable', received: 'ENAMETOOLONG' } })
  })
})
