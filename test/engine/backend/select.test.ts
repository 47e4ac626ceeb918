import { availableParallelism } from 'node:os'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isMessageKey } from '../../../src-main/contract/messages/messages.ts'
import { nativeIsStaged } from '../../support/backends.ts'

const load = () => import('../../../src-main/engine/backend/select.ts')

afterEach(() => {
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
