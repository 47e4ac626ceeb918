import { describe, expect, it } from 'vitest'
import { isMessageKey } from '../../../../src-main/contract/messages/messages.ts'
import { Recipe } from '../../../../src-main/contract/recipe.ts'
import { diagramOf, pictogram, room } from '../../../../src-renderer/views/train/setup/recipe/diagram.ts'
import {
  byFamily,
  familyOf,
  losesAlpha,
  unsuitable,
  usualFor,
  wishFor,
} from '../../../../src-renderer/views/train/setup/recipe/families.ts'
import { noisyRecipe } from '../../../support/noisy-recipes.ts'
import { shippedRecipe, shippedRecipes } from '../../../support/shipped-recipes.ts'

const photos = { kind: 'folder' as const, sizes: [{ width: 640, height: 480, count: 3 }] }
const icons = { kind: 'folder' as const, sizes: [{ width: 32, height: 640, count: 3 }] }
const digits = { kind: 'idx' as const, sizes: [{ width: 28, height: 28, count: 3 }] }
const table = { kind: 'csv' as const, sizes: [] }

describe('recipes for data', () => {
  it.each([
    ['undercomplete', photos, null],
    ['undercomplete', digits, null],
    ['undercomplete', table, 'ui.train.setup.needs.pictures'],
    ['signal', table, null],
    ['signal', digits, 'ui.train.setup.needs.table'],
    ['tiles', photos, null],
    ['tiles', digits, 'ui.train.setup.needs.large'],
    ['photo-denoiser', photos, null],
    ['photo-denoiser', digits, 'ui.train.setup.needs.folder'],
    ['photo-denoiser', icons, 'ui.train.setup.needs.large'],
    ['photo-denoiser', table, 'ui.train.setup.needs.pictures'],
  ])('%s for %o: %s', (name, report, why) => {
    expect(unsuitable(shippedRecipe(name).recipe, report)?.why ?? null).toBe(why)
  })

  it('lose the transparency of pictures but for those with a channel for it', () => {
    const { recipe } = shippedRecipe('conv-vae-colour-64')
    const withAlpha = Recipe.parse({ ...recipe, data: { ...recipe.data, channels: 4 } })
    expect(losesAlpha(recipe, { transparentCount: 1 })).toBe(true)
    expect(losesAlpha(shippedRecipe('photo-denoiser').recipe, { transparentCount: 1 })).toBe(true)
    expect(losesAlpha(withAlpha, { transparentCount: 1 })).toBe(false)
    expect(losesAlpha(recipe, { transparentCount: 0 })).toBe(false)
  })

  it('are in the family that they are for', () => {
    const families = Object.fromEntries(shippedRecipes.map(({ name, recipe }) => [name, familyOf(recipe)]))
    expect(families).toMatchObject({
      ...{ 'photo-denoiser': 'clean', denoising: 'clean', 'super-resolution': 'clean', inpainting: 'clean' },
      ...{ undercomplete: 'codes', stacked: 'codes', sparse: 'codes', contractive: 'codes', conv: 'codes' },
      ...{ vae: 'generate', 'conv-vae': 'generate', 'beta-vae': 'generate', signal: 'signals' },
      ...{ tiles: 'codes', 'signal-window': 'signals' },
      ...{ gan: 'generate', dcgan: 'generate', 'dcgan-64': 'generate' },
    })
  })

  it('are for noisy pictures alone where nothing clean is needed, whatever they are called', () => {
    const mine = { ...noisyRecipe('noise2void'), name: 'mine' }
    expect(familyOf(mine.recipe)).toBe('noisy')
    const report = { ...photos, items: 3 }
    const known = [shippedRecipe('photo-denoiser-tiny'), noisyRecipe('noise2void'), mine]
    expect([usualFor(known, report)?.name, usualFor(known, report, 'noisy')?.name]).toEqual([
      ...['photo-denoiser-tiny', 'noise2void'],
    ])
    // Small pictures of a data set are learned as they are, whatever somebody said of photographs before.
    expect(wishFor('noisy', digits)).toBe('clean')
  })

  it('come the simple first, and those of other people last', () => {
    const mine = { ...shippedRecipe('conv'), name: 'a-recipe-of-mine' }
    const groups = byFamily([mine, ...shippedRecipes.toReversed()])
    const names = Object.fromEntries(
      groups.map(({ family, recipes }) => [family, recipes.map(({ name }) => name)]),
    )
    expect(groups.map(({ family }) => family)).toEqual(['clean', 'noisy', 'codes', 'generate', 'signals'])
    expect(names['codes']?.[0]).toBe('undercomplete')
    expect(names['codes']?.at(-1)).toBe('a-recipe-of-mine')
    expect(byFamily([mine]).map(({ family }) => family)).toEqual(['codes'])
  })

  it('have a title and a purpose in words', () => {
    for (const { name } of shippedRecipes)
      for (const key of [`ui.train.setup.recipe.${name}`, `ui.train.setup.recipe.${name}.about`])
        expect(isMessageKey(key), key).toBe(true)
  })
})

