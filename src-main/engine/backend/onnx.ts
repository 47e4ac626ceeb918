import type { DType, TypedArray } from './ir.ts'

/*
 * Writes ONNX models: just enough of protocol buffers for the messages of onnx.proto3 that a graph of tensors needs.
 * The numbers are the field numbers of that file. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */

/** The newest operator set that DirectML runs. */
export const opset = 17
/** The file format version that came with that operator set. */
const irVersion = 8

const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9 } as const
export type ElementType = keyof typeof elementTypes
export const elementType = (dtype: ElementType): number => elementTypes[dtype]

export type Attribute = number | number[] | string | { float: number }

/** Parts of a message, in order; joined once at the end, so that nothing is copied more than needed. */
type Message = Uint8Array[]

const utf8 = new TextEncoder()

function varint(value: number | bigint): Uint8Array {
  // Negative numbers are written as their 64-bit two's complement.
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 128)
  } while (rest !== 0n)
  return Uint8Array.from(bytes)
}

const lengthOf = (message: Message): number => message.reduce((n, part) => n + part.length, 0)
const integer = (field: number, value: number): Message => [varint(field << 3), varint(value)]
const bytes = (field: number, content: Message): Message => [
  varint((field << 3) | 2),
  varint(lengthOf(content)),
  ...content,
]
const text = (field: number, content: string): Message => bytes(field, [utf8.encode(content)])
function float(field: number, value: number): Message {
  const content = new Uint8Array(4)
  new DataView(content.buffer).setFloat32(0, value, true)
  return [varint((field << 3) | 5), content]
}

/** AttributeProto. */
function attribute(name: string, value: Attribute): Message {
  const head = text(1, name)
  if (typeof value === 'string') return [...head, ...text(4, value), ...integer(20, 3)]
  if (typeof value === 'number') return [...head, ...integer(3, value), ...integer(20, 2)]
  if (Array.isArray(value)) return [...head, ...value.flatMap((v) => integer(8, v)), ...integer(20, 7)]
  return [...head, ...float(2, value.float), ...integer(20, 1)]
}

/** NodeProto. */
function node({ operator, inputs, outputs, attributes }: OnnxNode): Message {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(3, outputs[0]!),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) => bytes(5, attribute(name, value))),
  ]
}

/** TensorProto with raw little-endian data, as the processors that this runs on have it in memory. */
function initializer({ name, shape, data, type }: OnnxInitializer): Message {
  return [
    ...shape.flatMap((d) => integer(1, d)),
    ...integer(2, elementTypes[type]),
    ...text(8, name),
    ...bytes(9, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
  ]
}

/** ValueInfoProto; a string stands for a free dimension. */
function valueInfo({ name, shape, type, description }: OnnxValue): Message {
  const dimensions = shape.flatMap((d) => bytes(1, typeof d === 'string' ? text(2, d) : integer(1, d)))
  const tensorType = [...integer(1, elementTypes[type]), ...bytes(2, dimensions)]
  return [
    ...text(1, name),
    ...bytes(2, bytes(1, tensorType)),
    ...(description === undefined ? [] : text(3, description)),
  ]
}

export interface OnnxNode {
  operator: string
  inputs: string[]
  outputs: string[]
  attributes: Record<string, Attribute>
}

export interface OnnxInitializer {
  name: string
  shape: readonly number[]
  type: ElementType
  data: TypedArray | BigInt64Array
}

export interface OnnxValue {
  name: string
  shape: readonly (number | string)[]
  type: DType
  description?: string
}

export interface OnnxModel {
  name: string
  producerVersion: string
  nodes: OnnxNode[]
  initializers: OnnxInitializer[]
  inputs: OnnxValue[]
  outputs: OnnxValue[]
  metadata: Record<string, string>
}

/** The bytes of an .onnx file. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const graph = [
    ...model.nodes.flatMap((n) => bytes(1, node(n))),
    ...text(2, model.name),
    ...model.initializers.flatMap((t) => bytes(5, initializer(t))),
    ...model.inputs.flatMap((v) => bytes(11, valueInfo(v))),
    ...model.outputs.flatMap((v) => bytes(12, valueInfo(v))),
  ]
  const message = [
    ...integer(1, irVersion),
    ...text(2, 'Latent Darkroom'),
    ...text(3, model.producerVersion),
    ...bytes(7, graph),
    ...bytes(8, [...text(1, ''), ...integer(2, opset)]),
    ...Object.entries(model.metadata).flatMap(([key, value]) =>
      bytes(14, [...text(1, key), ...text(2, value)]),
    ),
  ]
  const file = new Uint8Array(lengthOf(message))
  let offset = 0
  for (const part of message) {
    file.set(part, offset)
    offset += part.length
  }
  return file
}
