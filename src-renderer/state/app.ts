import { createContext } from 'svelte'
import { toErrorDetail } from '../../src-main/contract/errors.ts'
import { createAnalyses, type AnalysesStore } from './analyses.svelte.ts'
import { openChannel } from './channel.ts'
import { createLink, type Link } from './connection.svelte.ts'
import { createI18n, type I18n } from './i18n.svelte.ts'
import { createModels, type ModelsStore } from './models.svelte.ts'
import { createNotices, type Notices } from './notices.svelte.ts'
import { createPreferences, type PreferencesStore } from './preferences.svelte.ts'
import { createProgram, type Program } from './program.svelte.ts'
import { createQueue, type QueueStore } from './queue.svelte.ts'
import { createRoute, type Route } from './route.svelte.ts'
import { createRuns, type RunsStore } from './runs.svelte.ts'
import { createShortcuts, type Shortcuts } from './shortcuts.svelte.ts'

/** Everything that the views share. */
export interface App {
  link: Link
  program: Program
  preferences: PreferencesStore
  i18n: I18n
  models: ModelsStore
  queue: QueueStore
  runs: RunsStore
  analyses: AnalysesStore
  shortcuts: Shortcuts
  notices: Notices
  route: Route
  /** Takes pictures into the queue with the settings last used, and shows the first of them. Failures become notices. */
  open: (paths: string[]) => Promise<void>
}

/** The app of the window that a component is in. */
export const [useApp, provideApp] = createContext<App>()

export function createApp(): App {
  const link = createLink(openChannel)
  const program = createProgram(link)
  const preferences = createPreferences(link, localStorage)
  const i18n = createI18n(
    () => preferences.current.language,
    () => (program.info === null ? navigator.languages : [program.info.systemLanguage]),
  )
  const queue = createQueue(link)
  const notices = createNotices()
  const route = createRoute(window)
  const shortcuts = createShortcuts(/^Mac/.test(navigator.platform))

  async function open(paths: string[]): Promise<void> {
    if (paths.length === 0) return
    route.go('denoise')
    await notices.attempt(async () => {
      const { ids, ignored } = await queue.add(paths, preferences.current.settings)
      if (ids[0] !== undefined) queue.select(ids[0])
      if (ignored.length > 0) notices.show(i18n.t('ui.open.ignored', { count: ignored.length }))
    })
  }
  window.addEventListener('unhandledrejection', (event) => {
    // What is read anew after every connection needs no word when one breaks: the banner says it.
    if (toErrorDetail(event.reason).code !== 'engine-crashed') notices.fail(event.reason)
  })
  link.shell.subscribe((event) => {
    if (event.event === 'open') void open(event.paths)
    else if (event.event === 'menu') shortcuts.run(event.command)
  })
  link.onReady(() => void link.shell.takeOpened().then(open))

  return {
    ...{
      link,
      program,
      preferences,
      i18n,
      models: createModels(link, i18n),
      queue,
      shortcuts,
      notices,
      route,
    },
    runs: createRuns(link, () => (preferences.current.nativeTraining ? 'native' : 'auto')),
    analyses: createAnalyses(link),
    open,
  }
}
