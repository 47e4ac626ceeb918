import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Engine } from '../../src-main/contract/engine.ts'
import { DarkroomError } from '../../src-main/contract/errors.ts'
import type { JobInput } from '../../src-main/contract/jobs.ts'
import { createEngine } from '../../src-main/engine/engine.ts'
import { readImage } from '../../src-main/engine/storage/images.ts'
import { superviseEngine } from '../../src-main/host/supervise.ts'
import { connect } from '../../src-main/transport/connect.ts'
import { portChannel } from '../../src-main/transport/port-channel.ts'
import { serve } from '../../src-main/transport/serve.ts'
import { largestRequest, socketChannel } from '../../src-main/transport/socket-channel.ts'
import { tree, writeImages } from '../support/batch.ts'
import { listenTo } from '../support/engine-events.ts'
import { fromSources } from '../support/engine-process.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'
import { writeTinyModel } from '../support/tiny-model.ts'

// The Engine's contract holds whichever way it is reached. One suite, run over every transport.

const temporary = temporaryFolder()

interface Door {
  engine: Engine
  /** The same engine as another window or page sees it. */
  other: Engine
  close(): Promise<void>
}

function inProcess(home: string): Door {
  const engine = createEngine({ home })
  return { engine, other: engine, close: () => engine.close() }
}

function overPorts(home: string): Door {
  const engine = createEngine({ home })
  const dial = (): Engine => {
    const { port1, port2 } = new MessageChannel()
    serve(portChannel(port1), { engine })
    return connect(portChannel(port2)).engine
  }
  return { engine: dial(), other: dial(), close: () => engine.close() }
}

function overProcess(home: string): Door {
  const engine = superviseEngine({ ...fromSources, home, log: () => undefined })
  return { engine, other: engine, close: () => engine.close() }
}

async function overSockets(home: string): Promise<Door> {
  const engine = createEngine({ home })
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: largestRequest })
  server.on('connection', (socket) => serve(socketChannel(socket, largestRequest), { engine }))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dial = (): Engine => connect(socketChannel(new WebSocket(`ws://127.0.0.1:${port}`))).engine
  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate()
    server.close()
    await engine.close()
  }
  return { engine: dial(), other: dial(), close }
}

const job = (out: string, source: string): JobInput => ({
  type: 'denoise',
  sources: [temporary(source)],
  out: temporary(out),
  model: temporary('tiny.onnx'),
})

beforeAll(async () => {
  await writeTinyModel(temporary('tiny.onnx'))
  await writeShades(temporary('shades'))
  await writeRecipe(temporary('shades.json'))
  await writeRecipe(temporary('long.json'), { epochs: 1_000_000 })
  await writeImages(temporary('in'), ['a.png', 'b.png'])
  await writeImages(
    temporary('many'),
    Array.from({ length: 60 }, (_, n) => `${n}.png`),
  )
})

