import type { DenoiseSettings } from '../../../src-main/contract/settings.ts'
import type { App } from '../../state/app.ts'
import type { Ids } from '../../state/queue.svelte.ts'

/** Milliseconds of rest before a change is sent: a slider that is moved is one change. */
const rest = 120

export interface SettingsEditor {
  /** Of the picture that is shown, with what was changed just now; without a picture, those of the next one. */
  readonly shown: DenoiseSettings
  /** Changes the picture that is shown. New pictures start with what was chosen last. */
  change(change: Partial<DenoiseSettings>): void
  /** Gives these settings to other pictures, too. */
  giveTo(ids: Ids): Promise<void>
  /** Sends what was not sent yet. */
  flush(): Promise<void>
}

export function createSettingsEditor({
  queue,
  preferences,
  notices,
}: Pick<App, 'queue' | 'preferences' | 'notices'>): SettingsEditor {
  let pending = $state.raw<{ id: string; change: Partial<DenoiseSettings> } | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  const shown = $derived.by((): DenoiseSettings => {
    const item = queue.current
    if (item === null) return preferences.current.settings
    return pending?.id === item.id ? { ...item.settings, ...pending.change } : item.settings
  })

  async function flush(): Promise<void> {
    clearTimeout(timer)
    const sent = pending
    if (sent === null) return
    const settings = { ...queue.items.get(sent.id)?.settings, ...sent.change }
    await notices.attempt(async () => {
      await queue.change([sent.id], sent.change)
      await preferences.change({ settings: settings as DenoiseSettings })
    })
    // The queue has told of it by now; what was changed meanwhile is still to be sent.
    if (pending === sent) pending = null
  }

  return {
    get shown() {
      return shown
    },
    change(change) {
      const id = queue.current?.id
      if (id === undefined) return
      if (pending !== null && pending.id !== id) void flush()
      pending = { id, change: { ...(pending?.id === id ? pending.change : {}), ...change } }
      clearTimeout(timer)
      timer = setTimeout(() => void flush(), rest)
    },
    async giveTo(ids) {
      await flush()
      await notices.attempt(() => queue.change(ids, shown))
    },
    flush,
  }
}
