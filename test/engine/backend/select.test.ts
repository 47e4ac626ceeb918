import { availableParallelism } from 'node:os'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ProviderName } from '../../../src-main/contract/engines.ts'
import { isMessageKey } from '../../../src-main/contract/messages/messages.ts'
import type { Trial } from '../../../src-main/engine/backend/trial.ts'
import { nativeIsStaged } from '../../support/backends.ts'

const load = () => import('../../../src-main/engine/backend/select.ts')

/** Trials of a machine with a graphics card; engines that are not named are not in its build of onnxruntime. */
function withTrials(trials: Partial<Record<ProviderName, Trial>>): void {
  const present = (name: ProviderName): Trial => {
    const trial = trials[name]
    if (trial === undefined) throw new Error(`no ${name}`)
    return trial
  }
  vi.doMock('../../../src-main/engine/backend/graphics-cards.ts', () => ({
    graphicsCards: () => Promise.resolve([{ name: 'A card', driver: '1.2' }]),
  }))
  vi.doMock('../../../src-main/engine/backend/trial.ts', () => ({
    keptNativeTrial: () => Promise.resolve(null),
    tryProvider: (name: ProviderName) => Promise.resolve().then(() => present(name)),
  }))
  vi.doMock('../../../src-main/engine/backend/providers.ts', () => ({
    probeProvider: (name: ProviderName) =>
      Promise.resolve().then(() => {
        present(name)
        return '1.30.0'
      }),
    openProvider: (name: ProviderName) => Promise.resolve({ name, version: '1.30.0', threads: 1 }),
  }))
}
const proven = (speedup: number): Trial => ({ outcome: 'proven', received: null, speedup })

afterEach(() => {
  vi.doUnmock('../../../src-main/engine/backend/graphics-cards.ts')
  vi.doUnmock('../../../src-main/engine/backend/trial.ts')
  vi.doUnmock('../../../src-main/engine/backend/providers.ts')
  vi.doUnmock('onnxruntime-node')
  vi.doUnmock('onnxruntime-web')
  vi.resetModules()
})

/** As on a platform for which the package has no binary: its own `require` of the addon throws. */
const withoutBinary = (name: string): void => {
  vi.doMock(name, () => {
    throw new Error(`no addon in ${name}`)
  })
}

describe('with everything in place', () => {
  test.each([
    ['auto', 'traced'],
    ['traced', 'traced'],
    ['wasm', 'wasm'],
  ] as const)('%s opens %s', async (choice, name) => {
    const { openBackend } = await load()
    const backend = await openBackend(choice, { threads: 1 })
    expect(backend).toMatchObject({ name, threads: 1 })
    await backend.close()
  })

  test('one engine is in use, the others say why not', async () => {
    const { probeBackends } = await load()
    const [traced, wasm, native] = await probeBackends()
    const threads = availableParallelism()
    expect(traced).toEqual({
      name: 'traced',
      available: true,
      inUse: true,
      version: '1.30.0',
      why: null,
      received: null,
      device: null,
      threads,
    })
    expect(wasm).toMatchObject({ name: 'wasm', available: true, inUse: false, why: 'engine.wasm-spare' })
    expect(native).toMatchObject({
      name: 'native',
      available: nativeIsStaged,
      inUse: false,
      why: nativeIsStaged ? 'engine.native-spare' : 'engine.native-absent',
    })
  })
})

describe('what is in use', () => {
  test('follows the choice of engine and of threads', async () => {
    const { probeBackends } = await load()
    const [traced, wasm] = await probeBackends('wasm', { threads: 3 })
    expect(traced).toMatchObject({ inUse: false, why: 'engine.traced-spare' })
    expect(wasm).toMatchObject({ inUse: true, why: null, threads: 3 })
  })
})

describe('with a graphics card', () => {
  test('auto takes the fastest engine that is proven and faster than the processor', async () => {
    withTrials({ directml: proven(3), webgpu: proven(8), coreml: proven(0.5) })
    const { openBackend, probeBackends } = await load()
    expect((await openBackend('auto')).name).toBe('webgpu')
    const engines = Object.fromEntries((await probeBackends()).map((engine) => [engine.name, engine]))
    expect(engines).toMatchObject({
      webgpu: { available: true, inUse: true, why: null, device: 'A card' },
      directml: { available: true, inUse: false, why: 'engine.proven' },
      coreml: { available: true, inUse: false, why: 'engine.slower' },
      cuda: { available: false, version: null, why: 'engine.cuda-absent', device: null },
      traced: { available: true, inUse: false, why: 'engine.traced-spare', device: null },
    })
  })

  test('one that is slower is used when it is asked for', async () => {
    withTrials({ webgpu: proven(0.1) })
    const { openBackend, probeBackends } = await load()
    const backend = await openBackend('auto', { threads: 1 })
    expect(backend.name).toBe('traced')
    await backend.close()
    expect((await openBackend('webgpu')).name).toBe('webgpu')
    expect((await probeBackends('webgpu')).find(({ inUse }) => inUse)?.name).toBe('webgpu')
  })

  test.each([
    ['refused', 'difference 4.0e-1'],
    ['crashed', 'SIGSEGV'],
    ['no-device', 'Failed to get a WebGPU adapter'],
  ] as const)('one that was %s is never opened, and says why', async (outcome, received) => {
    withTrials({ webgpu: { outcome, received, speedup: null } })
    const { openBackend, probeBackends } = await load()
    const backend = await openBackend('auto', { threads: 1 })
    expect(backend.name).toBe('traced')
    await backend.close()
    await expect(openBackend('webgpu')).rejects.toMatchObject({
      detail: { code: 'engine-unavailable', expected: 'webgpu', received },
    })
    const found = (await probeBackends()).find(({ name }) => name === 'webgpu')
    expect(found).toMatchObject({ available: false, inUse: false, why: `engine.${outcome}`, received })
    expect(isMessageKey(found!.why!)).toBe(true)
  })
})

describe('without a binary of onnxruntime', () => {
  test('auto falls back to wasm; asking for traced says what is missing', async () => {
    withoutBinary('onnxruntime-node')
    const { openBackend, probeBackends } = await load()
    const backend = await openBackend('auto', { threads: 1 })
    expect(backend.name).toBe('wasm')
    await backend.close()
    await expect(openBackend('traced')).rejects.toMatchObject({
      detail: { code: 'engine-unavailable', expected: 'traced' },
    })
    const [traced, wasm] = await probeBackends()
    expect(traced).toMatchObject({ available: false, version: null, why: 'engine.traced-absent' })
    expect(wasm).toMatchObject({ inUse: true, why: null })
  })

  test('with neither, the first failure is told, and every reason has a text', async () => {
    withoutBinary('onnxruntime-node')
    withoutBinary('onnxruntime-web')
    const { openBackend, probeBackends } = await load()
    await expect(openBackend('auto')).rejects.toMatchObject({
      detail: { code: 'engine-unavailable', expected: 'traced' },
    })
    const engines = await probeBackends()
    expect(engines.some(({ inUse }) => inUse)).toBe(false)
    for (const { why } of engines) expect(why !== null && isMessageKey(why), `${why}`).toBe(true)
  })
})