describe.each([
  ['in this process', inProcess],
  ['over message ports', overPorts],
  ['in a child process', overProcess],
  ['over a WebSocket', overSockets],
])('an engine %s', (name, open) => {
  let door: Door
  let engine: Engine
  const folder = (suffix: string): string => `${name} ${suffix}`
  beforeAll(async () => {
    door = await open(temporary(folder('home')))
    engine = door.engine
  })
  afterAll(() => door.close())

  it('says what it runs on', async () => {
    const report = await engine.doctor()
    expect(report.engines.filter(({ inUse }) => inUse)).toHaveLength(1)
    expect(report.memory.total).toBeGreaterThan(2 ** 20)
    // Null is null, not left out.
    expect(report.engines.find(({ inUse }) => inUse)).toHaveProperty('why', null)
  })

  it('lists recipes and models', async () => {
    expect((await engine.recipes()).map((recipe) => recipe.name)).toContain('photo-denoiser')
    const photo = (await engine.models()).find(({ id }) => id === 'photo')
    expect(photo).toMatchObject({ origin: 'shipped', error: null, interface: { channels: 3 } })
    expect(photo?.card?.figures.length).toBeGreaterThan(0)
  })

  it('cleans pictures, and tells everybody who listens', async () => {
    const [here, there] = [listenTo(engine), listenTo(door.other)]
    const id = await engine.start(job(folder('out'), 'in'))
    expect(await here.ended(id)).toMatchObject({ event: 'done', result: { type: 'denoise', done: 2 } })
    await there.ended(id)
    const rows = here.events.filter(({ event }) => event === 'denoised')
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatchObject({ id, row: { status: 'done', sigmaEstimated: true } })
    expect(there.events).toEqual(here.events)
    expect(await tree(temporary(folder('out')))).toEqual(['a.png', 'b.png'])
    expect((await readImage(temporary(folder('out'), 'a.png'))).pages).toHaveLength(1)
    here.end()
    there.end()
  })

  it('tells a listener nothing once it is removed', async () => {
    const [stays, goes] = [listenTo(engine), listenTo(engine)]
    goes.end()
    await stays.ended(await engine.start({ ...job(folder('removed'), 'in'), dryRun: true } as JobInput))
    expect(goes.events).toEqual([])
    stays.end()
  })

  it('stops a job; stopping one that has ended is no error and has no result', async () => {
    const { ended, end } = listenTo(engine)
    const id = await engine.start(job(folder('stopped'), 'many'))
    expect(await engine.stop(id)).toBeUndefined()
    expect((await ended(id)).event).toBe('cancelled')
    expect(await engine.stop(id)).toBeUndefined()
    end()
  })

  it('refuses wrong arguments, naming the field', async () => {
    const wrong = { ...job(folder('wrong'), 'in'), strength: 101 } as JobInput
    const error = await engine.start(wrong).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DarkroomError)
    expect((error as DarkroomError).detail.code).toBe('argument-invalid')
    expect((error as DarkroomError).detail.received).toContain('strength')
  })

  it('fails with errors that keep their data', async () => {
    const file = temporary('nothing here.onnx')
    const error = await engine.addModel({ file }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DarkroomError)
    expect((error as DarkroomError).detail).toMatchObject({ code: 'file-not-found', file })

    const { ended, end } = listenTo(engine)
    const last = await ended(
      await engine.start({ ...job(folder('failed'), 'in'), model: 'no-such-model' } as JobInput),
    )
    expect(last).toMatchObject({
      event: 'failed',
      error: {
        code: 'model-unknown',
        received: 'no-such-model',
        expected: expect.stringContaining('photo') as string,
      },
    })
    end()
  })

  it('gives pictures out as bytes', async () => {
    const image = await engine.thumbnail({ path: temporary('in', 'a.png'), side: 16 })
    expect(image.bytes).toBeInstanceOf(Uint8Array)
    expect(Math.max(image.width, image.height)).toBeLessThanOrEqual(16)
    const info = await engine.preview({ path: temporary('in', 'a.png') })
    expect(info).toMatchObject({ width: 24, height: 24, levels: 1, profile: null })
    const place = { path: info.path, level: 0, column: 0, row: 0 }
    const tile = await engine.previewTile({ ...place, denoise: null })
    expect(tile).toMatchObject({ width: 24, height: 24, sigma: null })
    const whole = await engine.screenImage({ path: info.path })
    expect(whole).toMatchObject({ width: 24, height: 24, type: 'image/png' })
    const signatures = { 'image/png': [0x89, 0x50], 'image/jpeg': [0xff, 0xd8], 'image/webp': [0x52, 0x49] }
    expect([...image.bytes.subarray(0, 2)]).toEqual(signatures[image.type])
  })

  const shades = () => ({ sources: [temporary('shades', 'images.idx.gz')] })
  const training = (out: string, recipe: string): JobInput => ({
    ...{ type: 'train', data: shades(), recipe: temporary(recipe), out: temporary(out) },
  })

  it('shows data and recipes before they are used', async () => {
    const { items, sheet } = await engine.dataPage({ data: shades(), count: 3 })
    expect(items.map(({ index, label }) => ({ index, label }))).toEqual(
      [0, 1, 2].map((index) => ({ index, label: null })),
    )
    expect(sheet.bytes).toBeInstanceOf(Uint8Array)
    expect([...sheet.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
    const { layers, parameters } = await engine.describeRecipe({ recipe: temporary('shades.json') })
    expect(parameters).toBe(1155)
    expect(layers[0]).toMatchObject({ name: 'encoder.0', output: [8], parameters: 520 })
  })

  it('trains, and tells of it row by row; gives the run out whole, and its pictures', async () => {
    const path = temporary(folder('run'))
    const [here, there] = [listenTo(engine), listenTo(door.other)]
    const id = await engine.start(training(folder('run'), 'shades.json'))
    const last = await here.ended(id)
    expect(last).toMatchObject({ event: 'done', result: { type: 'train', run: path, why: 'done', steps: 8 } })
    await there.ended(id)
    const { summary, info, history, previews } = await door.other.run(path)
    expect(there.events.flatMap((event) => (event.event === 'trained' ? [event.row] : []))).toEqual(history)
    expect(summary).toMatchObject({ path, state: 'finished', step: 8, error: null })
    expect(info.finished).toMatchObject({ why: 'done' })
    const picture = await engine.runPicture({ run: path, name: previews.at(-1)! })
    expect(picture).toMatchObject({ type: 'image/png', width: expect.any(Number) as number })
    expect([...picture.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
    expect(await engine.runs(temporary())).toContainEqual(summary)
    here.end()
    there.end()
  })

  it('looks through data while a training runs, which others see and stop after an epoch', async () => {
    const listening = listenTo(engine)
    const id = await engine.start(training(folder('long'), 'long.json'))
    await listening.until((event) => event.event === 'trained')
    const found = await listening.ended(await engine.start({ type: 'inspect', data: shades() }))
    expect(found).toMatchObject({ event: 'done', result: { type: 'inspect', report: { items: 40 } } })
    const path = temporary(folder('long'))
    expect(await door.other.jobs()).toMatchObject([{ id, run: path, job: { type: 'train', out: path } }])
    expect((await engine.run(path)).summary.state).toBe('running')
    await expect(engine.deleteRun(path)).rejects.toMatchObject({ detail: { code: 'argument-invalid' } })
    await door.other.stop(id, 'epoch')
    expect(await listening.ended(id)).toMatchObject({ event: 'done', result: { why: 'asked' } })
    expect(await engine.jobs()).toEqual([])
    expect((await engine.renameRun(path, 'Long')).title).toBe('Long')
    await engine.deleteRun(path)
    await expect(engine.run(path)).rejects.toMatchObject({ detail: { code: 'file-not-found' } })
    await expect(engine.deleteRun(temporary('in'))).rejects.toMatchObject({
      detail: { code: 'argument-invalid' },
    })
    listening.end()
  })

  it('keeps a queue, and tells of it', async () => {
    const { until, end } = listenTo(engine)
    expect(await engine.queue()).toEqual({ items: [], paused: false, progress: null })
    const { ids, ignored } = await engine.changeQueue({
      type: 'add',
      sources: [temporary('in', 'a.png')],
      settings: settingsTo(folder('queue')),
    })
    expect(ids).toHaveLength(1)
    expect(ignored).toEqual([])
    await engine.changeQueue({ type: 'save', ids })
    await until(
      (event) => event.event === 'queue' && event.change.items.some(({ state }) => state === 'done'),
    )
    const { items } = await door.other.queue()
    expect(items).toMatchObject([
      { id: ids[0], state: 'done', error: null, output: expect.any(String) as string },
    ])
    end()
  })
})

const settingsTo = (out: string) => ({
  model: 'photo',
  sigma: 'auto' as const,
  strength: 100,
  colourStrength: null,
  out: temporary(out),
  format: 'keep' as const,
  quality: null,
  name: '{dir}/{name}{ext}',
  ifExists: 'number' as const,
})
