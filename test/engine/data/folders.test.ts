import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listImages, splitHeldOut } from '../../../src-main/engine/data/folders.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folders-'))
  for (const name of ['b/é.JPG', 'b/Z.png', 'a/sub/x.tif', 'a/notes.txt', 'a/.hidden.png']) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), '')
  }
  await symlink(root, join(root, 'a/loop'))
})
afterAll(() => rm(root, { recursive: true }))

describe('listImages', () => {
  it('finds images below folders, each once, in the same order everywhere', async () => {
    const files = await listImages([join(root, 'b'), root])
    expect(files.map((file) => relative(root, file))).toEqual(['b/Z.png', 'b/é.JPG', 'a/sub/x.tif'])
  })

  it('names the folder that is not there', async () => {
    await expect(listImages([root, join(root, 'none')])).rejects.toMatchObject({
      detail: { code: 'file-not-found', file: join(root, 'none') },
    })
  })
})

describe('splitHeldOut', () => {
  const items = Array.from({ length: 20 }, (_, i) => i)
  it('sets items apart by seed and keeps the order', () => {
    const split = splitHeldOut(items, 5, createRandom(1))
    expect(split).toEqual(splitHeldOut(items, 5, createRandom(1)))
    expect(split.heldOut).not.toEqual(splitHeldOut(items, 5, createRandom(2)).heldOut)
    expect(split.heldOut).toHaveLength(5)
    expect(split.heldOut).toEqual(split.heldOut.toSorted((a, b) => a - b))
    expect([...split.training, ...split.heldOut].sort((a, b) => a - b)).toEqual(items)
  })

  it('draws every item equally often', () => {
    const counts = new Array<number>(20).fill(0)
    for (let seed = 0; seed < 2000; seed++) {
      for (const item of splitHeldOut(items, 5, createRandom(seed)).heldOut) counts[item]!++
    }
    // 500 expected, standard deviation 19.
    expect(Math.min(...counts)).toBeGreaterThan(400)
    expect(Math.max(...counts)).toBeLessThan(600)
  })
})
