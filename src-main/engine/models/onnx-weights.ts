import { DarkroomError } from '../../contract/errors.ts'
import type { DenoiserSpec } from '../../contract/architecture.ts'
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

interface StoredTensor {
  shape: number[]
  data: Float32Array
}

/**
 * The weights of an exported network, in the trainer's layout.
 * @param file named in errors.
 * @throws model-unreadable when it is no ONNX file, model-incompatible when its weights are not those of the network.
 */
export function readOnnxWeights(spec: DenoiserSpec, model: Uint8Array, file: string): TensorMap {
  const initializers = new Map<string, StoredTensor>()
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
    if (stored?.shape.length === 4) weights[name] = { dtype: 'float32', ...toKernel(stored, shape, name) }
  }
  checkDenoiserWeights(spec, weights, file)
  return weights
}

/**
 * A kernel as the exporter stored it, in tfjs's layout: [h, w, in, out] or, of transposed convolutions, [h, w, out, in]. It
 * stands in the file in one of these forms, which the shape tells (kernels are 2 or 3 pixels wide, there are at least 4
 * channels):
 * - as ONNX has it, [out, in, h, w], of transposed convolutions [in, out, h, w];
 * - where windows do not overlap, as a product: [out, h·w·in, 1, 1] behind a space-to-depth, of transposed convolutions
 *   [h·w·out, in, 1, 1] before a depth-to-space;
 * - as tfjs has it, where the graph takes it apart itself.
 * @returns with the shape that it has where that is none of these: the caller refuses it.
 */
function toKernel(stored: StoredTensor, wanted: number[], name: string): StoredTensor {
  const [height, width, c, d] = wanted as [number, number, number, number]
  const rows = height * width * c
  const isTransposed = name.endsWith('.upsample.kernel')
  const is = (...shape: number[]): boolean => stored.shape.join() === shape.join()
  if (is(height, width, c, d)) return stored
  if (is(d, c, height, width)) return { shape: wanted, data: turned(stored.data, d, c, height * width) }
  if (isTransposed && is(rows, d, 1, 1)) return { shape: wanted, data: stored.data }
  if (!isTransposed && is(d, rows, 1, 1)) return { shape: wanted, data: turned(stored.data, d, rows, 1) }
  return stored
}

/** [a, b, c] -> [c, b, a]. */
function turned(data: Float32Array, a: number, b: number, c: number): Float32Array {
  const result = new Float32Array(data.length)
  let from = 0
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) result[(k * b + j) * a + i] = data[from++]!
    }
  }
  return result
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
