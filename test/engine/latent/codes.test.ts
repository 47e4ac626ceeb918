import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LatentSpec, type Anchor } from '../../../src-main/contract/latent.ts'
import type { JobInput } from '../../../src-main/contract/jobs.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { openLatents, type Latents } from '../../../src-main/engine/latent/latents.ts'
import { readLatents, writeLatents, type LatentTable } from '../../../src-main/engine/latent/latents-file.ts'
import { createLatentQuestions } from '../../../src-main/engine/latent/questions.ts'
import { createQuestionContext } from '../../../src-main/engine/question-context.ts'
import { writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoder, denoiserRecipe, dense } from '../../support/recipes.ts'
import { shadeBytes, waves, writeRecipe, writeShades } from '../../support/trainings.ts'
import { failureOf, resultOf } from '../../support/jobs.ts'

const temporary = temporaryFolder()
const runOf = (name: string): string => temporary('runs', name)
const withoutEnd = new AbortController().signal
let engine: ReturnType<typeof createEngine>
let backend: Backend
let shades: string
let encodings = 0

/** Trained once for all tests, in a few steps: what codes are is not what they are worth. */
beforeAll(async () => {
  shades = await writeShades(temporary('data'))
  const table = await writeData(temporary('data', 'waves.csv'), waves(40))
  engine = createEngine({ threads: 1, home: temporary('home') })
  backend = await openBackend('traced', { threads: 1 })
  const variational = {
    ...{ loss: { type: 'bce' }, penalties: [{ type: 'kl' }] },
    model: autoencoder([dense(8)], 3, { variational: true }),
  }
  const recipes = {
    vae: await writeRecipe(temporary('vae.json'), variational),
    clear: await writeRecipe(temporary('clear.json'), {
      ...variational,
      data: { type: 'images', width: 8, height: 8, channels: 4 },
    }),
    rows: await writeRecipe(temporary('rows.json'), { data: { type: 'rows', scale: 'column' } }),
  }
  const labels = temporary('data', 'labels.idx.gz')
  for (const name of Array.from({ length: 12 }, (_, i) => `${i}.png`))
    await writeData(temporary('clear', name), await clearPng(Number.parseInt(name)))
  await train(recipes.vae, runOf('vae'), { sources: [shades], labels })
  const other = await writeRecipe(temporary('other.json'), { ...variational, seed: 2 })
  await train(other, runOf('other'), { sources: [shades], labels })
  const gan = await writeRecipe(temporary('gan.json'), {
    model: {
      ...{ type: 'gan', latentDim: 4 },
      ...{ generator: { layers: [dense(8)] }, discriminator: { layers: [dense(8)] } },
    },
    loss: { type: 'adversarial' },
  })
  await train(gan, runOf('gan'), { sources: [shades], labels })
  await train(recipes.clear, runOf('clear'), { sources: [temporary('clear')], labels: null })
  await train(recipes.rows, runOf('rows'), { sources: [table], labels: 'column:kind' })
}, 120_000)
afterAll(async () => {
  await engine.close()
  await backend.close()
})

/** 8×8 RGBA: transparent on the left, with a colour there that nobody sees. */
function clearPng(seed: number): Promise<Buffer> {
  const pixels = Buffer.alloc(8 * 8 * 4)
  for (let i = 0; i < 64; i++) pixels.set([20 * seed, 255 - 20 * seed, 90, i % 8 < 4 ? 0 : 255], 4 * i)
  return sharp(pixels, { raw: { width: 8, height: 8, channels: 4 } })
    .png()
    .toBuffer()
}

async function train(recipe: string, out: string, data: object): Promise<void> {
  await resultOf(engine, { type: 'train', recipe, out, data } as JobInput)
}

async function withLatents<T>(spec: object, use: (latents: Latents) => Promise<T> | T): Promise<T> {
  const counted: Pick<Backend, 'compile'> = {
    compile(step, signature) {
      encodings++
      return backend.compile(step, signature)
    },
  }
  const latents = await openLatents(LatentSpec.parse({ run: runOf('vae'), ...spec }), {
    ...{ backend: counted, home: temporary('home'), signal: withoutEnd },
    ...{ pause: () => Promise.resolve(), emit: () => undefined },
  })
  try {
    return await use(latents)
  } finally {
    await latents.close()
  }
}

/** As the window asks, with an engine of its own. */
function open() {
  const context = createQuestionContext(temporary('home'), () => openBackend('traced', { threads: 1 }))
  const questions = createLatentQuestions(context)
  return { ...questions, close: () => context.close(() => questions.close()) }
}

