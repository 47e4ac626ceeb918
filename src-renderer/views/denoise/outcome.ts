import type { Cleaned } from '../../../src-main/contract/evidence.ts'
import { isMessageKey } from '../../../src-main/contract/messages/messages.ts'
import type { QueueItem } from '../../../src-main/contract/queue.ts'
import type { I18n } from '../../state/i18n.svelte.ts'

/** Noise found before and after, as `σ 25 → 3.1` (8-bit scale); of a picture that was kept what it has; null where nothing was measured. */
export function sigmaChange(i18n: Pick<I18n, 'number'>, { evidence, isKept }: Cleaned): string | null {
  if (evidence === null) return null
  const [before, after] = [evidence.before, evidence.after].map((sigma) =>
    i18n.number(sigma, { maximumFractionDigits: 1 }),
  )
  // Never broken over two lines.
  return (isKept ? `σ ${before}` : `σ ${before} → ${after}`).replaceAll(' ', '\u00a0')
}

/** What a person should know of an item; where the command line names its options, the window has words of its own. */
export const warningsOf = (
  i18n: Pick<I18n, 'message'>,
  { warnings }: Pick<QueueItem, 'warnings'>,
): string[] => warnings.map((key) => i18n.message(isMessageKey(`ui.${key}`) ? `ui.${key}` : key))
