import type { Node, NumberNode } from './nodes.ts'
import type { Names } from './words.ts'

/** Where the language has no default, since a recipe should say it: what a field that was just added begins with. */
const usual: Record<string, unknown> = {
  'pretraining.epochs': 5,
  'pretraining.rate': 0.001,
  'earlyStopping.patience': 10,
  'penalties.l1.weight': 0.001,
  'penalties.sparsity.weight': 0.1,
  'penalties.contractive.weight': 0.1,
  'penalties.l2.weight': 0.0001,
  'gaussian.sigma': [0, 50],
  'jpeg.quality': [40, 95],
  'mask.share': [0.1, 0.5],
  'salt-pepper.share': [0.05, 0.2],
  'blocks.count': [1, 4],
  'blocks.side': [4, 12],
  'options.weight': 1,
  'layers.dense.units': 64,
  'layers.conv.filters': 16,
  'layers.conv-transpose.filters': 16,
  latentDim: 32,
  batch: 64,
  'batch.size': 64,
  widths: 32,
  validateSigma: 25,
  clipNorm: 1,
}

function usualOf(names: Names): unknown {
  for (let from = 0; from < names.length; from++) {
    const key = names.slice(from).join('.')
    if (Object.hasOwn(usual, key)) return usual[key]
  }
  return undefined
}

/** A value that the schema takes, for a field that nobody has filled in: its default, what is usual, or the least there is. */
export function blankOf(node: Node, names: Names): unknown {
  if (node.fallback !== undefined) return structuredClone(node.fallback)
  return node.nullable ? null : filledOf(node, names)
}

/** The same for a field that may be empty, and now is not to be. */
export function filledOf(node: Node, names: Names): unknown {
  const known = usualOf(names)
  switch (node.kind) {
    case 'number':
      return typeof known === 'number' ? known : leastOf(node)
    case 'boolean':
      return false
    case 'text':
      return ''
    case 'choice':
      return node.values[0]
    case 'object':
      return Object.fromEntries(
        Object.entries(node.fields).map(([name, field]) => [name, blankOf(field, [...names, name])]),
      )
    case 'variants': {
      const [type, option] = Object.entries(node.options)[0]!
      return filledOf(option, [...names, type])
    }
    case 'list':
      return Array.from({ length: node.min }, () => blankOf(node.item, names))
    case 'tuple':
      return Array.isArray(known) ? known : node.items.map((item) => blankOf(item, names))
    case 'either':
      return filledOf(node.options[0]!, names)
  }
}

function leastOf({ min, max, isAboveMin }: NumberNode): number {
  if (Number.isFinite(min) && !isAboveMin) return min
  return Number.isFinite(max) ? max : 1
}
