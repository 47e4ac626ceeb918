import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Step } from '../../../src-main/engine/backend/backend.ts'
import { findNative, stagedInstall } from '../../../src-main/engine/backend/native-install.ts'
import { openNative, probeNative } from '../../../src-main/engine/backend/native.ts'
import { openBackend, probeBackends } from '../../../src-main/engine/backend/select.ts'
import { nativeIsStaged } from '../../support/backends.ts'

const version = '2.21.0'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-native-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const writeManifest = (platform: string, arch: string, into = folder): void =>
  writeFileSync(
    join(into, 'manifest.json'),
    JSON.stringify({ platform, arch, version, cuda: false, pins: [] }),
  )

function writePackage(name: string, files: Record<string, string> = {}): void {
  const path = join(folder, 'node_modules', name)
  const manifest = JSON.stringify({ name, version: '4.22.0', main: 'index.js' })
  for (const [file, text] of Object.entries({ 'package.json': manifest, 'index.js': '', ...files })) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
}

describe('a folder that cannot be used', () => {
  test('nothing is staged', () => {
    expect(() => stagedInstall(folder)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: 'engine-unavailable' }) as unknown,
      }) as Error,
    )
  })

  test('staged for another platform', () => {
    writeManifest('sunos', 'sparc')
    expect(() => stagedInstall(folder)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: 'engine-unavailable', received: 'sunos sparc' }) as unknown,
      }) as Error,
    )
  })

  test('a manifest of something else', () => {
    writeFileSync(join(folder, 'manifest.json'), '{ "pins": {} }')
    expect(() => stagedInstall(folder)).toThrow(/^engine-unavailable/)
  })

  test('a stock package with a tfjs-core of its own', async () => {
    const require = createRequire(import.meta.url)
    writePackage('@tensorflow/tfjs-node', { 'lib/napi-v8/tfjs_binding.node': '' })
    writePackage('@tensorflow/tfjs-core')
    await expect(openNative({}, findNative(folder, join(folder, 'index.js')))).rejects.toMatchObject({
      detail: { code: 'engine-unavailable', expected: require.resolve('@tensorflow/tfjs-core') },
    })
  })
})

test('an engine that cannot be loaded is refused with what it said, and doctor says so', async () => {
  mkdirSync(join(folder, 'native'))
  writeManifest(process.platform, process.arch, join(folder, 'native'))
  await expect(openBackend('native', { home: folder, threads: 1 })).rejects.toMatchObject({
    detail: {
      code: 'engine-unavailable',
      expected: 'native',
      received: expect.stringMatching(/exit code/) as unknown,
    },
  })
  const engines = await probeBackends('auto', { home: folder })
  expect(engines.find(({ name }) => name === 'native')).toMatchObject({
    ...{ available: false, version, why: 'engine.crashed' },
    received: expect.stringMatching(/exit code/) as unknown,
  })
}, 60_000)

describe('a stock package beside the program', () => {
  test.each([
    ['@tensorflow/tfjs-node', false],
    ['@tensorflow/tfjs-node-gpu', true],
  ])('%s counts once it has its addon', (name, cuda) => {
    writePackage(name)
    expect(() => findNative(folder, join(folder, 'index.js'))).toThrow(/^engine-unavailable/)
    writePackage(name, { 'lib/napi-v8/tfjs_binding.node': '' })
    expect(findNative(folder, join(folder, 'index.js'))).toMatchObject({
      version: 'tfjs-node 4.22.0',
      cuda,
      isStaged: false,
      folder: join(folder, 'node_modules', name),
    })
  })

  test('gives way to what was staged', () => {
    writePackage('@tensorflow/tfjs-node', { 'lib/napi-v8/tfjs_binding.node': '' })
    mkdirSync(join(folder, 'native'))
    writeManifest(process.platform, process.arch, join(folder, 'native'))
    expect(findNative(folder, join(folder, 'index.js'))).toMatchObject({ version, isStaged: true })
  })
})

describe.skipIf(!nativeIsStaged)('staged', () => {
  const signature = {
    state: { total: { dtype: 'float32' as const, shape: [2], data: Float32Array.of(1, 2) } },
    inputs: { value: { dtype: 'float32' as const, shape: [2] } },
  }
  const value = (...values: number[]) => ({
    value: { dtype: 'float32' as const, shape: [2], data: Float32Array.from(values) },
  })
  const accumulate: Step = ({ total }, inputs) => ({
    state: { total: tf.add(total!, inputs.value!) },
    outputs: { before: total! },
  })

  test('runs steps, carries their state, and keeps no tensors', async () => {
    expect(probeNative()).toBe(version)
    const backend = await openNative({ threads: 1 })
    expect(backend).toMatchObject({ name: 'native', version, threads: 1 })
    const before = tf.memory().numTensors
    const program = await backend.compile(accumulate, signature)
    const first = await program.run(value(10, 20))
    const saved = await program.readState()
    await program.run(value(1, 1))
    expect(first.before?.data).toEqual(Float32Array.of(1, 2))
    expect(saved.total?.data).toEqual(Float32Array.of(11, 22))
    await program.writeState(saved)
    expect((await program.run(value(0, 0))).before?.data).toEqual(Float32Array.of(11, 22))
    expect(tf.memory().numTensors).toBe(before + 1)
    await backend.close()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('frees everything when a step fails', async () => {
    const backend = await openNative()
    const failing: Step = ({ total }, inputs) => {
      tf.add(total!, inputs.value!)
      throw new Error('inside the step')
    }
    const program = await backend.compile(failing, signature)
    const before = tf.memory().numTensors
    await expect(program.run(value(1, 1))).rejects.toThrow('inside the step')
    expect(tf.memory().numTensors).toBe(before)
    await backend.close()
  })

  test('refuses a step that forgets its state, and wrong inputs', async () => {
    const backend = await openNative()
    const forgetful: Step = () => ({ state: {}, outputs: {} })
    const program = await backend.compile(forgetful, signature)
    await expect(program.run(value(1, 1))).rejects.toMatchObject({
      detail: { code: 'internal', expected: 'total float32 [2]', received: 'only nothing' },
    })
    await expect(program.run({})).rejects.toMatchObject({ detail: { expected: 'value float32 [2]' } })
    await expect(program.writeState({})).rejects.toMatchObject({ detail: { code: 'run-incompatible' } })
    await backend.close()
  })

  test("relu's gradient is one kernel, and integers can be rounded", async () => {
    const backend = await openNative({ threads: 1 })
    const x = tf.tensor1d([-2, -0, 0, 1e-30, 3])
    const { kernelNames, result } = await tf.profile(() =>
      tf.grad((z) => tf.relu(z))(x, tf.tensor1d([1, 2, 3, 4, 5])),
    )
    expect(Array.from(await (result as tf.Tensor).data())).toEqual([0, 0, 0, 4, 5])
    expect(kernelNames).toContain('ReluGrad')
    expect(kernelNames).not.toContain('Step')
    const whole = tf.round(tf.tensor1d([-7, 0, 2 ** 30 + 1], 'int32'))
    expect(whole.dtype).toBe('int32')
    expect(Array.from(await whole.data())).toEqual([-7, 0, 2 ** 30 + 1])
    await backend.close()
  })

  test('opens no ONNX files', async () => {
    const backend = await openNative()
    await expect(backend.open(new Uint8Array())).rejects.toMatchObject({
      detail: { code: 'argument-invalid', received: 'native' },
    })
  })
})
