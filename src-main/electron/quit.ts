import { app, dialog, type BrowserWindow } from 'electron'
import { translate, type Locale } from '../contract/messages/messages.ts'
import { isWorking, type Work } from './work.ts'

export interface QuitOptions {
  window: BrowserWindow
  locale(): Locale
  work(): Work
  /** Ends the engine; the queue stays on disk. */
  close(): Promise<void>
}

/** Order of the question's buttons. */
const [finish, stop, cancel] = [0, 1, 2]

/**
 * Closing the window is quitting, on every system: there is one window and nothing behind it. While pictures are being
 * cleaned it asks first.
 *
 * @returns `changed`, to be told of the work: when it has ended, the program ends if that was the answer
 */
export function guardQuitting(options: QuitOptions): { changed(work: Work): void } {
  const { window } = options
  let state: 'open' | 'asking' | 'finishing' | 'closing' | 'closed' = 'open'

  async function shutDown(): Promise<void> {
    if (state === 'closing' || state === 'closed') return
    state = 'closing'
    await options.close()
    state = 'closed'
    app.quit()
  }

  async function ask({ done, total }: { done: number; total: number }): Promise<void> {
    state = 'asking'
    const locale = options.locale()
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: translate(locale, 'quit.question'),
      detail: translate(locale, 'quit.detail', { done, total }),
      buttons: [
        translate(locale, 'quit.finish'),
        translate(locale, 'quit.stop'),
        translate(locale, 'quit.cancel'),
      ],
      defaultId: finish,
      cancelId: cancel,
      noLink: true,
    })
    state = response === finish ? 'finishing' : 'open'
    // The work may have ended while the question stood.
    if (response === stop || (response === finish && options.work().progress === null)) await shutDown()
  }

  const onLeaving = (event: { preventDefault(): void }): void => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'asking' || state === 'closing') return
    const { progress } = options.work()
    if (progress !== null && isWorking(options.work())) void ask(progress)
    else void shutDown()
  }
  window.on('close', onLeaving)
  app.on('before-quit', onLeaving)

  return {
    changed(work) {
      if (state === 'finishing' && work.progress === null) void shutDown()
    },
  }
}
