import { describe, expect, it } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { ModelInterface } from '../../../src-main/contract/models.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend, Session } from '../../../src-main/engine/backend/backend.ts'
import {
  denoisePage,
  denoiseRegion,
  type DenoiseOptions,
} from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser, type Denoiser } from '../../../src-main/engine/inference/network.ts'
import { cropPage } from '../../../src-main/engine/inference/tiles.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { largestDifference } from '../../support/samples.ts'

const spec = { type: 'denoiser', channels: 3, widths: [8, 8], blocks: [1, 1] }

/** A session that is all JavaScript: `compute` gets the planes of `noisy` and says what comes out. */
function fakeSession(options: {
  compute: (noisy: TensorMap[string], sigma: number) => Float32Array
  channels?: number
  blind?: boolean
  onRun?: (pixels: number) => void
}): Session {
  const image = (channels: number | string) => ({ shape: [1, channels, 'H', 'W'], dtype: 'float32' })
  const noisy = image(options.channels ?? 3)
  return {
    inputs: options.blind ? { x: noisy } : { noisy, sigma: image(1) },
    outputs: { denoised: noisy },
    metadata: options.blind ? {} : { spec: JSON.stringify(spec) },
    run(inputs) {
      const input = (inputs['noisy'] ?? inputs['x'])!
      options.onRun?.(input.shape[2]! * input.shape[3]!)
      const data = options.compute(input, inputs['sigma']?.data[0] ?? 0)
      return Promise.resolve({ denoised: { ...input, data } })
    },
    dispose: () => Promise.resolve(),
  }
}

const backendOf = (session: Session): Backend => ({
  name: 'traced',
  version: '0',
  threads: 1,
  compile: () => Promise.reject(new Error('not used')),
  open: () => Promise.resolve(session),
  close: () => Promise.resolve(),
})

const blind: ModelInterface = {
  ...{ layout: 'NCHW', channels: 1, white: 1, output: 'clean', sigma: 'none', multiple: 64 },
}

const open = (session: Session): Promise<Denoiser> =>
  openDenoiser(backendOf(session), { bytes: new Uint8Array(), file: 'fake.onnx', interface: blind })

/** Mean of a (2r + 1)² window with zeros outside: depends on its surroundings and on where the input ends, like a network. */
function boxBlur(radius: number): (noisy: TensorMap[string]) => Float32Array {
  return ({ shape, data }) => {
    const [, channels, height, width] = shape as [number, number, number, number]
    const out = new Float32Array(data.length)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0
          for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++)
            for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++)
              sum += data[(c * height + v) * width + u]!
          out[(c * height + y) * width + x] = sum / (2 * radius + 1) ** 2
        }
    return out
  }
}

const half = ({ data }: TensorMap[string]): Float32Array => Float32Array.from(data, (value) => value / 2)

/** A page of noise. */
function page(width: number, height: number, channels: 1 | 3, kind: 'u8' | 'u16' | 'float'): ImagePage {
  const random = createRandom(width * 1000 + height)
  const [black, white] = kind === 'float' ? [-2, 6] : [0, kind === 'u8' ? 255 : 65535]
  const length = width * height * channels
  const data =
    kind === 'u8'
      ? new Uint8Array(length)
      : kind === 'u16'
        ? new Uint16Array(length)
        : new Float32Array(length)
  for (let i = 0; i < length; i++) data[i] = black + (white - black) * random.uniform()
  return { width, height, channels, data, black, white, alpha: null }
}

const defaults: DenoiseOptions = { sigma: 25, strength: 100, tile: 'auto' }

