import { z } from 'zod'

interface Common {
  /** What it is where nothing is said; undefined: it must be said. */
  fallback: unknown
  nullable: boolean
}
export interface NumberNode extends Common {
  kind: 'number'
  isInteger: boolean
  min: number
  max: number
  /** Whether `min` itself is too small. */
  isAboveMin: boolean
}
interface BooleanNode extends Common {
  kind: 'boolean'
}
export interface TextNode extends Common {
  kind: 'text'
}
/** One of a few given values. */
export interface ChoiceNode extends Common {
  kind: 'choice'
  values: (string | number)[]
}
export interface ObjectNode extends Common {
  kind: 'object'
  fields: Record<string, Node>
}
/** Objects told apart by their `type`. */
export interface VariantsNode extends Common {
  kind: 'variants'
  options: Record<string, ObjectNode>
}
export interface ListNode extends Common {
  kind: 'list'
  item: Node
  min: number
  max: number
}
export interface TupleNode extends Common {
  kind: 'tuple'
  items: Node[]
}
/** A single value or a list: told apart by what they look like. */
export interface EitherNode extends Common {
  kind: 'either'
  options: Node[]
}
/** A field of a form, as a schema describes it. */
export type Node =
  | NumberNode
  | BooleanNode
  | TextNode
  | ChoiceNode
  | ObjectNode
  | VariantsNode
  | ListNode
  | TupleNode
  | EitherNode

/** The part of JSON Schema that the recipe language uses. */
interface JsonSchema {
  type?: string
  const?: string | number
  enum?: (string | number)[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  default?: unknown
}

/** The form that a schema describes: its fields, their bounds and defaults. */
export const nodeOf = (schema: z.ZodType): Node =>
  fromJson(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema)

function fromJson(schema: JsonSchema): Node {
  const common = { fallback: schema.default, nullable: false }
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return { ...fromUnion(options), ...withFallback(schema) }
  if (schema.enum !== undefined) return { ...common, kind: 'choice', values: schema.enum }
  if (schema.const !== undefined) return { ...common, kind: 'choice', values: [schema.const] }
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, fromJson(field)])
      return { ...common, kind: 'object', fields: Object.fromEntries(fields) as Record<string, Node> }
    }
    case 'array':
      return schema.prefixItems === undefined
        ? {
            ...common,
            kind: 'list',
            item: fromJson(schema.items ?? {}),
            min: schema.minItems ?? 0,
            max: schema.maxItems ?? Infinity,
          }
        : { ...common, kind: 'tuple', items: schema.prefixItems.map(fromJson) }
    case 'boolean':
      return { ...common, kind: 'boolean' }
    case 'number':
    case 'integer':
      return { ...common, kind: 'number', ...boundsOf(schema) }
    default:
      return { ...common, kind: 'text' }
  }
}

function fromUnion(options: JsonSchema[]): Node {
  const others = options.filter(({ type }) => type !== 'null')
  const nullable = others.length < options.length
  const common = { fallback: undefined, nullable }
  if (others.length === 1) return { ...fromJson(others[0]!), nullable }
  const constants = others.flatMap((option) => option.const ?? [])
  if (constants.length === others.length) return { ...common, kind: 'choice', values: constants }
  const types = others.flatMap((option) => option.properties?.['type']?.const ?? [])
  if (types.length < others.length) return { ...common, kind: 'either', options: others.map(fromJson) }
  const variants = others.map((option, at) => [types[at], fromJson(option)])
  return { ...common, kind: 'variants', options: Object.fromEntries(variants) as Record<string, ObjectNode> }
}

const withFallback = (schema: JsonSchema): Partial<Common> =>
  schema.default === undefined ? {} : { fallback: schema.default }

function boundsOf(schema: JsonSchema): Omit<NumberNode, 'kind' | keyof Common> {
  const safe = (bound: number | undefined, none: number): number =>
    bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? none : bound
  return {
    isInteger: schema.type === 'integer',
    min: safe(schema.exclusiveMinimum ?? schema.minimum, -Infinity),
    max: safe(schema.maximum, Infinity),
    isAboveMin: schema.exclusiveMinimum !== undefined,
  }
}

/** Whether a value looks like what a node describes; its bounds are another matter. */
export function isOf(node: Node, value: unknown): boolean {
  if (value === null) return node.nullable
  switch (node.kind) {
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'text':
      return typeof value === 'string'
    case 'choice':
      return node.values.some((one) => one === value)
    case 'object':
    case 'variants':
      return typeof value === 'object' && !Array.isArray(value)
    case 'list':
    case 'tuple':
      return Array.isArray(value)
    case 'either':
      return node.options.some((option) => isOf(option, value))
  }
}

/** The number that a text says, or why it is none of the node's. Empty is null where that may be. */
export function readNumber(
  node: NumberNode,
  text: string,
): { value: number | null } | { wrong: 'number' | 'integer' | 'range' } {
  const typed = text.trim().replace(',', '.').replace('−', '-')
  if (typed === '' && node.nullable) return { value: null }
  const value = Number(typed)
  if (typed === '' || !Number.isFinite(value)) return { wrong: 'number' }
  if (node.isInteger && !Number.isInteger(value)) return { wrong: 'integer' }
  const isBelow = node.isAboveMin ? value <= node.min : value < node.min
  return isBelow || value > node.max ? { wrong: 'range' } : { value }
}
