import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src-main/contract/engine.ts'
import { engineNames } from '../../src-main/contract/engines.ts'
import type { JobEvent, JobInput } from '../../src-main/contract/jobs.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import { createEngine } from '../../src-main/engine/engine.ts'
import { readCheckpoint } from '../../src-main/engine/storage/checkpoints.ts'
import { tree, writeImages } from '../support/batch.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'
import { writeTinyModel } from '../support/tiny-model.ts'

const temporary = temporaryFolder()
const thrown: unknown[] = []
const engine = createEngine({ onError: (error) => thrown.push(error) })
const unsubscribe: (() => void)[] = []

beforeAll(async () => {
  await writeTinyModel(temporary('tiny.onnx'))
  await writeImages(temporary('in'), ['a.png', 'b.png', 'c.png'])
  await writeImages(
    temporary('many'),
    Array.from({ length: 12 }, (_, n) => `${n}.png`),
  )
  return () => engine.close()
})
afterEach(() => {
  for (const end of unsubscribe.splice(0)) end()
})

const denoiseTo = (out: string): JobInput => ({
  type: 'denoise',
  sources: [temporary('in')],
  out: temporary(out),
  model: temporary('tiny.onnx'),
})

/** Collects events; `ended` waits for the last word of a job. */
function listen() {
  const events: JobEvent[] = []
  const waiting = new Map<string, (event: JobEvent) => void>()
  const isLast = ({ event }: JobEvent): boolean => ['done', 'failed', 'cancelled'].includes(event)
  unsubscribe.push(
    engine.subscribe((event) => {
      if (!('id' in event)) return
      events.push(event)
      if (isLast(event)) waiting.get(event.id)?.(event)
    }),
  )
  const ended = (id: string): Promise<JobEvent> =>
    new Promise((resolve) => {
      const last = events.find((event) => event.id === id && isLast(event))
      if (last) resolve(last)
      else waiting.set(id, resolve)
    })
  return { events, ended }
}