describe('denoisePage', () => {
  it.each([
    [1, 1],
    [7, 5],
    [231, 161],
    [64, 400],
  ])('gives the whole image however it is tiled: %i×%i', async (width, height) => {
    const source = page(width, height, 3, 'float')
    const denoiser = await open(fakeSession({ compute: boxBlur(3) }))
    expect(denoiser.overlap).toBeGreaterThanOrEqual(3)
    const whole = await denoisePage(denoiser, source, { ...defaults, tile: 4096 })
    const tiled = await denoisePage(denoiser, source, { ...defaults, tile: 32 })
    expect(largestDifference(tiled.page.data, whole.page.data)).toBeLessThan(1e-6)
    expect(largestDifference(whole.page.data, source.data)).toBeGreaterThan(0.1)
  })

  it.each(['u8', 'u16', 'float'] as const)('keeps the type and the range of %s samples', async (kind) => {
    const source = page(13, 9, 3, kind)
    const denoiser = await open(fakeSession({ compute: half }))
    const { page: result } = await denoisePage(denoiser, source, defaults)
    expect(result.data.constructor).toBe(source.data.constructor)
    expect(result).toMatchObject({
      width: 13,
      height: 9,
      channels: 3,
      black: source.black,
      white: source.white,
    })
    // Half of the way from black, whatever black is.
    const expected = Float64Array.from(source.data, (value) => source.black + (value - source.black) / 2)
    expect(largestDifference(result.data, expected)).toBeLessThan(kind === 'float' ? 1e-5 : 0.51)
  })

  it('clips integers and leaves floats', async () => {
    const beyond = (noisy: TensorMap[string]): Float32Array =>
      Float32Array.from(noisy.data, (value) => (value > 0.5 ? 1.5 : -0.5))
    const denoiser = await open(fakeSession({ compute: beyond }))
    const bytes = await denoisePage(denoiser, page(4, 4, 3, 'u8'), defaults)
    expect(new Set(bytes.page.data)).toEqual(new Set([0, 255]))
    const floats = await denoisePage(denoiser, page(4, 4, 3, 'float'), defaults)
    expect(new Set(floats.page.data)).toEqual(new Set([-6, 10]))
  })

  it('gives the very samples back at strength 0, and lies in between at 50', async () => {
    const source = page(10, 10, 3, 'u16')
    let runs = 0
    const denoiser = await open(fakeSession({ compute: half, onRun: () => runs++ }))
    const none = await denoisePage(denoiser, source, { ...defaults, strength: 0 })
    expect(none.page.data).toEqual(source.data)
    expect(runs).toBe(0)
    const some = await denoisePage(denoiser, source, { ...defaults, strength: 50 })
    expect(
      largestDifference(
        some.page.data,
        Float64Array.from(source.data, (v) => 0.75 * v),
      ),
    ).toBeLessThan(0.51)
  })

  it('removes grain and colour noise to their own strengths', async () => {
    const source = page(10, 10, 3, 'float')
    let runs = 0
    const denoiser = await open(fakeSession({ compute: half, onRun: () => runs++ }))
    const all = await denoisePage(denoiser, source, defaults)
    const same = await denoisePage(denoiser, source, { ...defaults, colourStrength: 100 })
    expect(same.page.data).toEqual(all.page.data)
    const none = await denoisePage(denoiser, source, { ...defaults, strength: 0, colourStrength: 0 })
    expect(none.page.data).toEqual(source.data)
    expect(runs).toBe(2)
    const colour = await denoisePage(denoiser, source, { ...defaults, strength: 0, colourStrength: 50 })
    expect(runs).toBe(3)
    expect(largestDifference(colour.page.data, source.data)).toBeGreaterThan(0.1)
    for (let i = 0; i < source.data.length; i += 3) {
      const luma = ({ data }: ImagePage): number =>
        0.2126 * data[i]! + 0.7152 * data[i + 1]! + 0.0722 * data[i + 2]!
      expect(luma(colour.page)).toBeCloseTo(luma(source), 5)
    }
  })

  it('has no colour noise to remove from gray', async () => {
    const source = page(10, 10, 1, 'u8')
    const denoiser = await open(fakeSession({ compute: half }))
    const untouched = await denoisePage(denoiser, source, { ...defaults, strength: 0, colourStrength: 100 })
    expect(untouched.page.data).toEqual(source.data)
    const plain = await denoisePage(denoiser, source, { ...defaults, strength: 70 })
    const set = await denoisePage(denoiser, source, { ...defaults, strength: 70, colourStrength: 5 })
    expect(set.page.data).toEqual(plain.page.data)
  })

  it('waits between runs for as long as its caller wants', async () => {
    const denoiser = await open(fakeSession({ compute: half }))
    const events: string[] = []
    await denoisePage(denoiser, page(200, 200, 3, 'u8'), {
      ...defaults,
      tile: 64,
      onProgress: () => events.push('run'),
      pause: async () => {
        events.push('wait')
        await new Promise((resolve) => setImmediate(resolve))
        events.push('go on')
      },
    })
    expect(events.length).toBeGreaterThan(6)
    expect(events.map((_, i) => ['run', 'wait', 'go on'][i % 3])).toEqual(events)
  })

  it('tells the network σ as a share of the range, and the caller which it was', async () => {
    let seen = 0
    const compute = (noisy: TensorMap[string], sigma: number): Float32Array => {
      seen = sigma
      return half(noisy)
    }
    const denoiser = await open(fakeSession({ compute }))
    const given = await denoisePage(denoiser, page(9, 9, 3, 'u16'), { ...defaults, sigma: 51 })
    expect(seen).toBeCloseTo(0.2, 6)
    expect(given).toMatchObject({ sigma: 51, sigmaEstimated: false })
    const estimated = await denoisePage(denoiser, page(99, 99, 3, 'u16'), { ...defaults, sigma: 'auto' })
    expect(estimated.sigmaEstimated).toBe(true)
    expect(estimated.sigma).toBeCloseTo(255 * seen, 4)
  })

  it('sends gray through a colour network as R = G = B and averages what comes out', async () => {
    const source = page(6, 5, 1, 'u8')
    const compute = ({ data }: TensorMap[string]): Float32Array => {
      const plane = data.length / 3
      expect(data.subarray(0, plane)).toEqual(data.subarray(2 * plane))
      return Float32Array.from(data, (value, i) => value * (i < plane ? 0 : i < 2 * plane ? 0.5 : 1))
    }
    const { page: result } = await denoisePage(await open(fakeSession({ compute })), source, defaults)
    expect(result.channels).toBe(1)
    expect(
      largestDifference(
        result.data,
        Float64Array.from(source.data, (v) => v / 2),
      ),
    ).toBeLessThan(0.51)
  })

  it('sends colour through a gray network channel by channel', async () => {
    const source = page(70, 5, 3, 'float')
    const denoiser = await open(fakeSession({ compute: half, blind: true, channels: 1 }))
    const { page: result } = await denoisePage(denoiser, source, defaults)
    expect(
      largestDifference(
        result.data,
        Float64Array.from(source.data, (v) => -2 + (v + 2) / 2),
      ),
    ).toBeLessThan(1e-5)
  })

  it('passes alpha on and keeps samples that are no number', async () => {
    const source = { ...page(8, 8, 3, 'float'), alpha: new Float32Array(64).fill(3) }
    source.data[5] = NaN
    const { page: result } = await denoisePage(await open(fakeSession({ compute: half })), source, defaults)
    expect(result.alpha).toBe(source.alpha)
    expect(result.data[5]).toBeNaN()
    expect(result.data.filter(Number.isNaN)).toHaveLength(1)
  })

  const ensembles = [false, true]
  it.each(ensembles)(
    'halves the tile when memory runs out, remembers it, gives up (ensemble: %s)',
    async (ensemble) => {
      const limits = { pixels: 300 ** 2 }
      const onRun = (pixels: number): void => {
        if (pixels > limits.pixels) throw new DarkroomError('memory-exhausted')
      }
      const denoiser = await open(fakeSession({ compute: half, onRun }))
      const source = page(600, 600, 1, 'u8')
      const { page: result } = await denoisePage(denoiser, source, { ...defaults, ensemble, tile: 1024 })
      expect(
        largestDifference(
          result.data,
          Float64Array.from(source.data, (v) => v / 2),
        ),
      ).toBeLessThan(0.51)
      expect(denoiser.largestTile).toBe(256)
      limits.pixels = 50 ** 2
      await expect(denoisePage(denoiser, source, defaults)).rejects.toThrow('memory-exhausted')
    },
  )

  it('stops between tiles when it is cancelled', async () => {
    const controller = new AbortController()
    const progress: number[] = []
    const denoiser = await open(fakeSession({ compute: half }))
    const work = denoisePage(denoiser, page(300, 300, 3, 'u8'), {
      ...defaults,
      tile: 64,
      signal: controller.signal,
      onProgress({ done, total }) {
        expect(total).toBeGreaterThan(3)
        progress.push(done)
        if (done === 2) controller.abort()
      },
    })
    await expect(work).rejects.toThrow('cancelled')
    expect(progress).toEqual([1, 2])
  })

  it('lets other work go on between tiles, though the network blocks', async () => {
    const denoiser = await open(fakeSession({ compute: half }))
    let turns = 0
    let running = true
    const count = (): void => {
      turns++
      if (running) setImmediate(count)
    }
    setImmediate(count)
    await denoisePage(denoiser, page(300, 300, 3, 'u8'), { ...defaults, tile: 64 })
    running = false
    expect(turns).toBeGreaterThan(5)
  })
})

