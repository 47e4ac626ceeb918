import { describe, expect, test } from 'vitest'
import { AutoencoderSpec, type Activation } from '../../../src-main/contract/architecture.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import { buildAutoencoder, type Autoencoder } from '../../../src-main/engine/models/autoencoder.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { runEager } from '../../support/eager.ts'
import { autoencoder, conv, convTranspose, dense } from '../../support/recipes.ts'

const build = (spec: object, input: number[]): Autoencoder =>
  buildAutoencoder(AutoencoderSpec.parse(spec), input)

const parametersOf = ({ layers }: Autoencoder): number =>
  layers.reduce((sum, { parameters }) => sum + parameters, 0)
const table = ({ layers }: Autoencoder): string[] =>
  layers.map(({ name, kind, output, parameters }) => `${name}: ${kind} -> ${output.join('×')}, ${parameters}`)
const kinds = ({ layers }: Autoencoder): string[] =>
  layers.map(({ kind, output }) => `${kind} -> ${output.join('×')}`)

const gray = [28, 28, 1]

describe('the networks of the lecture notes', () => {
  test('undercomplete: 784 → 64 → 784', () => {
    expect(table(build(autoencoder([], 64), gray))).toEqual([
      'code: dense 64 relu -> 64, 50240',
      'output: dense 784 sigmoid -> 784, 50960',
    ])
  })

  test('deep: the decoder goes back through the encoder’s sizes', () => {
    expect(kinds(build(autoencoder([dense(256), dense(64, 'tanh')], 16), gray))).toEqual([
      ...['dense 256 relu -> 256', 'dense 64 tanh -> 64', 'dense 16 relu -> 16'],
      ...['dense 64 tanh -> 64', 'dense 256 relu -> 256', 'dense 784 sigmoid -> 784'],
    ])
  })

  test('signal: 140 → 32 → 16 → 8 → 16 → 32 → 140', () => {
    const model = build(autoencoder([dense(32), dense(16)], 8), [140])
    expect(model.layers.map(({ output }) => output[0])).toEqual([32, 16, 8, 16, 32, 140])
    expect(model.layers.at(-1)!.kind).toBe('dense 140 sigmoid')
  })

  test('conv-denoising: four convolutions there and back, then one to the channel', () => {
    const model = build(autoencoder([conv(16), conv(8)], null), gray)
    expect(table(model)).toEqual([
      'encoder.0: conv 3×3/2 16 relu -> 14×14×16, 160',
      'encoder.1: conv 3×3/2 8 relu -> 7×7×8, 1160',
      'decoder.0: conv-transpose 3×3/2 8 relu -> 14×14×8, 584',
      'decoder.1: conv-transpose 3×3/2 16 relu -> 28×28×16, 1168',
      'output: conv 3×3 1 sigmoid -> 28×28×1, 145',
    ])
    expect(model.code).toEqual([7, 7, 8])
  })

  test('conv: a vector from a map, and a dense layer back to the map', () => {
    const model = build(autoencoder([conv(16), conv(8), dense(20, 'tanh')], 10), gray)
    expect(kinds(model)).toEqual([
      ...['conv 3×3/2 16 relu -> 14×14×16', 'conv 3×3/2 8 relu -> 7×7×8', 'dense 20 tanh -> 20'],
      ...['dense 10 relu -> 10', 'dense 20 tanh -> 20', 'dense 392 relu -> 392'],
      ...['conv-transpose 3×3/2 8 relu -> 14×14×8', 'conv-transpose 3×3/2 16 relu -> 28×28×16'],
      'conv 3×3 1 sigmoid -> 28×28×1',
    ])
  })

  test('VAE: zMean and zLogVar, linear', () => {
    const model = build({ ...autoencoder([dense(50)], 2), variational: true }, gray)
    expect(table(model).slice(1, 3)).toEqual(['zMean: dense 2 -> 2, 102', 'zLogVar: dense 2 -> 2, 102'])
    expect(model.codeActivation).toBe('linear')
  })

  test('conv1d on rows', () => {
    const model = build(autoencoder([conv(8), conv(4)], null), [140])
    expect(table(model)).toEqual([
      'encoder.0: conv 3×1/2 8 relu -> 70×1×8, 32',
      'encoder.1: conv 3×1/2 4 relu -> 35×1×4, 100',
      'decoder.0: conv-transpose 3×1/2 4 relu -> 70×1×4, 52',
      'decoder.1: conv-transpose 3×1/2 8 relu -> 140×1×8, 104',
      'output: conv 3×1 1 sigmoid -> 140×1×1, 25',
    ])
  })
})

