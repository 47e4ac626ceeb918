import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { JobEvent } from '../../../src-main/contract/jobs.ts'
import type { Link } from '../../state/connection.svelte.ts'

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
      // A short job may end before its id is here.
      const ended = new Map<string, JobEvent>()
      let tell = (): void => undefined
      const unsubscribe = link.engine.subscribe((event) => {
        if (!('id' in event) || !['done', 'failed', 'cancelled'].includes(event.event)) return
        ended.set(event.id, event)
        tell()
      })
      try {
        const id = await link.engine.start({ type: 'export', model, out, overwrite: true })
        while (!ended.has(id)) await new Promise<void>((resolve) => (tell = resolve))
        return fileOf(ended.get(id)!)
      } finally {
        unsubscribe()
        running--
      }
    },
  }
}

function fileOf(event: JobEvent): string {
  if (event.event === 'done' && event.result.type === 'export') return event.result.file
  if (event.event !== 'failed') throw new DarkroomError('cancelled')
  const { code, ...detail } = event.error
  throw new DarkroomError(code, detail)
}
