import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import sharp from 'sharp'
import { createRandom } from '../../src-main/engine/numeric/random.ts'

/** RGB samples with what photographs have: smooth shades, edges, fine stripes. Interleaved, 8 bits. */
export function drawPicture(seed: number, width: number, height: number): Uint8Array {
  const random = createRandom(seed)
  const waves = Array.from({ length: 4 }, () => ({
    x: (random.uniform() - 0.5) * 0.15,
    y: (random.uniform() - 0.5) * 0.15,
    phase: 6 * random.uniform(),
    tint: [random.uniform(), random.uniform(), random.uniform()],
  }))
  const discs = Array.from({ length: 6 }, () => ({
    x: random.uniform() * width,
    y: random.uniform() * height,
    radius: 5 + (random.uniform() * width) / 4,
    tint: [random.uniform(), random.uniform(), random.uniform()],
  }))
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = discs.find((one) => Math.hypot(x - one.x, y - one.y) < one.radius)
      for (let channel = 0; channel < 3; channel++) {
        const wave = waves.reduce(
          (sum, one) => sum + Math.sin(one.x * x + one.y * y + one.phase) * one.tint[channel]!,
          0,
        )
        const shade = disc === undefined ? 0.5 : disc.tint[channel]!
        pixels[3 * (y * width + x) + channel] = 255 * Math.min(1, Math.max(0, shade + wave / 8))
      }
    }
  }
  return pixels
}

/** A PNG file of `drawPicture`; folders are made. */
export async function writePicture(path: string, seed: number, width: number, height: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await sharp(drawPicture(seed, width, height), { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path)
}
