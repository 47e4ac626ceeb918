import { isTemporaryName } from './atomic.ts'
import { runTitleName } from './run-title.ts'
import { runNames } from './runs.ts'

const files: string[] = [runNames.info, runNames.history, runTitleName]
const folders: string[] = [runNames.checkpoints, 'model', runNames.previews]

/**
 * Whether a path below a run folder (`/` between folders) is one of the run's own files: not the lock, what is half written, and what an
 * operating system leaves everywhere.
 */
export function isRunEntry(path: string): boolean {
  const [folder, name, ...more] = path.split('/')
  if (name === undefined) return files.includes(path)
  if (more.length > 0 || !folders.includes(folder!) || isTemporaryName(name)) return false
  return /^[a-z0-9][a-z0-9.-]*$/.test(name)
}
