// Electron 22.3.6 and later of 22 die some time after v8.Serializer has handed out more than some 4 KB: the memory is freed
// wrongly (comment of 2023-10-19 in electron/electron#37774; 26 is well again). Node's messages to child processes are made
// with it. So this replaces how it writes; nothing is handed out but buffers of JavaScript. For tests: it knows data without
// cycles, as messages are, and throws for anything else.
// The format: v8's src/objects/value-serializer.cc.
const v8 = require('node:v8')

/** Oldest version that has all that is written here, so any reader takes it. */
const version = 13
const { prototype } = v8.Serializer

const push = (serializer, bytes) => (serializer.written ??= []).push(bytes)
const tag = (serializer, letter) => push(serializer, Buffer.from(letter, 'latin1'))

/** Seven bits a byte, the lowest first. */
function varint(value) {
  const bytes = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}

function writeNumber(serializer, value) {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 30 && !Object.is(value, -0)) {
    tag(serializer, 'I')
    serializer.writeUint32(((value << 1) ^ (value >> 31)) >>> 0)
    return
  }
  tag(serializer, 'N')
  push(serializer, Buffer.from(Float64Array.of(value).buffer))
}

function writeString(serializer, value) {
  const bytes = Buffer.from(value, 'utf16le')
  tag(serializer, 'c')
  serializer.writeUint32(bytes.length)
  push(serializer, bytes)
}

function writeObject(serializer, value) {
  if (ArrayBuffer.isView(value)) {
    tag(serializer, '\\')
    serializer._writeHostObject(value)
  } else if (Array.isArray(value)) {
    tag(serializer, 'A')
    serializer.writeUint32(value.length)
    for (const item of value) serializer.writeValue(item)
    tag(serializer, '$')
    serializer.writeUint32(0)
    serializer.writeUint32(value.length)
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value)
    tag(serializer, 'o')
    for (const part of entries.flat()) serializer.writeValue(part)
    tag(serializer, '{')
    serializer.writeUint32(entries.length)
  } else throw new TypeError(`no plain data: ${String(value)}`)
}

const constants = new Map([
  [undefined, '_'],
  [null, '0'],
  [true, 'T'],
  [false, 'F'],
])

Object.assign(prototype, {
  writeHeader() {
    push(this, Buffer.from([0xff, version]))
  },
  writeUint32(value) {
    push(this, varint(value))
  },
  writeRawBytes(bytes) {
    push(this, bytes)
  },
  writeValue(value) {
    const constant = constants.get(value)
    if (constant !== undefined) tag(this, constant)
    else if (typeof value === 'number') writeNumber(this, value)
    else if (typeof value === 'string') writeString(this, value)
    else if (typeof value === 'object') writeObject(this, value)
    else throw new TypeError(`no plain data: ${String(value)}`)
  },
  releaseBuffer() {
    const { written = [] } = this
    this.written = []
    return Buffer.concat(written)
  },
})
