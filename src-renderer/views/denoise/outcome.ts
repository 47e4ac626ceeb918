import type { Cleaned } from '../../../src-main/contract/evidence.ts'
import type { I18n } from '../../state/i18n.svelte.ts'

/** Noise found before and after, as `σ 25 → 3.1` (8-bit scale); of a picture that was kept what it has; null where nothing was measured. */
export function sigmaChange(i18n: Pick<I18n, 'number'>, { evidence, isKept }: Cleaned): string | null {
  if (evidence === null) return null
  const [before, after] = [evidence.before, evidence.after].map((sigma) =>
    i18n.number(sigma, { maximumFractionDigits: 1 }),
  )
  return isKept ? `σ ${before}` : `σ ${before} → ${after}`
}