describe('createEngine', () => {
  it('runs jobs one after another and sends everything as plain data', async () => {
    const { events, ended } = listen()
    const first = await engine.start(denoiseTo('first'))
    const second = await engine.start(denoiseTo('second'))
    expect(await ended(second)).toMatchObject({ event: 'done', result: { type: 'denoise', done: 3 } })
    const order = events.map(({ id }) => (id === first ? 1 : 2))
    expect(order).toEqual(order.toSorted())
    expect(structuredClone(events)).toEqual(events)
    expect(JSON.parse(JSON.stringify(events))).toEqual(events)
    expect(await tree(temporary('second'))).toEqual(['a.png', 'b.png', 'c.png'])
  })

  it('refuses a job that is not valid, naming the field', async () => {
    const wrong = { ...denoiseTo('wrong'), sigma: 300 } as JobInput
    await expect(engine.start(wrong)).rejects.toMatchObject({
      detail: { code: 'argument-invalid', received: expect.stringContaining('sigma') as string },
    })
    const misspelt = Object.assign(denoiseTo('wrong'), { recursiv: true })
    await expect(engine.start(misspelt)).rejects.toMatchObject({ detail: { code: 'argument-invalid' } })
  })

  it('cancels a job that waits and one that runs; stopping what has ended is no error', async () => {
    const { events, ended } = listen()
    const runs = await engine.start({ ...denoiseTo('stopped'), sources: [temporary('many')] } as JobInput)
    const waits = await engine.start(denoiseTo('never'))
    await engine.stop(waits)
    engine.subscribe((event) => {
      if (event.event === 'denoised' && event.id === runs) void engine.stop(runs)
    })
    expect((await ended(runs)).event).toBe('cancelled')
    expect((await ended(waits)).event).toBe('cancelled')
    expect(events.filter(({ id }) => id === waits)).toHaveLength(1)
    const outputs = await tree(temporary('stopped'))
    expect(outputs.length).toBeGreaterThan(0)
    expect(outputs.length).toBeLessThan(12)
    expect(outputs.filter((name) => name.startsWith('.'))).toEqual([])
    expect(await tree(temporary('never'))).toEqual([])
    await engine.stop(runs)
    await engine.stop('no such job')
  })

  it('says as data why a job failed, and hands over what was thrown', async () => {
    const { ended } = listen()
    thrown.length = 0
    const id = await engine.start({ ...denoiseTo('failing'), model: 'no-such-model' } as JobInput)
    expect(await ended(id)).toMatchObject({ event: 'failed', error: { code: 'model-unknown' } })
    expect(thrown).toHaveLength(1)
    expect(thrown[0]).toBeInstanceOf(Error)
  })

  it('goes on with the next job after one that failed', async () => {
    const { ended } = listen()
    await engine.start({ ...denoiseTo('failing'), model: 'no-such-model' } as JobInput)
    const next = await engine.start(denoiseTo('next'))
    expect((await ended(next)).event).toBe('done')
  })

  it('exports a network that then denoises like the one it came from', async () => {
    const { ended } = listen()
    const out = temporary('copy', 'exported.onnx')
    const exported = await engine.start({ type: 'export', model: temporary('tiny.onnx'), out })
    expect(await ended(exported)).toMatchObject({ event: 'done', result: { type: 'export', file: out } })
    const again = await engine.start({ type: 'export', model: temporary('tiny.onnx'), out })
    expect(await ended(again)).toMatchObject({ event: 'failed', error: { code: 'file-exists' } })
    const denoised = await engine.start({ ...denoiseTo('by copy'), model: out } as JobInput)
    expect((await ended(denoised)).event).toBe('done')
  })

  it('opens the queue as soon as it can be read, and shows pictures meanwhile', async () => {
    const home = temporary('blocked')
    await mkdir(join(home, 'queue.json'), { recursive: true })
    const blocked = createEngine({ home })
    const opening = blocked.queue()
    const shown = blocked.preview({ path: temporary('in', 'a.png') })
    await expect(opening).rejects.toMatchObject({ detail: { code: 'queue-unreadable' } })
    expect((await shown).pages).toBe(1)
    await rm(join(home, 'queue.json'), { recursive: true })
    expect((await blocked.queue()).items).toEqual([])
    await blocked.close()
  })

  it('opens the queue when it is asked for, tells what it does, and goes on with it when it is opened again', async () => {
    const home = temporary('home')
    const settings = DenoiseSettings.parse({ model: temporary('tiny.onnx'), out: temporary('queued') })
    const first = createEngine({ home })
    const sources = [temporary('in')]
    expect(await first.outputFor({ source: temporary('in', 'a.png'), settings })).toBe(
      temporary('queued', 'a.png'),
    )
    const { ids } = await first.changeQueue({ type: 'add', sources, settings })
    expect(ids).toHaveLength(3)
    await first.changeQueue({ type: 'pause' })
    await first.changeQueue({ type: 'save', ids })
    await first.close()

    const second = createEngine({ home })
    const done = new Promise<void>((resolve) =>
      second.subscribe((event) => {
        if (event.event === 'queue' && event.change.progress === null) resolve()
      }),
    )
    expect((await second.queue()).progress).toMatchObject({ done: 0, total: 3 })
    await second.changeQueue({ type: 'resume' })
    await done
    expect((await second.queue()).items.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(await tree(temporary('queued'))).toEqual(['a.png', 'b.png', 'c.png'])
    await second.close()
  })

  it('answers what it is made of', async () => {
    const report = await engine.doctor()
    expect(report.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(report.cores).toBeGreaterThan(0)
    expect(report.memory.total).toBeGreaterThan(report.memory.free)
    expect(report.libraries.sharp).toMatch(/^\d+\.\d+\.\d+/)
    expect(report.engines.map(({ name }) => name)).toEqual(engineNames)
    expect(report.engines.filter(({ inUse }) => inUse)).toHaveLength(1)
    expect((await engine.recipes()).length).toBeGreaterThan(0)
  })

  const training = async (out: string) => ({
    type: 'train' as const,
    data: { sources: [await writeShades(temporary('shades'))] },
    recipe: await writeRecipe(temporary('long.json'), { epochs: 1_000_000 }),
    out: temporary(out),
  })
  const rowsOf = (events: JobEvent[]): number => events.filter(({ event }) => event === 'trained').length

  it('cancels what waits behind a training at once, and stops what has not begun whichever way it is asked', async () => {
    const { ended } = listen()
    const runs = await engine.start(await training('ahead'))
    const [now, epoch] = [await engine.start(denoiseTo('no')), await engine.start(await training('behind'))]
    expect((await engine.jobs()).map(({ id }) => id)).toEqual([runs, now, epoch])
    await engine.stop(now)
    await engine.stop(epoch, 'epoch')
    expect((await ended(now)).event).toBe('cancelled')
    expect((await ended(epoch)).event).toBe('cancelled')
    expect((await engine.jobs()).map(({ id }) => id)).toEqual([runs])
    await engine.stop(runs)
    expect((await ended(runs)).event).toBe('cancelled')
    expect(await tree(temporary('behind'))).toEqual([])
  })

  it('shows pictures while it trains', async () => {
    const { events, ended } = listen()
    const id = await engine.start(await training('shown beside'))
    while (rowsOf(events) === 0) await setImmediate()
    const before = rowsOf(events)
    expect((await engine.preview({ path: temporary('in', 'a.png') })).pages).toBe(1)
    expect((await engine.thumbnail({ path: temporary('in', 'b.png'), side: 16 })).width).toBeGreaterThan(0)
    while (rowsOf(events) === before) await setImmediate()
    await engine.stop(id)
    await ended(id)
  })

  it('runs jobs on the engine that it was made with, unless they name another', async () => {
    const wasm = createEngine({ engine: 'wasm' })
    const job = { ...(await training('by wasm')), recipe: await writeRecipe(temporary('short.json')) }
    await wasm.start(job)
    await wasm.start({ ...job, out: temporary('by traced'), engine: 'traced' })
    while ((await wasm.jobs()).length > 0) await delay(20)
    await wasm.close()
    const engineOf = async (out: string) => (await engine.run(temporary(out))).info.sessions[0]!.engine
    expect([await engineOf('by wasm'), await engineOf('by traced')]).toEqual(['wasm', 'traced'])
  })

  it('closes while a training runs: it can go on from its checkpoint', async () => {
    const other = createEngine()
    const events: EngineEvent[] = []
    other.subscribe((event) => events.push(event))
    await other.start(await training('kept'))
    while (!events.some(({ event }) => event === 'trained')) await setImmediate()
    await other.close()
    expect(events.map(({ event }) => event)).toContain('cancelled')
    const { summary, history } = await engine.run(temporary('kept'))
    expect(summary).toMatchObject({ state: 'stopped', steps: 4_000_000 })
    const { step } = (await readCheckpoint(temporary('kept')))!
    expect(step).toBeGreaterThanOrEqual(history.at(-1)!.step)
  })

  it('closes while a job runs: the job is cancelled first', async () => {
    const other = createEngine()
    const events: EngineEvent[] = []
    other.subscribe((event) => events.push(event))
    await other.start(denoiseTo('closed'))
    await other.close()
    expect(events.at(-1)!.event).toBe('cancelled')
  })
})
