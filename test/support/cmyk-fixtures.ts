/**
 * A small CMYK printer profile (ICC.1:2001-04, 6.5.7 lut8Type): sixteen corner colours, linear between them, made up so
 * that a conversion through it differs plainly from the naive one.
 */
export function cmykProfile(): Uint8Array {
  const tags: [string, Buffer][] = [
    ['desc', description('Test CMYK')],
    ['cprt', Buffer.concat([Buffer.from('text\0\0\0\0'), Buffer.from('No rights reserved\0')])],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['A2B0', lut8()],
  ]
  const tableBytes = 4 + 12 * tags.length
  const head = Buffer.alloc(128 + tableBytes)
  head.writeUInt32BE(0x02400000, 8)
  head.write('prtrCMYKLab ', 12, 'latin1')
  head.write('acsp', 36, 'latin1')
  xyz(0.9642, 1, 0.8249).copy(head, 68, 8)
  head.writeUInt32BE(tags.length, 128)
  const parts = [head]
  let at = head.length
  tags.forEach(([name, data], index) => {
    head.write(name, 132 + 12 * index, 'latin1')
    head.writeUInt32BE(at, 136 + 12 * index)
    head.writeUInt32BE(data.length, 140 + 12 * index)
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])
    parts.push(padded)
    at += padded.length
  })
  head.writeUInt32BE(at, 0)
  return Uint8Array.from(Buffer.concat(parts))
}

function lut8(): Buffer {
  const head = Buffer.alloc(48)
  head.write('mft1', 0, 'latin1')
  head.set([4, 3, 2], 8)
  for (const diagonal of [12, 28, 44]) head.writeUInt32BE(0x10000, diagonal)
  const ramp = Array.from({ length: 256 }, (_, i) => i)
  // The last ink varies fastest. Lightness 0–255 stands for 0–100, a and b are offset by 128.
  const corners: number[] = []
  for (let ink = 0; ink < 16; ink++) {
    const [c, m, y, k] = [(ink >> 3) & 1, (ink >> 2) & 1, (ink >> 1) & 1, ink & 1] as [
      number,
      number,
      number,
      number,
    ]
    const lightness = (242 - 90 * c - 80 * m - 16 * y) * (k === 1 ? 0.2 : 1)
    const chroma = k === 1 ? 0.1 : 1
    corners.push(
      Math.round(Math.max(10, lightness)),
      Math.round(128 + chroma * (-36 * c + 72 * m - 6 * y)),
      Math.round(128 + chroma * (-46 * c - 4 * m + 88 * y)),
    )
  }
  return Buffer.concat([
    head,
    Buffer.from([...ramp, ...ramp, ...ramp, ...ramp, ...corners, ...ramp, ...ramp, ...ramp]),
  ])
}

function description(text: string): Buffer {
  const bytes = Buffer.alloc(12 + text.length + 1 + 78)
  bytes.write('desc', 0, 'latin1')
  bytes.writeUInt32BE(text.length + 1, 8)
  bytes.write(text, 12, 'latin1')
  return bytes
}

function xyz(...values: number[]): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.write('XYZ ', 0, 'latin1')
  values.forEach((value, i) => bytes.writeInt32BE(Math.round(value * 65536), 8 + 4 * i))
  return bytes
}

/** Ink amounts of the test's patches, 0–255. */
export const cmykPatches = [
  [0, 0, 0, 0],
  [255, 0, 0, 0],
  [0, 255, 0, 0],
  [0, 0, 255, 0],
  [0, 0, 0, 255],
  [255, 255, 0, 0],
  [0, 255, 255, 0],
  [255, 0, 255, 0],
  [40, 30, 30, 0],
  [128, 64, 32, 16],
  [20, 90, 160, 40],
  [200, 150, 20, 60],
] as const
