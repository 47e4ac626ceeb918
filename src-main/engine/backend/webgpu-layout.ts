import { fieldsOf, integersOf, messagesOf, textOf } from './protobuf.ts'

/*
 * onnxruntime 1.30's WebGPU provider turns convolutions into NHWC, which is twice as fast as NCHW and wrong, silently,
 * for some numbers of channels (docs/decisions/0029). Which they are stands here; a graph without them may have NHWC.
 */

/** Field numbers of onnx.proto3. */
const model = { graph: 7 }
const graph = { node: 1, initializer: 5, input: 11 }
const node = { input: 1, output: 2, operator: 4, attribute: 5 }
const attribute = { name: 1, integer: 3, integers: 8 }
const tensor = { dims: 1, int64Data: 7, name: 8, rawData: 9 }
const valueInfo = { name: 1, type: 2 }
/** TypeProto.tensor_type, its shape, a dimension, the dimension's value. */
const shapePath = [1, 2] as const
const dimension = { list: 1, value: 1 }

/** A shape; null in it is a size that is not known. */
type Shape = (number | null)[]

/** Whether NHWC is right for every convolution of an ONNX model. Where that cannot be seen: no. */
export function fitsNhwc(bytes: Uint8Array): boolean {
  const [body] = messagesOf(bytes, model.graph)
  if (body === undefined) return false
  const shapes = new Map<string, Shape>()
  const constants = new Map<string, number[]>()
  for (const initializer of messagesOf(body, graph.initializer)) {
    const name = textOf(initializer, tensor.name)
    const dims = integersOf(initializer, tensor.dims)
    shapes.set(name, dims)
    if (dims.length === 1 && dims[0]! <= 8) constants.set(name, smallIntegers(initializer))
  }
  for (const input of messagesOf(body, graph.input))
    shapes.set(textOf(input, valueInfo.name), inputShape(input))

  for (const one of messagesOf(body, graph.node)) {
    const operator = textOf(one, node.operator)
    const inputs = messagesOf(one, node.input).map((name) => new TextDecoder().decode(name))
    if (operator === 'Conv' || operator === 'ConvTranspose') {
      const kernel = shapes.get(inputs[1]!) ?? []
      const groups = integersAttribute(one, 'group')[0] ?? 1
      if (!(operator === 'Conv' ? isRight : isRightTransposed)(kernel, groups)) return false
    }
    const shape = resultShape(one, operator, inputs, shapes, constants)
    if (shape !== null) shapes.set(textOf(one, node.output), shape)
  }
  return true
}

/** Kernels of convolutions are [out, in / groups, height, width]. */
function isRight([outs, ins]: Shape, groups: number): boolean {
  if (typeof outs !== 'number' || typeof ins !== 'number') return false
  if (groups > 1) return ins === 1
  return !(ins > 3 && ins % 3 === 0 && ins % 4 !== 0 && outs % 4 === 0)
}

/** Kernels of transposed convolutions are [in, out / groups, height, width]. */
const isRightTransposed = ([ins, outs]: Shape, groups: number): boolean =>
  typeof ins === 'number' && typeof outs === 'number' && (groups === 1 || (ins === groups && outs === 1))

/** Of those operators through which the tracer's kernels go; null for all others. */
function resultShape(
  one: Uint8Array,
  operator: string,
  inputs: string[],
  shapes: Map<string, Shape>,
  constants: Map<string, number[]>,
): Shape | null {
  const from = shapes.get(inputs[0]!)
  if (from === undefined) return null
  if (operator === 'Transpose') return integersAttribute(one, 'perm').map((axis) => from[axis] ?? null)
  if (operator === 'Reshape') return constants.get(inputs[1]!) ?? null
  if (operator !== 'Slice') return null
  const axes = constants.get(inputs[3]!)
  return axes === undefined ? null : from.map((size, axis) => (axes.includes(axis) ? null : size))
}

/** The int64 values of a tensor of few elements; −1 stands for one that is negative. */
function smallIntegers(initializer: Uint8Array): number[] {
  const [raw] = messagesOf(initializer, tensor.rawData)
  if (raw === undefined) return integersOf(initializer, tensor.int64Data)
  if (raw.length % 8 !== 0) return []
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
  return Array.from({ length: raw.length / 8 }, (_, i) => Math.max(-1, Number(view.getBigInt64(8 * i, true))))
}

function inputShape(input: Uint8Array): Shape {
  let message = messagesOf(input, valueInfo.type)[0]
  for (const number of shapePath) message = message && messagesOf(message, number)[0]
  return message === undefined
    ? []
    : messagesOf(message, dimension.list).map((size) => integersOf(size, dimension.value)[0] ?? null)
}

function integersAttribute(one: Uint8Array, name: string): number[] {
  const found = messagesOf(one, node.attribute).find((field) => textOf(field, attribute.name) === name)
  if (found === undefined) return []
  const single = [...fieldsOf(found)].find((field) => field.number === attribute.integer)
  return single === undefined ? integersOf(found, attribute.integers) : [single.value!]
}
