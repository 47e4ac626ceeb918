import { DarkroomError } from '../../contract/errors.ts'

/** A protobuf field: its number and, for length-delimited ones (wire type 2), its bytes. */
interface Field {
  number: number
  bytes: Uint8Array | null
}

/** Walks the fields of one message without decoding what is in them (protobuf.dev/programming-guides/encoding). */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0
  // Beyond 32 bits JavaScript's shifts wrap, so the value is built by multiplication; lengths stay below 2^53.
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('truncated')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const wireType = tag % 8
    const number = Math.floor(tag / 8)
    let bytes: Uint8Array | null = null
    if (wireType === 0) varint()
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else if (wireType === 2) {
      const length = varint()
      bytes = message.subarray(at, (at += length))
    } else throw new RangeError(`wire type ${wireType}`)
    if (at > message.length) throw new RangeError('truncated')
    yield { number, bytes }
  }
}

/** `ModelProto.metadata_props` (onnx.proto3: field 14, pairs of key = 1 and value = 2). */
const METADATA_PROPS = 14
/** `ModelProto.graph`, `GraphProto.initializer` and `TensorProto.external_data`: where a weight lies that is not in the file. */
const EXTERNAL_DATA = [7, 5, 13]

/** Whether a message holds a field at the end of a path of field numbers. */
function hasField(message: Uint8Array, [wanted, ...rest]: number[]): boolean {
  if (wanted === undefined) return true
  for (const { number, bytes } of fieldsOf(message))
    if (number === wanted && bytes !== null && hasField(bytes, rest)) return true
  return false
}

/**
 * The metadata of an ONNX file, which onnxruntime's JavaScript API does not hand out. Throws `model-unreadable` for
 * bytes that are no protobuf message, and for a file that has weights read from other files.
 */
export function readMetadata(model: Uint8Array): Record<string, string> {
  const metadata: Record<string, string> = {}
  const text = new TextDecoder()
  let isWhole: boolean
  try {
    isWhole = !hasField(model, EXTERNAL_DATA)
    for (const { number, bytes } of fieldsOf(model)) {
      if (number !== METADATA_PROPS || bytes === null) continue
      const [key, value] = [1, 2].map((wanted) =>
        text.decode([...fieldsOf(bytes)].find((field) => field.number === wanted)?.bytes ?? new Uint8Array()),
      )
      metadata[key!] = value!
    }
  } catch (cause) {
    throw new DarkroomError('model-unreadable', { expected: 'an ONNX file' }, cause)
  }
  if (!isWhole)
    throw new DarkroomError('model-unreadable', {
      expected: 'an ONNX file with its weights inside (torch.onnx.export: external_data=False)',
      received: 'weights in another file',
    })
  return metadata
}
