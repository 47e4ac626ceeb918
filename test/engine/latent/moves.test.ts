import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JobInput } from '../../../src-main/contract/jobs.ts'
import { LatentView, type AnchorInput } from '../../../src-main/contract/latent.ts'
import type { Provenance } from '../../../src-main/contract/provenance.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { readSafetensors, writeSafetensors } from '../../../src-main/engine/storage/safetensors.ts'
import { darkroom } from '../../support/cli.ts'
import { writeData, writeFlat } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoder, dense } from '../../support/recipes.ts'
import { waves, writeRecipe, writeShades } from '../../support/trainings.ts'
import { failureOf, resultOf } from '../../support/jobs.ts'

const temporary = temporaryFolder()
const runOf = (name: string): string => temporary('runs', name)
const outOf = (name: string): string => temporary('out', name)
let engine: ReturnType<typeof createEngine>
let shades: string

/** Trained once for all tests, in a few steps: what codes are is not what they are worth. */
beforeAll(async () => {
  vi.stubEnv('DARKROOM_HOME', temporary('home'))
  shades = await writeShades(temporary('data'))
  engine = createEngine({ threads: 1, home: temporary('home') })
  const variational = {
    ...{ loss: { type: 'bce' }, penalties: [{ type: 'kl', weight: 0.01 }], epochs: 20 },
    model: autoencoder([dense(8)], 3, { variational: true }),
  }
  const gan = {
    model: {
      ...{ type: 'gan', latentDim: 4, generator: { layers: [dense(16)], norm: 'batch' } },
      discriminator: { layers: [dense(8, 'leaky-relu')] },
    },
    loss: { type: 'adversarial' },
  }
  const data = { sources: [shades], labels: temporary('data', 'labels.idx.gz') }
  await train('vae', variational, data)
  await train('gan', gan, { sources: [shades], labels: null })
  for (let i = 0; i < 8; i++)
    await writeFlat(temporary('clear', `${i}.png`), { r: 30 * i, g: 90, b: 200, alpha: i / 8 })
  const image = { type: 'images', width: 8, height: 8, channels: 4 }
  await train('clear', { ...variational, data: image }, { sources: [temporary('clear')], labels: null })
  const table = await writeData(temporary('data', 'waves.csv'), waves(40))
  await train(
    'rows',
    { data: { type: 'rows', scale: 'column' } },
    { sources: [table], labels: 'column:kind' },
  )
}, 120_000)
afterAll(async () => {
  await engine.close()
  vi.unstubAllEnvs()
})

async function train(name: string, fields: object, data: object): Promise<void> {
  const recipe = await writeRecipe(temporary(`${name}.json`), fields)
  await resultOf(engine, { type: 'train', recipe, out: runOf(name), data } as JobInput)
}
/** What the jobs here end with. */
interface Made {
  items: number
  files: string[]
  lines?: string[]
  warnings?: string[]
}
const madeBy = async (job: JobInput): Promise<Made> => (await resultOf(engine, job)) as unknown as Made
async function provenanceOf(path: string): Promise<Provenance> {
  const read = await engine.openLatentFile(path)
  if (read.kind !== 'export') throw new Error(read.kind)
  return read.provenance
}
/** As text: two long arrays are compared number by number. */
const pixelsOf = async (file: string): Promise<string> =>
  (await sharp(file).raw().toBuffer()).toString('base64')
const item = (index: number, data = shades): AnchorInput => ({
  from: 'item',
  data: { sources: [data] },
  index,
})
const seed = (number: number) => ({ from: 'seed', seed: number }) as const
const walk = (out: string, rest: object = {}): JobInput => ({
  ...{ type: 'interpolate', run: runOf('vae'), anchors: [item(0), item(1)], steps: 4, out: outOf(out) },
  ...rest,
})

