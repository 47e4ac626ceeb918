import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { interfaceOf, type ModelInterface } from '../../../src-main/contract/models.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { openDenoiser, type Denoiser } from '../../../src-main/engine/inference/network.ts'
import { readModel } from '../../../src-main/engine/storage/models.ts'
import { graph, theirModel } from '../../support/their-models.ts'

const assets = fileURLToPath(new URL('../../../assets', import.meta.url))
const hasPhoto = existsSync(`${assets}/models/photo/model.json`)
if (!hasPhoto) console.warn('SKIPPED: a dry run of the photo network: it is not there')

let backend: Backend
beforeAll(async () => {
  backend = await openBackend('auto')
})
afterAll(() => backend.close())

const open = (bytes: Uint8Array, stated: Partial<ModelInterface> | null = null): Promise<Denoiser> =>
  openDenoiser(backend, { bytes, file: 'theirs.onnx', interface: stated })

const plain: ModelInterface = {
  ...{ layout: 'NCHW', channels: 3, white: 1, output: 'clean', sigma: 'none', multiple: 1 },
}

describe('a dry run', () => {
  it.each<Partial<ModelInterface>>([
    {},
    { output: 'noise' },
    { white: 255 },
    { white: 255, output: 'noise', channels: 1 },
    { layout: 'NHWC', multiple: 4 },
    { layout: 'NHWC', channels: 1, white: 255, sigma: 'map' },
    { sigma: 'map', multiple: 32 },
    { sigma: 'number', white: 255, multiple: 64 },
  ])('finds how a network is used: %j', async (part) => {
    const use = { ...plain, ...part }
    expect((await open(theirModel(use))).interface).toEqual(use)
  })

  it.each([[[]], [[1]], [['']], [[1, 1]], [[1, 1, 1, 1]], [['n', 1, 1, 1]]])(
    'takes a number of shape %j for the noise level',
    async (sigmaShape) => {
      const denoiser = await open(theirModel({ sigma: 'number', sigmaShape }))
      expect(denoiser.interface).toEqual({ ...plain, sigma: 'number' })
      expect(denoiser.takesSigma).toBe(true)
    },
  )

  it.each([
    { layout: 'NHWC', channels: 1 },
    { layout: 'NCHW', channels: 3, output: 'noise' },
  ] as const)('finds layout and channels where the file says nothing of its shapes: %j', async (part) => {
    const { interface: found } = await open(theirModel({ ...part, isOpen: true }))
    expect(found).toEqual({ ...plain, ...part })
  })

  it.skipIf(!hasPhoto)('finds how the photo network is used, as if its file said nothing', async () => {
    const { bytes, card } = await readModel('photo', { assets, home: assets })
    const silent: Backend = {
      ...backend,
      open: async (model) => ({ ...(await backend.open(model)), metadata: {} }),
    }
    const denoiser = await openDenoiser(silent, { bytes, file: 'photo.onnx', interface: null })
    expect(denoiser.interface).toEqual(interfaceOf(card!.spec))
  })

  it('does not ask what makes no difference: the range of a linear network', async () => {
    expect((await open(theirModel({ isLinear: true, output: 'noise' }))).interface).toEqual({
      ...plain,
      output: 'noise',
    })
  })

  it('does not try what is stated', async () => {
    const stated = { white: 255, output: 'noise', multiple: 48 } as const
    // It is none of that; but somebody says so, and it is the only possibility left.
    expect((await open(theirModel(), stated)).interface).toEqual({ ...plain, ...stated })
    await expect(open(theirModel(), { white: 255 })).rejects.toMatchObject({
      detail: { code: 'model-ambiguous', file: 'theirs.onnx', expected: 'output' },
    })
  })

  it('asks for what it cannot tell of a network that does not denoise', async () => {
    const x = { name: 'x', shape: [1, 3, 'H', 'W'], type: 'float32' } as const
    const negated = graph([x], { ...x, name: 'y' }, [
      { operator: 'Neg', inputs: ['x'], outputs: ['y'], attributes: {} },
    ])
    await expect(open(negated)).rejects.toMatchObject({
      detail: { code: 'model-ambiguous', expected: 'white, output' },
    })
  })

  it('refuses what contradicts the file', async () => {
    await expect(open(theirModel(), { layout: 'NHWC' })).rejects.toMatchObject({
      detail: { code: 'model-incompatible', expected: 'layout NCHW, channels 3, sigma none' },
    })
    await expect(open(theirModel(), { ...plain, sigma: 'map' })).rejects.toThrow('model-incompatible')
  })

  it('refuses a network that enlarges pictures, saying so', async () => {
    await expect(open(theirModel({ scale: 2 }))).rejects.toThrow('[1, 3, 256, 256]: it enlarges pictures')
  })
})

describe('a network that cannot be a denoiser', () => {
  const value = (name: string, shape: (number | string)[], type: 'float32' | 'int32' = 'float32') =>
    ({ name, shape, type }) as const
  const image = [1, 3, 'H', 'W']
  const node = { operator: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }

  it.each([
    ['a classifier', [value('x', [1, 3, 224, 224])], value('y', [1, 1000])],
    ['no picture', [value('x', [1, 1000])], value('y', [1, 1000])],
    ['many channels', [value('x', [1, 4, 'H', 'W'])], value('y', image)],
    ['integers', [value('x', image, 'int32')], value('y', image, 'int32')],
    ['a batch of four', [value('x', [4, 3, 'H', 'W'])], value('y', [4, 3, 'H', 'W'])],
    ['a third input', [value('x', image), value('sigma', [1]), value('extra', [7])], value('y', image)],
    ['a strange noise level', [value('x', image), value('z', [1, 7])], value('y', image)],
  ])('is refused, naming what was found: %s', async (_, inputs, output) => {
    const session = {
      ...{ inputs: {}, outputs: {}, metadata: {} },
      run: () => Promise.reject(new Error('must not be run')),
      dispose: () => Promise.resolve(),
    }
    const declare = (values: { name: string; shape: readonly (number | string)[]; type: string }[]) =>
      Object.fromEntries(values.map(({ name, shape, type }) => [name, { shape: [...shape], dtype: type }]))
    Object.assign(session, { inputs: declare(inputs), outputs: declare([output]) })
    const fake = { ...backend, open: () => Promise.resolve(session) }
    const opening = openDenoiser(fake, {
      bytes: graph(inputs, output, [node]),
      file: 'x.onnx',
      interface: null,
    })
    await expect(opening).rejects.toMatchObject({ detail: { code: 'model-incompatible', file: 'x.onnx' } })
    for (const { name, shape, type } of inputs)
      await expect(opening).rejects.toThrow(`${name} ${type} [${shape.join(', ')}]`)
  })
})
