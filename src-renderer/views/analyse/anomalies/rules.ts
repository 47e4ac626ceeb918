import type { ThresholdRule } from '../../../../src-main/contract/analysis.ts'

/** The rules that a person chooses from; what they `set` themselves, they drag. */
export const ruleTypes = ['false-alarms', 'deviations', 'best-f1'] as const
export type RuleType = (typeof ruleTypes)[number]

/** How each begins. */
export const firstRules = {
  'false-alarms': { type: 'false-alarms', rate: 0.01 },
  deviations: { type: 'deviations', count: 3 },
  'best-f1': { type: 'best-f1' },
} as const satisfies Record<RuleType, ThresholdRule>

/** Labels that people give to what is normal. */
const normalNames = /^(normal|good|ok|free|mt_free)$/i

/** Which of the labels are normal, where their names say so; otherwise all of them. */
export function usualNormal(labels: readonly string[]): string[] {
  const named = labels.filter((name) => normalNames.test(name))
  return named.length > 0 ? named : [...labels]
}