describe('the codes of data', () => {
  it('are those of what the run was trained on, with names, classes, parts and errors', async () => {
    await withLatents({}, async (latents) => {
      expect(latents).toMatchObject({ count: 40, size: 3 })
      expect(latents.name(7)).toBe('images.idx.gz#7')
      expect(latents.labels).toEqual({
        names: ['0', '1'],
        of: Int32Array.from({ length: 40 }, (_, i) => i % 2),
      })
      expect(latents.splits!.filter((part) => part === 'test')).toHaveLength(4)
      expect(latents.zLogVar).toHaveLength(120)
      // Computed again, one item by itself: not by the same batches.
      const sample = await latents.read([5])
      const { code } = await latents.model.encode!(sample)
      expect(Array.from(code)).toEqual(
        Array.from(latents.codes.subarray(15, 18), (value) => expect.closeTo(value, 5) as number),
      )
      const decoded = await latents.model.decode(code)
      const error = decoded.reduce((sum, value, i) => sum + (value - sample[i]!) ** 2, 0) / 64
      expect(latents.errors![5]).toBeCloseTo(error, 5)
    })
  })

  it('are of a part, or of so many items that a seed draws, each time the same ones', async () => {
    const part = await withLatents({ split: 'test' }, ({ indexes, splits }) => ({ indexes, splits }))
    expect(part.splits).toEqual(['test', 'test', 'test', 'test'])
    const drawn = (seed: number) => withLatents({ limit: 6, seed }, ({ indexes }) => [...indexes!])
    const first = await drawn(1)
    expect(first).toHaveLength(6)
    expect(first).toEqual(first.toSorted((a, b) => a - b))
    expect(await drawn(1)).toEqual(first)
    expect(await drawn(2)).not.toEqual(first)
  })

  it('are kept, and made anew for other weights', async () => {
    const before = encodings
    const codes = await withLatents({ limit: 7 }, (latents) => latents.codes)
    expect(encodings).toBeGreaterThan(before)
    const kept = encodings
    expect(await withLatents({ limit: 7 }, (latents) => latents.codes)).toEqual(codes)
    expect(encodings).toBe(kept)
  })

  it('refuses a part of other data, data of another shape, and data that have moved, naming them', async () => {
    const others = await writeData(temporary('others.idx.gz'), shadeBytes(10, 3))
    const data = { sources: [others], labels: null }
    await expect(withLatents({ data, split: 'test' }, () => null)).rejects.toMatchObject({
      detail: { code: 'data-unsuitable', file: others },
    })
    expect(await withLatents({ data }, ({ splits, count }) => ({ splits, count }))).toEqual({
      splits: null,
      count: 10,
    })
    const table = { sources: [temporary('data', 'waves.csv')], labels: null }
    await expect(withLatents({ data: table }, () => null)).rejects.toMatchObject({
      detail: { code: 'data-unsuitable' },
    })
    await rename(temporary('clear'), temporary('moved'))
    await expect(withLatents({ run: runOf('clear') }, () => null)).rejects.toMatchObject({
      detail: {
        code: 'file-not-found',
        file: temporary('clear'),
        expected: expect.stringContaining('trained on') as string,
      },
    })
    await rename(temporary('moved'), temporary('clear'))
  })
})

describe('a model without an encoder', () => {
  it('has draws from its prior for items, each with its picture', async () => {
    await withLatents({ run: runOf('gan'), limit: 5, seed: 3 }, async (latents) => {
      expect(latents).toMatchObject({ count: 5, size: 4, labels: null, splits: null, errors: null })
      expect(latents.name(2)).toBe('seed 3 #2')
      const [two, all] = [await latents.read([2]), await latents.model.decode(latents.codes)]
      expect([...two]).toEqual(
        Array.from(all.subarray(128, 192), (value) => expect.closeTo(value, 5) as number),
      )
    })
    const more = await withLatents({ run: runOf('gan'), limit: 9, seed: 3 }, ({ codes }) => codes)
    const fewer = await withLatents({ run: runOf('gan'), limit: 5, seed: 3 }, ({ codes }) => codes)
    expect(more.subarray(0, 20)).toEqual(fewer)
  })

  it('says so where pictures are to become codes', async () => {
    const data = { sources: [shades], labels: null }
    const refused = { code: 'model-without-encoder', file: runOf('gan') }
    await expect(withLatents({ run: runOf('gan'), data }, () => null)).rejects.toMatchObject({
      detail: refused,
    })
    const encode = { type: 'encode', run: runOf('gan'), data, out: temporary('gan.csv') } as const
    expect(await failureOf(engine, encode)).toMatchObject(refused)
    const questions = open()
    try {
      expect(await questions.model(runOf('gan'))).toMatchObject({ kind: 'gan', code: [4], canEncode: false })
      const codes = questions.codes({ run: runOf('gan'), anchors: [{ from: 'file', path: 'any.png' }] })
      await expect(codes).rejects.toMatchObject({ detail: refused })
    } finally {
      await questions.close()
    }
  })

  it('one without codes is refused altogether', async () => {
    const denoiser = runOf('denoiser')
    await cp(runOf('vae'), denoiser, { recursive: true })
    const info = JSON.parse(await readFile(join(denoiser, 'run.json'), 'utf8')) as { recipe: object }
    await writeFile(join(denoiser, 'run.json'), JSON.stringify({ ...info, recipe: denoiserRecipe() }))
    await expect(withLatents({ run: denoiser }, () => null)).rejects.toMatchObject({
      detail: { code: 'model-without-codes', file: denoiser },
    })
  })
})