describe('interpolation', () => {
  it('is a strip, with the blend of the pixels below, alike at both ends', async () => {
    const { items, files } = await madeBy(walk('strip.png', { blend: true }))
    expect({ items, files }).toEqual({ items: 4, files: [outOf('strip.png')] })
    const image = sharp(outOf('strip.png'))
    expect(await image.metadata()).toMatchObject({ width: 4 * 98 + 6, height: 2 * 98 + 6, channels: 1 })
    const line = (left: number, top: number) =>
      sharp(outOf('strip.png')).extract({ left, top, width: 96, height: 96 }).raw().toBuffer()
    expect(await line(4, 4)).toEqual(await line(4, 102))
    expect(await line(4 + 98, 4)).not.toEqual(await line(4, 4))
  })

  it.each(['gif', 'webp'])('is a .%s that goes round', async (format) => {
    const out = outOf(`round.${format}`)
    const { files } = await madeBy(walk(`round.${format}`, { loop: true, mode: 'slerp', rate: 20 }))
    expect(files).toEqual([out, `${out}.json`])
    expect(await sharp(out, { animated: true }).metadata()).toMatchObject({
      ...{ format, pages: 6, width: 224, pageHeight: 224, delay: Array(6).fill(50) as number[] },
    })
  })

  it('is a folder of numbered pictures, and a note of how they were made', async () => {
    const { files } = await madeBy(walk('frames', { blend: true }))
    expect(files.at(-1)).toBe(outOf('frames/darkroom.json'))
    expect((await readdir(outOf('frames'))).sort()).toEqual([
      '001.png',
      '002.png',
      '003.png',
      '004.png',
      'darkroom.json',
    ])
    expect(await sharp(outOf('frames/001.png')).metadata()).toMatchObject({ width: 18, height: 8 })
  })

  it('of a GAN is between seeds, and of nothing else', async () => {
    await madeBy(walk('seeds.png', { run: runOf('gan'), anchors: [seed(1), seed(2), seed(3)] }))
    expect((await provenanceOf(outOf('seeds.png'))).codes).toHaveLength(7)
    expect(await failureOf(engine, walk('none.png', { run: runOf('gan') }))).toMatchObject({
      code: 'model-without-encoder',
    })
  })

  it('keeps transparency', async () => {
    const anchors = [0, 5].map((index) => item(index, temporary('clear')))
    for (const out of ['clear.png', 'clear.webp']) await madeBy(walk(out, { run: runOf('clear'), anchors }))
    for (const out of ['clear.png', 'clear.webp'])
      expect(await sharp(outOf(out)).metadata()).toMatchObject({ hasAlpha: true })
    expect((await sharp(outOf('clear.png')).stats()).channels[3]).toMatchObject({ min: 0 })
  })

  it('of rows of numbers is drawn as curves', async () => {
    await madeBy(walk('rows.png', { run: runOf('rows'), anchors: [seed(1), seed(2)] }))
    expect(await sharp(outOf('rows.png')).metadata()).toMatchObject({ width: 4 * 162 + 6, height: 88 })
  })

  it('says that a film is not written, what a code must be, and that there is no arc', async () => {
    expect(await failureOf(engine, walk('film.mp4'))).toMatchObject({
      ...{ code: 'argument-invalid', received: '.mp4' },
      expected: expect.stringContaining('.webp') as string,
    })
    const code = (values: number[]) => ({ from: 'code', code: values }) as const
    expect(await failureOf(engine, walk('wide.png', { anchors: [seed(1), code([1, 2])] }))).toMatchObject({
      code: 'latents-unsuitable',
    })
    const opposite = [code([1, 0, 0]), code([-1, 0, 0])]
    expect(await madeBy(walk('opposite.png', { anchors: opposite, mode: 'slerp' }))).toMatchObject({
      warnings: ['warning.no-arc'],
    })
  })
})

