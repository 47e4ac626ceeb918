import type { I18n } from '../../state/i18n.svelte.ts'

/** A share, 0–1, in percent with two digits: of a rare thing one says 0.52 %, not 1 %. */
export const rate = (i18n: I18n, share: number): string =>
  i18n.number(share, { style: 'percent', maximumSignificantDigits: share > 0.99 && share < 1 ? 3 : 2 })
