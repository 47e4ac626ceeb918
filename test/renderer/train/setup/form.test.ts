import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Recipe } from '../../../../src-main/contract/recipe.ts'
import { overrideRecipe } from '../../../../src-main/engine/storage/recipes.ts'
import { createI18n } from '../../../../src-renderer/state/i18n.svelte.ts'
import { filledOf } from '../../../../src-renderer/views/train/setup/form/blanks.ts'
import {
  nodeOf,
  readNumber,
  type Node,
  type NumberNode,
} from '../../../../src-renderer/views/train/setup/form/nodes.ts'
import { fieldAt, mainPaths, sections } from '../../../../src-renderer/views/train/setup/form/recipe-form.ts'
import {
  isSame,
  overridesBetween,
  valueAt,
  withValue,
  type Path,
} from '../../../../src-renderer/views/train/setup/form/values.ts'
import {
  boundsOf,
  hintOf,
  labelOf,
  nearBoundsOf,
  optionOf,
} from '../../../../src-renderer/views/train/setup/form/words.ts'
import { shippedRecipe, shippedRecipes } from '../../../support/shipped-recipes.ts'

const english = createI18n(
  () => 'en',
  () => [],
)
const number = (schema: z.ZodType): NumberNode => {
  const node = nodeOf(schema)
  if (node.kind !== 'number') throw new Error(`not a number: ${node.kind}`)
  return node
}

/** Every field that the schema may show, with its names. */
function allFields(node: Node, names: string[] = []): { node: Node; names: string[] }[] {
  const below = (): { node: Node; names: string[] }[] => {
    switch (node.kind) {
      case 'object':
        return Object.entries(node.fields).flatMap(([name, field]) => allFields(field, [...names, name]))
      case 'variants':
        return Object.entries(node.options).flatMap(([type, option]) => allFields(option, [...names, type]))
      case 'either':
        return node.options.flatMap((option) => allFields(option, names))
      case 'list':
        return allFields(node.item, names)
      default:
        return []
    }
  }
  return [{ node, names }, ...below()]
}

