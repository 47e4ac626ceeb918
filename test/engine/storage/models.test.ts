import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { translate } from '../../../src-main/contract/messages/messages.ts'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import {
  interfaceOf,
  textsOfModel,
  zeroShotInterface,
  type ModelCard,
  type ModelEntry,
  type ModelInterface,
} from '../../../src-main/contract/models.ts'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import {
  bytesOf,
  deleteModel,
  findSameModel,
  listModels,
  readModel,
  renameModel,
  storeModel,
  type ModelFolders,
} from '../../../src-main/engine/storage/models.ts'
import { readRun, runFile, writeRun } from '../../../src-main/engine/storage/runs.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const temporary = temporaryFolder()
const bytes = Uint8Array.of(1, 2, 3)
const card: ModelCard = {
  version: 1,
  id: 'tiny',
  title: 'Tiny',
  task: 'denoise',
  description: 'For this test.',
  file: 'tiny.onnx',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  spec: DenoiserSpec.parse({ type: 'denoiser', widths: [4], blocks: [1] }),
  sigmaRange: [0, 55],
  licence: 'Apache-2.0',
  training: { data: [], recipe: 'tiny', seed: 1, steps: 0, trainer: 'none', date: '2026-01-01' },
  figures: [],
  limits: 'It is no network at all.',
}
const theirs: ModelInterface = {
  ...{ layout: 'NHWC', channels: 1, white: 255, output: 'noise', sigma: 'none', multiple: 4 },
}
const facts = { title: 'Night photos!', licence: 'MIT', description: null, interface: theirs }

let folders: ModelFolders
let count = 0
beforeEach(() => {
  count++
  folders = { assets: temporary(`${count}`, 'assets'), home: temporary(`${count}`, 'home') }
})

async function put(file: string, content: string | Uint8Array): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
  return file
}

async function ship(id = 'tiny', json = JSON.stringify({ ...card, id })): Promise<string> {
  await put(join(folders.assets, 'models', id, 'model.json'), json)
  return put(join(folders.assets, 'models', id, 'tiny.onnx'), bytes)
}

const denoiserRecipe = Recipe.parse({
  version: 2,
  name: 'tiny',
  data: { type: 'patches', patch: 16 },
  model: card.spec,
  corruption: [{ type: 'gaussian', sigma: [0, 55] }],
  loss: { type: 'l1' },
  optimizer: { rate: 0.001 },
  batch: 1,
  steps: 1,
})

/** A run as the trainer leaves it. */
async function addRun(name: string, recipe: Recipe = denoiserRecipe): Promise<string> {
  const folder = join(folders.home, 'runs', name)
  const data = {
    ...{ sources: [], labels: null, kind: 'folder' as const, items: 1, shape: [16, 16, 3], sha256: '' },
    ...{ labelNames: null, scaling: null, skipped: [], skippedCount: 0 },
  }
  const split = { training: 1, validation: 0, test: 0, stratified: false, sha256: '' }
  const rest = { product: '0', parameters: 1, startFrom: null, sessions: [], finished: null }
  await mkdir(folder, { recursive: true })
  await writeRun(folder, { version: 2, recipe, data, split, ...rest })
  return put(runFile(folder, 'model'), bytes)
}

/** Those that have a file. */
const listFiles = async (): Promise<ModelEntry[]> =>
  (await listModels(folders)).filter(({ origin }) => origin !== 'built-in')

const ids = async (): Promise<string[]> => (await listFiles()).map(({ id }) => id)

