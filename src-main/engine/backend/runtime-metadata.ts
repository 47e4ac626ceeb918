import { DarkroomError } from '../../contract/errors.ts'
import { fieldsOf, messagesOf, textOf } from './protobuf.ts'

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
  let isWhole: boolean
  try {
    isWhole = !hasField(model, EXTERNAL_DATA)
    for (const pair of messagesOf(model, METADATA_PROPS)) metadata[textOf(pair, 1)] = textOf(pair, 2)
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
