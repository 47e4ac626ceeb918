import { mkdir, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine } from '../../src-main/engine/engine.ts'
import { startServer, type RunningServer } from '../../src-main/server/server.ts'
import { listenTo } from '../support/engine-events.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { connectTo, enter, idleEngine } from '../support/server.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'

const temporary = temporaryFolder()
let server: RunningServer

beforeAll(async () => {
  await mkdir(temporary('page'), { recursive: true })
  await writeFile(temporary('page', 'index.html'), '<!doctype html>')
  await writeShades(temporary('granted'))
  await writeRecipe(temporary('granted', 'long.json'), { epochs: 1_000_000 })
  const engine = createEngine({ home: temporary('home') })
  server = await startServer({
    ...{ home: temporary('home'), port: 0, roots: [temporary('granted')], open: [], page: temporary('page') },
    // Supervised as a child would be, which is tested elsewhere.
    startEngine: () => Promise.resolve({ ...idleEngine(), ...engine }),
  })
})
afterAll(() => server.close())

it('goes on with a training when its page is closed; the next page finds it, and stops it with a checkpoint', async () => {
  const { origin, cookie } = await enter(server.url)
  const first = await connectTo(origin, { cookie, origin })
  const began = listenTo(first.engine)
  const id = await first.engine.start({
    type: 'train',
    data: { sources: [temporary('granted', 'images.idx.gz')] },
    recipe: temporary('granted', 'long.json'),
    out: null,
  })
  await began.until((event) => event.event === 'trained')
  first.socket.close()
  await once(first.socket, 'close')

  const second = await connectTo(origin, { cookie, origin })
  const [job] = await second.engine.jobs()
  expect(job).toMatchObject({ id, run: temporary('home', 'runs', 'shades-1') })
  const { events, until, ended } = listenTo(second.engine)
  await until((event) => event.event === 'trained' && event.id === id)
  // A run that the engine tells of may be looked at, though its folder is not among the granted ones.
  expect((await second.engine.run(job!.run!)).summary.state).toBe('running')
  await second.engine.stop(id)
  expect((await ended(id)).event).toBe('cancelled')
  expect((await second.engine.runs(null))[0]).toMatchObject({
    state: 'stopped',
    step: expect.any(Number) as number,
  })
  expect(events.map(({ event }) => event)).toContain('runs')
  await expect(second.engine.run(temporary('elsewhere'))).rejects.toMatchObject({
    detail: { code: 'path-not-granted' },
  })
  second.socket.close()
})
