import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ModelCard } from '../../../src-main/contract/models.ts'
import { listModels, readModel } from '../../../src-main/engine/storage/models.ts'

const bytes = Uint8Array.of(1, 2, 3)
const card: ModelCard = {
  version: 1,
  id: 'tiny',
  title: 'Tiny',
  task: 'denoise',
  description: 'For this test.',
  file: 'tiny.onnx',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  spec: { type: 'denoiser', channels: 3, widths: [4], blocks: [1] },
  sigmaRange: [0, 55],
  licence: 'Apache-2.0',
  training: { data: [], recipe: 'tiny', seed: 1, steps: 0, trainer: 'none', date: '2026-01-01' },
  figures: [],
  limits: 'It is no network at all.',
}

let folder: string
let assets: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-models-'))
  assets = join(folder, 'assets')
})
afterAll(() => rm(folder, { recursive: true }))

async function ship(id: string, json: string): Promise<string> {
  const home = join(assets, 'models', id)
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'model.json'), json)
  await writeFile(join(home, 'tiny.onnx'), bytes)
  return home
}

it('lists nothing where nothing is shipped', async () => {
  expect(await listModels(join(folder, 'nowhere'))).toEqual([])
})

it('reads a shipped model by its id, only as its card describes it', async () => {
  const home = await ship('tiny', JSON.stringify(card))
  await mkdir(join(assets, 'models', 'no-card'))
  expect(await listModels(assets)).toEqual([card])
  const model = await readModel('tiny', assets)
  expect(model).toMatchObject({ name: 'tiny', file: join(home, 'tiny.onnx'), card })
  expect([...model.bytes]).toEqual([...bytes])

  await writeFile(join(home, 'tiny.onnx'), 'changed')
  await expect(readModel('tiny', assets)).rejects.toThrow(`expected sha256 ${card.sha256}`)
  await rm(home, { recursive: true })
})

it.each([
  ['is no JSON', '{'],
  ['lacks a field', JSON.stringify({ ...card, licence: undefined })],
  ['names another model', JSON.stringify({ ...card, id: 'other' })],
])('refuses a card that %s', async (_, json) => {
  const home = await ship('tiny', json)
  await expect(listModels(assets)).rejects.toThrow(`model-unreadable: ${join(home, 'model.json')}`)
  await rm(home, { recursive: true })
})

it('reads an .onnx file and the model of a run', async () => {
  const file = join(folder, 'théirs.ONNX')
  await writeFile(file, bytes)
  expect(await readModel(file, assets)).toMatchObject({ name: 'théirs', file, card: null })
  const run = join(folder, 'my-run')
  await mkdir(run)
  await expect(readModel(run, assets)).rejects.toThrow(`model-unreadable: ${join(run, 'model.onnx')}`)
  await writeFile(join(run, 'model.onnx'), bytes)
  expect(await readModel(`${run}/`, assets)).toMatchObject({ name: 'my-run', card: null })
})

it('says what there is when a name is unknown', async () => {
  await ship('tiny', JSON.stringify(card))
  await expect(readModel('photo', assets)).rejects.toThrow(
    'model-unknown: expected tiny, an .onnx file, a run folder: received photo',
  )
  await expect(readModel(join(folder, 'none.onnx'), assets)).rejects.toThrow('model-unknown')
})
