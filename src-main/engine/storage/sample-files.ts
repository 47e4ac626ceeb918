import { emptyMetadata } from './image.ts'
import { writeImage } from './images.ts'

/*
 * Samples as networks have them: values around [0, 1], interleaved; with four channels red, green and blue are multiplied by alpha. What is
 * transparent then has no colour of its own, which a network could only guess at, and what is half transparent counts half.
 */

/** Multiplies the colours of RGBA samples, one after the other, by their alpha; in place. */
export function premultiply(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i += 4) {
    const alpha = values[i + 3]!
    for (let c = i; c < i + 3; c++) values[c]! *= alpha
  }
  return values
}

/** A network's samples as 8-bit ones; with four channels alpha is straight again. */
export function sampleBytes(values: Float32Array, channels: number): Uint8ClampedArray {
  const bytes = Uint8ClampedArray.from(values, (value) => value * 255)
  if (channels !== 4) return bytes
  for (let i = 0; i < bytes.length; i += 4) {
    // What rounds to nothing has no colour.
    const alpha = bytes[i + 3]! === 0 ? Infinity : values[i + 3]!
    for (let c = i; c < i + 3; c++) bytes[c] = (255 * values[c]!) / alpha
  }
  return bytes
}

/**
 * Writes a network's sample as an 8-bit PNG.
 * @param shape [height, width, channels]
 * @throws as `writeAtomic`
 */
export async function writeSample(
  file: string,
  values: Float32Array,
  shape: number[],
  overwrite: boolean,
): Promise<void> {
  const [height, width, channels] = shape as [number, number, 1 | 3 | 4]
  const bytes = Uint8Array.from(sampleBytes(values, channels))
  const isAlpha = (_: number, i: number): boolean => i % 4 === 3
  const page = {
    ...{ width, height, black: 0, white: 255 },
    channels: channels === 4 ? 3 : channels,
    data: channels === 4 ? bytes.filter((byte, i) => !isAlpha(byte, i)) : bytes,
    alpha: channels === 4 ? bytes.filter(isAlpha) : null,
  } as const
  const image = { path: file, container: 'png', metadata: emptyMetadata() } as const
  const options = { format: 'png', quality: null, overwrite } as const
  await writeImage({ ...image, pages: [page], warnings: [] }, file, options)
}
