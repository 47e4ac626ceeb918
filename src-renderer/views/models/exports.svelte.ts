import type { Link } from '../../state/connection.svelte.ts'
import { runJob } from '../../state/run-job.ts'

export interface Exports {
  readonly isRunning: boolean
  /** Writes a model's network to `out`, replacing what is there. @returns the file's path */
  run(model: string, out: string): Promise<string>
}

export function createExports(link: Link): Exports {
  let running = $state(0)
  return {
    get isRunning() {
      return running > 0
    },
    async run(model, out) {
      running++
      try {
        return (await runJob(link, { type: 'export', model, out, overwrite: true })).file
      } finally {
        running--
      }
    },
  }
}