describe('tied weights', () => {
  const layers = [dense(5)]
  test('halve the parameters of 7 → 5 → 3 → 5 → 7 without biases', () => {
    const free = { ...autoencoder(layers, 3), bias: false }
    expect(parametersOf(build(free, [7]))).toBe(100)
    expect(parametersOf(build({ ...free, tied: true }, [7]))).toBe(50)
    expect(build({ ...free, tied: true }, [7]).shapes).toEqual({
      'encoder.0.kernel': [7, 5],
      'code.kernel': [5, 3],
    })
  })

  test('leave the biases free', () => {
    const model = build({ ...autoencoder(layers, 3), tied: true }, [7])
    expect(parametersOf(model)).toBe(50 + 5 + 3 + 5 + 7)
  })

  test('decode with the transposed kernels', async () => {
    const tied = build({ ...autoencoder(layers, 3), tied: true }, [7])
    const free = build(autoencoder(layers, 3), [7])
    const weights = tied.init(createRandom(1))
    const copies = {
      'decoder.0.kernel': transposed(weights['code.kernel']!),
      'output.kernel': transposed(weights['encoder.0.kernel']!),
    }
    const x = draw([2, 7], 4)
    const [a, b] = [
      await reconstruct(tied, weights, x),
      await reconstruct(free, { ...weights, ...copies }, x),
    ]
    expect(a.data).toEqual(b.data)
  })
})

describe('every architecture gives back the shape that it was given', () => {
  const explicit = { layers: [dense(49 * 4), convTranspose(6), conv(5, 1), convTranspose(4)] }
  test.each<[string, object, number[], number[]]>([
    ['dense on images', autoencoder([dense(9)], 4), [5, 6, 3], [4]],
    ['dense, code is the last hidden layer', autoencoder([dense(9), dense(4)], null), [5, 6, 3], [4]],
    ['tied and variational', { ...autoencoder([dense(5)], 3), tied: true, variational: true }, [7], [3]],
    ['sides that halve unevenly', autoencoder([conv(3), conv(4), conv(5)], null), [13, 22, 1], [2, 3, 5]],
    ['the same with a vector', autoencoder([conv(3), conv(4), conv(5)], 7), [13, 22, 1], [7]],
    ['strides of 3 and 1', autoencoder([conv(3, 3), conv(4, 1), conv(2, 4)], null), [28, 17, 4], [3, 2, 2]],
    ['down to one pixel', autoencoder([conv(3, 4), conv(4, 4)], null), [9, 3, 1], [1, 1, 4]],
    ['a decoder of its own', { ...autoencoder([conv(3)], 5), decoder: explicit }, [28, 28, 1], [5]],
    [
      'dense there, convolutions back',
      { ...autoencoder([dense(9)], 5), decoder: explicit },
      [28, 28, 3],
      [5],
    ],
    [
      'convolutions there, dense back',
      { ...autoencoder([conv(3)], null), decoder: { layers: [dense(9)] } },
      [6, 7, 1],
      [3, 4, 3],
    ],
    ['conv1d with an odd length', autoencoder([conv(3), conv(4)], null), [13], [4, 1, 4]],
    ['conv1d with a vector', autoencoder([conv(3), conv(4), dense(6)], 2), [13], [2]],
    [
      'no decoder layers before the output',
      { ...autoencoder([conv(3, 1)], null), decoder: { layers: [] } },
      [6, 7, 1],
      [6, 7, 3],
    ],
  ])('%s', async (_, spec, input, code) => {
    const model = build(spec, input)
    expect(model.code).toEqual(code)
    const weights = model.init(createRandom(2))
    expect(Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]))).toEqual(
      model.shapes,
    )
    const output = await reconstruct(model, weights, draw([2, ...input], 3))
    expect(output.shape).toEqual([2, ...input])
    // Not all the same, as it would be if something inside were cut off.
    expect(new Set(output.data).size).toBeGreaterThan(2)
  })
})

