import { Notification, powerSaveBlocker, type BrowserWindow } from 'electron'
import { translate, type Locale } from '../contract/messages/messages.ts'
import { isWorking, trainingOf, type Outcome, type Work } from './work.ts'
import { showWindow } from './window.ts'

/** What shows of the work outside of the window: the task bar, a machine kept awake, a notification at the end. */
export function showWork(window: BrowserWindow) {
  let blocker: number | null = null

  return {
    changed(work: Work): void {
      if (window.isDestroyed()) return
      const progress = work.progress ?? trainingOf(work)
      // Below 0 takes the bar away.
      window.setProgressBar(progress === null ? -1 : progress.done / Math.max(1, progress.total), {
        mode: work.isPaused && work.progress !== null ? 'paused' : 'normal',
      })
      if (isWorking(work)) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
      else if (blocker !== null) {
        powerSaveBlocker.stop(blocker)
        blocker = null
      }
    },

    /** A person who looks at the window sees that it has ended. */
    notify({ done, failed }: Outcome, locale: Locale): void {
      if (window.isDestroyed() || window.isFocused() || !Notification.isSupported()) return
      const notification = new Notification({
        title: translate(locale, 'ended.title'),
        body: translate(locale, failed === 0 ? 'ended.done' : 'ended.failed', { done, failed }),
      })
      notification.on('click', () => showWindow(window))
      notification.show()
    },
  }
}
