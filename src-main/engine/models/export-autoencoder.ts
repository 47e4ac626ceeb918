import type { AutoencoderSpec } from '../../contract/architecture.ts'
import type { ModelPart } from '../../contract/jobs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import { exportForward, type ExportInput } from '../backend/export.ts'
import { buildAutoencoder, type Autoencoder } from './autoencoder.ts'

/**
 * An autoencoder as ONNX files, NCHW, for batches of any size: `model` (input -> output, the reconstruction from the code or from zMean),
 * `encoder` (input -> code, of variational models beside `zLogVar`) and `decoder` (code -> output). Where the code is a map of an image
 * whose sides the strides divide, they take images of any size that is a multiple of the strides.
 *
 * The metadata gets `spec` and `input` (JSON), from which the network can be built again, `part` and `layout` beside what is given, and
 * of images their `range`, and with transparency that colours are multiplied by `alpha`.
 * @param input shape of a sample in training
 */
export function exportAutoencoder(
  spec: AutoencoderSpec,
  input: number[],
  weights: TensorMap,
  metadata: Record<string, string>,
  producerVersion: string,
): Record<ModelPart, Uint8Array> {
  const own = buildAutoencoder(spec, input)
  const stride = freeStride(spec, own)
  // A network of convolutions only is built for whatever size it is recorded at.
  const builtFor = (sample: number[]): Autoencoder => (stride === null ? own : buildAutoencoder(spec, sample))
  const fromCode = ([height, width]: number[]): number[] =>
    stride === null ? input : [height! * stride, width! * stride, input[2]!]

  const reconstruct = (w: Tensors, { input: x }: Tensors): Tensors => {
    const network = builtFor(x!.shape.slice(1))
    return { output: network.decode(w, network.encode(w, x!).code).output }
  }
  const encode = (w: Tensors, { input: x }: Tensors): Tensors => {
    const { code, zLogVar } = builtFor(x!.shape.slice(1)).encode(w, x!)
    return zLogVar === null ? { code } : { code, zLogVar }
  }
  const decode = (w: Tensors, { code }: Tensors): Tensors => ({
    output: builtFor(fromCode(code!.shape.slice(1))).decode(w, code!).output,
  })
  const shape = { input, code: own.code }
  const declare = (name: 'input' | 'code'): ExportInput => ({
    shape: ['N', ...shape[name].map((side, axis) => (stride !== null && axis < 2 ? 'HW'[axis]! : side))],
    dtype: 'float32',
    description: descriptions[name],
  })
  const write = (part: ModelPart, from: 'input' | 'code', pass: typeof encode): Uint8Array =>
    exportForward(
      pass,
      weights,
      { [from]: declare(from) },
      {
        layout: 'NCHW',
        name: part === 'model' ? 'autoencoder' : part,
        producerVersion,
        metadata: {
          ...(input.length === 3 ? { range: '[0, 1]' } : {}),
          ...(input[2] === 4 ? { alpha: 'premultiplied' } : {}),
          ...{ ...metadata, part, layout: 'NCHW', spec: JSON.stringify(spec), input: JSON.stringify(input) },
        },
        descriptions,
      },
    )
  return {
    model: write('model', 'input', reconstruct),
    encoder: write('encoder', 'input', encode),
    decoder: write('decoder', 'code', decode),
  }
}

const descriptions = {
  input: 'As in training: images in [0, 1], rows as they were scaled',
  code: 'The code; of variational models zMean, the mean of q(z | x)',
  zLogVar: 'ln σ² of q(z | x)',
  output: 'The reconstruction, in the range of the input',
}

/** By how much the code's map is smaller than its image; null where the network is made for one size. */
function freeStride(spec: AutoencoderSpec, { input, code }: Autoencoder): number | null {
  if (input.length !== 3 || code.length !== 3) return null
  const strides = spec.encoder.layers.map((layer) => (layer.type === 'conv' ? layer.stride : 1))
  const stride = strides.reduce((product, one) => product * one, 1)
  return input[0]! % stride === 0 && input[1]! % stride === 0 ? stride : null
}
