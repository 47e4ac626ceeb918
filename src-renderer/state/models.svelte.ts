import type { ModelEntry } from '../../src-main/contract/models.ts'
import type { Link } from './connection.svelte.ts'

export interface ModelsStore {
  /** Shipped ones first, then those trained here, then those a person added. Null until they are read. */
  readonly all: readonly ModelEntry[] | null
  /** Those that can be used. */
  readonly usable: readonly ModelEntry[]
  /** The title of a model, or its id where it is not known (any more). */
  title(id: string): string
}

const origins = ['shipped', 'trained', 'added']

export function createModels(link: Link): ModelsStore {
  let all = $state.raw<readonly ModelEntry[] | null>(null)
  const usable = $derived((all ?? []).filter(({ error }) => error === null))

  const read = (): void => {
    void link.engine.models().then((models) => {
      // Array's sort is stable: within an origin the engine's order stays.
      all = [...models].sort((a, b) => origins.indexOf(a.origin) - origins.indexOf(b.origin))
    })
  }
  link.onReady(read)
  link.engine.subscribe((event) => {
    if (event.event === 'models') read()
  })

  return {
    get all() {
      return all
    },
    get usable() {
      return usable
    },
    title: (id) => all?.find((model) => model.id === id)?.title ?? id,
  }
}
