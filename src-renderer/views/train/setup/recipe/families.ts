import type { RecipeSummary } from '../../../../../src-main/contract/engine.ts'
import type { DataReport } from '../../../../../src-main/contract/dataset.ts'
import type { MessageKey } from '../../../../../src-main/contract/messages/messages.ts'
import type { Recipe } from '../../../../../src-main/contract/recipe.ts'

/** What a person wants of a network. `noisy`: to clean pictures of which there are only noisy ones. */
export const families = ['clean', 'noisy', 'codes', 'generate', 'signals'] as const
export type Family = (typeof families)[number]

/** Whether nothing clean is needed to learn from. */
export const isNoisyOnly = ({ supervision }: Pick<Recipe, 'supervision'>): boolean =>
  supervision.type !== 'clean'

export function familyOf(recipe: Recipe): Family {
  const { data, model, corruption } = recipe
  if (isNoisyOnly(recipe)) return 'noisy'
  if (data.type === 'rows') return 'signals'
  if (model.type === 'gan' || (model.type === 'autoencoder' && model.variational)) return 'generate'
  return corruption.length > 0 ? 'clean' : 'codes'
}

/** The simple before the elaborate, in each family; recipes that are not named here come last. */
const order = [
  'photo-denoiser-tiny',
  'photo-denoiser',
  'camera-denoiser',
  'conv-denoising',
  'denoising',
  'denoising-masking',
  'denoising-salt-pepper',
  'super-resolution',
  'inpainting',
  'neighbor2neighbor',
  'noise2void',
  'noise2noise',
  'recorrupted',
  'undercomplete',
  'conv',
  'deep',
  'stacked',
  'tied',
  'sparse',
  'sparse-kl',
  'contractive',
  'tiles',
  'vae',
  'conv-vae',
  'conv-vae-colour-32',
  'conv-vae-colour-64',
  'beta-vae',
  'gan',
  'dcgan',
  'dcgan-64',
  'signal',
  'signal-conv',
  'signal-window',
]
const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)

/** Recipes by family, families without any left out. */
export function byFamily(recipes: readonly RecipeSummary[]): { family: Family; recipes: RecipeSummary[] }[] {
  const sorted = [...recipes].sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name))
  return families
    .map((family) => ({ family, recipes: sorted.filter(({ recipe }) => familyOf(recipe) === family) }))
    .filter((group) => group.recipes.length > 0)
}

/** What there is of pictures: clean ones, or none that are. */
export const wishes = ['clean', 'noisy'] as const
export type Wish = (typeof wishes)[number]

/** What counts of a wish: only of photographs in folders it makes a difference. */
export const wishFor = (wish: Wish, { kind }: Pick<DataReport, 'kind'>): Wish =>
  kind === 'folder' ? wish : 'clean'

/** Whether a recipe learns from what there is. */
export const suits = (recipe: Recipe, wish: Wish): boolean => isNoisyOnly(recipe) === (wish === 'noisy')

/** What is begun with, of each kind of data: what shows something soonest. */
const usual: Record<Wish, string[]> = {
  clean: ['photo-denoiser-tiny', 'undercomplete', 'signal'],
  noisy: ['neighbor2neighbor', 'noise2void'],
}

/** The recipe to begin with for data that were looked through; undefined where none can learn from them. */
export const usualFor = (
  recipes: readonly RecipeSummary[],
  report: Pick<DataReport, 'kind' | 'sizes' | 'items'>,
  wish: Wish = 'clean',
): RecipeSummary | undefined =>
  report.items === 0
    ? undefined
    : usual[wishFor(wish, report)]
        .flatMap((name) => recipes.find((recipe) => recipe.name === name) ?? [])
        .find(({ recipe }) => unsuitable(recipe, report) === null)

export interface Unsuitable {
  why: MessageKey
  params: Record<string, number>
}

/** Why a recipe cannot learn from data that were looked through; null where it can. */
export function unsuitable({ data }: Recipe, report: Pick<DataReport, 'kind' | 'sizes'>): Unsuitable | null {
  const isTable = report.kind === 'csv'
  if (data.type === 'rows') return isTable ? null : { why: 'ui.train.setup.needs.table', params: {} }
  if (isTable) return { why: 'ui.train.setup.needs.pictures', params: {} }
  if (data.type === 'images') {
    const { width, height, tiles } = data
    const isLargeEnough = report.sizes.some((size) => size.width >= width && size.height >= height)
    return tiles === null || isLargeEnough
      ? null
      : { why: 'ui.train.setup.needs.large', params: { side: Math.max(width, height) } }
  }
  if (report.kind !== 'folder') return { why: 'ui.train.setup.needs.folder', params: {} }
  const { patch } = data
  const isLargeEnough = report.sizes.some(({ width, height }) => Math.min(width, height) >= patch)
  return isLargeEnough ? null : { why: 'ui.train.setup.needs.large', params: { side: patch } }
}

/** Whether pictures that are transparent in places are learned as laid over black. */
export const losesAlpha = (
  { data }: Pick<Recipe, 'data'>,
  report: Pick<DataReport, 'transparentCount'>,
): boolean => report.transparentCount > 0 && !(data.type === 'images' && data.channels === 4)
