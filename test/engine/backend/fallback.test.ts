import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend, Program } from '../../../src-main/engine/backend/backend.ts'
import { withFallback } from '../../../src-main/engine/backend/fallback.ts'
import { openTraced } from '../../../src-main/engine/backend/traced.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser } from '../../../src-main/engine/inference/network.ts'
import { exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import {
  cannotDo,
  deviceLost,
  failingBackend,
  outOfMemory,
  type Failure,
} from '../../support/failing-backend.ts'
import { stepCases } from '../../support/steps.ts'

let processor: Backend
beforeAll(async () => {
  processor = await openTraced({ threads: 1 })
})
afterAll(() => processor.close())

/** A card that fails so, before the processor; and what the person is told. */
function carefully(failure: Failure): { backend: Backend; told: string[] } {
  const told: string[] = []
  const card = { ...failingBackend(processor, failure), close: () => Promise.resolve() }
  const reserve = { ...processor, close: () => Promise.resolve() }
  const backend = withFallback(
    card,
    () => Promise.resolve(reserve),
    (warning) => told.push(warning),
  )
  return { backend, told }
}

describe('a training', () => {
  const { step, state, inputs } = stepCases.find(({ name }) => name.startsWith('FFDNet'))!
  const stepCount = 40

  async function train(backend: Backend, before?: (program: Program, at: number) => Promise<void>) {
    const program = await backend.compile(step, { state, inputs: inputs(0) })
    const losses: TensorMap[] = []
    for (let at = 0; at < stepCount; at++) {
      await before?.(program, at)
      losses.push(await program.run(inputs(at)))
    }
    const end = await program.readState()
    await program.dispose()
    return { losses, end }
  }
  let undisturbed: Awaited<ReturnType<typeof train>>
  beforeAll(async () => {
    undisturbed = await train(processor)
  })

  // At 0 it cannot even begin, at 32 copying the state fails, at 40 reading it at the end.
  test.each([0, 5, 31, 32, 33, 40])('goes on where its card was lost after %i steps', async (after) => {
    const { backend, told } = carefully({ after, forGood: true, error: deviceLost })
    expect(await train(backend)).toEqual(undisturbed)
    expect(told).toEqual(['warning.gpu-lost'])
  })

  test('goes on where the card’s memory ran out, and says so', async () => {
    const { backend, told } = carefully({ after: 7, forGood: false, error: outOfMemory })
    expect(await train(backend)).toEqual(undisturbed)
    expect(told).toEqual(['warning.gpu-memory'])
  })

  test('goes on from the state that was written into it', async () => {
    const rewind = async (program: Program, at: number): Promise<void> => {
      if (at === 10) await program.writeState(state)
    }
    const { backend } = carefully({ after: 15, forGood: true, error: deviceLost })
    expect(await train(backend, rewind)).toEqual(await train(processor, rewind))
  })

  test('that comes after the card was lost begins on the processor', async () => {
    const { backend, told } = carefully({ after: 3, forGood: true, error: deviceLost })
    await train(backend)
    expect(await train(backend)).toEqual(undisturbed)
    expect(told).toEqual(['warning.gpu-lost'])
  })

  test('a mistake of the caller is no failure of the card', async () => {
    const { backend, told } = carefully({ after: 100, forGood: true, error: deviceLost })
    const program = await backend.compile(step, { state, inputs: inputs(0) })
    await expect(program.run({})).rejects.toThrow(DarkroomError)
    expect(told).toEqual([])
    await program.dispose()
  })
})

describe('a picture', () => {
  const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [4, 4], blocks: [1, 1] })
  const bytes = exportDenoiser(spec, initDenoiser(spec, createRandom(7)), {}, '0.0.0')
  const random = createRandom(8)
  const pageOf = (width: number, height: number): ImagePage => ({
    ...{ width, height, channels: 3, black: 0, white: 1, alpha: null },
    data: Float32Array.from({ length: width * height * 3 }, () => random.uniform()),
  })
  const small = pageOf(200, 160)
  const large = pageOf(300, 280)

  async function clean(backend: Backend, tile: number, page = small) {
    const denoiser = await openDenoiser(backend, { bytes, file: 'model.onnx', interface: null })
    const denoised = await denoisePage(denoiser, page, { sigma: 25, strength: 100, tile })
    const side = denoiser.largestTile
    const warnings = denoiser.warnings!.splice(0)
    await denoiser.dispose()
    return { data: denoised.page.data, warnings, side }
  }

  test('is finished from the tile at which the card was lost', async () => {
    const { backend, told } = carefully({ after: 1, forGood: true, error: deviceLost })
    const [cleaned, reference] = [await clean(backend, 128), await clean(processor, 128)]
    expect(cleaned.data).toEqual(reference.data)
    expect(cleaned.warnings).toEqual(['warning.gpu-lost'])
    expect(told).toEqual(['warning.gpu-lost'])
  })

  test('is cut into smaller tiles where memory runs out, on the card', async () => {
    const tooLarge = (inputs: TensorMap): boolean =>
      Math.max(...Object.values(inputs).map(({ shape }) => shape[3]!)) > 200
    const { backend, told } = carefully({ after: 1e9, forGood: false, error: outOfMemory, fails: tooLarge })
    const cleaned = await clean(backend, 300, large)
    expect(cleaned.data).toEqual((await clean(processor, 150, large)).data)
    expect(cleaned).toMatchObject({ warnings: ['warning.memory-smaller-tiles'], side: 150 })
    expect(told).toEqual([])
  })

  test('is cleaned on the processor where not even a small tile fits', async () => {
    const { backend, told } = carefully({ after: 1e9, forGood: false, error: outOfMemory, fails: () => true })
    const cleaned = await clean(backend, 300)
    expect(cleaned.warnings).toContain('warning.gpu-memory')
    expect(told).toEqual(['warning.gpu-memory'])
    expect(cleaned.data).toEqual((await clean(processor, cleaned.side)).data)
  })

  test('is cleaned on the processor where the card cannot run the network', async () => {
    const { backend, told } = carefully({ after: 1e9, forGood: false, error: cannotDo, fails: () => true })
    const cleaned = await clean(backend, 128)
    expect(cleaned.data).toEqual((await clean(processor, 128)).data)
    expect(told).toEqual(['warning.gpu-failed'])
  })

  test.each([
    'CUDA failure 719: unspecified launch failure ; GPU=0',
    'CUDNN failure 5000: an illegal memory access was encountered',
    'DXGI_ERROR_DEVICE_HUNG',
    'Exception(3) tid(1) 887A0005 The GPU device instance has been suspended',
    'wgpu::Device lost: [Device] is lost.',
  ])('knows a card that is gone by: %s', async (received) => {
    const error = (): DarkroomError => new DarkroomError('internal', { received })
    const { backend, told } = carefully({ after: 1, forGood: true, error })
    await clean(backend, 128)
    expect(told).toEqual(['warning.gpu-lost'])
  })
})
