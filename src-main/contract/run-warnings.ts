import type { MessageKey } from './messages/messages.ts'
import type { HistoryRow } from './runs.ts'

/** A GAN is new to the data before; epochs. */
const ganSettles = 5
/** Samples that differ so little, as a share of real ones, are one sample and its variations. */
const collapsedBelow = 0.15
/** The mean verdict on generated samples below which the generator's gradient comes from hardly any of them. */
const wonBelow = 0.01

/**
 * What a person should know of a training, as keys of the message catalogue, from a row of its history: that no unit of the code is used
 * after an epoch, when a network has the same output for everything; that a generator collapsed, by the measured diversity of its
 * samples; that a discriminator is never fooled. Rows without a validation tell nothing.
 */
export function rowWarnings({
  stage,
  epoch,
  training,
  validation,
}: Pick<HistoryRow, 'stage' | 'epoch' | 'training' | 'validation'>): MessageKey[] {
  if (stage !== 'train' || validation === null) return []
  const isBelow = (value: number | undefined, limit: number): boolean => value !== undefined && value < limit
  const warnings: [MessageKey, boolean][] = [
    ['warning.code-dead', epoch >= 1 && validation['active'] === 0],
    ['warning.gan-collapsed', epoch >= ganSettles && isBelow(validation['diversity'], collapsedBelow)],
    ['warning.discriminator-won', epoch >= ganSettles && isBelow(training['verdict-generated'], wonBelow)],
  ]
  return warnings.flatMap(([key, applies]) => (applies ? [key] : []))
}
