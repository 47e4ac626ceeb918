import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { denoiserStride } from '../../../src-main/contract/recipe.ts'
import { denoiserShapes } from '../../../src-main/engine/models/denoiser.ts'
import { listRecipes, loadRecipe } from '../../../src-main/engine/storage/recipes.ts'

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
const load = (overrides: string[]) => loadRecipe('photo-denoiser', assets, overrides)

describe('recipes', () => {
  it('that are shipped are valid, and their parts fit together', async () => {
    const shipped = await listRecipes(assets)
    expect(shipped.map(({ name }) => name)).toContain('photo-denoiser')
    for (const { name, description } of shipped) {
      const recipe = await loadRecipe(name, assets)
      expect(recipe.name).toBe(name)
      expect(description).not.toBe('')
      expect(Object.keys(denoiserShapes(recipe.model))).not.toHaveLength(0)
      expect(recipe.data.patch % denoiserStride(recipe.model)).toBe(0)
    }
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
    expect(recipe.model.widths).toEqual([8, 16, 24])
    expect(recipe.loss.type).toBe('mse')
    expect(recipe.validateSigma).toEqual([15, 30, 50])
    expect(recipe.corruption).toEqual([{ type: 'quantize', probability: 1 }])
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
  ])('refuse %s and name the field', async (override, named) => {
    const error = await load([override]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ detail: { code: 'recipe-invalid' } })
    expect((error as { detail: { received: string } }).detail.received).toContain(named)
  })

  it('refuse unknown keys, other versions, what is no JSON, what is not there', async () => {
    const shipped = await load([])
    await expect(loadRecipe(await written({ ...shipped, colour: 1 }), assets)).rejects.toMatchObject({
      detail: { code: 'recipe-invalid', received: expect.stringContaining('colour') as string },
    })
    await expect(loadRecipe(await written({ ...shipped, version: 2 }), assets)).rejects.toMatchObject({
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
