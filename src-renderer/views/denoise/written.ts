import type { Cleaned } from '../../../src-main/contract/evidence.ts'
import type { QueueItem } from '../../../src-main/contract/queue.ts'
import type { DenoiseSettings } from '../../../src-main/contract/settings.ts'

const isSame = (a: DenoiseSettings, b: DenoiseSettings): boolean =>
  (Object.keys(a) as (keyof DenoiseSettings)[]).every((name) => a[name] === b[name])

/** The file that an item was written to with just these settings; null where there is none, or it is not known. */
export const fileOf = ({ written, output }: QueueItem, settings: DenoiseSettings): string | null =>
  written !== null && isSame(written, settings) ? output : null

/** Whether an item was changed after it was written. */
export const isStale = ({ written, settings }: QueueItem): boolean =>
  written !== null && !isSame(written, settings)

/** What was done to an item as it is now; null before, where it was changed since, and where an older program wrote it. */
export const cleanedNow = (item: QueueItem): Cleaned | null =>
  item.state === 'done' && !isStale(item) ? item.cleaned : null
