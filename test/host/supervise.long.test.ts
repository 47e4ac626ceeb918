import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JobInput } from '../../src-main/contract/jobs.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import {
  superviseEngine,
  type SupervisedEngine,
  type SuperviseOptions,
} from '../../src-main/host/supervise.ts'
import { writeImages } from '../support/batch.ts'
import { listenTo } from '../support/engine-events.ts'
import { fromSources } from '../support/engine-process.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { writeTinyModel } from '../support/tiny-model.ts'

const temporary = temporaryFolder()
const engines: SupervisedEngine[] = []
let count = 0

beforeAll(async () => {
  await writeTinyModel(temporary('tiny.onnx'))
  await writeImages(
    temporary('in'),
    Array.from({ length: 24 }, (_, n) => `${n}.png`),
    128,
  )
})
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()))
})

function supervise(options: Partial<SuperviseOptions> = {}) {
  const log: string[] = []
  const states: string[] = []
  const home = temporary(`home ${count++}`)
  const engine = superviseEngine({
    ...fromSources,
    home,
    log: (line) => log.push(line),
    backOff: [0, 0],
    ...options,
  })
  engines.push(engine)
  engine.onState((state) => states.push(state))
  const reached = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      if (engine.state() === wanted) return resolve()
      const end = engine.onState((state) => {
        if (state !== wanted) return
        end()
        resolve()
      })
    })
  /** Of the last child. */
  const pid = (): number =>
    Number(log.findLast((line) => line.startsWith('The engine runs'))!.match(/\d+/)![0])
  return { engine, log, states, reached, pid }
}

const job = (out: string): JobInput => ({
  type: 'denoise',
  sources: [temporary('in')],
  out: temporary(out),
  model: temporary('tiny.onnx'),
})

/** A child of a few lines that stands in for the engine's process. */
async function program(name: string, text: string): Promise<Partial<SuperviseOptions>> {
  const entry = temporary(`${name}.mjs`)
  await writeFile(entry, text)
  return { entry }
}

