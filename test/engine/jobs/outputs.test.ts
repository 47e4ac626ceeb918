import { mkdir, mkdtemp, readdir, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  canonicalPath,
  probeFolding,
  refuseCollisions,
  removeLeftovers,
} from '../../../src-main/engine/jobs/outputs.ts'

const exact = { case: false, unicode: false }
const folding = { case: true, unicode: true }

describe('refuseCollisions', () => {
  const plan = (...pairs: [source: string, output: string][]) =>
    pairs.map(([source, output]) => ({ source, output }))

  it('names both sources of one output', () => {
    const colliding = plan(['/a/x.jpg', '/out/x.jpg'], ['/b/x.jpg', '/out/x.jpg'])
    expect(() => refuseCollisions(colliding, exact)).toThrow(
      expect.objectContaining({
        detail: { code: 'output-collision', file: '/out/x.jpg', received: '/a/x.jpg, /b/x.jpg' },
      }),
    )
  })

  it('goes by what the file system takes for one name', () => {
    const cases = plan(['/in/A.png', '/out/A.png'], ['/in/a.png', '/out/a.png'])
    const forms = plan(['/in/1', '/out/\u00e9.png'], ['/in/2', '/out/e\u0301.png'])
    for (const colliding of [cases, forms]) {
      expect(() => refuseCollisions(colliding, exact)).not.toThrow()
      expect(() => refuseCollisions(colliding, folding)).toThrow(/output-collision/)
    }
  })

  it('refuses to write over another source, before or after it in the list', () => {
    const pairs = plan(['/in/a.png', '/in/b.png'], ['/in/b.png', '/in/c.png'])
    expect(() => refuseCollisions(pairs, exact)).toThrow(/output-collision/)
    expect(() => refuseCollisions(pairs.toReversed(), exact)).toThrow(/output-collision/)
  })

  it('leaves a source that is its own output to the rule for existing files', () => {
    expect(() => refuseCollisions(plan(['/in/a.png', '/in/a.png']), exact)).not.toThrow()
  })
})

describe('on a real file system', () => {
  let root: string
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'darkroom-outputs-')))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('canonicalPath resolves links above a path, whether it exists or not', async () => {
    await mkdir(join(root, 'real'))
    await symlink(join(root, 'real'), join(root, 'link'))
    expect(await canonicalPath(join(root, 'link/a.png'))).toBe(join(root, 'real/a.png'))
    expect(await canonicalPath(join(root, 'link/new/deep/a.png'))).toBe(join(root, 'real/new/deep/a.png'))
  })

  it('removeLeftovers takes old temporary files and nothing else', async () => {
    const old = new Date(Date.now() - 7_200_000)
    for (const name of ['.darkroom-0011.tmp', '.darkroom-2233.tmp', '.mine.tmp', 'photo.jpg']) {
      await writeFile(join(root, name), '')
      if (name !== '.darkroom-2233.tmp') await utimes(join(root, name), old, old)
    }
    // A network that was being added has a folder.
    const folder = join(root, '.darkroom-4455.tmp')
    await mkdir(folder)
    await writeFile(join(folder, 'model.onnx'), '')
    await utimes(folder, old, old)
    await removeLeftovers([root, join(root, 'missing')])
    expect((await readdir(root)).sort()).toEqual(['.darkroom-2233.tmp', '.mine.tmp', 'photo.jpg'])
  })

  it('probeFolding looks at what is there, also above a folder that is to be made', async () => {
    await writeFile(join(root, 'Probe.txt'), '')
    const sensitive = await realpath(join(root, 'PROBE.TXT')).then(
      () => false,
      () => true,
    )
    expect((await probeFolding(join(root, 'not/yet'))).case).toBe(!sensitive)
  })
})
