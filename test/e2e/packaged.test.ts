import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../../src-main/contract/engine.ts'
import type { ModelEntry } from '../../src-main/contract/models.ts'
import type { ShellInfo } from '../../src-main/contract/shell.ts'
import { attach, type AttachedPage } from './support/devtools.ts'
import {
  callFromPage,
  containerSwitches,
  environment,
  newFolder,
  newPicture,
  patience,
  queueOf,
} from './support/desktop.ts'

// What `npm run package -- --linux dir` made, as it would be shipped: its fuses are set, so that the main process cannot be
// looked into; the page can, through Chromium's own port.

const executable = resolve(process.env['DARKROOM_TEST_PACKAGED'] ?? '')
const isThere = process.env['DARKROOM_TEST_PACKAGED'] !== undefined && existsSync(executable)
if (!isThere)
  console.warn(
    'SKIPPED: the packaged program (DARKROOM_TEST_PACKAGED names none; docs/packaging.md says how)',
  )

describe.skipIf(!isThere)('the packaged program', () => {
  const resources = join(dirname(executable), 'resources')
  const picture = newPicture()
  let program: ChildProcess
  let page: AttachedPage

  beforeAll(async () => {
    // Nothing of this machine's Node: the program has to find its own.
    program = spawn(executable, [...containerSwitches, '--remote-debugging-port=0', picture], {
      env: { ...environment(newFolder()), DARKROOM_NODE: '', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    for await (const line of createInterface({ input: program.stderr! })) {
      const address = /DevTools listening on (\S+)/.exec(line)?.[1]
      if (address === undefined) continue
      page = await attach(address, /^app:/)
      break
    }
  }, 120_000)
  afterAll(async () => {
    page.close()
    const ended = once(program, 'exit')
    program.kill()
    await ended
  })

  it('shows its page', async () => {
    const isShown = (): Promise<boolean> => page.evaluate(() => document.querySelector('#app > *') !== null)
    await expect.poll(isShown, patience).toBe(true)
  })

  it('runs the engine on the Node that it brings', async () => {
    const doctor = await callFromPage<DoctorReport>(page, 'engine.doctor')
    expect(doctor.node).not.toBe(process.version)
    expect(doctor.engines.find(({ inUse }) => inUse)?.name).toBe('traced')
    expect(doctor.libraries).toHaveProperty('sharp')
  })

  it('loads the shipped model from where packaging put it', async () => {
    const models = await callFromPage<ModelEntry[]>(page, 'engine.models')
    expect(models.find(({ id }) => id === 'photo')).toMatchObject({
      file: join(resources, 'engine/assets/models/photo/photo.onnx'),
      error: null,
    })
    const { samples, notices, version } = await callFromPage<ShellInfo>(page, 'shell.info')
    expect(samples.every((file) => existsSync(file))).toBe(true)
    expect([samples.length, notices.length > 1000, version]).toEqual([5, true, '0.1.0'])
  })

  it('cleans the picture of its command line', async () => {
    await expect
      .poll(async () => (await queueOf(page)).items.map(({ source }) => source), patience)
      .toEqual([picture])
    await callFromPage(page, 'engine.changeQueue', { type: 'save', ids: 'all' })
    await expect.poll(async () => (await queueOf(page)).items[0]?.state, patience).toBe('done')
    const { output, error } = (await queueOf(page)).items[0]!
    expect(error).toBeNull()
    expect(statSync(output!).size).toBeGreaterThan(10_000)
  })

  it('holds the native binaries of its own system only', () => {
    const modules = join(resources, 'engine/node_modules')
    const binaries = join(modules, 'onnxruntime-node/bin/napi-v6')
    const native = readdirSync(binaries).flatMap((system) =>
      readdirSync(join(binaries, system)).map((processor) => `${system}-${processor}`),
    )
    expect(native).toEqual([`${process.platform}-${process.arch}`])
    expect(readdirSync(join(modules, '@img')).sort()).toEqual([
      'colour',
      `sharp-libvips-${process.platform}-${process.arch}`,
      `sharp-${process.platform}-${process.arch}`,
    ])
  })

  it('is no Node: its fuses are set', async () => {
    const disguised = spawn(executable, ['-p', '40 + 2'], {
      env: { ...environment(newFolder()), ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' },
    })
    let output = ''
    disguised.stdout.on('data', (data: Buffer) => (output += data.toString()))
    await once(disguised, 'exit')
    expect(output).not.toContain('42')
  })
})
