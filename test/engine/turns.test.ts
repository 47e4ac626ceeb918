import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createTurns } from '../../src-main/engine/turns.ts'

describe('long work', () => {
  it('hears what comes meanwhile, though all it does is compute and pause', async () => {
    const turns = createTurns()
    const { port1, port2 } = new MessageChannel()
    const heard: unknown[] = []
    port2.once('message', (question) => heard.push(question))
    port1.postMessage('a question')
    for (let piece = 0; piece < 1000 && heard.length === 0; piece++) await turns.pause()
    port1.close()
    expect(heard).toEqual(['a question'])
  })

  it('waits until no urgent work is left', async () => {
    const turns = createTurns()
    const order: string[] = []
    const urgent = (name: string, work: Promise<unknown>): Promise<void> =>
      turns.urgent(async () => {
        await work
        order.push(name)
      })
    const first = urgent(
      'first',
      turns.urgent(() => Promise.resolve()),
    )
    const second = urgent('second', first)
    await turns.pause()
    order.push('long')
    await second
    expect(order).toEqual(['first', 'second', 'long'])
  })
})