describe('transparent pictures', () => {
  it('are seen with colours multiplied by alpha, and given back with their own', async () => {
    await withLatents({ run: runOf('clear') }, async (latents) => {
      const sample = await latents.read([1])
      // What is transparent has no colour, whatever the file says.
      expect([...sample.subarray(0, 4)]).toEqual([0, 0, 0, 0])
      const [red, green, blue, alpha] = sample.subarray(4 * 7, 4 * 8)
      expect([red, green, blue, alpha].map((value) => Math.round(255 * value!))).toEqual([20, 235, 90, 255])
    })
    const files = await filesOf({
      ...{ type: 'reconstruct', run: runOf('clear'), data: { sources: [temporary('clear')] } },
      out: temporary('back'),
    })
    expect(await sharp(files[0]).metadata()).toMatchObject({ channels: 4, width: 8 })
  })
})

const filesOf = async (job: JobInput): Promise<string[]> => {
  const result = await resultOf(engine, job)
  return 'files' in result ? result.files : []
}

describe('codes as files', () => {
  const table: LatentTable = {
    ...{ size: 2, codes: Float32Array.of(1 / 3, -2e-8, 3, 4e20) },
    ...{ names: ['a, "b"', 'c'], labels: ['shoe', null], splits: ['test', 'training'] },
  }

  it.each(['csv', 'parquet'] as const)(
    'come back from %s as they were, with what they are of',
    async (format) => {
      const file = temporary(`codes.${format}`)
      await writeLatents(file, format, table)
      expect(await readLatents(file)).toEqual(table)
    },
  )

  it('come back from NPY alone, and from arrays of other kinds', async () => {
    const file = temporary('codes.npy')
    await writeLatents(file, 'npy', table)
    expect(await readLatents(file)).toEqual({ ...table, names: null, labels: null, splits: null })
    // Of doubles, one column after the other, in a header of version 2.
    const header = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }\n"
    const head = Buffer.from(`\x93NUMPY\x02\x00\0\0\0\0${header}`, 'latin1')
    head.writeUInt32LE(header.length, 8)
    const values = Buffer.from(Float64Array.of(1, 2, 3, 4).buffer)
    await writeFile(file, Buffer.concat([head, values]))
    expect((await readLatents(file)).codes).toEqual(Float32Array.of(1, 3, 2, 4))
  })

  it('may be a bare table of numbers', async () => {
    const file = await writeData(temporary('bare.csv'), '1,2,3\n4,5,6\n')
    expect(await readLatents(file)).toMatchObject({ size: 3, codes: Float32Array.of(1, 2, 3, 4, 5, 6) })
  })

  it.each([
    ['nan.csv', 'name,z0,z1\na,1,2\nb,NaN,3\n', 'line 3, z0: NaN'],
    ['infinite.csv', 'z0,z1\n1,Infinity\n', 'line 2, z1: Infinity'],
    ['text.csv', 'z0,z1\n1,two\n', 'line 2, z1: two'],
    ['ragged.csv', 'z0,z1\n1,2\n3\n', 'line 3: 1'],
    ['empty.csv', '', 'no line'],
    ['header.csv', 'z0,z1\n', 'no row'],
    ['names.csv', 'name,label\na,b\n', 'no column of numbers'],
    ['other.npy', 'not an array', 'another one'],
    ['other.parquet', 'not a table', 'parquet'],
  ])('%s is refused, naming the place', async (name, content, received) => {
    const file = await writeData(temporary(name), content)
    await expect(readLatents(file)).rejects.toMatchObject({
      detail: { code: 'latents-unreadable', file, received: expect.stringContaining(received) as string },
    })
  })

  it('not a number in an array is refused, too', async () => {
    const file = temporary('nan.npy')
    await writeLatents(file, 'npy', { ...table, codes: Float32Array.of(1, 2, NaN, 4) })
    await expect(readLatents(file)).rejects.toMatchObject({
      detail: { code: 'latents-unreadable', received: 'row 2, z0: NaN' },
    })
  })
})