describe('first weights', () => {
  const model = build(autoencoder([dense(50), dense(40, 'tanh')], 8), [10, 10, 1])
  const weights = model.init(createRandom(6))
  const largest = (name: string): number => Math.max(...weights[name]!.data.map(Math.abs))

  test('follow from the seed', () => {
    expect(weights).toEqual(model.init(createRandom(6)))
    expect(weights).not.toEqual(model.init(createRandom(7)))
  })

  test('are He’s before rectifiers and Glorot’s elsewhere; biases are 0', () => {
    const expectUpTo = (name: string, bound: number): void => {
      expect(largest(name)).toBeLessThanOrEqual(bound)
      expect(largest(name)).toBeGreaterThan(0.97 * bound)
    }
    expectUpTo('encoder.0.kernel', Math.sqrt(6 / 100))
    expectUpTo('encoder.1.kernel', Math.sqrt(6 / 90))
    expectUpTo('output.kernel', Math.sqrt(6 / (50 + 100)))
    expect(largest('output.bias')).toBe(0)
  })

  test('keep the size of what goes forward, through transposed convolutions too', async () => {
    const deep = build(autoencoder([conv(16), conv(16), conv(16)], null), [32, 32, 3])
    const x = draw([2, 32, 32, 3], 8)
    const { code, logits } = await run(deep, deep.init(createRandom(3)), x)
    for (const { data } of [code!, logits!]) {
      const size = Math.sqrt([...data].reduce((sum, value) => sum + value ** 2, 0) / data.length)
      expect(size).toBeGreaterThan(0.2)
      expect(size).toBeLessThan(3)
    }
  })
})

describe('pairs for greedy pretraining', () => {
  test('go from the outermost inwards, each there and back', async () => {
    const model = build(autoencoder([dense(9), dense(6)], 3), [3, 4, 1])
    const pairs = model.pairs()
    expect(pairs.map(({ weights }) => weights)).toEqual([
      ['encoder.0.kernel', 'encoder.0.bias', 'output.kernel', 'output.bias'],
      ['encoder.1.kernel', 'encoder.1.bias', 'decoder.1.kernel', 'decoder.1.bias'],
      ['code.kernel', 'code.bias', 'decoder.0.kernel', 'decoder.0.bias'],
    ])
    // All the way in and out through the pairs is the network.
    const weights = model.init(createRandom(1))
    const x = draw([2, 12], 2)
    const { outputs } = await runEager(
      (w, given) => {
        const code = pairs.reduce((h, pair) => pair.encode(w, h), given['x']!)
        return { state: {}, outputs: { y: pairs.reduceRight((h, pair) => pair.decode(w, h), code) } }
      },
      weights,
      { x },
    )
    const whole = await reconstruct(model, weights, { ...x, shape: [2, 3, 4, 1] })
    expect(outputs['y']!.shape).toEqual([2, 12])
    expect(outputs['y']!.data).toEqual(whole.data)
  })

  test('of tied layers share their kernel', () => {
    const [first] = build({ ...autoencoder([dense(5)], 3), tied: true }, [7]).pairs()
    expect(first!.weights).toEqual(['encoder.0.kernel', 'encoder.0.bias', 'output.bias'])
  })

  test.each<[string, object, RegExp]>([
    ['convolutions', autoencoder([conv(3)], 4), /pretraining: dense layers only.*conv 3×3\/2 3 relu/],
    ['variational models', { ...autoencoder([dense(3)], 4), variational: true }, /not variational/],
    ['other sizes', { ...autoencoder([dense(3)], 4), decoder: { layers: [dense(9)] } }, /of its size/],
  ])('are refused for %s', (_, spec, message) => {
    expect(() => build(spec, [8, 8, 1]).pairs()).toThrow(message)
  })
})

