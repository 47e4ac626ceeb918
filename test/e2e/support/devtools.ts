import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'

/** A page that can be looked into. */
export interface AttachedPage extends Pick<Page, 'evaluate'> {
  close(): void
}

interface Answer {
  id?: number
  result?: { result: { value?: unknown }; exceptionDetails?: { exception?: { description?: string } } }
}

/**
 * Attaches to a page of a program by the Chrome DevTools Protocol alone: Playwright itself asks of a browser what Electron
 * does not have.
 * @param browser address of the program's DevTools; @param url of the page, which may be yet to come
 */
export async function attach(browser: string, url: RegExp): Promise<AttachedPage> {
  const list = new URL('/json/list', browser.replace('ws:', 'http:'))
  let target: { url: string; webSocketDebuggerUrl: string } | undefined
  while (target === undefined) {
    const targets = (await (await fetch(list)).json()) as { url: string; webSocketDebuggerUrl: string }[]
    target = targets.find((one) => url.test(one.url))
    await delay(100)
  }
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  await once(socket, 'open')
  let lastId = 0

  const evaluate = async (run: unknown, argument?: unknown): Promise<unknown> => {
    const id = ++lastId
    const answer = new Promise<Answer>((resolve) => {
      const listen = (data: Buffer): void => {
        const message = JSON.parse(data.toString()) as Answer
        if (message.id !== id) return
        socket.off('message', listen)
        resolve(message)
      }
      socket.on('message', listen)
    })
    const expression = `(${String(run)})(${(JSON.stringify(argument) as string | undefined) ?? ''})`
    const params = { expression, awaitPromise: true, returnByValue: true }
    socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }))
    const { result } = await answer
    if (result?.exceptionDetails) throw new Error(result.exceptionDetails.exception?.description)
    return result?.result.value
  }
  return { evaluate: evaluate as Page['evaluate'], close: () => socket.close() }
}