describe('listModels', () => {
  it('lists the one that has no file, which can be read but neither renamed nor deleted', async () => {
    expect(await listModels(folders)).toEqual([
      {
        ...{ id: 'zero-shot', title: 'zero-shot', origin: 'built-in', file: '', bytes: 0 },
        ...{ interface: zeroShotInterface, card: null, licence: null, description: null, error: null },
      },
    ])
    const model = await readModel('zero-shot', folders)
    expect(model).toMatchObject({ name: 'zero-shot', bytes: null })
    expect(() => bytesOf(model)).toThrow('model-incompatible: zero-shot')
    await expect(renameModel('zero-shot', 'x', folders)).rejects.toThrow('argument-invalid')
    await expect(deleteModel('zero-shot', folders)).rejects.toThrow('argument-invalid')
  })

  it('lists what the product brings; each is called in the catalogue what its card says', async () => {
    const assets = fileURLToPath(new URL('../../../assets', import.meta.url))
    const brought = await listModels({ ...folders, assets })
    expect(brought.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['camera', 'photo', 'photo-fast', 'zero-shot']),
    )
    for (const model of brought) {
      const { title, description } = textsOfModel(model)!
      if (model.card !== null)
        expect([translate('en', title), translate('en', description)]).toEqual([
          model.card.title,
          model.card.description,
        ])
    }
    // An added one of that name is another's.
    expect(textsOfModel({ id: 'photo', origin: 'added' })).toBeNull()
  })

  it('lists nothing where there is nothing', async () => {
    expect(await listFiles()).toEqual([])
  })

  it('lists shipped, added and trained models with what is known of them', async () => {
    const shipped = await ship()
    const added = await storeModel(Uint8Array.of(4), facts, folders)
    const trained = await addRun('my run')
    // None of these is a model: no card, not written yet, left by a process that was killed.
    await mkdir(join(folders.assets, 'models', 'no-card'))
    await mkdir(join(folders.home, 'runs', 'just begun'))
    await mkdir(join(folders.home, 'models', '.darkroom-0123.tmp'))
    const nothing = { card: null, licence: null, description: null, error: null }
    const ours = interfaceOf(card.spec)
    expect(await listFiles()).toEqual([
      {
        ...{ ...nothing, id: 'tiny', title: 'Tiny', origin: 'shipped', file: shipped, bytes: 3, card },
        interface: ours,
      },
      { ...added, id: 'night-photos', title: 'Night photos!', origin: 'added', bytes: 1, interface: theirs },
      {
        ...{ ...nothing, id: 'run-my run', title: 'my run', origin: 'trained', file: trained, bytes: 3 },
        interface: ours,
      },
    ])
  })

  it.each([
    ['is no JSON', '{'],
    ['lacks a field', JSON.stringify({ ...card, licence: undefined })],
    ['names another model', JSON.stringify({ ...card, id: 'other' })],
  ])('lists a model whose card %s with an error, and the others without', async (_, json) => {
    await ship('a-damaged', json)
    await ship('whole')
    const [damaged, whole] = await listFiles()
    const file = join(folders.assets, 'models', 'a-damaged', 'model.json')
    expect(damaged).toMatchObject({ id: 'a-damaged', interface: null, card: null })
    expect(damaged!.error).toMatchObject({ code: 'model-unreadable', file })
    expect(whole).toMatchObject({ id: 'whole', error: null })
    await expect(readModel('a-damaged', folders)).rejects.toThrow(`model-unreadable: ${file}`)
  })

  it('says so of a model whose file is gone, and of a damaged added model and run', async () => {
    await put(join(folders.assets, 'models', 'gone', 'model.json'), JSON.stringify({ ...card, id: 'gone' }))
    await put(join(folders.home, 'models', 'damaged', 'model.json'), '{"version":2}')
    await put(runFile(join(folders.home, 'runs', 'damaged'), 'model'), bytes)
    const entries = await listFiles()
    expect(entries.map(({ id, error }) => [id, error?.code])).toEqual([
      ['gone', 'model-unreadable'],
      ['damaged', 'model-unreadable'],
      ['run-damaged', 'run-unreadable'],
    ])
  })
})

