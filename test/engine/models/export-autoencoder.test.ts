import { describe, expect, test } from 'vitest'
import { AutoencoderSpec } from '../../../src-main/contract/architecture.ts'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Step } from '../../../src-main/engine/backend/backend.ts'
import { openTraced } from '../../../src-main/engine/backend/traced.ts'
import { buildAutoencoder } from '../../../src-main/engine/models/autoencoder.ts'
import { exportAutoencoder } from '../../../src-main/engine/models/export-autoencoder.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { runEager } from '../../support/eager.ts'

const random = createRandom(1)
const draw = (shape: number[]): TensorData => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform()),
})

/** NHWC to NCHW and back; vectors stay. */
function permuted({ shape, data, dtype }: TensorData, to: 'NCHW' | 'NHWC'): TensorData {
  if (shape.length !== 4) return { shape, data, dtype }
  const [n, a, b, c] = shape as [number, number, number, number]
  const [outer, inner] = to === 'NCHW' ? [a * b, c] : [a, b * c]
  const out = new Float32Array(data.length)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < outer; j++)
      for (let k = 0; k < inner; k++) out[(i * inner + k) * outer + j] = data[(i * outer + j) * inner + k]!
  return { shape: to === 'NCHW' ? [n, c, a, b] : [n, b, c, a], dtype, data: out }
}

const conv = (filters: number, stride = 2) => ({ type: 'conv', filters, stride })
const dense = (units: number) => ({ type: 'dense', units })

describe('an exported autoencoder gives what the engine gives, for batches of any size', () => {
  test.each<[string, object, number[], number[]]>([
    ['dense', { encoder: { layers: [dense(9)], latentDim: 4 }, decoder: {} }, [6, 5, 1], [6, 5, 1]],
    ['tied', { encoder: { layers: [dense(9)], latentDim: 4 }, decoder: {}, tied: true }, [12], [12]],
    [
      'variational conv',
      { encoder: { layers: [conv(4), conv(5)], latentDim: 3 }, decoder: {}, variational: true },
      [7, 9, 3],
      [7, 9, 3],
    ],
    [
      'conv with a map, at its own size',
      { encoder: { layers: [conv(4), conv(2)], latentDim: null }, decoder: {} },
      [8, 12, 1],
      [8, 12, 1],
    ],
    [
      'conv with a map, at another size',
      { encoder: { layers: [conv(4), conv(2)], latentDim: null }, decoder: {} },
      [8, 12, 1],
      [20, 16, 1],
    ],
    [
      'conv with a map, sides that do not divide',
      { encoder: { layers: [conv(4), conv(2)], latentDim: null }, decoder: {} },
      [7, 10, 1],
      [7, 10, 1],
    ],
    [
      'conv1d with a map',
      { encoder: { layers: [conv(4), conv(2)], latentDim: null }, decoder: {} },
      [14],
      [14],
    ],
    ['conv1d with a vector', { encoder: { layers: [conv(4)], latentDim: 3 }, decoder: {} }, [14], [14]],
  ])('%s', async (_, spec, input, size) => {
    const parsed = AutoencoderSpec.parse({ type: 'autoencoder', ...spec })
    const weights = buildAutoencoder(parsed, input).init(createRandom(5))
    const network = buildAutoencoder(parsed, size)
    const step: Step = (w, { x, h }) => {
      const { code, zLogVar } = network.encode(w, x!)
      return {
        state: {},
        outputs: {
          ...{ code, ...(zLogVar === null ? {} : { zLogVar }) },
          output: network.decode(w, code).output,
          decoded: network.decode(w, h!).output,
        },
      }
    }
    const parts = exportAutoencoder(parsed, input, weights, { run: 'test' }, '1.2.3')
    const backend = await openTraced({ threads: 1 })
    for (const batch of [1, 3]) {
      const [x, h] = [draw([batch, ...size]), draw([batch, ...network.code])]
      const { outputs } = await runEager(step, weights, { x, h })
      const run = async (model: Uint8Array, inputs: TensorMap): Promise<TensorMap> => {
        const session = await backend.open(model)
        const results = await session.run(
          Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, permuted(t, 'NCHW')])),
        )
        await session.dispose()
        return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, permuted(t, 'NHWC')]))
      }
      const actual: TensorMap = {
        ...(await run(parts.model, { input: x })),
        ...(await run(parts.encoder, { input: x })),
      }
      actual['decoded'] = (await run(parts.decoder, { code: h }))['output']!
      expect(Object.keys(actual).sort()).toEqual(Object.keys(outputs).sort())
      for (const [name, { shape, data }] of Object.entries(outputs)) {
        const given = actual[name]!
        expect(given.shape, name).toEqual(shape)
        const worst = Math.max(...Array.from(data, (value, i) => Math.abs(value - given.data[i]!)))
        expect(worst, name).toBeLessThan(1e-5)
      }
    }
    await backend.close()
  })
})