describe('denoiseRegion', () => {
  it.each([
    ['float', { x: 0, y: 0, width: 131, height: 97 }],
    ['float', { x: 64, y: 32, width: 40, height: 30 }],
    ['u8', { x: 100, y: 64, width: 31, height: 33 }],
    ['u16', { x: 37, y: 50, width: 1, height: 1 }],
  ] as const)('gives the pixels of the whole page: %s, %o', async (kind, region) => {
    const source = { ...page(131, 97, 3, kind), alpha: page(131, 97, 1, kind).data }
    const denoiser = await open(fakeSession({ compute: boxBlur(3) }))
    const whole = await denoisePage(denoiser, source, defaults)
    const part = await denoiseRegion(denoiser, source, region, 25)
    const expected = cropPage(whole.page, region)
    expect(part).toMatchObject({ width: region.width, height: region.height, alpha: expected.alpha })
    expect(largestDifference(part.data, expected.data)).toBeLessThan(kind === 'float' ? 1e-5 : 0.5)
  })

  it('gives the very samples back at σ 0', async () => {
    const source = page(40, 30, 3, 'u16')
    const denoiser = await open(fakeSession({ compute: half }))
    const region = { x: 3, y: 4, width: 20, height: 10 }
    expect(await denoiseRegion(denoiser, source, region, 0)).toEqual(cropPage(source, region))
  })
})
