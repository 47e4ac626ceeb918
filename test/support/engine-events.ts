import type { Engine, EngineEvent } from '../../src-main/contract/engine.ts'
import type { JobEvent } from '../../src-main/contract/jobs.ts'

export interface Listening {
  /** Everything that was told so far. */
  events: EngineEvent[]
  /** Settles with the first event, past or to come, that fits. */
  until: (fits: (event: EngineEvent) => boolean) => Promise<EngineEvent>
  /** The last word of a job. */
  ended: (id: string) => Promise<JobEvent>
  end: () => void
}

/** Collects what an engine tells. */
export function listenTo(engine: Pick<Engine, 'subscribe'>): Listening {
  const events: EngineEvent[] = []
  const waiting = new Set<(event: EngineEvent) => void>()
  const end = engine.subscribe((event) => {
    events.push(event)
    for (const look of waiting) look(event)
  })
  const until = (fits: (event: EngineEvent) => boolean): Promise<EngineEvent> =>
    new Promise((resolve) => {
      const past = events.find(fits)
      if (past) return resolve(past)
      const look = (event: EngineEvent): void => {
        if (!fits(event)) return
        waiting.delete(look)
        resolve(event)
      }
      waiting.add(look)
    })
  const lastWords = ['done', 'failed', 'cancelled']
  return {
    events,
    until,
    ended: (id) =>
      until(
        (event) => 'id' in event && event.id === id && lastWords.includes(event.event),
      ) as Promise<JobEvent>,
    end,
  }
}
