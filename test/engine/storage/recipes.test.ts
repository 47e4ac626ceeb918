import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Recipe } from '../../../src-main/contract/recipe.ts'
import { listRecipes, loadRecipe, overrideRecipe } from '../../../src-main/engine/storage/recipes.ts'

const assets = fileURLToPath(new URL('../../../assets', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recipes-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function written(content: unknown): Promise<string> {
  const file = join(folder, 'mine.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
const autoencoder = {
  version: 2,
  name: 'mine',
  data: { type: 'images' },
  model: {
    type: 'autoencoder',
    encoder: {
      layers: [
        { type: 'dense', units: 8 },
        { type: 'dense', units: 4 },
      ],
      latentDim: 2,
    },
    decoder: {},
  },
  loss: { type: 'mse' },
  optimizer: { rate: 0.01 },
  batch: 8,
  epochs: 3,
}
const load = (overrides: string[]) => loadRecipe('photo-denoiser', assets, overrides)

describe('recipes', () => {
  it('that are shipped are listed whole, by name', async () => {
    const shipped = await listRecipes(assets, (thrown) => {
      throw thrown
    })
    expect(shipped.map(({ name }) => name)).toContain('photo-denoiser')
    for (const { name, description, recipe } of shipped) {
      expect(recipe).toEqual(await loadRecipe(name, assets))
      expect(recipe.name).toBe(name)
      expect(description).not.toBe('')
    }
  })

  it('that are broken do not hide the others', async () => {
    const ours = join(folder, 'ours')
    await mkdir(join(ours, 'recipes'), { recursive: true })
    await writeFile(join(ours, 'recipes', 'broken.json'), '{')
    await writeFile(join(ours, 'recipes', 'whole.json'), JSON.stringify(autoencoder))
    const thrown: unknown[] = []
    const listed = await listRecipes(ours, (error) => thrown.push(error))
    expect(listed.map(({ name }) => name)).toEqual(['whole'])
    expect(thrown).toMatchObject([{ detail: { code: 'recipe-invalid' } }])
  })

  it('are read from a file too, defaults filled in', async () => {
    const shipped = await load([])
    const { seed, ...rest } = shipped
    expect(seed).toBe(1)
    expect(await loadRecipe(await written(rest), assets)).toEqual(shipped)
  })

  it('change by path: numbers, lists, items of lists, null, fields that were left to their default', async () => {
    const recipe = await load([
      'optimizer.rate=1e-4',
      'model.widths=[8,16,24]',
      'corruption.0.sigma=[0,30]',
      'optimizer.clipNorm=null',
      'loss.type=mse',
      'validateSigma.1=30',
      'corruption=[{"type":"quantize"}]',
    ])
    expect(recipe.optimizer).toMatchObject({ rate: 1e-4, clipNorm: null })
    expect(recipe.model).toMatchObject({ widths: [8, 16, 24] })
    expect(recipe.loss.type).toBe('mse')
    expect(recipe.validateSigma).toEqual([15, 30, 50])
    expect(recipe.corruption).toEqual([{ type: 'quantize', probability: 1 }])
  })

  it('change below `model` where the path is none of the recipe itself', () => {
    const before = Recipe.parse(autoencoder)
    const { model } = overrideRecipe(before, [
      'encoder.latentDim=16',
      'encoder.layers.1.units=6',
      'tied=true',
    ])
    expect(model).toMatchObject({ tied: true, encoder: { latentDim: 16, layers: [{}, { units: 6 }] } })
    expect(before).toEqual(Recipe.parse(autoencoder))
  })

  it('take from epochs and steps the one that is named', () => {
    const before = Recipe.parse(autoencoder)
    expect(overrideRecipe(before, ['steps=50'])).toMatchObject({ steps: 50, epochs: null })
    expect(overrideRecipe(before, ['steps=50', 'epochs=2'])).toMatchObject({ steps: null, epochs: 2 })
    expect(overrideRecipe(before, ['epochs=null'])).toMatchObject({ steps: null, epochs: null })
  })

  it('give a field of another kind its defaults, which can then be changed', () => {
    const { loss } = overrideRecipe(Recipe.parse(autoencoder), ['loss.type=gaussian', 'loss.sigma=0.5'])
    expect(loss).toEqual({ type: 'gaussian', sigma: 0.5, reduction: 'sum' })
  })

  it.each([
    ['optimizer.speed=1', 'optimizer.speed'],
    ['corruption.9.sigma=[0,1]', 'corruption.9.sigma'],
    ['model.widths.length=1', 'model.widths.length'],
    ['__proto__.x=1', '__proto__.x'],
    ['steps.x=1', 'steps.x'],
    ['steps', 'steps'],
    ['=1', '=1'],
    ['steps=many', 'steps: '],
    ['batch=0', 'batch: '],
    ['optimizer={"type":"adam"}', 'optimizer.rate: '],
    ['corruption.0.type=rain', 'corruption.0.type: '],
    ['model.widths=[8,"wide"]', 'model.widths.1: '],
    ['data={"type":"patches","patch":64,"heldOut":8}', 'data.heldOut: unknown key'],
    ['batch=[{"fromEpoch":0,"size":"many"}]', 'batch.0.size: '],
    ['batch=many', 'batch: '],
  ])('refuse %s and name the field', async (override, named) => {
    const error = await load([override]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ detail: { code: 'recipe-invalid' } })
    expect((error as { detail: { received: string } }).detail.received).toContain(named)
  })

  it.each([
    [{ encoder: { layers: [{ type: 'dense', units: 0 }], latentDim: 2 } }, 'model.encoder.layers.0.units: '],
    [{ encoder: { layers: [{ type: 'dens', units: 3 }], latentDim: 2 } }, 'model.encoder.layers.0.type: '],
    [{ encoder: { layers: [{ type: 'conv' }], latentDim: 2 } }, 'model.encoder.layers.0.filters: '],
    [{ encoder: { layers: [], latentDim: 2, width: 3 } }, 'model.encoder.width: unknown key'],
    [{ decoder: { layers: [{ type: 'dense' }] } }, 'model.decoder.layers.0.units: '],
    [{ decoder: { layers: 'mirrored' } }, 'model.decoder.layers: '],
    [{ type: 'autoencode' }, 'model.type: '],
  ])('refuse a model of %j and name the field', async (change, named) => {
    const file = await written({ ...autoencoder, model: { ...autoencoder.model, ...change } })
    const error: unknown = await loadRecipe(file, assets).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      detail: { code: 'recipe-invalid', file, received: expect.stringContaining(named) as string },
    })
  })

  it('of version 1 are read as the same recipes of today', async () => {
    const { version, split, ...rest } = await load([])
    expect(version).toBe(2)
    const added = ['epochs', 'penalties', 'pretraining', 'earlyStopping', 'keep']
    const known = Object.entries(rest).filter(([field]) => !added.includes(field))
    const data = { patch: 64, heldOut: 5 }
    const old = { ...Object.fromEntries(known), version: 1, data, loss: { type: 'l1' } }
    const recipe = await loadRecipe(await written(old), assets)
    expect(recipe).toMatchObject({
      data: { type: 'patches', patch: 64 },
      split: { ...split, validation: 5, test: 0 },
      loss: { type: 'l1', reduction: 'mean' },
    })
  })

  it('refuse unknown keys, other versions, what is no JSON, what is not there', async () => {
    const shipped = await load([])
    await expect(loadRecipe(await written({ ...shipped, colour: 1 }), assets)).rejects.toMatchObject({
      detail: { code: 'recipe-invalid', received: expect.stringContaining('colour') as string },
    })
    await expect(loadRecipe(await written({ ...shipped, version: 3 }), assets)).rejects.toMatchObject({
      detail: { code: 'recipe-invalid', received: expect.stringContaining('version') as string },
    })
    await expect(loadRecipe(await written('{'), assets)).rejects.toMatchObject({
      detail: { code: 'recipe-invalid', file: join(folder, 'mine.json') },
    })
    await expect(loadRecipe(join(folder, 'none.json'), assets)).rejects.toMatchObject({
      detail: { code: 'recipe-unknown' },
    })
    await expect(loadRecipe('../recipes/photo-denoiser', assets)).rejects.toMatchObject({
      detail: { code: 'recipe-unknown', expected: expect.stringContaining('photo-denoiser-tiny') as string },
    })
  })
})
