import { isOf, type Node } from './nodes.ts'
import type { Path } from './values.ts'
import type { Names } from './words.ts'

/** A field of a form where it stands: in the schema, in the value, and in words. */
export interface Place {
  node: Node
  path: Path
  names: Names
}

/** The fields of an object or a list, as they are for a value of it. */
export function childrenOf({ node, path, names }: Place, value: unknown): Place[] {
  switch (node.kind) {
    case 'object':
      return Object.entries(node.fields).map(([name, field]) => ({
        node: field,
        path: [...path, name],
        names: [...names, name],
      }))
    case 'variants': {
      const type = typeOf(value)
      const option = type === null ? undefined : node.options[type]
      return option === undefined ? [] : childrenOf({ node: option, path, names: [...names, type!] }, value)
    }
    case 'either': {
      const option = node.options.find((one) => isOf(one, value))
      return option === undefined ? [] : childrenOf({ node: option, path, names }, value)
    }
    case 'list':
      return Array.isArray(value)
        ? value.map((_, at) => ({ node: node.item, path: [...path, at], names }))
        : []
    case 'tuple':
      return node.items.map((item, at) => ({ node: item, path: [...path, at], names }))
    default:
      return []
  }
}

/** The `type` of an object that has variants. */
export function typeOf(value: unknown): string | null {
  const type: unknown = typeof value === 'object' && value !== null && 'type' in value ? value.type : null
  return typeof type === 'string' ? type : null
}

/** The field at a path of a value; null where there is none. */
export function placeAt(root: Node, whole: unknown, path: Path): Place | null {
  let place: Place = { node: root, path: [], names: [] }
  let value = whole
  for (const key of path) {
    const next = childrenOf(place, value).find((child) => child.path.at(-1) === key)
    if (next === undefined) return null
    place = next
    value =
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : null
  }
  return place
}
