import { describe, expect, it, test } from 'vitest'
import { GanSpec } from '../../../src-main/contract/architecture.ts'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Tensors } from '../../../src-main/engine/backend/backend.ts'
import { openTraced } from '../../../src-main/engine/backend/traced.ts'
import { exportGan } from '../../../src-main/engine/models/export-gan.ts'
import { buildGan } from '../../../src-main/engine/models/gan.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { runEager } from '../../support/eager.ts'
import { conv, convTranspose, dense } from '../../support/recipes.ts'
import { shippedRecipe } from '../../support/shipped-recipes.ts'

interface Given {
  generator: object[]
  discriminator: object[]
  generatorNorm?: string
  discriminatorNorm?: string
  outputStride?: number
  initialisation?: string
}

const ganSpec = ({ generator, discriminator, ...rest }: Given, latentDim = 3): GanSpec =>
  GanSpec.parse({
    ...{ type: 'gan', latentDim, initialisation: rest.initialisation },
    generator: { layers: generator, norm: rest.generatorNorm, outputStride: rest.outputStride },
    discriminator: { layers: discriminator, norm: rest.discriminatorNorm },
  })

const random = createRandom(7)
const normal = (...shape: number[]): TensorData => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
})

/** What a pass gives, by tfjs itself. */
async function eager(
  weights: TensorMap,
  inputs: TensorMap,
  pass: (weights: Tensors, inputs: Tensors) => Tensors,
): Promise<TensorMap> {
  const step = (w: Tensors, given: Tensors) => ({ state: {}, outputs: pass(w, given) })
  return (await runEager(step, weights, inputs)).outputs
}

const rows = ({ shape, data }: TensorData): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => [
    ...data.slice((i * data.length) / shape[0]!, ((i + 1) * data.length) / shape[0]!),
  ])
const times = (x: number[][], kernel: number[][]): number[][] =>
  x.map((row) => kernel[0]!.map((_, j) => row.reduce((sum, value, i) => sum + value * kernel[i]![j]!, 0)))

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, within = 1e-5): void {
  expect(actual.length).toBe(expected.length)
  const worst = Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i]!)))
  expect(worst).toBeLessThan(within)
}

describe('the published DCGAN', () => {
  const layers = (names: [number, number, number], first: number) => [
    dense(16 * first),
    ...names.map((filters) => ({ ...convTranspose(filters), kernel: 5 })),
  ]
  const spec = ganSpec(
    {
      ...{ generator: layers([512, 256, 128], 1024), generatorNorm: 'batch', outputStride: 2 },
      discriminator: [128, 256, 512, 1024].map((filters) => ({
        ...conv(filters, 2, 'leaky-relu'),
        kernel: 5,
      })),
      ...{ discriminatorNorm: 'batch', initialisation: 'dcgan' },
    },
    100,
  )

  it('projects to 4×4 and doubles the sides up to the picture, halves them down to one logit', () => {
    const outputs = buildGan(spec, [64, 64, 3]).layers.map(({ output }) => output)
    expect(outputs).toEqual([
      ...[[16_384], [8, 8, 512], [16, 16, 256], [32, 32, 128], [64, 64, 3]],
      ...[[32, 32, 128], [16, 16, 256], [8, 8, 512], [4, 4, 1024], [1]],
    ])
  })

  it('has no batch normalisation at the picture, on either side, and no biases where it has', () => {
    const names = Object.keys(buildGan(spec, [64, 64, 3]).shapes)
    const normalised = names.filter((name) => name.endsWith('.scale')).map((name) => name.slice(0, -6))
    expect(normalised).toEqual([
      ...['generator.0', 'generator.1', 'generator.2', 'generator.3'],
      ...['discriminator.1', 'discriminator.2', 'discriminator.3'],
    ])
    expect(names.filter((name) => normalised.some((layer) => name === `${layer}.bias`))).toEqual([])
    // Only what makes pictures one at a time needs statistics of its own.
    expect(names.filter((name) => name.startsWith('discriminator') && name.includes('moving'))).toEqual([])
  })

  it('begins with N(0, 0.02²), scales of N(1, 0.02²)', () => {
    const small = ganSpec({
      ...{ generator: [dense(400)], generatorNorm: 'batch', discriminator: [dense(30)] },
      initialisation: 'dcgan',
    })
    const weights = buildGan(small, [50]).init(createRandom(1))
    const momentsOf = (name: string): [number, number] => {
      const { data } = weights[name]!
      const values = Array.from(data)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)]
    }
    const [mean, deviation] = momentsOf('generator.output.kernel')
    expect(mean).toBeCloseTo(0, 3)
    expect(deviation).toBeCloseTo(0.02, 3)
    const [scale, spread] = momentsOf('generator.0.scale')
    expect(scale).toBeCloseTo(1, 2)
    expect(spread).toBeCloseTo(0.02, 2)
  })
})

