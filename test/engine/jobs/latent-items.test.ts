import { lstat, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../src-main/contract/engine.ts'
import type { JobInput } from '../../../src-main/contract/jobs.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import { exportItems } from '../../../src-main/engine/jobs/export-items.ts'
import { readSelfDescription } from '../../../src-main/engine/storage/provenance.ts'
import { writeData, writeFlat } from '../../support/datasets.ts'
import { autoencoder, dense } from '../../support/recipes.ts'
import { shadeBytes, waves, writeRecipe, writeShades } from '../../support/trainings.ts'
import { failureOf, resultOf } from '../../support/jobs.ts'

let folder: string
let engine: Engine
let images: string
const run = (): string => join(folder, 'run')
const rowRun = (): string => join(folder, 'row-run')
const shades = () => ({ sources: [images], labels: join(folder, 'labels.idx.gz') })
type ExportOf = Pick<JobInput & { type: 'export-items' }, 'run' | 'data' | 'indexes' | 'labelled'>
const copiesByLabel = (of: ExportOf, out: string) =>
  resultOf(engine, { type: 'export-items', ...of, as: 'copies', byLabel: true, out })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-items-'))
  engine = createEngine({ home: join(folder, 'home'), threads: 1 })
  images = await writeShades(folder)
  const recipe = await writeRecipe(join(folder, 'recipe.json'))
  await resultOf(engine, { type: 'train', data: shades(), recipe, out: run() })
  const rows = await writeRecipe(join(folder, 'rows.json'), {
    data: { type: 'rows', scale: 'none' },
    model: autoencoder([dense(8)], 3, { decoder: { output: 'linear' } }),
  })
  const table = await writeData(join(folder, 'waves.csv'), waves(40))
  await resultOf(engine, {
    type: 'train',
    data: { sources: [table], labels: 'column:kind' },
    recipe: rows,
    out: rowRun(),
  })
}, 60_000)
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

