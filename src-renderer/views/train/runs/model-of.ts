import type { ModelEntry } from '../../../../src-main/contract/models.ts'
import { folderOf } from '../../../state/names.ts'

/** The entry of a run in the list of models, where its network can be used in Denoise. */
export const modelOf = (run: string, models: readonly ModelEntry[]): ModelEntry | undefined =>
  models.find(({ origin, file, error }) => origin === 'trained' && error === null && isBelow(file, run))

/** Whether a file is in a folder or one below it. */
function isBelow(file: string, folder: string): boolean {
  for (let above = folderOf(file); above !== ''; above = folderOf(above)) if (above === folder) return true
  return false
}
