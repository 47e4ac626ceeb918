import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { QueueItem } from '../../../src-main/contract/queue.ts'
import type { App } from '../../state/app.ts'
import { downloadAddress } from '../../state/files.ts'
import { settingsForPath } from './save-path.ts'
import type { SettingsEditor } from './settings.svelte.ts'
import type { Written } from './written.svelte.ts'

export type Actions = ReturnType<typeof createActions>

/** What can be done with the pictures that are selected, or with all. Failures become notices. */
export function createActions(
  { i18n, link, notices, program, queue }: App,
  editor: SettingsEditor,
  written: Written,
) {
  const ids = (items: readonly QueueItem[]): string[] => items.map(({ id }) => id)
  const isBusy = ({ state }: QueueItem): boolean => state === 'waiting' || state === 'running'
  const selectedIn = (...states: QueueItem['state'][]): QueueItem[] =>
    queue.selected.filter(({ state }) => states.includes(state))

  /** All that is not written yet, or was changed since. */
  const unsaved = $derived(
    [...queue.items.values()].filter(
      (item) => !isBusy(item) && (item.state !== 'done' || written.isStale(item)),
    ),
  )
  const busy = $derived(selectedIn('waiting', 'running'))
  const failed = $derived(selectedIn('failed'))
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
    get unsaved() {
      return unsaved
    },
    /** The written file of the picture that is shown; null before. */
    get output() {
      return output
    },
    async save() {
      const items = queue.selected.filter((item) => !isBusy(item))
      if (items.length > 0) await run(() => queue.save(ids(items)))
    },
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
        await (program.isDesktop ? link.shell.copyImage(path) : copyInPage(path))
        notices.show(i18n.t('ui.denoise.copied'), { tone: 'good' })
      }),
    download(path: string) {
      const anchor = document.createElement('a')
      anchor.href = downloadAddress(path)
      anchor.download = ''
      anchor.click()
    },
  }
}

/** Puts a written picture onto the clipboard, which takes PNG only. The browser must be able to read its format. */
async function copyInPage(path: string): Promise<void> {
  const answer = await fetch(downloadAddress(path))
  const bitmap = await createImageBitmap(await answer.blob()).catch((thrown: unknown) => {
    throw new DarkroomError('shell-unsupported', { file: path, expected: 'JPEG, PNG, WebP, AVIF' }, thrown)
  })
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0)
  bitmap.close()
  const png = await canvas.convertToBlob({ type: 'image/png' })
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
}
