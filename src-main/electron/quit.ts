import { app, dialog, type BrowserWindow } from 'electron'
import { translate, type Locale } from '../contract/messages/messages.ts'
import { isCleaning, isWorking, trainingOf, type Work } from './work.ts'

export interface QuitOptions {
  window: BrowserWindow
  locale(): Locale
  work(): Work
  /** Ends the engine; the queue stays on disk, and a training writes a checkpoint. */
  close(): Promise<void>
}

/**
 * Closing the window is quitting, on every system: there is one window and nothing behind it. While pictures are being
 * cleaned or a network is trained it asks first.
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

  async function ask(work: Work): Promise<void> {
    state = 'asking'
    const { message, detail, answers } = questionAbout(work, options.locale())
    const { response } = await dialog.showMessageBox(window, {
      ...{ type: 'question', message, detail, noLink: true },
      buttons: answers.map((answer) => translate(options.locale(), answer)),
      ...{ defaultId: 0, cancelId: answers.indexOf('quit.cancel') },
    })
    const answer = answers[response]
    state = answer === 'quit.finish' ? 'finishing' : 'open'
    // The work may have ended while the question stood.
    const isFinished = answer === 'quit.finish' && options.work().progress === null
    if (answer === 'quit.stop' || answer === 'quit.train-stop' || isFinished) await shutDown()
  }

  const onLeaving = (event: { preventDefault(): void }): void => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'asking' || state === 'closing') return
    const work = options.work()
    if (isWorking(work)) void ask(work)
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

interface Question {
  message: string
  detail: string
  /** The first is what Enter does. */
  answers: ('quit.finish' | 'quit.stop' | 'quit.train-stop' | 'quit.cancel')[]
}

/** A training takes too long to be waited for: it is stopped in any case, and can go on later. */
function questionAbout(work: Work, locale: Locale): Question {
  const training = trainingOf(work)
  const aboutTraining =
    training === null
      ? null
      : {
          message: translate(locale, 'quit.train-question'),
          detail: translate(locale, 'quit.train-detail', { done: training.done, total: training.total }),
        }
  const { progress } = work
  if (aboutTraining !== null && (progress === null || !isCleaning(work)))
    return { ...aboutTraining, answers: ['quit.train-stop', 'quit.cancel'] }
  const { done, total } = progress ?? { done: 0, total: 0 }
  const detail = translate(locale, 'quit.detail', { done, total })
  const also = aboutTraining === null ? [] : [`${aboutTraining.message} ${aboutTraining.detail}`]
  return {
    message: translate(locale, 'quit.question'),
    detail: [detail, ...also].join('\n\n'),
    answers: ['quit.finish', 'quit.stop', 'quit.cancel'],
  }
}