describe('a form from a schema', () => {
  it('knows bounds, defaults and what may be empty', () => {
    expect(number(z.int().min(1).max(9).default(3))).toEqual({
      ...{ kind: 'number', fallback: 3, nullable: false },
      ...{ isInteger: true, min: 1, max: 9, isAboveMin: false },
    })
    expect(number(z.number().positive().nullable())).toMatchObject({
      ...{ nullable: true, isInteger: false, min: 0, max: Infinity, isAboveMin: true },
    })
    expect(nodeOf(z.union([z.literal(1), z.literal(3)]).default(1))).toMatchObject({
      ...{ kind: 'choice', values: [1, 3], fallback: 1 },
    })
    expect(nodeOf(z.tuple([z.number(), z.number()]))).toMatchObject({ kind: 'tuple' })
  })

  it('tells variants, lists and single values of the recipe language apart', () => {
    const kinds = Object.fromEntries(
      sections.map(({ path, node }): [string, string] => [String(path[0]), node.kind]),
    )
    expect(kinds).toMatchObject({
      ...{ data: 'variants', split: 'object', corruption: 'list', loss: 'variants', batch: 'either' },
      ...{ epochs: 'number', pretraining: 'object', keep: 'choice', validateSigma: 'list' },
    })
    expect(Object.keys(kinds)).not.toContain('version')
  })

  it('has a label for every field, and for every value that does not speak for itself', () => {
    const fields = sections.flatMap(({ node, names }) => allFields(node, [...names]))
    expect(fields.length).toBeGreaterThan(80)
    for (const { node, names } of fields) {
      const name = names.at(-1)!
      // The options of variants are named as values.
      if (node.kind !== 'object') expect(labelOf(english, names), names.join('.')).not.toBe(name)
      const values = node.kind === 'variants' ? Object.keys(node.options) : []
      const choices = node.kind === 'choice' && node.values.length > 1 ? node.values : []
      for (const value of [...values, ...choices].filter((one) => typeof one === 'string' && one !== 'tanh'))
        expect(optionOf(english, names, value), `${names.join('.')}=${value}`).not.toBe(value)
    }
  })

  it('calls a field by the longest end of its path that the catalogue knows', () => {
    expect(labelOf(english, ['penalties', 'kl', 'weight'])).toMatch(/^β/)
    expect(labelOf(english, ['corruption', 'oneOf', 'options', 'weight'])).toBe('Weight')
    expect(labelOf(english, ['optimizer', 'warmup'])).not.toBe(
      labelOf(english, ['penalties', 'kl', 'warmup']),
    )
    expect(labelOf(english, ['of', 'tomorrow'])).toBe('tomorrow')
    expect(hintOf(english, ['of', 'tomorrow'])).toBeNull()
    expect(optionOf(english, ['model', 'encoder', 'activation'], 'relu')).toBe('ReLU')
    expect(optionOf(english, ['x'], 'of-tomorrow')).toBe('of-tomorrow')
  })

  it('says bounds, those that one will not meet only to whoever passes them', () => {
    const seed = number(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    expect(boundsOf(english, seed)).toBe('0 to 2,147,483,647')
    expect(nearBoundsOf(english, seed)).toBe('')
    expect(boundsOf(english, number(z.number().positive().max(1)))).toBe('More than 0, at most 1')
    expect(boundsOf(english, number(z.number().min(8)))).toBe('At least 8')
  })
})

describe('what is typed', () => {
  const integer = number(z.int().min(1).max(64))
  const rate = number(z.number().positive().max(1))
  it.each([
    [integer, '12', { value: 12 }],
    [integer, ' 12 ', { value: 12 }],
    [integer, '1.5', { wrong: 'integer' }],
    [integer, '65', { wrong: 'range' }],
    [integer, '', { wrong: 'number' }],
    [integer, 'many', { wrong: 'number' }],
    [rate, '1e-4', { value: 1e-4 }],
    [rate, '0,5', { value: 0.5 }],
    [rate, '0', { wrong: 'range' }],
    [number(z.number().min(-3).nullable()), '', { value: null }],
    [number(z.number().min(-3)), '−2', { value: -2 }],
  ])('%#: %s', (node, text, read) => {
    expect(readNumber(node, text)).toEqual(read)
  })
})

describe('what was changed', () => {
  it('shares what is not on the way to it', () => {
    const before = { a: { b: [1, 2] }, c: {} }
    const after = withValue(before, ['a', 'b', 1], 5)
    expect(after).toEqual({ a: { b: [1, 5] }, c: {} })
    expect([after.c === before.c, before.a.b[1]]).toEqual([true, 2])
    expect(isSame({ a: [1] }, { a: [1], b: undefined })).toBe(false)
  })

  it('is told as the command line takes it: single fields, whole objects of another type, whole lists of another length', () => {
    const { recipe } = shippedRecipe('beta-vae')
    const changed = { ...recipe, seed: 9, loss: { type: 'l1', reduction: 'mean' }, penalties: [] }
    expect(overridesBetween(recipe, changed).toSorted()).toEqual([
      'loss={"type":"l1","reduction":"mean"}',
      'penalties=[]',
      'seed=9',
    ])
    expect(overridesBetween({ name: 'a' }, { name: '12' })).toEqual(['name="12"'])
    expect(overridesBetween({ name: 'a' }, { name: 'b c' })).toEqual(['name=b c'])
  })

  const edits: [Path, unknown][] = [
    [['seed'], 77],
    [['optimizer', 'rate'], 0.0123],
    [['optimizer', 'clipNorm'], 2],
    [['loss'], { type: 'gaussian', sigma: 0.2, reduction: 'mean' }],
    [['penalties'], [{ type: 'l2', weight: 0.5 }]],
    [['corruption'], [{ type: 'gaussian', sigma: [0, 10], probability: 1 }]],
    [['batch'], [{ fromEpoch: 0, size: 8 }]],
    [['split', 'test'], 5],
    [['earlyStopping'], { patience: 3, minDelta: 0 }],
  ]
  it.each(shippedRecipes.map(({ name, recipe }) => [name, recipe] as const))(
    'is the same recipe for the engine: %s',
    (_name, recipe) => {
      for (const [path, value] of edits) {
        const draft = withValue(recipe, path, value)
        expect(overrideRecipe(recipe, overridesBetween(recipe, draft))).toEqual(draft)
      }
      const all = edits.reduce((draft, [path, value]) => withValue(draft, path, value), recipe)
      expect(overrideRecipe(recipe, overridesBetween(recipe, all))).toEqual(all)
    },
  )
})

describe('the fields of a recipe', () => {
  it.each(shippedRecipes.map(({ name, recipe }) => [name, recipe] as const))(
    'that matter most are there: %s',
    (_name, recipe) => {
      const paths = mainPaths(recipe)
      expect(paths.map((path) => path.join('.'))).toContain('seed')
      for (const path of paths) {
        const field = fieldAt(recipe, path)
        expect(field?.path, path.join('.')).toEqual(path)
        expect(valueAt(recipe, path)).not.toBeUndefined()
      }
    },
  )

  it('show β where there is one, and λ', () => {
    const labels = (name: string): string[] => {
      const { recipe } = shippedRecipe(name)
      return mainPaths(recipe).map((path) => labelOf(english, fieldAt(recipe, path)!.names))
    }
    expect(labels('beta-vae')).toContain('β (weight of the KL)')
    expect(labels('sparse')).toContain('λ (sparsity)')
    expect(labels('undercomplete')).toContain('Size of the code')
  })

  it('begin with values that the language takes, whatever is added', () => {
    const { recipe } = shippedRecipe('conv')
    const add = (path: Path, value: unknown): void => {
      const result = Recipe.safeParse(withValue(recipe, path, value))
      expect(result.success, `${path.join('.')} ${JSON.stringify(value)}`).toBe(true)
    }
    for (const { node, path, names } of sections) {
      if (node.nullable || node.kind === 'either') add(path, filledOf(node, names))
      if (node.kind === 'variants')
        for (const [type, option] of Object.entries(node.options))
          add(path, filledOf(option, [...names, type]))
      if (node.kind === 'list' && node.item.kind === 'variants')
        for (const [type, option] of Object.entries(node.item.options))
          add(path, [filledOf(option, [...names, type])])
    }
  })
})
