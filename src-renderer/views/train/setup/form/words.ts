import { isMessageKey } from '../../../../../src-main/contract/messages/messages.ts'
import type { I18n } from '../../../../state/i18n.svelte.ts'
import type { NumberNode } from './nodes.ts'

/** The names of fields on the way to one, with the types of variants and without places in lists: `penalties`, `kl`, `weight`. */
export type Names = readonly string[]

type Say = Pick<I18n, 't' | 'message' | 'number'>

/** Fields that hold the same as another one. */
const aliases: Record<string, string> = { corruptions: 'corruption' }

/** The text of the longest end of a path that the catalogue knows; null where it knows none. */
function text(i18n: Say, kind: 'field' | 'hint' | 'option', path: Names): string | null {
  const names = path.map((name) => aliases[name] ?? name)
  // A value alone says nothing of what field it is.
  const shortest = kind === 'option' ? 2 : 1
  for (let from = 0; from <= names.length - shortest; from++) {
    const key = `ui.train.setup.${kind}.${names.slice(from).join('.')}`
    if (isMessageKey(key)) return i18n.t(key)
  }
  return null
}

/** The label of a field, or its name in the recipe language where the catalogue has none. */
export const labelOf = (i18n: Say, names: Names): string => text(i18n, 'field', names) ?? names.at(-1) ?? ''

export const hintOf = (i18n: Say, names: Names): string | null => text(i18n, 'hint', names)

/** One of a field's values in words; names that need no translation stay as they are. */
export const optionOf = (i18n: Say, names: Names, value: string | number): string =>
  text(i18n, 'option', [...names, String(value)]) ?? String(value)

/** From here on a bound only guards against slips: it is said to whoever passes it. */
const farAway = 100_000

/** What a hint says of bounds: those that one may well meet. That a number of something is not negative goes without saying. */
export function nearBoundsOf(i18n: Say, node: NumberNode): string {
  if (node.max < farAway) return boundsOf(i18n, node)
  return node.min <= 1 ? '' : boundsOf(i18n, { ...node, max: Infinity })
}

/** `1 to 4096`; empty where a number has no bounds. */
export function boundsOf(i18n: Say, { min, max, isAboveMin }: NumberNode): string {
  const [low, high] = [min, max].map((bound) => (Number.isFinite(bound) ? exact(i18n, bound) : null))
  if (low === null || low === undefined) return ''
  if (high === null || high === undefined)
    return i18n.t(isAboveMin ? 'ui.train.setup.bounds.above' : 'ui.train.setup.bounds.min', { min: low })
  return i18n.t(isAboveMin ? 'ui.train.setup.bounds.above-max' : 'ui.train.setup.bounds', {
    min: low,
    max: high,
  })
}

/** A number with all its digits that matter: a rate of 0.0006 is not 0.001. */
export const exact = (i18n: Say, value: number): string =>
  i18n.number(value, { maximumSignificantDigits: 12 })
