import { copyFile, cp, mkdir, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { QueueItem, type QueueCommandInput } from '../../../src-main/contract/queue.ts'
import type { OnnxNode, OnnxValue } from '../../../src-main/engine/backend/onnx.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import { tree, writeFiles, writeImages } from '../../support/batch.ts'
import { imageOf, noisePage, temporaryFolder, speckledPage } from '../../support/image-fixtures.ts'
import { createGate, openTestQueue, settingsOf, type TestQueue } from '../../support/queue.ts'
import { graph } from '../../support/their-models.ts'
import { writeTinyModel } from '../../support/tiny-model.ts'

const temporary = temporaryFolder()
let model: string
let home: string
let photos: string
let round = 0
const opened: TestQueue[] = []

beforeAll(async () => {
  model = temporary('tiny.onnx')
  await writeTinyModel(model)
  // More than a tile holds.
  await writeImage(imageOf([noisePage({ width: 2200, height: 1000, channels: 1 })]), temporary('large.png'), {
    ...{ format: 'keep', quality: null, overwrite: false },
  })
})
beforeEach(() => {
  round++
  home = temporary(`home ${round}`)
  photos = temporary(`photos ${round}`)
})
afterEach(async () => {
  for (const queue of opened.splice(0)) await queue.close()
})

async function open(pause?: () => Promise<void>): Promise<TestQueue> {
  const queue = await openTestQueue(home, pause === undefined ? {} : { pause })
  opened.push(queue)
  return queue
}

const settings = (fields: Parameters<typeof settingsOf>[0] = {}) =>
  settingsOf({ model, sigma: 20, ...fields })
/** Whether two files hold the same samples. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([readImage(one), readImage(other)])
  return Buffer.from(a.pages[0]!.data).equals(Buffer.from(b.pages[0]!.data))
}
/** A network that takes away a quarter of what a mean over 5×5 pixels would: so one does that sees content in its noise. */
function quarterOfMean(): Uint8Array {
  const image = (name: string): OnnxValue => ({ name, shape: [1, 3, 'H', 'W'], type: 'float32' })
  const scalar = (name: string, n: number) =>
    ({ name, shape: [], type: 'float32', data: Float32Array.of(n) }) as const
  const nodes: OnnxNode[] = [
    {
      ...{ operator: 'AveragePool', inputs: ['x'], outputs: ['mean'] },
      attributes: { kernel_shape: [5, 5], pads: [2, 2, 2, 2], count_include_pad: 0 },
    },
    { operator: 'Mul', inputs: ['mean', 'quarter'], outputs: ['smooth'], attributes: {} },
    { operator: 'Mul', inputs: ['x', 'rest'], outputs: ['own'], attributes: {} },
    { operator: 'Add', inputs: ['smooth', 'own'], outputs: ['y'], attributes: {} },
  ]
  const initializers = [scalar('quarter', 0.25), scalar('rest', 0.75)]
  return graph([image('x')], image('y'), nodes, { initializers })
}
/** A picture of two tiles. */
const writeLarge = (name: string) => cp(temporary('large.png'), join(photos, name))
const states = (queue: TestQueue) =>
  Object.fromEntries(queue.state().items.map(({ source, state }) => [source.slice(photos.length + 1), state]))
const isAtRest = (queue: TestQueue) => (): boolean =>
  queue.state().items.every(({ state }) => state !== 'waiting' && state !== 'running')

describe('adding', () => {
  it('takes pictures of folders, says what is no picture, and shows what cannot be read', async () => {
    await writeImages(photos, ['a.png', 'sub/b.jpg'])
    const whole = await readFile(join(photos, 'a.png'))
    await writeFiles(photos, {
      'broken.png': whole.subarray(0, 20),
      'raw.cr2': 'II*\0\x10\0\0\0CR\x02\0',
      'notes.txt': 'text',
    })
    const queue = await open()
    const missing = join(photos, 'missing.png')
    const reply = await queue.do({ type: 'add', sources: [photos, missing], settings: settings() })
    expect(reply.ignored).toEqual([join(photos, 'notes.txt')])
    expect(reply.ids).toEqual(queue.state().items.map(({ id }) => id))
    expect(states(queue)).toEqual({
      ...{ 'a.png': 'idle', 'broken.png': 'failed', 'raw.cr2': 'failed' },
      ...{ 'sub/b.jpg': 'idle', 'missing.png': 'failed' },
    })
    expect(queue.item('raw.cr2').error).toMatchObject({ code: 'image-format-refused' })
    expect(queue.item('broken.png').error).toMatchObject({ code: 'image-unreadable' })
    expect(queue.item('missing.png').error).toMatchObject({ code: 'file-not-found' })
    const { image, output, dir } = queue.item('b.jpg')
    expect(image).toMatchObject({ width: 25, height: 24, pages: 1, container: 'jpeg' })
    expect(image!.bytes).toBe((await readFile(join(photos, 'sub/b.jpg'))).length)
    expect([dir, output]).toEqual(['sub', join(photos, 'denoised/sub/b.jpg')])
    for (const item of queue.state().items) expect(QueueItem.parse(item)).toEqual(item)
    expect(queue.state().progress).toBeNull()
  })

  it('adds no file twice, gives its id again, and leaves its own outputs out', async () => {
    await writeImages(photos, ['a.png', 'sub/b.png'])
    const queue = await open()
    const add: Extract<QueueCommandInput, { type: 'add' }> = {
      ...{ type: 'add', sources: [photos], settings: settings() },
    }
    const first = await queue.do(add)
    const elsewhere = settings({ out: join(photos, 'elsewhere'), name: '{name}{ext}' })
    await queue.do({ type: 'change', ids: [first.ids[1]!], settings: elsewhere })
    await queue.do({ type: 'save', ids: 'all' })
    await queue.until(isAtRest(queue))
    expect(await tree(photos)).toEqual(['a.png', 'denoised/a.png', 'elsewhere/b.png', 'sub/b.png'])
    expect((await queue.do(add)).ids).toEqual(first.ids)
    const named = await queue.do({ ...add, sources: [join(photos, 'denoised')] })
    expect(named.ids).toEqual([])
    const file = await queue.do({ ...add, sources: [join(photos, 'denoised/a.png')] })
    expect(queue.state().items.at(-1)).toMatchObject({ id: file.ids[0]!, state: 'idle' })

    await queue.do({ type: 'clear-done' })
    await queue.do(add)
    const added = queue.state().items.map(({ source }) => source.slice(photos.length + 1))
    expect(added).toEqual(['denoised/a.png', 'a.png', 'elsewhere/b.png', 'sub/b.png'])
  })

  it('ends at symbolic links that lead back, and stays on top when told', async () => {
    await writeImages(photos, ['a.png', 'sub/b.png'])
    await symlink(photos, join(photos, 'sub', 'up'))
    const queue = await open()
    const flat = await queue.do({
      ...{ type: 'add', sources: [photos], settings: settings(), recursive: false },
    })
    expect(flat.ids).toHaveLength(1)
    const deep = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    expect(deep.ids).toHaveLength(2)
  })

  it('hands a thousand pictures over bit by bit, and does other things meanwhile', async () => {
    await writeImages(photos, ['0000.png'])
    for (let n = 1; n < 1000; n++)
      await copyFile(join(photos, '0000.png'), join(photos, `${String(n).padStart(4, '0')}.png`))
    const queue = await open()
    let hasReply = false
    const reply = queue.do({ type: 'add', sources: [photos], settings: settings() }).finally(() => {
      hasReply = true
    })
    await queue.until(() => queue.shown.size > 0)
    await queue.do({ type: 'pause' })
    await queue.do({ type: 'save', ids: [...queue.shown.keys()] })
    await queue.until(() => [...queue.shown.values()].some(({ state }) => state === 'waiting'))
    expect(hasReply).toBe(false)
    const { ids } = await reply
    expect(new Set(ids).size).toBe(1000)
    await queue.until(() => queue.shown.size === 1000)
    expect(queue.changes.length).toBeGreaterThan(10)
    await queue.do({ type: 'change', ids: 'all', settings: { strength: 10 } })
    await queue.until(() => [...queue.shown.values()].every((item) => item.settings.strength === 10))
    expect(Math.max(...queue.changes.map(({ items }) => items.length))).toBeLessThanOrEqual(500)
  })

  it('refuses a wrong name template, and changes nothing', async () => {
    await writeImages(photos, ['a.png'])
    const queue = await open()
    const add = { type: 'add' as const, sources: [photos] }
    await expect(queue.do({ ...add, settings: settings({ name: '{nom}' }) })).rejects.toMatchObject({
      detail: { code: 'argument-invalid' },
    })
    await queue.do({ ...add, settings: settings() })
    const change = { type: 'change', ids: 'all', settings: { name: '{name}.jpg', strength: 5 } } as const
    await expect(queue.do(change)).rejects.toMatchObject({ detail: { code: 'argument-invalid' } })
    expect(queue.item('a.png').settings).toEqual(settings())
  })
})

describe('cleaning', () => {
  it('goes through waiting and running to done, and tells all of it', async () => {
    await writeImages(photos, ['a.png', 'b.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids })
    expect(queue.state().progress).toMatchObject({ done: 0, total: 2 })
    await queue.until(isAtRest(queue))
    await queue.until(() => queue.changes.at(-1)!.progress === null)
    expect([...queue.shown.values()]).toEqual(queue.state().items)
    for (const id of ids) {
      const told = queue.changes.flatMap(({ items }) => items.filter((item) => item.id === id))
      expect(told.at(-1)).toMatchObject({ state: 'done', sigma: 20, error: null, progress: 1 })
      expect(told.at(-1)!.seconds).toBeGreaterThan(0)
    }
    expect(await isSame(join(photos, 'denoised/a.png'), join(photos, 'a.png'))).toBe(false)
    expect(queue.errors).toEqual([])
  })

  it('cleans each picture by its own settings, those of a waiting one as they are when its turn comes', async () => {
    await writeImages(photos, ['a.png', 'b.png', 'c.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'change', ids: [ids[0]!], settings: { strength: 0 } })
    await queue.do({ type: 'pause' })
    await queue.do({ type: 'save', ids: 'all' })
    await queue.do({ type: 'change', ids: [ids[1]!], settings: { strength: 0, format: 'tiff' } })
    expect(queue.item('b.png').output).toBe(join(photos, 'denoised/b.tif'))
    await queue.do({ type: 'resume' })
    await queue.until(isAtRest(queue))
    expect(await tree(join(photos, 'denoised'))).toEqual(['a.png', 'b.tif', 'c.png'])
    expect(await isSame(join(photos, 'denoised/a.png'), join(photos, 'a.png'))).toBe(true)
    expect(await isSame(join(photos, 'denoised/b.tif'), join(photos, 'b.png'))).toBe(true)
    expect(await isSame(join(photos, 'denoised/c.png'), join(photos, 'c.png'))).toBe(false)
  })

  it('keeps a done picture done when its settings change, until it is saved again', async () => {
    await writeImages(photos, ['a.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids })
    await queue.until(isAtRest(queue))
    const output = join(photos, 'denoised/a.png')
    await queue.do({ type: 'change', ids, settings: { format: 'webp' } })
    const written = settings()
    expect(queue.item('a.png')).toMatchObject({
      state: 'done',
      output,
      written,
      settings: { format: 'webp' },
    })
    await queue.do({ type: 'save', ids })
    expect(queue.item('a.png').written).toBeNull()
    await queue.until(isAtRest(queue))
    expect(queue.item('a.png').output).toBe(join(photos, 'denoised/a.webp'))
    expect(queue.item('a.png').written).toEqual(settings({ format: 'webp' }))
    expect(await tree(join(photos, 'denoised'))).toEqual(['a.png', 'a.webp'])
  })

  it('shows how far a picture is, and cancels it at the next tile', async () => {
    await writeLarge('large.png')
    await writeImages(photos, ['small.png'])
    const gate = createGate()
    const queue = await open(gate.pause)
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids })
    await gate.reached()
    await queue.until(() => queue.shown.get(ids[0]!)!.progress > 0)
    expect(queue.item('large.png')).toMatchObject({ state: 'running', progress: 0.5 })
    expect(queue.changes.at(-1)!.progress).toMatchObject({ done: 0, total: 2 })
    await queue.do({ type: 'cancel', ids: [ids[0]!] })
    expect(queue.item('large.png')).toMatchObject({ state: 'idle', progress: 0 })
    gate.open()
    await queue.until(isAtRest(queue))
    expect(states(queue)).toEqual({ 'large.png': 'idle', 'small.png': 'done' })
    expect(await tree(join(photos, 'denoised'))).toEqual(['small.png'])
    await queue.do({ type: 'save', ids: [ids[0]!] })
    await queue.until(isAtRest(queue))
    expect(queue.item('large.png').state).toBe('done')
    expect(queue.errors).toEqual([])
  })

  it('removes a running picture by cancelling it, and waiting ones; their files stay', async () => {
    await writeLarge('large.png')
    await writeImages(photos, ['z.png'])
    const gate = createGate()
    const queue = await open(gate.pause)
    await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids: 'all' })
    await gate.reached()
    await queue.do({ type: 'remove', ids: 'all' })
    gate.open()
    await queue.close()
    expect(queue.state()).toEqual({ items: [], paused: false, progress: null })
    expect(queue.shown.size).toBe(0)
    expect(await tree(photos)).toEqual(['large.png', 'z.png'])
  })

  it('begins a running picture again when it is saved with other settings', async () => {
    await writeLarge('large.png')
    const gate = createGate()
    const queue = await open(gate.pause)
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids })
    await gate.reached()
    expect((await queue.do({ type: 'save', ids })).ids).toEqual([])
    await queue.do({ type: 'change', ids, settings: { strength: 0 } })
    expect(queue.item('large.png').state).toBe('running')
    expect((await queue.do({ type: 'save', ids })).ids).toEqual(ids)
    gate.open()
    await queue.until(isAtRest(queue))
    expect(await tree(join(photos, 'denoised'))).toEqual(['large.png'])
    expect(await isSame(join(photos, 'denoised/large.png'), join(photos, 'large.png'))).toBe(true)
  })

  it('pauses: ends what runs, begins nothing, and goes on when told', async () => {
    await writeLarge('a.png')
    await writeImages(photos, ['b.png', 'c.png'])
    const gate = createGate()
    const queue = await open(gate.pause)
    await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids: 'all' })
    await gate.reached()
    await queue.do({ type: 'pause' })
    gate.open()
    await queue.until(() => queue.item('a.png').state === 'done')
    await queue.until(() => queue.changes.at(-1)!.paused)
    expect(states(queue)).toEqual({ 'a.png': 'done', 'b.png': 'waiting', 'c.png': 'waiting' })
    expect(queue.state().progress).toMatchObject({ done: 1, total: 3 })
    await queue.do({ type: 'resume' })
    await queue.until(isAtRest(queue))
    expect(await tree(join(photos, 'denoised'))).toEqual(['a.png', 'b.png', 'c.png'])
  })

  it('goes on past pictures that fail, and tries them again when told', async () => {
    await writeImages(photos, ['a.png', 'b.png', 'c.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await rename(join(photos, 'a.png'), join(photos, 'away'))
    await queue.do({ type: 'change', ids: [ids[1]!], settings: { model: 'no-such-model' } })
    await queue.do({ type: 'save', ids })
    await queue.until(isAtRest(queue))
    expect(states(queue)).toEqual({ 'a.png': 'failed', 'b.png': 'failed', 'c.png': 'done' })
    expect(queue.item('a.png').error).toMatchObject({ code: 'file-not-found' })
    expect(queue.item('b.png').error).toMatchObject({ code: 'model-unknown' })
    expect(queue.errors).toHaveLength(2)
    await rename(join(photos, 'away'), join(photos, 'a.png'))
    expect((await queue.do({ type: 'retry', ids: 'all' })).ids).toEqual(ids.slice(0, 2))
    await queue.until(isAtRest(queue))
    expect(queue.item('a.png')).toMatchObject({ state: 'done', error: null })
    expect((await queue.do({ type: 'clear-done' })).ids).toHaveLength(2)
    expect(states(queue)).toEqual({ 'b.png': 'failed' })
  })

  it('looks again at a file that could not be read when it was added', async () => {
    await writeImages(photos, ['a.png'])
    const queue = await open()
    await rename(join(photos, 'a.png'), join(photos, 'away'))
    await queue.do({ type: 'add', sources: [join(photos, 'a.png')], settings: settings() })
    expect(queue.item('a.png')).toMatchObject({ state: 'failed', image: null, output: null })
    await rename(join(photos, 'away'), join(photos, 'a.png'))
    await queue.do({ type: 'retry', ids: 'all' })
    await queue.until(isAtRest(queue))
    expect(queue.item('a.png')).toMatchObject({ state: 'done', image: { width: 24 } })
  })

  it('shows the noise level that was found by looking, until it was cleaned with another', async () => {
    await writeImages(photos, ['a.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    queue.noteSigma(join(photos, 'a.png'), 7)
    queue.noteSigma(join(photos, 'unknown.png'), 8)
    expect(queue.item('a.png').sigma).toBe(7)
    await queue.do({ type: 'save', ids })
    await queue.until(isAtRest(queue))
    queue.noteSigma(join(photos, 'a.png'), 9)
    expect(queue.item('a.png').sigma).toBe(20)
  })
})

describe('a picture that would become worse', () => {
  it('is kept as it is, and cleaned anyway where a person says so', async () => {
    const specks = join(photos, 'specks.png')
    await writeImage(imageOf([speckledPage(128, createRandom(4))]), specks, {
      ...{ format: 'keep', quality: null, overwrite: false },
    })
    const hesitant = temporary('hesitant.onnx')
    await writeFile(hesitant, quarterOfMean())
    const queue = await open()
    const { ids } = await queue.do({
      ...{ type: 'add', sources: [photos] },
      settings: settings({ model: hesitant, sigma: 'auto', out: join(photos, 'out') }),
    })
    await queue.do({ type: 'save', ids })
    await queue.until(isAtRest(queue))
    const kept = queue.item('specks.png')
    expect(kept).toMatchObject({ state: 'done', warnings: ['warning.kept'], cleaned: { isKept: true } })
    expect(await readFile(kept.output!)).toEqual(await readFile(specks))

    await queue.do({ type: 'change', ids, settings: { onlyIfBetter: false } })
    await queue.do({ type: 'save', ids })
    await queue.until(isAtRest(queue))
    const cleaned = queue.item('specks.png')
    expect(cleaned).toMatchObject({
      ...{ state: 'done', warnings: [] },
      cleaned: { isKept: false, evidence: { isBetter: false } },
    })
    expect(await isSame(cleaned.output!, specks)).toBe(false)
  })
})

describe('outputs', () => {
  const saveAll = async (queue: TestQueue, sources: string[], fields: Parameters<typeof settings>[0]) => {
    await queue.do({ type: 'add', sources, settings: settings(fields) })
    await queue.do({ type: 'save', ids: 'all' })
    await queue.until(isAtRest(queue))
    expect(queue.errors).toEqual([])
  }

  it('get a number where something is there, and where two have one name', async () => {
    await writeImages(photos, ['one/a.png', 'two/a.png'])
    const out = join(photos, 'out')
    await writeFiles(out, { 'a.png': 'mine' })
    const queue = await open()
    await saveAll(queue, [photos], { out, name: '{name}{ext}' })
    expect(await tree(out)).toEqual(['a (2).png', 'a (3).png', 'a.png'])
    expect(await readFile(join(out, 'a.png'), 'utf8')).toBe('mine')
    const outputs = queue.state().items.map(({ output }) => output)
    expect(outputs.toSorted()).toEqual([join(out, 'a (2).png'), join(out, 'a (3).png')])
  })

  it('replace what is there when told, but neither each other nor a source', async () => {
    await writeImages(photos, ['one/a.png', 'two/a.png', 'three/b.png'])
    const out = join(photos, 'one')
    await writeFiles(out, { 'b.png': 'an earlier output' })
    const before = await readFile(join(out, 'a.png'))
    const queue = await open()
    const sources = ['one/a.png', 'two/a.png', 'three/b.png'].map((name) => join(photos, name))
    await saveAll(queue, sources, { out, name: '{name}{ext}', ifExists: 'replace' })
    expect(await readFile(join(out, 'a.png'))).toEqual(before)
    expect(await tree(out)).toEqual(['a (2).png', 'a (3).png', 'a.png', 'b.png'])
    expect((await readImage(join(out, 'b.png'))).container).toBe('png')
  })

  it('never replace a source that is reached by another name', async () => {
    await writeImages(photos, ['real/a.png', 'b/a.png'])
    await mkdir(join(photos, 'links'))
    await symlink(join(photos, 'real/a.png'), join(photos, 'links/x.png'))
    const before = await readFile(join(photos, 'real/a.png'))
    const queue = await open()
    const sources = [join(photos, 'links/x.png'), join(photos, 'b/a.png')]
    await saveAll(queue, sources, { out: join(photos, 'real'), ifExists: 'replace' })
    expect(await readFile(join(photos, 'real/a.png'))).toEqual(before)
    expect(await tree(join(photos, 'real'))).toEqual(['a (2).png', 'a.png', 'x.png'])
  })

  it('replace their own earlier version', async () => {
    await writeImages(photos, ['a.png'])
    const queue = await open()
    await saveAll(queue, [photos], { ifExists: 'replace' })
    expect(await isSame(join(photos, 'denoised/a.png'), join(photos, 'a.png'))).toBe(false)
    await queue.do({ type: 'change', ids: 'all', settings: { strength: 0 } })
    await saveAll(queue, [photos], { ifExists: 'replace' })
    expect(await tree(join(photos, 'denoised'))).toEqual(['a.png'])
    expect(await isSame(join(photos, 'denoised/a.png'), join(photos, 'a.png'))).toBe(true)
  })
})

describe('what is kept', () => {
  const saved = async () =>
    JSON.parse(await readFile(join(home, 'queue.json'), 'utf8')) as {
      items: QueueItem[]
      line: string[]
    }
  /** Alters the file as an engine that died would have left it. */
  async function leave(alter: (item: QueueItem) => Partial<QueueItem>): Promise<void> {
    const file = await saved()
    file.items = file.items.map((item) => ({ ...item, ...alter(item) }))
    await writeFile(join(home, 'queue.json'), JSON.stringify(file))
  }
  async function fill(names: string[]): Promise<void> {
    await writeImages(photos, names)
    const queue = await open()
    await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.close()
  }

  it('is the queue as it was closed: order, pause and settings', async () => {
    await writeImages(photos, ['a.png', 'b.png', 'c.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings({ strength: 40 }) })
    await queue.do({ type: 'pause' })
    await queue.do({ type: 'save', ids: [ids[2]!] })
    await queue.do({ type: 'save', ids: [ids[0]!] })
    const before = queue.state()
    await queue.close()
    expect((await saved()).line).toEqual([ids[2], ids[0]])
    const again = await open()
    expect(again.state()).toEqual(before)
    await again.do({ type: 'resume' })
    await again.until(isAtRest(again))
    expect(states(again)).toEqual({ 'a.png': 'done', 'b.png': 'idle', 'c.png': 'done' })
    const order = again.changes.flatMap(({ items }) => items.filter(({ state }) => state === 'running'))
    expect([...new Set(order.map(({ id }) => id))]).toEqual([ids[2], ids[0]])
  })

  it('knows what its outputs were written with, and reads a list that does not say it', async () => {
    await writeImages(photos, ['a.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids })
    await queue.until(isAtRest(queue))
    await queue.do({ type: 'change', ids, settings: { strength: 40 } })
    const before = queue.state()
    await queue.close()
    const again = await open()
    expect(again.state()).toEqual(before)
    expect(again.item('a.png')).toMatchObject({ written: { strength: 100 }, settings: { strength: 40 } })
    await again.close()
    const list = await saved()
    const items = list.items.map((item) => ({ ...item, written: undefined }))
    await writeFile(join(home, 'queue.json'), JSON.stringify({ ...list, items }))
    const old = await open()
    expect(old.item('a.png')).toMatchObject({ state: 'done', written: null })
    expect(old.errors).toEqual([])
  })

  it('holds what was replied to, should the engine die then', async () => {
    await writeImages(photos, ['a.png', 'b.png'])
    const queue = await open()
    const { ids } = await queue.do({ type: 'add', sources: [photos], settings: settings() })
    expect((await saved()).items.map(({ id }) => id)).toEqual(ids)
    await queue.do({ type: 'pause' })
    await queue.do({ type: 'save', ids: [ids[1]!] })
    expect(await saved()).toMatchObject({ paused: true, line: [ids[1]] })
    await queue.do({ type: 'cancel', ids: 'all' })
    expect((await saved()).line).toEqual([])
    await queue.do({ type: 'remove', ids: [ids[0]!] })
    expect((await saved()).items).toHaveLength(1)
  })

  it('goes on by itself with what closing interrupted, without blaming it', async () => {
    await writeLarge('large.png')
    const gate = createGate()
    const queue = await open(gate.pause)
    await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids: 'all' })
    await gate.reached()
    const closed = queue.close()
    gate.open()
    await closed
    expect((await saved()).items[0]).toMatchObject({ state: 'waiting', attempts: 0, progress: 0 })
    expect(await tree(join(photos, 'denoised'))).toEqual([])
    const again = await open()
    await again.until(isAtRest(again))
    expect(states(again)).toEqual({ 'large.png': 'done' })
  })

  it('says on disk what was begun before anything can happen to it', async () => {
    await writeLarge('a.png')
    await writeImages(photos, ['b.png'])
    const gate = createGate()
    const queue = await open(gate.pause)
    await queue.do({ type: 'add', sources: [photos], settings: settings() })
    await queue.do({ type: 'save', ids: 'all' })
    await gate.reached()
    // The second one is read ahead by now.
    expect((await saved()).items.map(({ attempts }) => attempts)).toEqual([1, 1])
    gate.open()
    await queue.until(isAtRest(queue))
  })

  it('puts a picture on which the engine died back, and leaves it out the second time', async () => {
    await fill(['a.png', 'b.png', 'c.png'])
    await leave(({ source }) =>
      source.endsWith('c.png')
        ? { state: 'waiting' }
        : { state: 'running', progress: 0.5, attempts: source.endsWith('a.png') ? 2 : 1 },
    )
    const queue = await open()
    expect(states(queue)).toEqual({ 'a.png': 'failed', 'b.png': 'waiting', 'c.png': 'waiting' })
    expect(queue.item('a.png')).toMatchObject({ error: { code: 'engine-crashed' }, progress: 0 })
    await queue.until(isAtRest(queue))
    expect(states(queue)).toEqual({ 'a.png': 'failed', 'b.png': 'done', 'c.png': 'done' })
    await queue.do({ type: 'retry', ids: 'all' })
    await queue.until(isAtRest(queue))
    expect(queue.item('a.png').state).toBe('done')
  })

  it('works on a picture on which the engine died alone, so that no other is blamed', async () => {
    await fill(['a.png', 'b.png', 'c.png'])
    await leave(({ source }) => ({ state: 'waiting', attempts: source.endsWith('c.png') ? 0 : 1 }))
    const gate = createGate()
    const queue = await open(gate.pause)
    const attempts: number[][] = []
    for (let n = 0; n < 3; n++) {
      await gate.reached()
      attempts.push((await saved()).items.map((item) => (item.state === 'done' ? -1 : item.attempts)))
      gate.step()
    }
    gate.open()
    await queue.until(isAtRest(queue))
    expect(attempts[0]).toEqual([2, 1, 0])
    expect(attempts[1]!.slice(1)).toEqual([2, 0])
    expect(attempts[2]![2]).toBe(1)
  })

  it.each(['{ "version": 1, "items": [', '{}', '{"version":2,"paused":false,"items":[],"line":[]}'])(
    'is set aside when it is damaged: %s',
    async (damaged) => {
      await writeFiles(home, { 'queue.json': damaged, 'queue.damaged-1.json': 'an earlier one' })
      const queue = await open()
      expect(queue.state().items).toEqual([])
      expect(queue.errors).toMatchObject([{ detail: { code: 'queue-unreadable' } }])
      expect(await readFile(join(home, 'queue.damaged-2.json'), 'utf8')).toBe(damaged)
      expect(await readFile(join(home, 'queue.damaged-1.json'), 'utf8')).toBe('an earlier one')
    },
  )

  it('is not written over when it cannot be read', async () => {
    await mkdir(join(home, 'queue.json'), { recursive: true })
    await expect(open()).rejects.toMatchObject({ detail: { code: 'queue-unreadable' } })
  })

  it('takes no commands once it is closed', async () => {
    await fill(['a.png'])
    const queue = await open()
    await queue.close()
    await expect(queue.do({ type: 'pause' })).rejects.toMatchObject({ detail: { code: 'cancelled' } })
    await unlink(join(home, 'queue.json'))
  })
})
