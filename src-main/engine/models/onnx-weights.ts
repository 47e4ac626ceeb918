import { DarkroomError } from '../../contract/errors.ts'
import type { DenoiserSpec } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { checkDenoiserWeights, denoiserShapes } from './denoiser.ts'

/*
 * Reads the weights back out of a network that `exportDenoiser` wrote, so that one file serves for running it and for
 * training on. Just enough of protocol buffers for that: numbers are the field numbers of onnx.proto3.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
const fields = {
  model: { graph: 7 },
  graph: { initializer: 5 },
  tensor: { dims: 1, type: 2, name: 8, rawData: 9 },
} as const
const float32 = 1

/**
 * The weights of an exported network, in the trainer's layout.
 * @param file named in errors.
 * @throws model-unreadable when it is no ONNX file, model-incompatible when its weights are not those of the network.
 */
export function readOnnxWeights(spec: DenoiserSpec, model: Uint8Array, file: string): TensorMap {
  const initializers = new Map<string, { shape: number[]; data: Float32Array }>()
  try {
    for (const graph of messages(model, fields.model.graph)) {
      for (const tensor of messages(graph, fields.graph.initializer)) {
        const { name, shape, type, raw } = parseTensor(tensor)
        if (type === float32)
          initializers.set(name, { shape, data: new Float32Array(Uint8Array.from(raw).buffer) })
      }
    }
  } catch (cause) {
    throw new DarkroomError('model-unreadable', { file, expected: 'an ONNX file' }, cause)
  }
  const weights: TensorMap = {}
  for (const [name, shape] of Object.entries(denoiserShapes(spec))) {
    const stored = initializers.get(name)
    if (stored?.shape.length !== 4) continue
    // The exporter leaves a kernel in tfjs's layout where the graph does not hand it to a convolution as it is. Kernels are 2
    // or 3 pixels wide and there are at least 4 channels, so the first number tells.
    const isOurs = stored.shape[0] === shape[0]
    weights[name] = { dtype: 'float32', ...(isOurs ? stored : toKernel(stored.shape, stored.data)) }
  }
  checkDenoiserWeights(spec, weights, file)
  return weights
}

/**
 * ONNX keeps kernels as [out, in, h, w], transposed convolutions' as [in, out, h, w]; tfjs as [h, w, in, out] and
 * [h, w, out, in]: the same permutation for both.
 */
function toKernel(shape: number[], data: Float32Array): { shape: number[]; data: Float32Array } {
  const [a, b, height, width] = shape as [number, number, number, number]
  const kernel = new Float32Array(data.length)
  let from = 0
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let tap = 0; tap < height * width; tap++) kernel[(tap * b + j) * a + i] = data[from++]!
    }
  }
  return { shape: [height, width, b, a], data: kernel }
}

function parseTensor(bytes: Uint8Array): { name: string; shape: number[]; type: number; raw: Uint8Array } {
  const shape: number[] = []
  let [name, type, raw] = ['', 0, new Uint8Array(0)]
  for (const { field, value } of parse(bytes)) {
    if (typeof value === 'number') {
      if (field === fields.tensor.dims) shape.push(value)
      if (field === fields.tensor.type) type = value
    } else if (field === fields.tensor.name) name = new TextDecoder().decode(value)
    else if (field === fields.tensor.rawData) raw = value
    // Other writers pack repeated numbers into one field.
    else if (field === fields.tensor.dims)
      for (let at = 0; at < value.length;) [shape[shape.length], at] = varint(value, at)
  }
  return { name, shape, type, raw }
}

function* messages(bytes: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const { field, value } of parse(bytes)) if (field === wanted && typeof value !== 'number') yield value
}

/** The fields of a message: numbers, and the bytes of everything else. */
function* parse(bytes: Uint8Array): Generator<{ field: number; value: number | Uint8Array<ArrayBuffer> }> {
  let position = 0
  while (position < bytes.length) {
    const [tag, start] = varint(bytes, position)
    const field = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === 0) {
      const [value, end] = varint(bytes, start)
      yield { field, value }
      position = end
      continue
    }
    const [length, at] = wire === 2 ? varint(bytes, start) : [wire === 1 ? 8 : 4, start]
    if (![1, 2, 5].includes(wire) || at + length > bytes.length)
      throw new Error(`damaged at byte ${position}`)
    yield { field, value: bytes.subarray(at, at + length) as Uint8Array<ArrayBuffer> }
    position = at + length
  }
}

/** A base-128 number and where it ends. */
function varint(bytes: Uint8Array, position: number): [number, number] {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[position++]
    if (byte === undefined) throw new Error('truncated')
    value += (byte & 127) * factor
    if (byte < 128) return [value, position]
  }
}