test.each([
  ['dcgan', ['data.width=32', 'data.height=32'], [32, 32, 1]],
  ['dcgan', [], [28, 28, 1]],
  ['dcgan-64', [], [64, 64, 3]],
  ['dcgan-64', ['data.channels=4'], [64, 64, 4]],
  ['gan', [], [28, 28, 1]],
])('%s is made for %j', (name, _, shape) => {
  const { recipe } = shippedRecipe(name)
  const gan = buildGan(recipe.model as GanSpec, shape)
  expect(gan.layers.find((layer) => layer.name === 'generator.output')!.output.reduce((a, b) => a * b)).toBe(
    shape.reduce((a, b) => a * b),
  )
})

test('layers that do not come to the size of the picture are named', () => {
  const odd = ganSpec({ generator: [dense(10), convTranspose(4)], discriminator: [dense(3)] })
  expect(() => buildGan(odd, [8, 8, 1])).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({
        code: 'recipe-invalid',
        expected: expect.stringContaining('model.generator.layers.0.units: a multiple of 16') as string,
      }) as object,
    }),
  )
})

describe('batch normalisation', () => {
  const gan = buildGan(
    ganSpec({ generator: [dense(4)], generatorNorm: 'batch', discriminator: [dense(2)] }),
    [2],
  )
  const weights: TensorMap = {
    ...gan.init(createRandom(2)),
    ...{ 'generator.0.scale': normal(4), 'generator.0.offset': normal(4) },
  }
  const noise = normal(6, 3)
  const [scale, offset] = ['scale', 'offset'].map((one) => weights[`generator.0.${one}`]!.data)
  const linear = times(rows(noise), rows(weights['generator.0.kernel']!))
  const meanOf = (j: number): number => linear.reduce((sum, row) => sum + row[j]!, 0) / linear.length
  const varianceOf = (j: number): number =>
    linear.reduce((sum, row) => sum + (row[j]! - meanOf(j)) ** 2, 0) / linear.length

  /** The samples, with these statistics of the hidden layer. */
  const expected = (mean: (j: number) => number, variance: (j: number) => number): number[] => {
    const hidden = linear.map((row) =>
      row.map((x, j) =>
        Math.max(0, ((x - mean(j)) / Math.sqrt(variance(j) + 1e-5)) * scale![j]! + offset![j]!),
      ),
    )
    return times(hidden, rows(weights['generator.output.kernel']!))
      .flat()
      .map((logit) => Math.tanh(logit) / 2 + 0.5)
  }

  it('takes the statistics of the batch in training', async () => {
    const { output } = await eager(weights, { noise }, (w, given) => ({
      output: gan.generateBatch(w, given['noise']!),
    }))
    expectClose(output!.data, expected(meanOf, varianceOf))
  })

  it('takes moving ones in use, which follow those of the batches with the unbiased variance', async () => {
    const moved = await eager(weights, { noise }, (w, given) => gan.moveStatistics(w, given['noise']!))
    const mean = (j: number): number => 0.1 * meanOf(j)
    const variance = (j: number): number => 0.9 + (0.1 * varianceOf(j) * 6) / 5
    expectClose(moved['generator.0.movingMean']!.data, [0, 1, 2, 3].map(mean))
    expectClose(moved['generator.0.movingVariance']!.data, [0, 1, 2, 3].map(variance))
    const { output } = await eager({ ...weights, ...moved }, { noise }, (w, given) => ({
      output: gan.generate(w, given['noise']!),
    }))
    expectClose(output!.data, expected(mean, variance))
  })
})

