import { describe, expect, it } from 'vitest'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import { writeOnnx } from '../../../src-main/engine/backend/onnx.ts'
import { denoiserShapes, exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { readOnnxWeights } from '../../../src-main/engine/models/onnx-weights.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [4, 16, 8], blocks: [1, 1, 2] })
const weights = initDenoiser(spec, createRandom(1))
const model = exportDenoiser(spec, weights, { note: 'x' }, '1.0.0')

describe('readOnnxWeights', () => {
  it('gives back the weights that were exported, to the bit and wherever the file lies in memory', () => {
    expect(readOnnxWeights(spec, model, 'model.onnx')).toEqual(weights)
    const shifted = Buffer.concat([Buffer.from('x'), model]).subarray(1)
    expect(readOnnxWeights(spec, shifted, 'model.onnx')).toEqual(weights)
  })

  it('knows every form that kernels have been stored in, since files outlive the exporter', () => {
    // Names are for the numbers of a kernel's tfjs shape: k and l across the window, c and d the channels.
    const forms = {
      tfjs: (k: number, l: number, c: number, d: number) => ({
        shape: [k, l, c, d],
        order: ['k', 'l', 'c', 'd'] as const,
      }),
      onnx: (k: number, l: number, c: number, d: number) => ({
        shape: [d, c, k, l],
        order: ['d', 'c', 'k', 'l'] as const,
      }),
      product: (k: number, l: number, c: number, d: number, isTransposed: boolean) =>
        isTransposed
          ? { shape: [k * l * c, d, 1, 1], order: ['k', 'l', 'c', 'd'] as const }
          : { shape: [d, k * l * c, 1, 1], order: ['d', 'k', 'l', 'c'] as const },
    }
    for (const form of Object.values(forms)) {
      const initializers = Object.entries(denoiserShapes(spec)).map(([name, wanted]) => {
        const [k, l, c, d] = wanted as [number, number, number, number]
        const isTransposed = name.endsWith('upsample.kernel')
        const { shape, order } = k === 3 ? forms.onnx(k, l, c, d) : form(k, l, c, d, isTransposed)
        const sizes = { k, l, c, d }
        const data = new Float32Array(k * l * c * d)
        for (let i = 0, rest = 0; i < data.length; i++) {
          rest = i
          const at = { k: 0, l: 0, c: 0, d: 0 }
          for (const axis of order.toReversed()) {
            at[axis] = rest % sizes[axis]
            rest = Math.floor(rest / sizes[axis])
          }
          data[i] = weights[name]!.data[((at.k * l + at.l) * c + at.c) * d + at.d]!
        }
        return { name, shape, data, type: 'float32' as const }
      })
      const file = writeOnnx({
        ...{ name: 'test', producerVersion: '', metadata: {} },
        ...{ nodes: [], inputs: [], outputs: [], initializers },
      })
      expect(readOnnxWeights(spec, file, 'model.onnx')).toEqual(weights)
    }
  })

  it('names the weight where the network is another', () => {
    expect(() => readOnnxWeights({ ...spec, blocks: [1, 1, 3] }, model, 'model.onnx')).toThrow(
      /model-incompatible: model\.onnx: expected middle\.block2\.conv0\.kernel float32 \[3, 3, 8, 8\]: received none/,
    )
    expect(() => readOnnxWeights({ ...spec, widths: [4, 16, 9] }, model, 'model.onnx')).toThrow(
      /expected down1\.downsample\.kernel float32 \[2, 2, 16, 9\]: received float32 /,
    )
  })

  it('refuses what is no ONNX file, or a part of one', () => {
    for (const bytes of [Buffer.from('no model at all'), model.subarray(0, model.length / 2)]) {
      expect(() => readOnnxWeights(spec, bytes, 'model.onnx')).toThrow(/model-unreadable: model\.onnx/)
    }
  })
})