describe('traversal', () => {
  const traverse = (out: string, rest: object = {}): JobInput => ({
    ...{ type: 'traverse', run: runOf('vae'), steps: 5, out: outOf(out), ...rest },
  })

  it('moves along each dimension, the most active first, so many deviations around the start', async () => {
    const { items, lines } = await madeBy(traverse('dimensions.png', { start: item(3), range: 2 }))
    expect(items).toBe(15)
    const kl = lines!.map((line) => Number(/KL (.+)$/.exec(line)![1]))
    expect(kl).toEqual(kl.toSorted((a, b) => b - a))
    const { codes, lines: named } = await provenanceOf(outOf('dimensions.png'))
    expect(named).toEqual(lines)
    const { codes: start } = await engine.codesOf({ run: runOf('vae'), anchors: [item(3)] })
    const first = Number(/^z(\d)/.exec(lines![0]!)![1])
    codes![2]!.forEach((value, i) => expect(value).toBeCloseTo(start[i]!, 4))
    const [low, high] = [codes![0]![first]!, codes![4]![first]!]
    expect((low + high) / 2).toBeCloseTo(start[first]!, 4)
    expect(high).toBeGreaterThan(low)
    const other = (first + 1) % 3
    expect(codes![0]![other]).toBeCloseTo(codes![4]![other]!, 6)
  })

  it('moves along principal components, and of a GAN along those of its first layer', async () => {
    const { lines } = await madeBy(traverse('components.png', { along: 'components' }))
    const shares = lines!.map((line) => Number(/([\d.]+) %$/.exec(line)![1]))
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(100, 0)
    await madeBy(traverse('gan.png', { run: runOf('gan'), along: 'components', top: 2 }))
    const { codes } = await provenanceOf(outOf('gan.png'))
    const moved = (line: number) => codes![5 * line]!.map((value, i) => codes![5 * line + 4]![i]! - value)
    const product = moved(0).reduce((sum, value, i) => sum + value * moved(1)[i]!, 0)
    const cosine = product / (Math.hypot(...moved(0)) * Math.hypot(...moved(1)))
    expect(Math.hypot(...moved(0))).toBeCloseTo(6, 0)
    expect(Math.abs(cosine)).toBeLessThan(0.9)
  })

  it('is refused for a single image, and for data where there is no encoder', async () => {
    await writeFlat(temporary('one', 'only.png'), { r: 9, g: 9, b: 9 })
    const data = { sources: [temporary('one')], labels: null }
    expect(await failureOf(engine, traverse('one.png', { data }))).toMatchObject({
      ...{ code: 'latents-unsuitable', received: '1' },
    })
    expect(await failureOf(engine, traverse('data.png', { run: runOf('gan'), data }))).toMatchObject({
      code: 'model-without-encoder',
    })
  })
})

