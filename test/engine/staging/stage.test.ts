import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineEvent } from '../../../src-main/contract/engine.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { nativeOffer } from '../../../src-main/engine/staging/offer.ts'
import { kindOf, pinsOf, type Kind } from '../../../src-main/engine/staging/pins.ts'
import { stage } from '../../../src-main/engine/staging/stage.ts'
import { takeLock } from '../../../src-main/engine/storage/lock.ts'
import { fakeKind, writeFakeTools } from '../../support/fake-tools.ts'

test.each([false, true])('every file of the engine (CUDA: %s) is named with its hash', (cuda) => {
  const pins = pinsOf(kindOf(cuda))
  expect(new Set(pins.map(({ file }) => file)).size).toBe(pins.length)
  for (const { from, hash, bytes, version, file } of pins) {
    expect(hash).toMatch(from === 'npm' ? /^[A-Za-z0-9+/]{86}==$/ : /^[0-9a-f]{64}$/)
    expect(bytes).toBeGreaterThan(10_000)
    expect(file).toContain(version)
  }
})

const canStage =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  existsSync('/usr/bin/g++') &&
  existsSync('/bin/sh')
if (!canStage) console.warn('SKIPPED: staging the native engine needs Linux x64 and g++.')

describe.skipIf(!canStage)('staging', () => {
  let root: string
  let folder: string
  let kind: Kind
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'darkroom-staging-'))
    folder = join(root, 'home', 'native')
    vi.stubEnv('FAKE', root)
    vi.stubEnv('PATH', `${writeFakeTools(root)}:/usr/bin:/bin`)
    kind = await fakeKind(root)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(root, { recursive: true })
  })

  const options = (signal = new AbortController().signal) => ({
    ...{ force: false, signal },
    onBytes: vi.fn<(done: number, total: number) => void>(),
    onStep: vi.fn(),
  })
  /** How the tools were called, but for the question whether they are there. */
  const calls = (): string[] => {
    const file = join(root, 'calls')
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    rmSync(file, { force: true })
    return lines.filter((line) => !line.endsWith('--version'))
  }
  const downloads = (): string[] =>
    calls().flatMap(
      (line) => /^npm pack .* (\S+)@|^(python3) -m pip download/.exec(line)?.slice(1, 3).join('') ?? [],
    )
  const parts = (): string[] => readdirSync(`${folder}.parts`).sort()
  const refused = (code: string, facts: object = {}) => ({ detail: { code, ...facts } })

  test('puts all of it into the folder, and has nothing to do the second time', async () => {
    const told = options()
    const install = await stage(folder, kind, told)
    expect(install).toMatchObject({ version: '1.0.0', cuda: true, folder, isStaged: true })
    expect(existsSync(install.binding)).toBe(true)
    expect(readFileSync(join(folder, 'lib/libtensorflow_cc.so.2'), 'utf8')).toContain('libtensorflow_cc')
    expect(readFileSync(join(folder, 'nvidia/cusparse/lib/libcusolver.so.11'), 'utf8')).toContain('cusolver')
    expect(readdirSync(folder).sort()).toEqual([
      ...['LICENSE-tensorflow', 'THIRD_PARTY_NOTICES-tensorflow.txt', 'lib', 'manifest.json', 'node_modules'],
      ...['nvidia', 'nvidia_cusparse_cu12-1.0.0.dist-info', 'tfjs_binding.node'],
    ])
    expect(readdirSync(join(folder, 'nvidia/cusparse'))).toEqual(['lib'])
    expect(readdirSync(join(root, 'home'))).toEqual(['native'])
    expect(told.onStep.mock.calls.flat()).toEqual(['download', 'unpack', 'build', 'try'])
    const total = pinsOf(kind).reduce((sum, { bytes }) => sum + bytes, 0)
    for (const [done, all] of told.onBytes.mock.calls) {
      expect(done).toBeLessThanOrEqual(total)
      expect(all).toBe(total)
    }
    calls()
    expect(await stage(folder, kind, options())).toEqual(install)
    expect(calls()).toEqual([])
  })

  test('goes on where it stopped: what is whole is not fetched again, what is damaged is', async () => {
    const wheel = join(root, 'registry/tensorflow.whl')
    const bytes = readFileSync(wheel)
    rmSync(wheel)
    await expect(stage(folder, kind, options())).rejects.toMatchObject(
      refused('download-failed', {
        file: 'tensorflow.whl',
        received: 'ERROR: No matching distribution found for tensorflow',
      }),
    )
    expect(existsSync(folder)).toBe(false)
    expect(parts()).toEqual(['google-protobuf.tgz', 'node-api-headers.tgz', 'tfjs-node.tgz'])
    expect(downloads()).toHaveLength(4)

    writeFileSync(wheel, bytes)
    truncateSync(join(`${folder}.parts`, 'google-protobuf.tgz'), 20)
    await stage(folder, kind, options())
    expect(downloads()).toEqual(['google-protobuf', 'python3', 'python3', 'python3'])
  })

  test('takes no file that is not what it was', async () => {
    writeFileSync(join(root, 'registry/google-protobuf.tgz'), 'something else')
    await expect(stage(folder, kind, options())).rejects.toMatchObject(
      refused('download-failed', { file: 'google-protobuf.tgz', expected: kind.addon.protobuf.hash }),
    )
    expect(parts()).toEqual(['tfjs-node.tgz'])
  })

  test('stops at once when it is asked to, and keeps what it has', async () => {
    writeFileSync(join(root, 'slow'), '60')
    const stopping = new AbortController()
    const told = options(stopping.signal)
    const staged = stage(folder, kind, told)
    await vi.waitFor(
      () =>
        expect(existsSync(join(root, 'calls')) && readFileSync(join(root, 'calls'), 'utf8')).toContain(
          'pip download',
        ),
      5_000,
    )
    stopping.abort(new Error('enough'))
    await expect(staged).rejects.toThrow('enough')
    expect(parts()).toEqual(['google-protobuf.tgz', 'node-api-headers.tgz', 'tfjs-node.tgz'])
    // The next one is not kept waiting.
    rmSync(join(root, 'slow'))
    await stage(folder, kind, options())
  })

  test('an addon that cannot be loaded takes nothing away that was there', async () => {
    await stage(folder, kind, options())
    const before = await readFile(join(folder, 'tfjs_binding.node'))
    writeFileSync(join(root, 'broken'), '')
    await expect(stage(folder, kind, { ...options(), force: true })).rejects.toMatchObject(
      refused('staging-failed'),
    )
    expect(await readFile(join(folder, 'tfjs_binding.node'))).toEqual(before)
    expect(parts()).toHaveLength(pinsOf(kind).length)
  })

  test('says what is missing before anything is fetched', async () => {
    rmSync(join(root, 'bin/npm'))
    vi.stubEnv('PATH', join(root, 'bin'))
    const { missing } = await nativeOffer(join(root, 'home'))
    expect(missing.map(({ packageName }) => packageName)).toContain('npm')
    await expect(stage(folder, kind, options())).rejects.toMatchObject(
      refused('tools-missing', { received: expect.stringContaining('npm') as unknown }),
    )
    await expect(stage(folder, { ...kind, disk: 1e18 }, options())).rejects.toMatchObject(
      refused('tools-missing'),
    )
    expect(calls()).toEqual([])
  })

  test('needs room on the disk, and is done by one at a time', async () => {
    await expect(stage(folder, { ...kind, disk: 1e18 }, options())).rejects.toMatchObject(
      refused('disk-full', {
        file: folder,
        expected: expect.stringMatching(/^10000000\d\d\.\d GB$/) as unknown,
      }),
    )
    const lock = await takeLock(`${folder}.lock`, {})
    await expect(stage(folder, kind, options())).rejects.toMatchObject(refused('staging-busy'))
    await lock!.release()
    expect(calls()).toEqual([])
  })

  test('an offer asks nobody but this machine', async () => {
    const offer = await nativeOffer(join(root, 'home'))
    expect(offer).toMatchObject({ obstacle: null, missing: [], staged: null })
    expect(offer.cuda.download).toBeGreaterThan(2e9)
    expect(offer.cpu.room).toBeGreaterThan(offer.cpu.download + offer.cpu.disk)
    expect(calls()).toEqual([])
  })

  test('as a job: its progress says the step, and a failure what to do', async () => {
    rmSync(join(root, 'registry/tfjs-node.tgz'))
    const engine = createEngine({ home: join(root, 'home') })
    const events: EngineEvent[] = []
    await new Promise<void>((resolve, reject) => {
      engine.subscribe((event) => {
        events.push(event)
        if (event.event === 'failed') resolve()
      })
      engine.start({ type: 'stage-native' }).catch(reject)
    })
    await engine.close()
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'progress',
        progress: expect.objectContaining({ step: 'download', total: 274_143_142 }) as unknown,
      }),
    )
    expect(events.at(-1)).toMatchObject({
      error: { code: 'download-failed', received: expect.stringContaining('404') as unknown },
    })
  })
})