describe('what does not fit is refused by the name of its field', () => {
  test.each<[string, object, number[], RegExp]>([
    ['nothing to encode', autoencoder([], null), [9], /model\.encoder: layers, or a latentDim/],
    [
      'conv after dense',
      autoencoder([dense(9), conv(3)], 4),
      gray,
      /model\.encoder\.layers\.1: dense layers after/,
    ],
    [
      'no latentDim',
      { ...autoencoder([dense(9)], null), variational: true },
      [9],
      /model\.encoder\.latentDim/,
    ],
    [
      'tied convolutions',
      { ...autoencoder([conv(9)], 4), tied: true },
      gray,
      /model\.tied: dense layers only/,
    ],
    [
      'a tied decoder of other sizes',
      { ...autoencoder([dense(5)], 3), tied: true, decoder: { layers: [dense(6)] } },
      [7],
      /model\.tied.*5, 7.*received 6, 7/,
    ],
    [
      'a decoder that does not come back',
      { ...autoencoder([conv(4), conv(4)], null), decoder: { layers: [convTranspose(4)] } },
      gray,
      /model\.decoder\.layers: strides that bring 7×7 back to 28×28.*14×14/,
    ],
    [
      'units that are no map',
      { ...autoencoder([], 4), decoder: { layers: [dense(50), convTranspose(4), convTranspose(4)] } },
      gray,
      /model\.decoder\.layers\.0\.units: a multiple of 49, for a map of 7×7.*received 50/,
    ],
    [
      'a code that is no map',
      { ...autoencoder([], 50), decoder: { layers: [convTranspose(4), convTranspose(4)] } },
      gray,
      /model\.encoder\.latentDim: a multiple of 49/,
    ],
    ['a sample of two axes', autoencoder([], 4), [28, 28], /\[height, width, channels\].*28×28/],
  ])('%s', (_, spec, input, message) => {
    expect(() => build(spec, input)).toThrow(message)
    expect(() => build(spec, input)).toThrow(/^recipe-invalid/)
  })
})

test.each<[Activation, (x: number) => number]>([
  ['linear', (x) => x],
  ['relu', (x) => Math.max(0, x)],
  ['leaky-relu', (x) => (x > 0 ? x : 0.2 * x)],
  ['elu', (x) => (x > 0 ? x : Math.expm1(x))],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x))],
  ['tanh', Math.tanh],
])('%s is the function of that name', async (activation, f) => {
  const model = build({ ...autoencoder([], 1), encoder: { latentDim: 1, activation } }, [1])
  const weights: TensorMap = {
    ...model.init(createRandom(1)),
    'code.kernel': { shape: [1, 1], dtype: 'float32', data: Float32Array.of(1) },
  }
  const x = { shape: [4, 1], dtype: 'float32', data: Float32Array.of(-1.5, -0.1, 0.3, 2) } as const
  const { code } = await run(model, weights, { ...x, shape: [4, 1] })
  expect([...code!.data].map((value, i) => Math.abs(value - f(x.data[i]!)) < 1e-5)).not.toContain(false)
})

function draw(shape: number[], seed: number) {
  const random = createRandom(seed)
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal())
  return { shape, dtype: 'float32' as const, data }
}

function transposed({ shape, data }: TensorMap[string]): TensorMap[string] {
  const [rows, columns] = shape as [number, number]
  const turned = Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!)
  return { shape: [columns, rows], dtype: 'float32', data: turned }
}

async function run(model: Autoencoder, weights: TensorMap, x: TensorMap[string]): Promise<TensorMap> {
  const { outputs } = await runEager(
    (w, given) => {
      const { code } = model.encode(w, given['x']!)
      const { output, logits } = model.decode(w, code)
      return { state: {}, outputs: { code, output, ...(logits === null ? {} : { logits }) } }
    },
    weights,
    { x },
  )
  return outputs
}

const reconstruct = async (
  model: Autoencoder,
  weights: TensorMap,
  x: TensorMap[string],
): Promise<TensorMap[string]> => (await run(model, weights, x))['output']!