describe('superviseEngine', () => {
  it('stops where its folder is not to be had', async () => {
    await writeFile(temporary('no folder'), '')
    const { engine, log, reached } = supervise({ home: temporary('no folder', 'home') })
    await reached('stopped')
    await expect(engine.doctor()).rejects.toMatchObject({ detail: { code: 'engine-stopped' } })
    expect(log.filter((line) => line.includes('ENOTDIR'))).toHaveLength(3)
  })

  it('starts the engine again when it is killed, and tells whose work was lost', async () => {
    const { engine, log, states, reached, pid } = supervise()
    const { until, ended, events } = listenTo(engine)
    const id = await engine.start(job('killed'))
    await until(({ event }) => event === 'denoised')
    const first = pid()
    process.kill(first, 'SIGSTOP')
    const inFlight = engine.recipes()
    process.kill(first, 'SIGKILL')
    await expect(inFlight).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
    expect(await ended(id)).toEqual({ id, event: 'failed', error: { code: 'engine-crashed' } })

    // Waits for the new one.
    expect(await engine.recipes()).not.toHaveLength(0)
    await reached('running')
    expect(pid()).not.toBe(first)
    expect(states).toEqual(['running', 'restarting', 'running'])
    expect(log).toContain('The engine died: SIGKILL')
    // Who listened before still does.
    const next = await engine.start({ ...job('after'), dryRun: true } as JobInput)
    expect((await ended(next)).event).toBe('done')
    expect(events.filter((event) => event.event === 'failed')).toHaveLength(1)
  })

  it('goes on with the queue after a death, and tells it whole', async () => {
    const { engine, pid } = supervise()
    const { events, until } = listenTo(engine)
    const { ids } = await engine.changeQueue({
      type: 'add',
      sources: [temporary('in')],
      settings: DenoiseSettings.parse({ out: temporary('queue'), sigma: 25 }),
    })
    expect(ids).toHaveLength(24)
    await engine.changeQueue({ type: 'save', ids: ids.slice(0, 12) })
    const count = (state: string) => async (): Promise<number> =>
      (await engine.queue()).items.filter((item) => item.state === state).length
    await until(
      (event) => event.event === 'queue' && event.change.items.some((item) => item.state === 'done'),
    )
    const before = events.length
    process.kill(pid(), 'SIGKILL')
    await expect.poll(count('done'), { timeout: 30_000 }).toBe(12)
    expect(await count('failed')()).toBe(0)
    const whole = events
      .slice(before)
      .find((event) => event.event === 'queue' && event.change.items.length === ids.length)
    expect(whole).toMatchObject({ change: { removed: [], paused: false } })
  })

  it('gives up after too many deaths, says what to do, and tries again when it is asked to', async () => {
    const { engine, log, states, reached } = supervise(await program('dies', 'process.exit(3)'))
    await reached('stopped')
    expect(states).toEqual(['restarting', 'stopped'])
    expect(log.filter((line) => line === 'The engine died: exit code 3')).toHaveLength(3)
    await expect(engine.doctor()).rejects.toMatchObject({ detail: { code: 'engine-stopped' } })
    engine.restart({})
    expect(engine.state()).toBe('restarting')
    await reached('stopped')
    expect(log.filter((line) => line === 'The engine died: exit code 3')).toHaveLength(6)
  })

  it('gives up when there is no such Node', async () => {
    const { engine, log } = supervise({ node: temporary('no node') })
    await expect(engine.doctor()).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
    await expect.poll(() => engine.state(), { timeout: 30_000 }).toBe('stopped')
    expect(log.some((line) => line.includes('died') && line.includes('ENOENT'))).toBe(true)
  })

  it('starts anew with other preferences, and cancels jobs', async () => {
    const tells = `console.log(process.argv.slice(2).join(' '), process.env.ELECTRON_RUN_AS_NODE ?? 'none')
      await import(${JSON.stringify(pathToFileURL(fromSources.entry).href)})`
    process.env['ELECTRON_RUN_AS_NODE'] = '1'
    const { engine, log, states, reached } = supervise({ ...(await program('tells', tells)), threads: 2 })
    delete process.env['ELECTRON_RUN_AS_NODE']
    const { until, ended } = listenTo(engine)
    const id = await engine.start(job('restarted'))
    await until(({ event }) => event === 'denoised')
    engine.restart({ engine: 'wasm', threads: null })
    expect((await ended(id)).event).toBe('cancelled')
    expect(await engine.recipes()).not.toHaveLength(0)
    await reached('running')
    expect(states).toEqual(['running', 'restarting', 'running'])
    const flags = log.filter((line) => line.startsWith('--home'))
    expect(flags).toHaveLength(2)
    expect(flags[0]).toMatch(/--threads 2 none$/)
    expect(flags[1]).toMatch(/--engine wasm none$/)
    expect(log.some((line) => line.includes('died'))).toBe(false)
  })

  it('ends a child that has begun to tell something more', async () => {
    // Its answer and the beginning of a message, which then are read at once; both as Node frames them.
    const text = `import { writeSync } from 'node:fs'
      import { serialize } from 'node:v8'
      process.on('message', ({ i, m }) => {
        const answer = serialize({ t: 's', i, r: undefined })
        const size = Buffer.alloc(4)
        size.writeUInt32BE(answer.length)
        const begun = m === 'engine.close' ? Buffer.from([0, 0, 1, 0, 255]) : Buffer.alloc(0)
        writeSync(process.channel.fd, Buffer.concat([size, answer, begun]))
      })`
    const { engine, reached, pid } = supervise(await program('talkative', text))
    await reached('running')
    const child = pid()
    await engine.close()
    await reached('stopped')
    expect(() => process.kill(child, 0)).toThrow('ESRCH')
  })

  it('kills a child that does not close, and then rejects calls', async () => {
    const { engine, reached, pid, log } = supervise({
      ...(await program('deaf', "process.on('message', () => undefined); console.log('deaf')")),
      patience: 50,
    })
    await expect.poll(() => log, { timeout: 30_000 }).toContain('deaf')
    await engine.close()
    await reached('stopped')
    expect(() => process.kill(pid(), 0)).toThrow('ESRCH')
    await expect(engine.doctor()).rejects.toMatchObject({ detail: { code: 'engine-stopped' } })
  })
})

describe('the engine’s process', () => {
  const start = (stdio: ('ignore' | 'ipc')[]) =>
    spawn(fromSources.node, [...fromSources.nodeArguments, fromSources.entry, '--home', temporary('alone')], {
      stdio,
      serialization: 'advanced',
    })

  it('ends when its parent is gone', async () => {
    const child = start(['ignore', 'ignore', 'ignore', 'ipc'])
    // It has loaded when it answers, whatever it is asked.
    child.send({ t: 'q', i: '1', m: 'engine.stop', a: ['none'] })
    await once(child, 'message')
    child.disconnect()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('refuses to run by itself', async () => {
    expect(await once(start(['ignore', 'ignore', 'ignore']), 'exit')).toEqual([2, null])
  })
})
