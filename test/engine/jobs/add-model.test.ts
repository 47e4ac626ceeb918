import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { interfaceOf, type AddModel, type ModelEntry } from '../../../src-main/contract/models.ts'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser } from '../../../src-main/engine/inference/network.ts'
import { addModel } from '../../../src-main/engine/jobs/add-model.ts'
import { exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { listModels, readModel } from '../../../src-main/engine/storage/models.ts'
import { psnr } from '../../../src-main/engine/analysis/psnr.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { graph, theirModel } from '../../support/their-models.ts'

const temporary = temporaryFolder()
let count = 0
let home = ''
beforeEach(() => {
  home = temporary(`home${++count}`)
})

const add = (file: string, more: Omit<AddModel, 'file'> = {}): Promise<ModelEntry> =>
  addModel(
    { file, ...more },
    { assets: temporary('assets'), home, openBackend: (choice) => openBackend(choice) },
  )

async function put(name: string, bytes: Uint8Array | string): Promise<string> {
  await writeFile(temporary(name), bytes)
  return temporary(name)
}

const added = (): Promise<string[]> => readdir(join(home, 'models')).catch(() => [])

describe('addModel', () => {
  it('copies a network, which then cleans pictures as it should be used', async () => {
    const bytes = theirModel({ white: 255, output: 'noise', layout: 'NHWC', multiple: 8 })
    const entry = await add(await put('DnCNN gray 25.onnx', bytes), {
      licence: 'MIT',
      description: 'By hand.',
    })
    const use = { layout: 'NHWC', channels: 3, white: 255, output: 'noise', sigma: 'none', multiple: 8 }
    expect(entry).toEqual({
      ...{ id: 'dncnn-gray-25', title: 'DnCNN gray 25', origin: 'added', bytes: bytes.length },
      ...{ file: join(home, 'models', 'dncnn-gray-25', 'model.onnx'), interface: use },
      ...{ card: null, licence: 'MIT', description: 'By hand.', error: null },
    })
    const folders = { assets: temporary('assets'), home }
    expect(await listModels(folders)).toContainEqual(entry)

    const backend = await openBackend('auto')
    const denoiser = await openDenoiser(backend, await readModel('dncnn-gray-25', folders))
    const random = createRandom(5)
    const clean = new Float32Array(3 * 60 * 50).fill(0.4)
    const data = clean.map((value) => value + (25 / 255) * random.normal())
    const page = { width: 60, height: 50, channels: 3, data, black: 0, white: 1, alpha: null } as const
    const result = await denoisePage(denoiser, page, { sigma: 25, strength: 100, tile: 'auto' })
    expect(psnr(result.page.data as Float32Array, clean, 1)).toBeGreaterThan(psnr(data, clean, 1) + 6)
    await backend.close()
  })

  it('takes title and licence from the file where nobody says them, and how to use it from ours', async () => {
    const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [4, 4], blocks: [1, 1] })
    const metadata = { title: 'Night', licence: 'CC0' }
    const bytes = exportDenoiser(spec, initDenoiser(spec, createRandom(1)), metadata, '0')
    const entry = await add(await put('ours.onnx', bytes))
    expect(entry).toMatchObject({ id: 'night', title: 'Night', licence: 'CC0', interface: interfaceOf(spec) })
    const long = theirModel({ metadata: { title: 'x'.repeat(500) } })
    expect((await add(await put('long.onnx', long))).title).toHaveLength(120)
  })

  it('gives the entry back of a file that was added before', async () => {
    const first = await add(await put('a.onnx', theirModel()))
    const again = await add(await put('b.onnx', theirModel()), { title: 'Another' })
    expect(again).toEqual(first)
    const other = await add(await put('a.onnx', theirModel({ output: 'noise' })))
    expect(other).toMatchObject({ id: 'a-2', title: 'a' })
    expect(await added()).toEqual(['a', 'a-2'])
  })

  it('takes a network of one size', async () => {
    const entry = await add(await put('fixed.onnx', theirModel({ height: 48, width: 64 })))
    expect(entry.interface).toMatchObject({ layout: 'NCHW', channels: 3, multiple: 1 })
  })

  it('takes what cannot be found out from the person', async () => {
    const x = { name: 'x', shape: [1, 3, 'H', 'W'], type: 'float32' } as const
    const node = { operator: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }
    const file = await put('identity.onnx', graph([x], { ...x, name: 'y' }, [node]))
    await expect(add(file)).rejects.toMatchObject({
      detail: { code: 'model-ambiguous', file, expected: 'white, output' },
    })
    expect(await added()).toEqual([])
    const entry = await add(file, { interface: { white: 1, output: 'clean' } })
    expect(entry.interface).toMatchObject({ white: 1, output: 'clean', multiple: 1 })
  })

  it('tries what is stated in full at least once', async () => {
    const file = await put('eights.onnx', theirModel({ multiple: 8 }))
    const stated = { layout: 'NCHW', channels: 3, white: 1, output: 'clean', sigma: 'none' } as const
    await expect(add(file, { interface: { ...stated, multiple: 3 } })).rejects.toMatchObject({
      detail: { code: 'model-incompatible', file },
    })
    const endless = graph(
      [{ name: 'x', shape: [1, 3, 'H', 'W'], type: 'float32' }],
      { name: 'y', shape: [1, 3, 'H', 'W'], type: 'float32' },
      [
        { operator: 'Sub', inputs: ['x', 'x'], outputs: ['zero'], attributes: {} },
        { operator: 'Div', inputs: ['x', 'zero'], outputs: ['y'], attributes: {} },
      ],
    )
    await expect(
      add(await put('nan.onnx', endless), { interface: { ...stated, multiple: 1 } }),
    ).rejects.toThrow('expected finite numbers')
    expect(await added()).toEqual([])
  })

  it.each([
    ['empty', new Uint8Array(0)],
    ['text', 'this is no network'],
    ['cut off', theirModel().slice(0, 200)],
  ])('refuses a file that is %s', async (name, content) => {
    const file = await put(`${name}.onnx`, content)
    await expect(add(file)).rejects.toMatchObject({ detail: { code: 'model-unreadable', file } })
    expect(await added()).toEqual([])
  })

  it('refuses a network of unknown operators', async () => {
    const x = { name: 'x', shape: [1, 3, 'H', 'W'], type: 'float32' } as const
    const node = { operator: 'Nowhere', inputs: ['x'], outputs: ['y'], attributes: {} }
    const file = await put('custom.onnx', graph([x], { ...x, name: 'y' }, [node]))
    await expect(add(file)).rejects.toMatchObject({ detail: { code: 'model-unreadable', file } })
  })

  it('refuses a network whose weights lie in another file, saying how to put them in', async () => {
    // ModelProto { graph = 7: GraphProto { initializer = 5: TensorProto { external_data = 13: {} } } }
    const file = await put('apart.onnx', Uint8Array.of(0x3a, 4, 0x2a, 2, 0x6a, 0))
    await expect(add(file)).rejects.toThrow('external_data=False')
  })

  it('refuses what is no file, is missing, or is too large to be read', async () => {
    await mkdir(temporary('folder.onnx'), { recursive: true })
    await expect(add(temporary('folder.onnx'))).rejects.toThrow('expected a file')
    await expect(add(temporary('missing.onnx'))).rejects.toMatchObject({ detail: { code: 'file-not-found' } })
    const large = await put('large.onnx', '')
    // A hole: it takes no room on the disk.
    await truncate(large, 2 ** 30 + 1)
    await expect(add(large)).rejects.toThrow(`expected at most ${2 ** 30} bytes`)
  })
})