describe('samples', () => {
  const draw = (out: string, rest: object = {}): JobInput => ({
    ...{ type: 'sample', run: runOf('vae'), count: 5, seed: 3, out: outOf(out), ...rest },
  })
  const mixture = (rest: object = {}) => ({ source: { type: 'mixture', components: 2, ...rest } })

  it('are the same by their number, however many are drawn, by any source', async () => {
    for (const [name, source] of Object.entries({ prior: {}, mixture: mixture() })) {
      await madeBy(draw(`${name}-5`, source))
      await madeBy(draw(`${name}-9`, { ...source, count: 9 }))
      const [five, nine] = [await provenanceOf(outOf(`${name}-5`)), await provenanceOf(outOf(`${name}-9`))]
      expect(nine.codes!.slice(0, 5)).toEqual(five.codes)
      const { codes } = await engine.drawCodes({
        ...{ run: runOf('vae'), seed: 3, first: 2, count: 1 },
        ...source,
      })
      codes.forEach((value, i) => expect(value).toBeCloseTo(five.codes![2]![i]!, 5))
      expect(await pixelsOf(outOf(`${name}-9/004.png`))).toEqual(await pixelsOf(outOf(`${name}-5/004.png`)))
    }
  })

  it('are waited for beside other questions, while their mixture is fitted', async () => {
    const source = { type: 'mixture', components: 40 } as const
    const drawn: unknown[] = []
    const drawing = engine
      .drawCodes({ run: runOf('vae'), source, seed: 3, first: 0, count: 1 })
      .then((codes) => drawn.push(codes))
    let answers = 0
    for (; drawn.length === 0; answers++) await Promise.race([engine.latentModel(runOf('vae')), drawing])
    // In one turn with the drawing the first answer would have had to wait for it.
    expect(answers).toBeGreaterThan(1)
  })

  it('are spread by the temperature', async () => {
    await madeBy(draw('warm', { temperature: 2 }))
    const [warm, usual] = [await provenanceOf(outOf('warm')), await provenanceOf(outOf('prior-5'))]
    warm.codes!.flat().forEach((value, i) => expect(value).toBeCloseTo(2 * usual.codes!.flat()[i]!, 5))
  })

  it('of each class are in a folder of it, and one class can be asked for', async () => {
    await madeBy(draw('classes', { ...mixture({ perClass: true }), count: 6 }))
    expect((await readdir(outOf('classes'))).sort()).toEqual(['0', '1', 'darkroom.json'])
    expect(await readdir(outOf('classes/1'))).toHaveLength(3)
    await madeBy(draw('class', mixture({ label: '1' })))
    expect(await readdir(outOf('class/1'))).toHaveLength(5)
    expect(await failureOf(engine, draw('no', mixture({ label: 'shoe' })))).toMatchObject({
      ...{ code: 'argument-invalid', expected: '0, 1', received: 'shoe' },
    })
    const unlabelled = { run: runOf('clear'), ...mixture({ perClass: true }) }
    expect(await failureOf(engine, draw('no', unlabelled))).toMatchObject({
      ...{ code: 'latents-unsuitable', expected: 'data with labels (--labels), to draw per class' },
    })
  })

  it('that are alike are left out, and it is said where there are too few others', async () => {
    const apart = await madeBy(draw('apart.png', { unique: 0.02, count: 3 }))
    expect(apart.items).toBe(3)
    expect(await madeBy(draw('alike.png', { unique: 0.9 }))).toMatchObject({
      ...{ items: 1, warnings: ['warning.samples-few'] },
    })
    expect(await madeBy(draw('plain.png', { run: runOf('rows') }))).toMatchObject({
      warnings: ['warning.no-prior'],
    })
  })

  it('are all the same of a decoder that does not look at codes, which is said; without temperature that is as it should be', async () => {
    expect(await madeBy(draw('cold.png', { temperature: 0 }))).toMatchObject({ warnings: [] })
    const weights = join(runOf('vae'), 'model/weights.safetensors')
    const before = await readFile(weights)
    const { tensors, metadata } = await readSafetensors(weights)
    const blind = Object.entries(tensors).map(([name, tensor]) => {
      const data = tensor.data as Float32Array
      return [name, name.startsWith('decoder') ? { ...tensor, data: data.map(() => 0) } : tensor] as const
    })
    await writeSafetensors(weights, Object.fromEntries(blind), metadata)
    expect(await madeBy(draw('blind.png'))).toMatchObject({ warnings: ['warning.samples-same'] })
    await writeFile(weights, before)
  })

  it('from a mixture need an encoder', async () => {
    expect(await failureOf(engine, draw('no.png', { run: runOf('gan'), ...mixture() }))).toMatchObject({
      code: 'model-without-encoder',
    })
  })
})

describe('a result', () => {
  it('is refused before any work where its place is taken', async () => {
    await writeData(outOf('taken.png'), '')
    await madeBy(walk('taken'))
    const nowhere = { run: temporary('nowhere'), latents: 'nowhere.csv' }
    for (const [out, file] of [
      ['taken.png', 'taken.png'],
      ['taken', 'taken/darkroom.json'],
    ] as const)
      expect(await failureOf(engine, { type: 'decode', ...nowhere, out: outOf(out) })).toMatchObject({
        ...{ code: 'file-exists', file: outOf(file) },
      })
  })

  it('into a folder leaves nothing of its own there where it fails', async () => {
    const theirs = await writeData(outOf('theirs/003.png'), 'theirs')
    expect(await failureOf(engine, walk('theirs'))).toMatchObject({ code: 'file-exists', file: theirs })
    expect(await readdir(outOf('theirs'))).toEqual(['003.png'])
    const perClass = { source: { type: 'mixture', components: 1, perClass: true } }
    const inTheWay = await writeData(outOf('classes-2/1'), 'no folder')
    const some = { type: 'sample', run: runOf('vae'), count: 4, out: outOf('classes-2') }
    await failureOf(engine, { ...some, ...perClass } as JobInput)
    expect(await readFile(inTheWay, 'utf8')).toBe('no folder')
    expect(
      (await readdir(outOf('classes-2'), { recursive: true })).filter((name) => name.endsWith('.png')),
    ).toEqual([])
  })

  it('of rows is a table, and no animation', async () => {
    const out = outOf('rows.gif')
    expect(
      await failureOf(engine, { type: 'decode', run: runOf('rows'), latents: [[0, 0, 0]], out }),
    ).toMatchObject({
      code: 'argument-invalid',
      file: out,
      received: '.gif',
    })
  })
})

