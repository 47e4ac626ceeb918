import { denoiserStride, type ModelSpec } from '../../contract/architecture.ts'
import type { ModelPart } from '../../contract/jobs.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import type { Backend, Tensors } from '../backend/backend.ts'
import { buildAutoencoder } from '../models/autoencoder.ts'
import { denoiserForward } from '../models/denoiser.ts'
import { buildGan } from '../models/gan.ts'
import { sizeOf } from '../models/layers.ts'
import { createRandom } from '../numeric/random.ts'

/** A network that an ONNX file must agree with. */
export interface CheckedNetwork {
  spec: ModelSpec
  /** Shape of a sample; not read of denoisers, which take any. */
  input: number[]
  weights: TensorMap
  part: ModelPart
}

/** Samples of the check: more than one, so that a batch that was baked in shows. */
const batch = 3
/** Side of a denoiser's picture in strides: large enough for every scale. */
const strides = 8

/**
 * Runs an ONNX file and the network that it was made of, as the engine runs it, on the same seeded values in [0, 1].
 * @returns the largest difference of any value, NaN where either gives none, and the largest value (at least 1) to compare it with
 */
export async function differenceFromEngine(
  backend: Pick<Backend, 'compile' | 'open'>,
  file: Uint8Array,
  network: CheckedNetwork,
): Promise<{ difference: number; scale: number }> {
  const { inputs, pass } = asProgram(network)
  const program = await backend.compile((state, given) => ({ state, outputs: pass(state, given) }), {
    state: network.weights,
    inputs,
  })
  const session = await backend.open(file)
  try {
    const expected = await program.run(inputs)
    const received = await session.run(mapTensors(inputs, toPlanes))
    let difference = 0
    let scale = 1
    for (const [name, tensor] of Object.entries(mapTensors(expected, toPlanes))) {
      const values = received[name]?.data
      for (let i = 0; i < tensor.data.length; i++) {
        // NaN, once it is there, is the largest.
        difference = Math.max(difference, Math.abs(tensor.data[i]! - (values?.[i] ?? NaN)))
        scale = Math.max(scale, Math.abs(tensor.data[i]!))
      }
    }
    return { difference, scale }
  } finally {
    await session.dispose()
    await program.dispose()
  }
}

interface AsProgram {
  inputs: TensorMap
  pass: (weights: Tensors, inputs: Tensors) => Tensors
}

function asProgram({ spec, input, part }: CheckedNetwork): AsProgram {
  if (spec.type === 'denoiser') {
    const side = strides * denoiserStride(spec)
    const told = spec.condition === 'none' ? {} : { [spec.condition]: seeded([1, side, side, 1]) }
    return { inputs: { noisy: seeded([1, side, side, spec.channels]), ...told }, pass: denoiserForward(spec) }
  }
  if (spec.type === 'gan') {
    const gan = buildGan(spec, input)
    return {
      inputs: { code: seeded([batch, ...gan.code]) },
      pass: (weights, { code }) => ({ output: gan.generate(weights, code!) }),
    }
  }
  const model = buildAutoencoder(spec, input)
  if (part === 'decoder')
    return {
      inputs: { code: seeded([batch, ...model.code]) },
      pass: (weights, { code }) => ({ output: model.decode(weights, code!).output }),
    }
  return {
    inputs: { input: seeded([batch, ...model.input]) },
    pass(weights, { input: x }) {
      const { code, zLogVar } = model.encode(weights, x!)
      if (part === 'model') return { output: model.decode(weights, code).output }
      return zLogVar === null ? { code } : { code, zLogVar }
    },
  }
}

function seeded(shape: number[]): TensorData {
  const random = createRandom(0)
  return {
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
  }
}

const mapTensors = (tensors: TensorMap, change: (tensor: TensorData) => TensorData): TensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]))

/** NHWC as NCHW, as the file has it; tensors of another rank as they are. */
function toPlanes(tensor: TensorData): TensorData {
  if (tensor.shape.length !== 4) return tensor
  const [n, h, w, c] = tensor.shape as [number, number, number, number]
  const data = new Float32Array(tensor.data.length)
  for (let i = 0; i < n; i++)
    for (let pixel = 0; pixel < h * w; pixel++)
      for (let channel = 0; channel < c; channel++)
        data[(i * c + channel) * h * w + pixel] = tensor.data[(i * h * w + pixel) * c + channel]!
  return { ...tensor, shape: [n, c, h, w], data }
}
