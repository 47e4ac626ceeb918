/** A protobuf field: its number, the value of a varint (wire type 0), the bytes of what is length-delimited (2). */
export interface Field {
  number: number
  /** Beyond 2^53 not exact. */
  value: number | null
  bytes: Uint8Array | null
}

/** Walks the fields of one message without decoding what is in them (protobuf.dev/programming-guides/encoding). */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    const read = readVarint(message, at)
    at = read.end
    return read.value
  }
  while (at < message.length) {
    const tag = varint()
    const wireType = tag % 8
    const number = Math.floor(tag / 8)
    let bytes: Uint8Array | null = null
    let value: number | null = null
    if (wireType === 0) value = varint()
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else if (wireType === 2) {
      const length = varint()
      bytes = message.subarray(at, (at += length))
    } else throw new RangeError(`wire type ${wireType}`)
    if (at > message.length) throw new RangeError('truncated')
    yield { number, value, bytes }
  }
}

function readVarint(message: Uint8Array, from: number): { value: number; end: number } {
  // Beyond 32 bits JavaScript's shifts wrap, so the value is built by multiplication; lengths stay below 2^53.
  let [value, at] = [0, from]
  for (let scale = 1; ; scale *= 128) {
    const byte = message[at++]
    if (byte === undefined || scale > 2 ** 63) throw new RangeError('truncated')
    value += (byte & 127) * scale
    if (byte < 128) return { value, end: at }
  }
}

const text = new TextDecoder()

/** The messages (or strings) of a repeated field. */
export const messagesOf = (message: Uint8Array, number: number): Uint8Array[] =>
  [...fieldsOf(message)].flatMap((field) => (field.number === number && field.bytes ? [field.bytes] : []))

/** A string; '' where there is none. */
export const textOf = (message: Uint8Array, number: number): string =>
  text.decode(messagesOf(message, number)[0])

/** The numbers of a repeated integer field, packed or not. Negative ones are not read right. */
export const integersOf = (message: Uint8Array, number: number): number[] =>
  [...fieldsOf(message)].flatMap((field) => {
    if (field.number !== number) return []
    if (field.bytes === null) return [field.value!]
    const values: number[] = []
    for (let at = 0; at < field.bytes.length;) {
      const { value, end } = readVarint(field.bytes, at)
      values.push(value)
      at = end
    }
    return values
  })