describe('the drawing of a network', () => {
  it.each(shippedRecipes.map(({ name, recipe }) => [name, recipe] as const))(
    'stays between what goes in and what comes out, from left to right: %s',
    (_name, recipe) => {
      const { columns } = diagramOf(recipe)
      expect(columns.length).toBeGreaterThan(2)
      let last = pictogram
      for (const { x, y, width, height } of columns) {
        expect(x).toBeGreaterThan(last - 0.01)
        last = x + width
        expect(y - height / 2).toBeGreaterThanOrEqual(0)
        expect(y + height / 2).toBeLessThanOrEqual(room.height)
      }
      expect(last).toBeLessThan(room.width - pictogram)
      expect(columns.filter(({ isCode }) => isCode).length).toBeLessThanOrEqual(1)
    },
  )

  it('is narrowest at the code of an undercomplete autoencoder, and not of an over-complete one', () => {
    const height = (name: string): { code: number; rest: number[] } => {
      const { columns } = diagramOf(shippedRecipe(name).recipe)
      return {
        code: columns.find(({ isCode }) => isCode)!.height,
        rest: columns.filter(({ isCode }) => !isCode).map((column) => column.height),
      }
    }
    expect(height('undercomplete').code).toBeLessThan(Math.min(...height('undercomplete').rest))
    expect(height('sparse').code).toBeGreaterThanOrEqual(Math.min(...height('sparse').rest) - 3)
  })

  it('shows what is done to the input, and what the code is like', () => {
    const drawn = (name: string) => diagramOf(shippedRecipe(name).recipe)
    expect(drawn('conv-denoising').input).toBe('noisy')
    expect(drawn('super-resolution').input).toBe('coarse')
    expect(drawn('inpainting').input).toBe('holes')
    expect(drawn('conv').input).toBe('picture')
    expect(diagramOf(noisyRecipe('neighbor2neighbor').recipe).input).toBe('noisy')
    expect(diagramOf(noisyRecipe('noise2void').recipe).input).toBe('hidden')
    expect(drawn('signal')).toMatchObject({ input: 'signal', output: 'signal' })
    expect(drawn('vae').variational).toBe(true)
    expect(drawn('dcgan')).toMatchObject({ input: 'noise', output: 'verdict' })
    expect(drawn('sparse').sparse).toBe(true)
    expect(drawn('tied').arcs.length).toBeGreaterThan(0)
    expect(drawn('deep').arcs).toEqual([])
  })

  it('is widest at the picture in the middle of a GAN, whose networks are outlined each by itself', () => {
    const { columns, funnels } = diagramOf(shippedRecipe('dcgan-64').recipe)
    const heights = columns.map(({ height }) => height)
    expect(heights.indexOf(Math.max(...heights))).toBe(5)
    expect(columns.findIndex(({ isCode }) => isCode)).toBe(0)
    expect(funnels).toHaveLength(2)
  })

  it('follows the layers: a wider one is taller, a stride makes a map smaller', () => {
    const { recipe } = shippedRecipe('undercomplete')
    const withLayers = (layers: unknown): Recipe =>
      Recipe.parse({ ...recipe, model: { ...recipe.model, encoder: { layers, latentDim: 8 } } })
    const { columns } = diagramOf(
      withLayers([
        { type: 'dense', units: 400 },
        { type: 'dense', units: 40 },
      ]),
    )
    expect(columns.map(({ kind }) => kind)).toEqual(Array.from({ length: 7 }, () => 'vector'))
    expect(columns[1]!.height).toBeGreaterThan(columns[2]!.height)
    const maps = diagramOf(
      withLayers([
        { type: 'conv', filters: 8 },
        { type: 'conv', filters: 8, stride: 2 },
      ]),
    )
    expect(maps.columns[1]!.height).toBeCloseTo(maps.columns[0]!.height / 2)
  })
})