describe('a map', () => {
  it('is made of what the run was trained on, written, and answered for', async () => {
    const [out, png] = [join(folder, 'map.csv'), join(folder, 'map.png')]
    const made = await resultOf(engine, { type: 'map', spec: { run: run() }, out, png })
    expect(made.summary).toMatchObject({ items: 40, size: 3, measured: 40 })
    expect(made.files).toEqual([out, `${out}.json`, png])
    const lines = (await readFile(out, 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(41)
    expect(lines[0]).toBe('name,x,y,label,split,error')
    const map = await engine.latentMap(made.map)
    expect(map.columns.map(({ id }) => id)).toEqual(['label', 'split', 'error'])
    expect(map.indexes).toHaveLength(40)
    expect(await readSelfDescription(png)).toMatchObject({ job: { type: 'map', spec: { run: run() } } })
    expect(await failureOf(engine, { type: 'map', spec: { run: run() }, png })).toMatchObject({
      code: 'file-exists',
    })
  })
})

describe('neighbours', () => {
  it('are those of brute force, without the item itself', async () => {
    const out = join(folder, 'near.png')
    const { items } = await resultOf(engine, {
      ...{ type: 'neighbours', spec: { run: run() }, count: 6, out },
      of: { from: 'item', data: shades(), index: 11 },
    })
    const { codes, size } = await engine.codesOf({
      run: run(),
      anchors: Array.from({ length: 40 }, (_, index) => ({ from: 'item', data: shades(), index })),
    })
    const distance = (i: number): number =>
      Math.hypot(...Array.from({ length: size }, (_, c) => codes[i * size + c]! - codes[11 * size + c]!))
    const expected = Array.from({ length: 40 }, (_, i) => i)
      .filter((i) => i !== 11)
      .sort((a, b) => distance(a) - distance(b))
    expect(items.map(({ index }) => index)).toEqual(expected.slice(0, 6))
    expect(items[0]!.distance).toBeCloseTo(distance(expected[0]!), 4)
    expect(items[0]).toMatchObject({ name: `images.idx.gz#${expected[0]}`, label: `${expected[0]! % 2}` })
    expect((await sharp(out).metadata()).format).toBe('png')
  })

  it('of a code are counted from it, and all items may be among them', async () => {
    const of = { from: 'code' as const, code: [0, 0, 0] }
    const { items } = await resultOf(engine, { type: 'neighbours', spec: { run: run() }, of, count: 1000 })
    expect(items).toHaveLength(40)
    expect(
      await failureOf(engine, {
        type: 'neighbours',
        spec: { run: run() },
        of: { from: 'code', code: [0, 0] },
      }),
    ).toMatchObject({
      code: 'latents-unsuitable',
    })
    expect(
      await failureOf(engine, {
        ...{ type: 'neighbours', spec: { run: run() } },
        of: { from: 'item', data: shades(), index: 40 },
      }),
    ).toMatchObject({ code: 'argument-invalid', expected: 'an item from 0 to 39' })
  })

  it('are not to be had of an item that is the only one', async () => {
    const spec = { run: run(), limit: 1 }
    const asked = { type: 'neighbours', spec } as const
    const { items } = await resultOf(engine, { ...asked, of: { from: 'code', code: [0, 0, 0] } })
    const index = Number(items[0]!.name.split('#')[1])
    const of = { from: 'item' as const, data: shades(), index }
    expect(await failureOf(engine, { ...asked, of })).toMatchObject({
      ...{ code: 'latents-unsuitable', received: '1' },
    })
  })
})

describe('clusters', () => {
  it('are written with the items’ names', async () => {
    const out = join(folder, 'clusters.csv')
    const { clusters } = await resultOf(engine, {
      ...{ type: 'cluster', spec: { run: run() }, out },
      method: { type: 'kmeans', count: 3 },
    })
    const [head, ...lines] = (await readFile(out, 'utf8')).trim().split('\n')
    expect(head).toBe('name,cluster,label')
    expect(lines.map((line) => Number(line.split(',')[1]))).toEqual([...clusters.of])
  })
})

describe('items taken out', () => {
  it('of an IDX file are pictures as they are in it', async () => {
    const out = join(folder, 'pictures')
    const { files, items } = await resultOf(engine, {
      ...{ type: 'export-items', run: run(), data: shades(), indexes: [7, 3, 7], as: 'copies', out },
      label: 'Ankle/boot',
    })
    expect(items).toBe(2)
    const inside = join(out, 'Ankle-boot')
    expect(files).toEqual(
      ['images.idx.gz-3.png', 'images.idx.gz-7.png', 'darkroom.json'].map((name) => join(inside, name)),
    )
    const pixels = await sharp(files[0]).extractChannel(0).raw().toBuffer()
    const header = 4 + 4 * 3
    expect(pixels).toEqual(shadeBytes(40).subarray(header + 3 * 64, header + 4 * 64))
    expect(await readSelfDescription(inside)).toMatchObject({
      job: { type: 'export-items', indexes: [7, 3, 7] },
    })
  })

  it('keep the labels that they have, where that is asked for', async () => {
    const out = join(folder, 'labelled')
    const kinds = Array.from({ length: 40 }, (_, i) => ['any', 'dark', 'light'][i % 3])
    const labels = await writeData(join(folder, 'kinds.txt'), kinds.join('\n'))
    const data = { ...shades(), labels }
    const of = { run: run(), data, indexes: [1, 2, 3, 4] }
    const { files } = await copiesByLabel(of, out)
    expect(files).toEqual(
      ['dark/images.idx.gz-1.png', 'dark/images.idx.gz-4.png', 'light/images.idx.gz-2.png']
        .concat('any/images.idx.gz-3.png', 'darkroom.json')
        .map((name) => join(out, name)),
    )
    const { report } = await resultOf(engine, {
      type: 'inspect',
      data: { sources: [out], labels: 'folders' },
    })
    expect(report).toMatchObject({
      labels: [
        { name: 'any', count: 1 },
        { name: 'dark', count: 2 },
        { name: 'light', count: 1 },
      ],
      unlabelled: 0,
    })
  })

  it('take labels that were given by hand before their own', async () => {
    const labelled = [
      { index: 5, label: 'boot' },
      { index: 2, label: 'bag, small' },
    ]
    const of = { run: run(), data: shades(), indexes: [2, 5, 6], labelled }
    const csv = join(folder, 'by-hand.csv')
    await resultOf(engine, { type: 'export-items', ...of, as: 'csv', out: csv })
    expect(await readFile(csv, 'utf8')).toBe(
      'name,label\nimages.idx.gz#2,"bag, small"\nimages.idx.gz#5,boot\nimages.idx.gz#6,0\n',
    )
    const out = join(folder, 'by-hand')
    const { files } = await copiesByLabel(of, out)
    expect(files.slice(0, 3)).toEqual(
      ['bag, small/images.idx.gz-2.png', 'boot/images.idx.gz-5.png', '0/images.idx.gz-6.png'].map((name) =>
        join(out, name),
      ),
    )
  })

  it('leave nothing in the folder where that is stopped', async () => {
    const out = join(folder, 'half')
    const shared = {
      overwrite: false,
      label: null,
      byLabel: false,
      labelled: [],
      run: run(),
      data: shades(),
      out,
    }
    let items = 0
    const context = {
      ...{
        home: join(folder, 'home'),
        product: '0',
        emit: () => undefined,
        signal: new AbortController().signal,
      },
      pause: async () => {
        if (++items === 3) {
          expect(await readdir(out)).toHaveLength(2)
          throw new DarkroomError('cancelled')
        }
      },
    }
    const job = { type: 'export-items', as: 'copies', indexes: [1, 2, 3, 4], ...shared } as const
    await expect(exportItems({ ...job, indexes: [...job.indexes] }, context as never)).rejects.toThrow(
      'cancelled',
    )
    expect(await readdir(out).catch(() => 'no folder')).toBe('no folder')
  })

  it('of a folder keep their names, get a number where one is taken, and can be trained on', async () => {
    const source = join(folder, 'flat')
    const shade = (value: number) => ({ r: value, g: value, b: value })
    for (const [i, name] of ['a/one.png', 'b/one.png', 'b/two.png'].entries())
      await writeFlat(join(source, name), shade(80 * i))
    const data = { sources: [source], labels: null }
    const out = join(folder, 'taken')
    await writeFlat(join(out, 'two.png'), shade(255))
    const { files } = await resultOf(engine, {
      type: 'export-items',
      run: run(),
      data,
      indexes: [0, 1, 2],
      as: 'copies',
      out,
    })
    expect((await readdir(out)).sort()).toEqual([
      'darkroom.json',
      'one-2.png',
      'one.png',
      'two-2.png',
      'two.png',
    ])
    expect(await readFile(files[1]!)).toEqual(await readFile(join(source, 'b/one.png')))
    expect((await sharp(join(out, 'two.png')).stats()).channels[0]!.mean).toBe(255)
    const report = await resultOf(engine, { type: 'inspect', data: { sources: [out], labels: null } })
    expect(report.report.items).toBe(4)
    expect(
      await failureOf(engine, { type: 'export-items', run: run(), data, indexes: [0], as: 'copies', out }),
    ).toMatchObject({ code: 'file-exists' })

    const links = join(folder, 'links')
    await resultOf(engine, { type: 'export-items', run: run(), data, indexes: [1], as: 'links', out: links })
    expect((await lstat(join(links, 'one.png'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(links, 'one.png'))).toEqual(await readFile(join(source, 'b/one.png')))
  })

  it('of a table are its lines below its header', async () => {
    const data = { sources: [join(folder, 'waves.csv')], labels: 'column:kind' }
    const out = join(folder, 'rows')
    const { files } = await resultOf(engine, {
      type: 'export-items',
      run: rowRun(),
      data,
      indexes: [5, 2],
      as: 'copies',
      out,
    })
    const lines = waves(40).split('\n')
    expect((await readFile(files[0]!, 'utf8')).trim().split('\n')).toEqual([lines[0], lines[3], lines[6]])
  })

  it('may be a list of names', async () => {
    const out = join(folder, 'names.csv')
    const kind = { type: 'export-items', as: 'csv' } as const
    const job = { ...kind, run: run(), data: shades(), indexes: [4, 1], out }
    await resultOf(engine, { ...job, label: 'odd ones' })
    expect(await readFile(out, 'utf8')).toBe(
      'name,label\nimages.idx.gz#4,odd ones\nimages.idx.gz#1,odd ones\n',
    )
    expect(await failureOf(engine, job)).toMatchObject({ code: 'file-exists', file: out })
  })

  it('must be there, and a label must make a folder', async () => {
    const job = {
      type: 'export-items',
      run: run(),
      data: shades(),
      as: 'copies',
      out: join(folder, 'no'),
    } as const
    expect(await failureOf(engine, { ...job, indexes: [40] })).toMatchObject({
      code: 'argument-invalid',
      expected: 'items from 0 to 39',
    })
    expect(await failureOf(engine, { ...job, indexes: [1], label: '..' })).toMatchObject({
      code: 'argument-invalid',
    })
    expect(
      await failureOf(engine, {
        ...job,
        indexes: [1],
        data: { sources: [join(folder, 'gone')], labels: null },
      }),
    ).toMatchObject({ code: 'file-not-found' })
  })
})
