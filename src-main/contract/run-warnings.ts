import type { MessageKey } from './messages/messages.ts'
import type { HistoryRow } from './runs.ts'

/**
 * What a person should know of a training, as keys of the message catalogue, from a row of its history: that no unit of the code is used
 * after an epoch, when a network has the same output for everything. Rows without a validation tell nothing.
 */
export const rowWarnings = ({
  stage,
  epoch,
  validation,
}: Pick<HistoryRow, 'stage' | 'epoch' | 'validation'>): MessageKey[] =>
  stage === 'train' && epoch >= 1 && validation?.['active'] === 0 ? ['warning.code-dead'] : []