describe('runs among the models', () => {
  const noise = { type: 'gaussian', sigma: [0, 55] }
  const recipeOf = (fields: object): Recipe => Recipe.parse({ ...denoiserRecipe, ...fields })
  const images = { type: 'images', width: 32, height: 24, channels: 3 }
  const conv = (stride: number) => ({ type: 'conv', filters: 8, stride })
  const autoencoder = (encoder: object, fields: object = {}) => ({
    ...{ data: images, validateSigma: [] },
    model: {
      type: 'autoencoder',
      encoder: { layers: [conv(2), conv(2)], latentDim: null, ...encoder },
      decoder: {},
    },
    ...fields,
  })

  it.each([
    ['a denoiser', {}, { sigma: 'map', multiple: 2, channels: 3 }],
    ['a blind denoiser', { model: { ...card.spec, condition: 'none' } }, { sigma: 'none', multiple: 2 }],
    ['JPEG and rounding', { corruption: [{ type: 'jpeg', quality: [5, 50] }, { type: 'quantize' }] }, {}],
    ['a convolutional autoencoder', autoencoder({}), { sigma: 'none', multiple: 4, channels: 3 }],
    ['a gray one', autoencoder({}, { data: { ...images, channels: 1 } }), { channels: 1 }],
  ])('there is %s', async (_, fields, found) => {
    await addRun('mine', recipeOf(fields))
    expect(await listFiles()).toMatchObject([{ id: 'run-mine', interface: found, error: null }])
  })

  it.each([
    [
      'super-resolution',
      { model: { ...card.spec, condition: 'none' }, corruption: [{ type: 'downscale', factor: 2 }] },
    ],
    [
      'inpainting',
      {
        model: { ...card.spec, condition: 'mask' },
        corruption: [{ type: 'blocks', count: [1, 1], side: [4, 4] }],
      },
    ],
    ['rounding alone', { corruption: [{ type: 'quantize' }] }],
    [
      'missing blocks among noise',
      {
        corruption: [
          { type: 'oneOf', options: [{ weight: 1, corruptions: [noise, { type: 'mask', share: [0, 1] }] }] },
        ],
      },
    ],
    ['an autoencoder of clean images', autoencoder({}, { corruption: [] })],
    ['one with a vector as its code', autoencoder({ latentDim: 8 })],
    ['a dense one', autoencoder({ layers: [{ type: 'dense', units: 8 }] })],
    ['one with alpha', autoencoder({}, { data: { ...images, channels: 4 } })],
    ['one whose strides do not divide its images', autoencoder({ layers: [conv(4), conv(4)] })],
  ])('there is not %s, which is read by its folder all the same', async (_, fields) => {
    const file = await addRun('mine', recipeOf(fields))
    expect(await listFiles()).toEqual([])
    await expect(readModel('run-mine', folders)).rejects.toThrow('model-unknown')
    const run = join(folders.home, 'runs', 'mine')
    expect(await readModel(run, folders)).toMatchObject({ file, interface: null })
  })

  it('an autoencoder is read with its interface, which its file does not say', async () => {
    await addRun('mine', recipeOf(autoencoder({})))
    expect((await readModel('run-mine', folders)).interface).toMatchObject({ multiple: 4, sigma: 'none' })
  })
})

describe('readModel', () => {
  it('reads a shipped model by its id, only as its card describes it', async () => {
    const file = await ship()
    const model = await readModel('tiny', folders)
    expect(model).toMatchObject({ name: 'tiny', file, card, interface: null })
    expect([...bytesOf(model)]).toEqual([...bytes])
    await writeFile(file, 'changed')
    await expect(readModel('tiny', folders)).rejects.toThrow(`expected sha256 ${card.sha256}`)
  })

  it('reads an added model by its id with its interface, only as it was added', async () => {
    const { id, file } = await storeModel(bytes, facts, folders)
    const model = await readModel(id, folders)
    expect(model).toMatchObject({ name: 'night-photos', file, card: null, interface: theirs })
    await writeFile(file, 'changed')
    await expect(readModel(id, folders)).rejects.toThrow('model-unreadable')
  })

  it('reads a trained model by its id, an .onnx file and a run folder elsewhere by their paths', async () => {
    const file = await addRun('mine')
    expect(await readModel('run-mine', folders)).toMatchObject({ name: 'mine', file, interface: null })
    const theirFile = await put(temporary('théirs.ONNX'), bytes)
    expect(await readModel(theirFile, folders)).toMatchObject({ name: 'théirs', file: theirFile, card: null })
    const run = temporary('my-run')
    await mkdir(run)
    await expect(readModel(run, folders)).rejects.toThrow(`model-unreadable: ${runFile(run, 'model')}`)
    await put(runFile(run, 'model'), bytes)
    expect(await readModel(`${run}/`, folders)).toMatchObject({ name: 'my-run', card: null })
  })

  it('takes a shipped model before an added one of the same id', async () => {
    await storeModel(Uint8Array.of(4), { ...facts, title: 'tiny' }, folders)
    await ship()
    expect((await readModel('tiny', folders)).card).toEqual(card)
  })

  it('says what there is when a name is unknown', async () => {
    await ship()
    await addRun('mine')
    await expect(readModel('photo', folders)).rejects.toThrow(
      'model-unknown: expected tiny, zero-shot, run-mine, an .onnx file, a run folder: received photo',
    )
    await expect(readModel(temporary('none.onnx'), folders)).rejects.toThrow('model-unknown')
  })
})