describe('arithmetic', () => {
  const add = (out: string, rest: object = {}): JobInput => ({
    ...{ type: 'arithmetic', run: runOf('vae'), to: item(9), strengths: [0, 1, -2], out: outOf(out) },
    ...{ plus: { data: { sources: [shades] }, indexes: [1, 3] } },
    ...{ minus: { data: { sources: [shades] }, indexes: [0] }, ...rest },
  })

  it('adds the difference of two means', async () => {
    await madeBy(add('sum.png'))
    const { codes } = await provenanceOf(outOf('sum.png'))
    const run = runOf('vae')
    const { codes: given } = await engine.codesOf({ run, anchors: [9, 1, 3, 0].map((i) => item(i)) })
    const at = (i: number, j: number): number => given[3 * i + j]!
    for (const [i, strength] of [0, 1, -2].entries())
      for (let j = 0; j < 3; j++) {
        const expected = at(0, j) + strength * ((at(1, j) + at(2, j)) / 2 - at(3, j))
        expect(codes![i]![j]).toBeCloseTo(expected, 4)
      }
  })

  it('says which item there is not, and needs an encoder', async () => {
    const plus = { data: { sources: [shades] }, indexes: [40] }
    expect(await failureOf(engine, add('no.png', { plus }))).toMatchObject({
      ...{ code: 'argument-invalid', received: '40' },
    })
    expect(await failureOf(engine, add('no.png', { run: runOf('gan'), to: seed(1) }))).toMatchObject({
      code: 'model-without-encoder',
    })
  })
})

