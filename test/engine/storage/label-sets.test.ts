import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LabelSet } from '../../../src-main/contract/label-sets.ts'
import { readLabelSet, writeLabelSet } from '../../../src-main/engine/storage/label-sets.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'label-sets-'))
})
afterEach(() => rm(home, { recursive: true }))

const set: LabelSet = {
  run: '/runs/vae',
  data: { sources: ['/data/clothes'], labels: null },
  classes: [
    { name: '부츠', key: 1 },
    { name: 'Bag', key: null },
  ],
  labels: [
    { index: 7, class: 1 },
    { index: 0, class: 0 },
  ],
}

describe('labels given by hand', () => {
  it('are kept for their run and data, whatever labels the data have themselves', async () => {
    expect(await readLabelSet(home, set)).toBeNull()
    await writeLabelSet(home, set)
    expect(await readLabelSet(home, set)).toEqual(set)
    expect(await readLabelSet(home, { ...set, data: { ...set.data, labels: 'folders' } })).toEqual(set)
    expect(await readLabelSet(home, { ...set, data: { ...set.data, only: ['0'] } })).toBeNull()
    expect(await readLabelSet(home, { ...set, run: '/runs/other' })).toBeNull()
    await writeLabelSet(home, { ...set, labels: [] })
    expect((await readLabelSet(home, set))!.labels).toEqual([])
  })

  it('are set aside where they cannot be understood, and not written over', async () => {
    await writeLabelSet(home, set)
    const folder = join(home, 'labels')
    const [name] = await readdir(folder)
    await writeFile(join(folder, name!), '{ "later": true }')
    expect(await readLabelSet(home, set)).toBeNull()
    await writeLabelSet(home, set)
    expect(await readdir(folder)).toHaveLength(2)
    expect(await readLabelSet(home, set)).toEqual(set)
  })
})
