import sharp from 'sharp'
import { psnr } from '../../../src-main/engine/analysis/psnr.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { drawPicture } from '../../support/pictures.ts'

export interface NoisyPicture {
  /** A PNG file. */
  bytes: Buffer
  /** RGB samples before the noise, 0–255. */
  clean: Uint8Array
}

/** A square picture with Gaussian noise of σ 25, rounded and clipped to 8 bits as in any file. */
export async function noisyPicture(seed: number, side = 256): Promise<NoisyPicture> {
  const clean = drawPicture(seed, side, side)
  const random = createRandom(seed)
  const noisy = Uint8ClampedArray.from(clean, (sample) => sample + 25 * random.normal())
  const raw = { width: side, height: side, channels: 3 } as const
  return { bytes: await sharp(noisy, { raw }).png().toBuffer(), clean }
}

/** PSNR in dB (data range 255) of a picture's file against what it shows. */
export async function psnrOf(bytes: Buffer, clean: Uint8Array): Promise<number> {
  const samples = await sharp(bytes).removeAlpha().raw().toBuffer()
  return psnr(samples, clean, 255)
}
