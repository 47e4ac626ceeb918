import { textsOfModel, type ModelEntry } from '../../src-main/contract/models.ts'
import type { Link } from './connection.svelte.ts'
import type { I18n } from './i18n.svelte.ts'

export interface ModelsStore {
  /** Shipped ones first, then those trained here, then those a person added. Null until they are read. */
  readonly all: readonly ModelEntry[] | null
  /** Those that can be used. */
  readonly usable: readonly ModelEntry[]
  /** The title of a model, or its id where it is not known (any more). */
  title(id: string): string
}

const origins = ['shipped', 'built-in', 'trained', 'added']

export function createModels(link: Link, i18n: Pick<I18n, 't'>): ModelsStore {
  let read = $state.raw<readonly ModelEntry[] | null>(null)
  const all = $derived(read === null ? null : read.map(inWords))
  const usable = $derived((all ?? []).filter(({ error }) => error === null))

  /** What comes with the product is called what the catalogue says, in the language of the window. */
  function inWords(model: ModelEntry): ModelEntry {
    const texts = textsOfModel(model)
    if (texts === null) return model
    const [title, description] = [i18n.t(texts.title), i18n.t(texts.description)]
    return { ...model, title, description, card: model.card && { ...model.card, title, description } }
  }
  const look = (): void => {
    void link.engine.models().then((models) => {
      // Array's sort is stable: within an origin the engine's order stays.
      read = [...models].sort((a, b) => origins.indexOf(a.origin) - origins.indexOf(b.origin))
    })
  }
  link.onReady(look)
  link.engine.subscribe((event) => {
    if (event.event === 'models') look()
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