describe('an export', () => {
  it.each([
    'strip.png',
    'round.gif',
    'round.webp',
    'round.gif.json',
    'frames',
    'frames/002.png',
    'frames/darkroom.json',
  ])('says how it was made: %s', async (name) => {
    const read = await engine.openLatentFile(outOf(name))
    expect(read).toMatchObject({
      ...{ kind: 'export', run: 'same' },
      provenance: {
        ...{ job: { type: 'interpolate', run: runOf('vae'), steps: 4, engine: 'auto' } },
        run: { title: 'vae', recipe: 'shades', weights: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      },
    })
  })

  it('is made again from what it says, to the pixel; a changed run is said, a missing one is an error', async () => {
    const again = await darkroom(['repeat', outOf('strip.png'), '--out', outOf('again.png')])
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(await pixelsOf(outOf('again.png'))).toEqual(await pixelsOf(outOf('strip.png')))

    const weights = join(runOf('vae'), 'model', 'weights.safetensors')
    const { tensors, metadata } = await readSafetensors(weights)
    const before = await readFile(weights)
    const changed = { ...tensors, 'code.bias': tensors['code.bias'] ?? Object.values(tensors)[0]! }
    const [name, one] = Object.entries(changed)[0]!
    const data = Float32Array.from(one.data, (value) => value + 0.5)
    await writeSafetensors(weights, { ...tensors, [name]: { ...one, data } }, metadata)
    expect(await engine.openLatentFile(outOf('strip.png'))).toMatchObject({ run: 'changed' })
    const other = await darkroom(['repeat', outOf('strip.png'), '--out', outOf('other.png')])
    expect(other.stderr).toContain('has been trained further')
    expect(await pixelsOf(outOf('other.png'))).not.toEqual(await pixelsOf(outOf('strip.png')))
    await writeFile(weights, before)

    await rename(runOf('vae'), runOf('moved'))
    expect(await engine.openLatentFile(outOf('strip.png'))).toMatchObject({ run: 'missing' })
    expect(await failureOf(engine, walk('lost.png'))).toMatchObject({ code: 'run-unreadable' })
    const found = await darkroom([
      ...['repeat', outOf('strip.png'), '--out', outOf('lost.png'), '--run', runOf('moved')],
    ])
    expect(found.code).toBe(0)
    expect(await pixelsOf(outOf('lost.png'))).toEqual(await pixelsOf(outOf('strip.png')))
    await rename(runOf('moved'), runOf('vae'))
  })

  it('is not replaced, nor what stands beside it, unless that is asked for', async () => {
    for (const [name, there] of [
      ['strip.png', 'strip.png'],
      ['round.gif', 'round.gif'],
      ['frames', 'frames/darkroom.json'],
    ])
      expect(await failureOf(engine, walk(name!))).toMatchObject({ code: 'file-exists', file: outOf(there!) })
    await rm(outOf('round.gif'))
    const beside = outOf('round.gif.json')
    expect(await failureOf(engine, walk('round.gif'))).toMatchObject({ code: 'file-exists', file: beside })
    await madeBy(walk('strip.png', { overwrite: true, steps: 3 }))
    expect((await provenanceOf(outOf('strip.png'))).codes).toHaveLength(3)
  })

  it('is told from a saved view, and from anything else', async () => {
    const view = LatentView.parse({ darkroom: 'latent-view', version: 1, map: { run: runOf('vae') } })
    await madeBy({ type: 'save-view', view, out: outOf('view.json') })
    expect(await engine.openLatentFile(outOf('view.json'))).toEqual({ kind: 'view', view })
    await writeFlat(temporary('else', 'plain.png'), { r: 1, g: 2, b: 3 })
    await writeFile(temporary('else', 'broken.json'), '{"darkroom": "export"')
    await writeFile(temporary('else', 'other.json'), '{"darkroom": "export", "version": 2}')
    for (const name of ['plain.png', 'broken.json', 'other.json', '.'])
      await expect(engine.openLatentFile(temporary('else', name))).rejects.toMatchObject({
        detail: { code: 'export-unreadable' },
      })
    await expect(engine.openLatentFile(temporary('else', 'none.png'))).rejects.toMatchObject({
      detail: { code: 'file-not-found' },
    })
  })
})

describe('the command line', () => {
  it('walks between items and seeds, and says what it needs', async () => {
    const out = outOf('cli.png')
    const walked = await darkroom([
      ...['interpolate', runOf('vae'), `${shades}#0`, '--seeds', '5,6', '--steps', '3', '--out', out],
    ])
    expect(walked).toMatchObject({ code: 0, stdout: `5 made. Written: ${out}\n` })
    const one = await darkroom(['interpolate', runOf('vae'), `${shades}#0`, '--out', outOf('no.png')])
    expect(one.code).toBe(2)
    expect(one.stderr).toContain('two or more')
    const wrong = await darkroom(['interpolate', runOf('vae'), '--seeds', '5,x', '--out', outOf('no.png')])
    expect(wrong.stderr).toContain('--seeds')
  })

  it('samples, names the lines of a traversal, adds groups', async () => {
    const out = outOf('cli-folder')
    const sampled = await darkroom([
      ...['sample', runOf('vae'), '-n', '4', '--per-class', '--mixture', '1', '--out', out],
    ])
    expect(sampled).toMatchObject({ code: 0, stdout: `4 made. Written: ${out}\n` })
    expect((await provenanceOf(out)).job).toMatchObject({
      source: { type: 'mixture', components: 1, perClass: true },
    })
    const traversed = await darkroom([
      'traverse',
      runOf('vae'),
      '--top',
      '2',
      '--out',
      outOf('cli-lines.png'),
    ])
    expect(traversed.stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^z\d · KL /),
      expect.stringMatching(/^z\d · KL /),
    ])
    const added = await darkroom([
      ...['arithmetic', runOf('vae'), '--plus', `${shades}#1,3-5`, '--minus', shades, '--to', `${shades}#2`],
      ...['--strengths', '-1,0,1', '--out', outOf('cli-sum.png')],
    ])
    expect(added).toMatchObject({ code: 0 })
    const far = await darkroom([
      ...['arithmetic', runOf('vae'), '--plus', shades, '--minus', shades, '--to', `${shades}#2`],
      ...['--strengths', '1,11', '--out', outOf('far.png')],
    ])
    expect(far.stderr).toContain('--strengths: expected -10–10, received 11')
    expect((await provenanceOf(outOf('cli-sum.png'))).job).toMatchObject({
      ...{ plus: { indexes: [1, 3, 4, 5] }, minus: { indexes: null }, strengths: [-1, 0, 1] },
    })
  })
})
