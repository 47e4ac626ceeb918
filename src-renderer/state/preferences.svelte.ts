import { Preferences, type PreferencesChange } from '../../src-main/contract/shell.ts'
import type { Link } from './connection.svelte.ts'

/** What the first picture of the window needs before the program has answered, kept by the page itself. */
export interface LookStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}
const lookKey = 'darkroom.look'

export interface PreferencesStore {
  readonly current: Preferences
  /** Whether they have been read: until then they are what the last window had, or defaults. */
  readonly isLoaded: boolean
  /** Shows the change at once; it is taken back if it could not be kept. */
  change(change: PreferencesChange): Promise<void>
}

export function createPreferences(link: Link, storage: LookStorage): PreferencesStore {
  let current = $state.raw(rememberedLook(storage))
  let isLoaded = $state(false)

  const take = (preferences: Preferences): void => {
    current = preferences
    const { language, theme } = preferences
    storage.setItem(lookKey, JSON.stringify({ language, theme }))
  }
  link.shell.subscribe((event) => {
    if (event.event === 'preferences') take(event.preferences)
  })
  link.onReady(() => {
    void link.shell.preferences().then((preferences) => {
      take(preferences)
      isLoaded = true
    })
  })

  return {
    get current() {
      return current
    },
    get isLoaded() {
      return isLoaded
    },
    async change(change) {
      const before = current
      current = { ...current, ...change } as Preferences
      try {
        take(await link.shell.setPreferences(change))
      } catch (thrown) {
        current = before
        throw thrown
      }
    },
  }
}

function rememberedLook(storage: LookStorage): Preferences {
  try {
    return Preferences.parse(JSON.parse(storage.getItem(lookKey) ?? '{}'))
  } catch {
    return Preferences.parse({})
  }
}
