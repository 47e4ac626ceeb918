import { describe, expect, it } from 'vitest'
import type { DenoiserSpec } from '../../../src-main/contract/recipe.ts'
import { exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { readOnnxWeights } from '../../../src-main/engine/models/onnx-weights.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const spec: DenoiserSpec = { type: 'denoiser', channels: 3, widths: [4, 6, 8], blocks: [1, 1, 2] }
const weights = initDenoiser(spec, createRandom(1))
const model = exportDenoiser(spec, weights, { note: 'x' }, '1.0.0')

describe('readOnnxWeights', () => {
  it('gives back the weights that were exported, to the bit and wherever the file lies in memory', () => {
    expect(readOnnxWeights(spec, model, 'model.onnx')).toEqual(weights)
    const shifted = Buffer.concat([Buffer.from('x'), model]).subarray(1)
    expect(readOnnxWeights(spec, shifted, 'model.onnx')).toEqual(weights)
  })

  it('names the weight where the network is another', () => {
    expect(() => readOnnxWeights({ ...spec, blocks: [1, 1, 3] }, model, 'model.onnx')).toThrow(
      /model-incompatible: model\.onnx: expected middle\.block2\.conv0\.kernel float32 \[3, 3, 8, 8\]: received none/,
    )
    expect(() => readOnnxWeights({ ...spec, widths: [4, 6, 9] }, model, 'model.onnx')).toThrow(
      /\[2, 2, 6, 9\]: received float32 \[2, 2, 6, 8\]/,
    )
  })

  it('refuses what is no ONNX file, or a part of one', () => {
    for (const bytes of [Buffer.from('no model at all'), model.subarray(0, model.length / 2)]) {
      expect(() => readOnnxWeights(spec, bytes, 'model.onnx')).toThrow(/model-unreadable: model\.onnx/)
    }
  })
})