describe('encode and decode', () => {
  const data = () => ({ sources: [shades], labels: null })

  it.each(['csv', 'npy', 'parquet'])('by way of %s make what reconstruct makes', async (format) => {
    const codes = temporary(`all.${format}`)
    expect(await resultOf(engine, { type: 'encode', run: runOf('vae'), data: data(), out: codes })).toEqual({
      ...{ type: 'encode', items: 40, files: [codes, `${codes}.json`] },
    })
    const out = temporary(`decoded-${format}`)
    const decoded = await filesOf({ type: 'decode', run: runOf('vae'), latents: codes, out })
    const again = await filesOf({
      ...{ type: 'reconstruct', run: runOf('vae'), data: data(), out: temporary(`again-${format}`) },
    })
    expect(decoded).toHaveLength(41)
    for (const i of [0, 17, 39]) {
      const [a, b] = await Promise.all([decoded[i]!, again[i]!].map((file) => sharp(file).raw().toBuffer()))
      expect(a!.equals(b!)).toBe(true)
    }
    // Called like the items, where the file says what they are.
    expect((await readdir(out)).sort()[0]).toBe(format === 'npy' ? '001.png' : 'darkroom.json')
  })

  it('says beside an array what its rows are', async () => {
    const note = JSON.parse(await readFile(temporary('all.npy.json'), 'utf8')) as {
      items: { labels: string[] }
    }
    expect(note.items).toMatchObject({ labels: Array.from({ length: 40 }, (_, i) => `${i % 2}`) })
  })

  it('gives rows back in their own range', async () => {
    const codes = temporary('rows.csv')
    const table = { sources: [temporary('data', 'waves.csv')], labels: null }
    await filesOf({ type: 'encode', run: runOf('rows'), data: table, out: codes })
    const [decoded] = await filesOf({
      ...{ type: 'decode', run: runOf('rows'), latents: codes, out: temporary('decoded.csv') },
    })
    const [again] = await filesOf({
      ...{ type: 'reconstruct', run: runOf('rows'), data: table, out: temporary('again.csv') },
    })
    const numbers = async (file: string): Promise<number[]> =>
      (await readFile(file, 'utf8')).trim().split(/[\n,]/).map(Number)
    const wanted = await numbers(again!)
    expect(await numbers(decoded!)).toEqual(wanted.map((value) => expect.closeTo(value, 5) as number))
  })

  it('refuses codes of another width, a path of another kind, and to write over a file', async () => {
    const latents = temporary('narrow.csv')
    await writeFile(latents, 'z0,z1\n1,2\n')
    const out = temporary('never.png')
    expect(await failureOf(engine, { type: 'decode', run: runOf('vae'), latents, out })).toEqual({
      ...{ code: 'latents-unsuitable', file: latents, expected: 'codes of 3 numbers', received: '2' },
    })
    expect(
      await failureOf(engine, { type: 'decode', run: runOf('vae'), latents: [[1, 2, 3, 4]], out }),
    ).toMatchObject({
      ...{ code: 'latents-unsuitable', expected: 'codes of 3 numbers', received: '4' },
    })
    const encode = { type: 'encode', run: runOf('vae'), data: data() } as const
    expect(await failureOf(engine, { ...encode, out: temporary('codes.xlsx') })).toMatchObject({
      code: 'argument-invalid',
    })
    expect(await failureOf(engine, { ...encode, out: temporary('all.csv') })).toMatchObject({
      code: 'file-exists',
    })
  })
})

const python = process.env['DARKROOM_PYTHON'] ?? 'python3'
const pythonHas = (module: string): boolean => {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    console.warn(`${python} has no ${module}: that it reads our files is not tried`)
    return false
  }
}

describe.skipIf(!pythonHas('numpy'))('NumPy', () => {
  it('reads the array', async () => {
    const file = temporary('for-numpy.npy')
    await writeLatents(file, 'npy', {
      ...{ size: 3, codes: Float32Array.of(1, 2.5, -3, 4, 5, 6), names: null, labels: null, splits: null },
    })
    const code = `import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a.tolist())`
    expect(execFileSync(python, ['-c', code, file], { encoding: 'utf8' }).trim()).toBe(
      'float32 (2, 3) [[1.0, 2.5, -3.0], [4.0, 5.0, 6.0]]',
    )
  })
})

