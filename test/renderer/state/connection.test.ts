import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const links: Link[] = []
const linkTo = (open: Parameters<typeof createLink>[0]): Link => {
  const link = createLink(open)
  links.push(link)
  return link
}
afterEach(() => links.splice(0).forEach((link) => link.close()))

describe('the link to the program', () => {
  it('makes calls wait for the connection', async () => {
    const program = fakeProgram()
    let connect = (): void => undefined
    const asked = new Promise<void>((resolve) => (connect = resolve))
    const link = linkTo(() => asked.then(program.open))
    const models = link.engine.models()
    expect(link.status).toBe('connecting')
    connect()
    expect(await models).toEqual([])
    expect(link.status).toBe('ready')
  })

  it('connects again, reads the state anew and keeps its listeners', async () => {
    const program = fakeProgram()
    const link = linkTo(program.open)
    const ready = vi.fn()
    const heard = vi.fn()
    link.onReady(ready)
    link.engine.subscribe(heard)
    await vi.waitUntil(() => link.status === 'ready')

    program.cut()
    await vi.waitUntil(() => link.status === 'lost')
    link.retry()
    await vi.waitUntil(() => link.status === 'ready')
    expect(ready).toHaveBeenCalledTimes(2)

    program.tellEngine({ event: 'models' })
    await vi.waitUntil(() => heard.mock.calls.length > 0)
    expect(heard).toHaveBeenCalledWith({ event: 'models' })
  })

  it('rejects what was under way when the connection broke, and does not ask twice', async () => {
    const program = fakeProgram({ engine: { doctor: () => new Promise(() => undefined) } })
    const link = linkTo(program.open)
    const doctor = link.engine.doctor()
    const failure = expect(doctor).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
    await vi.waitUntil(() => program.calls.some(({ name }) => name === 'doctor'))
    program.cut()
    await failure
    link.retry()
    await vi.waitUntil(() => link.status === 'ready')
    expect(program.calls.filter(({ name }) => name === 'doctor')).toHaveLength(1)
  })

  it('tries again when nobody answers at first', async () => {
    const program = fakeProgram()
    let attempts = 0
    const link = linkTo(() => (++attempts < 3 ? Promise.reject(new Error('nobody')) : program.open()))
    for (const attempt of [1, 2]) {
      await vi.waitUntil(() => attempts === attempt && link.status === 'lost')
      await new Promise((resolve) => setTimeout(resolve))
      link.retry()
    }
    await vi.waitUntil(() => link.status === 'ready')
    expect(attempts).toBe(3)
  })

  it('follows the engine’s process, and reads the state anew when it was started again', async () => {
    const program = fakeProgram()
    const link = linkTo(program.open)
    const ready = vi.fn()
    link.onReady(ready)
    await vi.waitUntil(() => link.status === 'ready')
    program.tellShell({ event: 'engine', state: 'restarting' })
    await vi.waitUntil(() => link.engineState === 'restarting')
    expect(ready).toHaveBeenCalledTimes(1)
    program.tellShell({ event: 'engine', state: 'running' })
    await vi.waitUntil(() => link.engineState === 'running')
    expect(ready).toHaveBeenCalledTimes(2)
  })
})
