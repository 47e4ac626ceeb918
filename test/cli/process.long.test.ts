import { mkdir, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { readImage } from '../../src-main/engine/storage/images.ts'
import { tree, writeImages } from '../support/batch.ts'
import { darkroom, eventsOf, spawnDarkroom } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { writeTinyModel } from '../support/tiny-model.ts'

const temporary = temporaryFolder()
const names = Array.from({ length: 60 }, (_, n) => `image ${n + 10}.png`)
const guard = new URL('../support/network-guard.ts', import.meta.url).href

const argvTo = (out: string): string[] => [
  ...['denoise', temporary('in'), '--out', temporary(out)],
  ...['--model', temporary('tiny.onnx'), '--json'],
]

beforeAll(async () => {
  await writeTinyModel(temporary('tiny.onnx'))
  await writeImages(temporary('in'), names, 160)
})

describe('the program as a process', () => {
  it('goes on after kill -9 without doing anything twice or leaving anything out', async () => {
    const child = spawnDarkroom(argvTo('killed'))
    await child.line('"status":"done"')
    child.process.kill('SIGKILL')
    expect((await child.end()).signal).toBe('SIGKILL')

    const visible = (await tree(temporary('killed'))).filter((name) => !name.startsWith('.'))
    expect(visible.length).toBeGreaterThan(0)
    expect(visible.length).toBeLessThan(names.length)
    for (const name of visible) expect((await readImage(temporary('killed', name))).pages).toHaveLength(1)

    const { code, stdout } = await darkroom([...argvTo('killed'), '--resume'])
    expect(code).toBe(0)
    expect(eventsOf(stdout).at(-1)).toMatchObject({
      event: 'done',
      result: { skipped: visible.length, done: names.length - visible.length, failed: 0 },
    })
    expect((await readdir(temporary('killed'))).filter((name) => !name.startsWith('.'))).toEqual(names)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'drops the file under way on %s, leaves nothing half done and exits %i',
    async (signal, code) => {
      const child = spawnDarkroom(argvTo(signal))
      await child.line('"status":"done"')
      child.process.kill(signal)
      const ended = await child.end()
      expect(ended.code).toBe(code)
      expect(ended.stderr).toContain('Stopping')
      const events = eventsOf(ended.stdout)
      expect(events.at(-1)!.event).toBe('cancelled')
      const done = events.filter((event) => event.event === 'denoised').map((event) => event.row.output)
      const outputs = await tree(temporary(signal))
      expect(outputs.length).toBeLessThan(names.length)
      expect(outputs.map((name) => temporary(signal, name))).toEqual(done.toSorted())
    },
  )

  it('reaches for no network', async () => {
    await writeImages(temporary('one'), ['a.jpg'])
    const argv = ['denoise', temporary('one'), '--out', temporary('offline')]
    const child = spawnDarkroom([...argv, '--model', temporary('tiny.onnx')], [guard])
    const { code, stderr } = await child.end()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await tree(temporary('offline'))).toEqual(['a.jpg'])
  })

  it('leaves nothing of other programs in the home folder: no telemetry of libraries', async () => {
    await writeImages(temporary('two'), ['a.jpg'])
    await mkdir(temporary('user'))
    const argv = ['denoise', temporary('two'), '--out', temporary('quiet'), '--model', temporary('tiny.onnx')]
    const child = spawnDarkroom(argv, [], { HOME: temporary('user'), XDG_CACHE_HOME: '', XDG_DATA_HOME: '' })
    expect(await child.end()).toMatchObject({ code: 0 })
    expect((await tree(temporary('user'))).filter((name) => /microsoft|onnx/i.test(name))).toEqual([])
  })

  it('takes as many files as a shell can name', async () => {
    const many = Array.from({ length: 12 }, (_, n) => `${n + 10}.jpg`)
    await writeImages(temporary('many'), many)
    const long = many.map((name) => temporary('many') + '/.'.repeat(1700) + '/' + name)
    const options = ['--out', temporary('of many'), '--model', temporary('tiny.onnx')]
    expect(await spawnDarkroom(['denoise', ...long, ...options]).end()).toMatchObject({ code: 0 })
    expect(await tree(temporary('of many'))).toEqual(many)
  })

  it('would be caught if it did: the guard stops every way out', async () => {
    const reach = fileURLToPath(new URL('../support/reach-out.ts', import.meta.url))
    const child = spawnDarkroom(['--version'], [guard, reach])
    const { code, stderr } = await child.end()
    expect(code).not.toBe(0)
    expect(stderr).toContain('network used: global.fetch')
  })

  it('shows its help without loading an engine or an image library', async () => {
    const listing = new URL('../support/list-modules.ts', import.meta.url).href
    const { code, stdout, stderr } = await spawnDarkroom(['--help'], [listing]).end()
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: darkroom')
    expect(stderr).toContain('commander')
    expect(stderr).not.toMatch(/node_modules\/(@tensorflow|onnxruntime|sharp|@img)/)
  })

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawnDarkroom(['models', '--json'])
    child.process.stdout.destroy()
    expect(await child.end()).toMatchObject({ code: 0, stderr: '' })
  })
})