describe.skipIf(!pythonHas('pyarrow'))('Arrow', () => {
  it('reads the table', async () => {
    const file = temporary('for-arrow.parquet')
    const codes = Float32Array.of(1, 2.5, -3, 4)
    await writeLatents(file, 'parquet', {
      size: 2,
      codes,
      names: ['a', 'b'],
      labels: ['x', null],
      splits: null,
    })
    const code =
      'import pyarrow.parquet, sys; t = pyarrow.parquet.read_table(sys.argv[1]); print(t.column_names, t["z1"].type, t.to_pylist())'
    expect(execFileSync(python, ['-c', code, file], { encoding: 'utf8' }).trim()).toBe(
      "['name', 'label', 'z0', 'z1'] float [{'name': 'a', 'label': 'x', 'z0': 1.0, 'z1': 2.5}, {'name': 'b', 'label': None, 'z0': -3.0, 'z1': 4.0}]",
    )
  })
})

describe('questions of the window', () => {
  it('say what a run is, and answer again once it was trained further', async () => {
    await cp(runOf('vae'), runOf('further'), { recursive: true })
    const questions = open()
    try {
      const run = runOf('further')
      expect(await questions.model(run)).toMatchObject({
        ...{ run, title: 'further', kind: 'variational', input: [8, 8, 1], code: [3], canEncode: true },
        ...{ items: 40, labelNames: ['0', '1'], data: { sources: [shades] } },
      })
      expect(await questions.model(runOf('rows'))).toMatchObject({ kind: 'autoencoder', input: [12] })
      const code = { run, codes: Float32Array.of(0.5, -1, 2) }
      const before = await questions.decode(code)
      expect(before).toMatchObject({ count: 1, width: 8, height: 8 })
      expect(before.pixels.filter((_, i) => i % 4 === 3)).toEqual(new Uint8Array(64).fill(255))
      await cp(join(runOf('other'), 'model'), join(run, 'model'), { recursive: true })
      expect((await questions.decode(code)).pixels).not.toEqual(before.pixels)
    } finally {
      await questions.close()
    }
  })

  it('codes are those of files, items, draws, and themselves', async () => {
    const questions = open()
    const run = runOf('clear')
    const picture = join(temporary('clear'), '3.png')
    const names = (await readdir(temporary('clear'))).sort()
    const anchors: Anchor[] = [
      { from: 'file', path: picture },
      {
        from: 'item',
        data: { sources: [temporary('clear')], labels: null },
        index: names.indexOf('3.png'),
      },
      { from: 'code', code: [1, 2, 3] },
      { from: 'seed', seed: 4, index: 1 },
      { from: 'seed', seed: 4, index: 1 },
    ]
    try {
      const { codes, size } = await questions.codes({ run, anchors })
      const code = (i: number): number[] => [...codes.subarray(i * size, (i + 1) * size)]
      expect(code(0)).toEqual(code(1))
      expect(code(2)).toEqual([1, 2, 3])
      expect(code(3)).toEqual(code(4))
      const drawn = await questions.draw({
        ...{ run, source: { type: 'prior' }, seed: 4, first: 0, count: 3, temperature: 1 },
      })
      expect([...drawn.codes.subarray(3, 6)]).toEqual(code(3))
      const refusal = (anchor: Anchor) =>
        questions.codes({ run, anchors: [anchor] }).catch((thrown: unknown) => thrown)
      expect(await refusal({ from: 'code', code: [1, 2] })).toMatchObject({
        detail: { code: 'latents-unsuitable', expected: 'codes of 3 numbers', received: '2' },
      })
      expect(await refusal({ ...anchors[1], index: 99 } as Anchor)).toMatchObject({
        detail: { code: 'argument-invalid', expected: 'an item from 0 to 11', received: '99' },
      })
    } finally {
      await questions.close()
    }
  })

  it('draws rows as curves, and refuses what are no codes', async () => {
    const questions = open()
    try {
      const run = runOf('rows')
      const curves = await questions.decode({ run, codes: new Float32Array(6) })
      expect(curves).toMatchObject({ count: 2, width: 160, height: 80 })
      expect(curves.pixels).toHaveLength(2 * 160 * 80 * 4)
      for (const codes of [new Float32Array(4), Float32Array.of(1, NaN, 2)])
        await expect(questions.decode({ run, codes })).rejects.toMatchObject({
          detail: { code: 'latents-unsuitable', file: run },
        })
    } finally {
      await questions.close()
    }
  })
})
