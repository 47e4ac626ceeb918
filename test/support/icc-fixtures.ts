import { fromLatin1, latin1 } from '../../src-main/engine/storage/bytes.ts'

/**
 * A matrix profile for RGB or a curve profile for gray (ICC.1:2001-04, 6.3.1), with one gamma: what a wide-gamut camera
 * file embeds.
 * @param columns XYZ of red, green and blue, adapted to D50.
 */
export function gammaProfile(name: string, gamma: number, columns: number[][] | null): Uint8Array {
  const fixed = (value: number): number[] => {
    const bits = Math.round(value * 65536) >>> 0
    return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255]
  }
  const word = (value: number): number[] => [
    value >>> 24,
    (value >>> 16) & 255,
    (value >>> 8) & 255,
    value & 255,
  ]
  const text = (value: string): number[] => [...fromLatin1(value)]
  const xyz = (values: number[]): number[] => [...text('XYZ '), ...word(0), ...values.flatMap(fixed)]
  const scaled = Math.round(gamma * 256)
  const curve = [...text('curv'), ...word(0), ...word(1), scaled >> 8, scaled & 255, 0, 0]
  const description = [
    ...text('desc'),
    ...word(0),
    ...word(name.length + 1),
    ...text(`${name}\0`),
    ...new Array<number>(78).fill(0),
  ]
  while (description.length % 4 !== 0) description.push(0)
  const tags: [string, number[]][] = [
    ['desc', description],
    ['cprt', [...text('text'), ...word(0), ...text('none'), 0, 0, 0, 0]],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ...(columns === null
      ? [['kTRC', curve] as [string, number[]]]
      : columns.flatMap((column, i): [string, number[]][] => [
          [`${'rgb'[i]!}XYZ`, xyz(column)],
          [`${'rgb'[i]!}TRC`, curve],
        ])),
  ]
  const directory = [...word(tags.length)]
  const body: number[] = []
  const start = 128 + 4 + 12 * tags.length
  for (const [tag, data] of tags) {
    directory.push(...text(tag), ...word(start + body.length), ...word(data.length))
    body.push(...data)
  }
  const header = new Array<number>(128).fill(0)
  const put = (at: number, bytes: number[]): void => bytes.forEach((byte, i) => (header[at + i] = byte))
  put(0, word(start + body.length))
  put(8, word(0x02400000))
  put(12, text(`mntr${columns === null ? 'GRAY' : 'RGB '}XYZ `))
  put(36, text('acsp'))
  put(68, [0.9642, 1, 0.8249].flatMap(fixed))
  const profile = Uint8Array.from([...header, ...directory, ...body])
  if (latin1(profile.subarray(36, 40)) !== 'acsp') throw new Error('a profile of the wrong layout')
  return profile
}

/** Adobe RGB (1998): gamma 563/256, primaries adapted to D50 (its specification, 4.3.5.3). */
export const adobeRgb = gammaProfile('Adobe RGB (1998)', 563 / 256, [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
])
