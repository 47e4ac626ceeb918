import { Recipe } from '../../../../../src-main/contract/recipe.ts'
import { isOf, nodeOf, type Node, type ObjectNode } from './nodes.ts'
import { valueAt, type Path } from './values.ts'
import { childrenOf, placeAt, type Place } from './walk.ts'

const root = nodeOf(Recipe) as ObjectNode

/** What is not set, but is what the recipe is. */
const identity = ['version', 'name', 'description']

/** The sections of the whole form. */
export const sections: readonly Place[] = childrenOf({ node: root, path: [], names: [] }, {}).filter(
  ({ path }) => !identity.includes(String(path[0])),
)

/** The field at a path of a recipe; of a number or a list the one that is there. */
export function fieldAt(recipe: Recipe, path: Path): Place | null {
  const place = placeAt(root, recipe, path)
  if (place?.node.kind !== 'either') return place
  const node = place.node.options.find((option: Node) => isOf(option, valueAt(recipe, path)))
  return node === undefined ? null : { ...place, node }
}

const mainOfSupervision: Record<Recipe['supervision']['type'], string[]> = {
  clean: [],
  noise2void: ['share'],
  neighbor2neighbor: ['gamma'],
  noise2noise: ['symmetric'],
  recorrupted: ['alpha'],
}

/** The few settings that matter most, for what a recipe is. Its length is asked for beside them. */
export function mainPaths(recipe: Recipe): Path[] {
  const { data, model, corruption, supervision, penalties, batch } = recipe
  const paths: Path[] = mainOfSupervision[supervision.type].map((name) => ['supervision', name])
  if (model.type === 'autoencoder' && model.encoder.latentDim !== null)
    paths.push(['model', 'encoder', 'latentDim'])
  if (model.type === 'gan')
    paths.push(['model', 'latentDim'], ['loss', 'smoothing'], ['loss', 'discriminatorRate'])
  penalties.forEach(({ type }, at) => {
    if (type !== 'l2') paths.push(['penalties', at, 'weight'])
  })
  corruption.forEach(({ type }, at) => {
    if (type === 'gaussian') paths.push(['corruption', at, 'sigma'])
    if (type === 'camera') paths.push(['corruption', at, 'shot'])
    if (type === 'mask' || type === 'salt-pepper') paths.push(['corruption', at, 'share'])
  })
  if (typeof batch === 'number') paths.push(['batch'])
  paths.push(['seed'])
  if (data.type === 'images')
    for (const name of ['width', 'height', 'channels', data.tiles === null ? 'fit' : 'tiles'])
      paths.push(['data', name])
  if (data.type === 'rows' && data.window !== null)
    paths.push(['data', 'window', 'length'], ['data', 'window', 'stride'])
  if (data.type === 'patches') paths.push(['data', 'patch'])
  return paths
}