describe('storeModel', () => {
  const add = async (title: string): Promise<string> =>
    (await storeModel(bytes, { ...facts, title }, folders)).id

  it('makes ids from titles that nothing else has', async () => {
    await ship('photo')
    expect(await add('Photo')).toBe('photo-2')
    expect(await add('  Photo ')).toBe('photo-3')
    expect(await add('Über / ../Nacht')).toBe('uber-nacht')
    expect(await add('밤 사진')).toBe('model')
    expect(await add('run mine')).toBe('model-run-mine')
    expect(await add('CON')).toBe('model-con')
    expect(await add('x'.repeat(120))).toHaveLength(60)
    expect(new Set(await ids()).size).toBe(8)
  })

  it('leaves nothing half written', async () => {
    await add('one')
    expect(await readdir(join(folders.home, 'models'))).toEqual(['one'])
    expect((await readdir(join(folders.home, 'models', 'one'))).sort()).toEqual(['model.json', 'model.onnx'])
    await put(join(folders.home, 'models', 'file'), '')
    const nowhere = { ...folders, home: join(folders.home, 'models', 'file') }
    await expect(storeModel(bytes, facts, nowhere)).rejects.toThrow('output-unwritable')
  })

  it('is asked first whether the file is there already', async () => {
    expect(await findSameModel(bytes, folders)).toBeNull()
    const id = await add('one')
    expect(await findSameModel(bytes, folders)).toMatchObject({ id })
    expect(await findSameModel(Uint8Array.of(9), folders)).toBeNull()
    await put(join(folders.home, 'models', id, 'model.json'), '{')
    expect(await findSameModel(bytes, folders)).toBeNull()
    await ship()
    expect(await findSameModel(bytes, folders)).toMatchObject({ id: 'tiny' })
  })
})

describe('renameModel', () => {
  it('gives an added model another title, which stays', async () => {
    const { id } = await storeModel(bytes, facts, folders)
    const renamed = await renameModel(id, '밤', folders)
    expect(renamed).toMatchObject({ id, title: '밤', licence: 'MIT' })
    expect(await listFiles()).toEqual([renamed])
  })

  it('gives a trained model another title, which stays when the training goes on', async () => {
    const file = await addRun('mine')
    expect(await renameModel('run-mine', 'Mine, better', folders)).toMatchObject({ title: 'Mine, better' })
    await addRun('mine')
    expect(await listFiles()).toMatchObject([{ id: 'run-mine', title: 'Mine, better', file }])
  })

  it.each(['', 'x'.repeat(121)])('refuses the title “%s”', async (title) => {
    const { id } = await storeModel(bytes, facts, folders)
    await expect(renameModel(id, title, folders)).rejects.toThrow('argument-invalid')
    expect(await listFiles()).toMatchObject([{ title: facts.title }])
  })

  it('refuses shipped and unknown models', async () => {
    await ship()
    await expect(renameModel('tiny', 'x', folders)).rejects.toThrow('argument-invalid')
    await expect(renameModel('../tiny', 'x', folders)).rejects.toThrow('model-unknown')
  })
})

describe('deleteModel', () => {
  it('deletes an added model with its folder', async () => {
    const { id } = await storeModel(bytes, facts, folders)
    await deleteModel(id, folders)
    expect(await readdir(join(folders.home, 'models'))).toEqual([])
  })

  it('deletes the network of a run and nothing else of it', async () => {
    const file = await addRun('mine')
    await deleteModel('run-mine', folders)
    expect(await ids()).toEqual([])
    expect(await readdir(dirname(file))).toEqual([])
    expect(await readRun(join(folders.home, 'runs', 'mine'))).toMatchObject({ recipe: denoiserRecipe })
  })

  it('refuses shipped and unknown models', async () => {
    const file = await ship()
    await expect(deleteModel('tiny', folders)).rejects.toThrow('argument-invalid')
    await expect(deleteModel('..', folders)).rejects.toThrow('model-unknown')
    expect([...(await readFile(file))]).toEqual([...bytes])
  })
})