describe('spectral normalisation', () => {
  const gan = buildGan(
    ganSpec({ generator: [dense(4)], discriminator: [dense(5, 'linear')], discriminatorNorm: 'spectral' }),
    [4],
  )
  const first = gan.init(createRandom(3))

  /** The largest singular value of a matrix by its definition: the most that it stretches a vector, by power iteration on WᵀW. */
  function largestSingularValue(matrix: number[][]): number {
    let v = matrix[0]!.map((_, i) => 1 + i)
    let length = 0
    for (let i = 0; i < 500; i++) {
      const w = matrix.map((row) => row.reduce((sum, value, j) => sum + value * v[j]!, 0))
      const back = v.map((_, j) => matrix.reduce((sum, row, k) => sum + row[j]! * w[k]!, 0))
      length = Math.hypot(...back)
      v = back.map((value) => value / length)
    }
    return Math.sqrt(length)
  }

  it('brings every kernel to a largest singular value of 1, by one iteration a step', async () => {
    let weights = first
    for (let i = 0; i < 60; i++)
      weights = { ...weights, ...(await eager(weights, {}, (w) => gan.moveSingularVectors(w))) }
    const x: TensorData = { ...normal(3, 4), data: normal(3, 4).data.map((value) => value / 4 + 0.5) }
    const { logits } = await eager(weights, { x }, (w, given) => ({
      logits: gan.discriminate(w, given['x']!),
    }))
    const kernels = ['discriminator.0', 'discriminator.logit'].map((name) => rows(weights[`${name}.kernel`]!))
    const sigma = kernels.map(largestSingularValue).reduce((a, b) => a * b)
    const centred = rows(x).map((row) => row.map((value) => 2 * value - 1))
    const plain = times(times(centred, kernels[0]!), kernels[1]!).flat()
    expectClose(
      logits!.data,
      plain.map((value) => value / sigma),
      1e-4,
    )
  })
})

test.each<[string, Given, number[]]>([
  ['dense', { generator: [dense(6)], generatorNorm: 'batch', discriminator: [dense(4)] }, [5]],
  [
    'convolutions',
    {
      ...{ generator: [dense(4 * 5 * 3), convTranspose(4)], generatorNorm: 'batch', outputStride: 2 },
      discriminator: [conv(3)],
    },
    [13, 18, 3],
  ],
])(
  'an exported generator gives what the engine gives, for batches of any size: %s',
  async (_, given, input) => {
    const spec = ganSpec(given)
    const gan = buildGan(spec, input)
    const weights = gan.init(createRandom(5))
    const parts = exportGan(spec, input, weights, { run: 'test' }, '1.2.3')
    expect(Object.keys(parts)).toEqual(['model', 'decoder'])
    const backend = await openTraced({ threads: 1 })
    for (const batch of [1, 3]) {
      const code = normal(batch, 3)
      const { output } = await eager(weights, { code }, (w, { code: z }) => ({ output: gan.generate(w, z!) }))
      const session = await backend.open(parts.decoder)
      const actual = (await session.run({ code }))['output']!
      await session.dispose()
      const [height, width, channels] = input as [number, number, number]
      const places = input.length === 1 ? 1 : height * width
      const planes = input.length === 1 ? height : channels
      const expected = Array.from(output!.data, (_value, at) => {
        const [sample, rest] = [Math.floor(at / (places * planes)), at % (places * planes)]
        const [plane, place] = [Math.floor(rest / places), rest % places]
        return output!.data[(sample * places + place) * planes + plane]!
      })
      expectClose(actual.data, expected)
    }
    await backend.close()
  },
)
