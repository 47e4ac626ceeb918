import type { Engine } from '../../../src-main/contract/engine.ts'
import type { QueueItem } from '../../../src-main/contract/queue.ts'
import type { App } from '../../state/app.ts'
import { allDownloadsAddress, downloadAddress } from '../../state/files.ts'
import { settingsForPath } from './save-path.ts'
import type { SettingsEditor } from './settings.svelte.ts'
import { cleanedNow, isStale } from './written.ts'

export type Actions = ReturnType<typeof createActions>

/** What can be done with the pictures that are selected, or with all. Failures become notices. */
export function createActions({ i18n, link, notices, program, queue }: App, editor: SettingsEditor) {
  const ids = (items: readonly QueueItem[]): string[] => items.map(({ id }) => id)
  const isBusy = ({ state }: QueueItem): boolean => state === 'waiting' || state === 'running'
  const selectedIn = (...states: QueueItem['state'][]): QueueItem[] =>
    queue.selected.filter(({ state }) => states.includes(state))

  /** All that is not written yet, or was changed since. */
  const unsaved = $derived(
    [...queue.items.values()].filter((item) => !isBusy(item) && (item.state !== 'done' || isStale(item))),
  )
  const busy = $derived(selectedIn('waiting', 'running'))
  const failed = $derived(selectedIn('failed'))
  const kept = $derived(queue.selected.filter((item) => cleanedNow(item)?.isKept))
  const doneCount = $derived([...queue.items.values()].filter(({ state }) => state === 'done').length)
  const output = $derived(queue.current?.state === 'done' ? queue.current.output : null)

  async function run(work: () => Promise<unknown>): Promise<void> {
    await notices.attempt(async () => {
      await editor.flush()
      await work()
    })
  }

  return {
    /** Of the selection. */
    get busy() {
      return busy
    },
    get failed() {
      return failed
    },
    /** Pictures that were left as they were, since cleaning would not have made them better. */
    get kept() {
      return kept
    },
    get unsaved() {
      return unsaved
    },
    /** Written ones of the whole queue. */
    get doneCount() {
      return doneCount
    },
    /** The written file of the picture that is shown; null before. */
    get output() {
      return output
    },
    async save() {
      const items = queue.selected.filter((item) => !isBusy(item))
      if (items.length > 0) await run(() => queue.save(ids(items)))
    },
    /** Cleans pictures that were kept as they were, and only these: the next ones are asked about again. */
    cleanAnyway: (keptIds = ids(kept)) =>
      run(async () => {
        await queue.change(keptIds, { onlyIfBetter: false })
        await queue.save(keptIds)
      }),
    async saveAll() {
      const items = unsaved
      if (items.length > 0) await run(() => queue.save(ids(items)))
    },
    /** Writes the picture that is shown to a path that a person chose, who has agreed to replace what is there. */
    async saveTo(path: string) {
      const item = queue.current
      if (item === null) return
      await run(async () => {
        const settings = { ...editor.shown, ...settingsForPath(path) }
        const { source, dir } = item
        // Another ending of the same format (`.jpeg`) is written as the usual one: that file nobody agreed to replace.
        const isAgreed = (await link.engine.outputFor({ source, dir, settings })) === path
        await queue.change([item.id], { ...settings, ifExists: isAgreed ? 'replace' : 'number' })
        await queue.save([item.id])
      })
    },
    cancel: () => run(() => queue.cancel(ids(busy))),
    retry: () => run(() => queue.retry(ids(failed))),
    remove: async () => {
      if (queue.selected.length > 0) await run(() => queue.remove(ids(queue.selected)))
    },
    reveal: (path: string) => run(() => link.shell.reveal(path)),
    copy: (path: string) =>
      run(async () => {
        await (program.isDesktop ? link.shell.copyImage(path) : copyInPage(link.engine, path))
        notices.show(i18n.t('ui.denoise.copied'), { tone: 'good' })
      }),
    download: (path: string) => fetchFile(downloadAddress(path)),
    /** Everything that is written, as one archive. */
    downloadAll: () => fetchFile(allDownloadsAddress),
  }
}

/** Lets the browser download what an address gives. */
function fetchFile(address: string): void {
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = ''
  anchor.click()
}

/** Puts a written picture onto the clipboard. */
async function copyInPage(engine: Engine, path: string): Promise<void> {
  const png = engine
    .screenImage({ path })
    .then(({ bytes, type }) => new Blob([new Uint8Array(bytes)], { type }))
  // Begun before the picture is there: a browser lets a page do this only for a while after a click.
  await navigator.clipboard
    .write([new ClipboardItem({ 'image/png': png })])
    .catch(async (thrown: unknown) => {
      // The browser's word for it says less than the engine's.
      await png
      throw thrown
    })
}
