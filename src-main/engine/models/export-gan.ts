import type { GanSpec } from '../../contract/architecture.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { exportForward } from '../backend/export.ts'
import { buildGan } from './gan.ts'

/** What a run of a GAN writes: its generator, which is the whole model and the decoder at once. */
type GanPart = 'model' | 'decoder'

/**
 * A GAN's generator as ONNX files, NCHW, for batches of any size (code -> output). The metadata is as that of `exportAutoencoder`.
 * @param input shape of a sample in training
 */
export function exportGan(
  spec: GanSpec,
  input: number[],
  weights: TensorMap,
  metadata: Record<string, string>,
  producerVersion: string,
): Record<GanPart, Uint8Array> {
  const gan = buildGan(spec, input)
  const generator = Object.values(gan.generator).flat()
  const used = Object.fromEntries(generator.map((name) => [name, weights[name]!]))
  const write = (part: GanPart): Uint8Array =>
    exportForward(
      (w, { code }) => ({ output: gan.generate(w, code!) }),
      used,
      { code: { shape: ['N', ...gan.code], dtype: 'float32', description: descriptions.code } },
      {
        ...{ layout: 'NCHW', name: 'generator', producerVersion, descriptions },
        metadata: {
          ...(input.length === 3 ? { range: '[0, 1]' } : {}),
          ...(input[2] === 4 ? { alpha: 'premultiplied' } : {}),
          ...{ ...metadata, part, layout: 'NCHW', spec: JSON.stringify(spec), input: JSON.stringify(input) },
        },
      },
    )
  return { model: write('model'), decoder: write('decoder') }
}

const descriptions = {
  code: 'Noise: standard normal numbers',
  output: 'The sample, in [0, 1]',
}
