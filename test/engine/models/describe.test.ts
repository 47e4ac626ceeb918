import { describe, expect, test } from 'vitest'
import { checkMemory, trainingMemory } from '../../../src-main/engine/models/memory.ts'
import { describeRecipe } from '../../../src-main/engine/models/describe.ts'
import {
  autoencoder,
  autoencoderRecipe,
  conv,
  convTranspose,
  denoiserRecipe,
  dense,
  ganRecipe,
} from '../../support/recipes.ts'

const images = (height: number, width: number, channels = 1) => ({
  data: { type: 'images', height, width, channels },
})
const mebibyte = 2 ** 20

describe('a recipe is described with', () => {
  test('the network for the samples that it says itself', () => {
    const recipe = autoencoderRecipe({ model: autoencoder([conv(4)], null), ...images(10, 8, 3) })
    const { memory, ...description } = describeRecipe(recipe, null)
    expect(description).toEqual({
      recipe,
      input: [10, 8, 3],
      code: [5, 4, 4],
      layers: [
        { name: 'encoder.0', kind: 'conv 3×3/2 4 relu', output: [5, 4, 4], parameters: 112 },
        { name: 'decoder.0', kind: 'conv-transpose 3×3/2 4 relu', output: [10, 8, 4], parameters: 148 },
        { name: 'output', kind: 'conv 3×3 3 sigmoid', output: [10, 8, 3], parameters: 111 },
      ],
      parameters: 371,
    })
    expect(memory).toBe(trainingMemory(recipe, [10, 8, 3]))
  })

  test('both networks of a GAN, each parameter counted once, what is moved left out', () => {
    const { layers, code, parameters } = describeRecipe(ganRecipe(), null)
    expect(code).toEqual([4])
    expect(layers).toEqual([
      { name: 'generator.0', kind: 'dense 24 relu · BN', output: [24], parameters: 4 * 24 + 2 * 24 },
      { name: 'generator.output', kind: 'dense 12', output: [12], parameters: 24 * 12 + 12 },
      { name: 'discriminator.0', kind: 'dense 24 leaky-relu · SN', output: [24], parameters: 12 * 24 + 24 },
      { name: 'discriminator.logit', kind: 'dense 1 · SN', output: [1], parameters: 24 + 1 },
    ])
    expect(parameters).toBe(144 + 300 + 312 + 25)
  })

  test('the network for a shape that is asked for', () => {
    expect(describeRecipe(autoencoderRecipe(), [5, 5, 1]).layers.at(-1)!.output).toEqual([25])
  })

  test('no network where the columns are unknown', () => {
    const recipe = autoencoderRecipe({ data: { type: 'rows' } })
    expect(describeRecipe(recipe, null)).toEqual({
      ...{ recipe, input: null, code: null, layers: [], parameters: 0, memory: 0 },
    })
    expect(describeRecipe(recipe, [30]).code).toEqual([4])
  })

  test('a denoiser’s convolutions on a patch', () => {
    const { input, code, layers, parameters } = describeRecipe(denoiserRecipe(), null)
    expect([input, code]).toEqual([[16, 16, 3], null])
    expect(layers[0]).toEqual({ name: 'head', kind: 'conv 3×3 4', output: [8, 8, 4], parameters: 576 })
    expect(parameters).toBe(layers.reduce((sum, layer) => sum + layer.parameters, 0))
    for (const shape of [[16, 20, 3], [18, 18, 3], [16, 16, 1], [16]]) {
      expect(() => describeRecipe(denoiserRecipe(), shape)).toThrow(
        /argument-invalid.*multiple of 4, 3 channels/,
      )
    }
  })
})

describe('memory of a training', () => {
  const recipe = autoencoderRecipe({
    model: autoencoder([conv(64), conv(64)], null),
    batch: [
      { fromEpoch: 0, size: 4 },
      { fromEpoch: 2, size: 256 },
      { fromEpoch: 4, size: 16 },
    ],
    ...images(64, 48, 3),
  })
  const input = [64, 48, 3]
  const atBatch = (batch: number): number => trainingMemory({ ...recipe, batch }, input)

  test('is that of the largest batch', () => {
    expect(trainingMemory(recipe, input)).toBe(atBatch(256))
    expect(atBatch(256)).toBeGreaterThan(2 * atBatch(64))
  })

  test('grows with the averaging of weights and with an exact penalty on a deep encoder', () => {
    const deep = autoencoderRecipe({ model: autoencoder([dense(900)], 40), batch: 64 })
    const plain = trainingMemory(deep, [28, 28, 1])
    const averaged = { ...deep, optimizer: { ...deep.optimizer, averageDecay: 0.9 } }
    expect(trainingMemory(averaged, [28, 28, 1])).toBeGreaterThan(plain + 4 * 4 * 1_400_000)
    const exact = { ...deep, penalties: [{ type: 'contractive' as const, weight: 1, projections: null }] }
    expect(trainingMemory(exact, [28, 28, 1])).toBeGreaterThan(plain + 4 * 64 * 40 * 900)
  })

  const refusal = (...[of, shape, free]: Parameters<typeof checkMemory>): Record<string, string> => {
    try {
      checkMemory(of, shape, free)
    } catch (error) {
      return (error as { detail: Record<string, string> }).detail
    }
    throw new Error('was not refused')
  }

  test('that is there is not refused', () => {
    checkMemory(recipe, input, trainingMemory(recipe, input))
  })

  test('that is not there is refused with the largest batch that fits', () => {
    const free = 400 * mebibyte
    const { code, expected, received } = refusal(recipe, input, free)
    expect(code).toBe('recipe-too-large')
    expect(received).toMatch(/^batch 256: about \d\.\d GiB, of 0\.4 GiB that are free$/)
    const batch = Number(/^batch: at most (\d+)$/.exec(expected!)![1])
    expect(atBatch(batch)).toBeLessThanOrEqual(free)
    expect(atBatch(batch + 1)).toBeGreaterThan(free)
  })

  test('that is not there for one sample is refused with the size that fits', () => {
    const wide = autoencoderRecipe({ model: autoencoder([dense(4000)], 40), ...images(256, 128) })
    const free = 1000 * mebibyte
    const { expected } = refusal(wide, [256, 128, 1], free)
    const [, height, width] = /data\.height and data\.width: at most (\d+) and (\d+), with batch 1/
      .exec(expected!)!
      .map(Number)
    expect(height! / width!).toBeCloseTo(2, 0)
    const memory = (h: number, w: number): number => trainingMemory({ ...wide, batch: 1 }, [h, w, 1])
    expect(memory(height!, width!)).toBeLessThanOrEqual(free)
    expect(memory(height! + 4, width! + 4)).toBeGreaterThan(free)

    const patches = denoiserRecipe({ data: { type: 'patches', patch: 512 } })
    expect(refusal(patches, [512, 512, 3], 60 * mebibyte)['expected']).toMatch(
      /^data\.patch: at most \d+, with batch 1$/,
    )
  })

  test('that no size would fit is refused by the model’s name', () => {
    const rows = autoencoderRecipe({ data: { type: 'rows' }, model: autoencoder([dense(60_000)], 2000) })
    expect(refusal(rows, [140], 100 * mebibyte)['expected']).toBe('model: fewer or narrower layers')
    // Its decoder is made for 28 × 28 alone.
    const layers = [dense(49 * 400), convTranspose(400), convTranspose(4)]
    const own = autoencoderRecipe({ model: { ...autoencoder([], 3000), decoder: { layers } } })
    expect(refusal(own, [28, 28, 1], 100 * mebibyte)['expected']).toBe('model: fewer or narrower layers')
  })
})
