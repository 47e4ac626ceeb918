import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { judge } from '../../../src-main/engine/backend/trial.ts'
import { readAdapters } from '../../../src-main/engine/backend/graphics-cards.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const temporary = temporaryFolder()
const nodeArguments = ['--import', import.meta.resolve('tsx')]

afterEach(() => {
  vi.doUnmock('../../../src-main/engine/backend/graphics-cards.ts')
  vi.doUnmock('../../../src-main/engine/backend/providers.ts')
  vi.resetModules()
})

/** A machine with cards, whose onnxruntime has every provider: the trial's own process still has what is really here. */
async function withCards(names: string[]) {
  vi.doMock('../../../src-main/engine/backend/graphics-cards.ts', () => ({
    graphicsCards: () => Promise.resolve(names.map((name) => ({ name, driver: null }))),
  }))
  vi.doMock('../../../src-main/engine/backend/providers.ts', () => ({
    probeProvider: () => Promise.resolve('1.30.0'),
  }))
  return import('../../../src-main/engine/backend/trial.ts')
}

describe('a trial', () => {
  test('is not made where the system shows no card, unless the engine is asked for by name', async () => {
    const { tryProvider } = await withCards([])
    const home = temporary('none')
    expect(await tryProvider('webgpu', { home, nodeArguments: ['--no-such-option'] })).toEqual({
      ...{ outcome: 'no-device', received: null, speedup: null },
    })
    const asked = await tryProvider('webgpu', { home, asked: true, nodeArguments: ['--no-such-option'] })
    expect(asked).toMatchObject({ outcome: 'crashed' })
  })

  test('that dies costs this process nothing, is told with its last words, and is kept for its cards', async () => {
    const home = temporary('dies')
    const first = await withCards(['A card'])
    const dies = ['--eval', 'process.stderr.write("driver\\nsegfault at 0\\n"); process.abort()', '--']
    const trial = await first.tryProvider('webgpu', { home, nodeArguments: dies })
    expect(trial).toMatchObject({ outcome: 'crashed', speedup: null })
    expect(trial.received).toMatch(/^SIGABRT|^exit code/)
    const file = join(home, 'cache/trials/webgpu.json')
    const kept = await readFile(file, 'utf8')
    expect(kept).toContain('A card')

    // Another process of the program: the trial is known.
    vi.resetModules()
    const again = await withCards(['A card'])
    expect(await again.tryProvider('webgpu', { home, nodeArguments: ['--no-such-option'] })).toEqual(trial)
    expect(await readFile(file, 'utf8')).toBe(kept)

    // Another card: it is not.
    vi.resetModules()
    const other = await withCards(['Another card'])
    const anew = await other.tryProvider('webgpu', { home, nodeArguments: ['--no-such-option'] })
    expect(anew.received).toContain('--no-such-option')
  })

  test('of an engine that this build has not ends in its own process', async () => {
    const { tryProvider } = await withCards(['A card'])
    const elsewhere = process.platform === 'win32' ? 'coreml' : 'directml'
    const trial = await tryProvider(elsewhere, { home: temporary('absent'), threads: 1, nodeArguments })
    expect(trial.outcome).toBe('crashed')
    expect(trial.received).toContain('exit code 1')
  })
})

describe('the judgement', () => {
  const report = { passed: false, difference: null, seconds: 1, failure: null }
  test.each([
    [{ report: { ...report, passed: true, difference: 1e-6 }, speedup: 4 }, 'proven', null],
    [{ report: { ...report, difference: 0.25 }, speedup: null }, 'refused', 'difference 2.5e-1'],
    [{ report: { ...report, failure: 'NaN' }, speedup: null }, 'refused', 'NaN'],
    [
      {
        report: { ...report, failure: 'a.cc:136 x == y was false. Failed to get a WebGPU adapter: none' },
        speedup: null,
      },
      'no-device',
      'Failed to get a WebGPU adapter: none',
    ],
    [
      {
        report: { ...report, failure: 'CUDA failure 100: no CUDA-capable device is detected' },
        speedup: null,
      },
      'no-device',
      'CUDA failure 100: no CUDA-capable device is detected',
    ],
  ])('%#', (result, outcome, received) => {
    expect(judge(result)).toMatchObject({ outcome, received })
  })
})

test('cards are read from what Windows lists, without those that Windows draws itself', () => {
  const key = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968}`
  const text = [
    `${key}\\0000\r\n    DriverDesc    REG_SZ    NVIDIA GeForce RTX 4070\r\n    DriverVersion    REG_SZ    32.0.15.6094`,
    `${key}\\0001\r\n    DriverDesc    REG_SZ    Microsoft Basic Display Adapter\r\n    DriverVersion    REG_SZ    10.0`,
    `${key}\\0000\\Settings\r\n    Size    REG_DWORD    0x1`,
  ].join('\r\n\r\n')
  expect(readAdapters(text)).toEqual([{ name: 'NVIDIA GeForce RTX 4070', driver: '32.0.15.6094' }])
})
