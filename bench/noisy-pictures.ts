import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { python } from './support.ts'
import { Corruption } from '../src-main/contract/corruption.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { corrupt } from '../src-main/engine/data/corruption.ts'
import { createRandom, type Random } from '../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'

export interface Picture {
  name: string
  clean: Float32Array
  noisy: ImagePage
}

/** Clean samples in [0, 1] and the picture with noise, a float page. One seed a picture. */
export async function loadPicture(file: string, index: number, sigma: number): Promise<Picture> {
  const page = (await readImage(file)).pages[0]!
  const clean = Float32Array.from(page.data, (value) => value / page.white)
  const random = createRandom(index)
  const data = clean.map((value) => value + (sigma / 255) * random.normal())
  return { name: basename(file), clean, noisy: { ...page, data, white: 1, black: 0, alpha: null } }
}

/** A page of 8 bits after corruptions, given as in a recipe; the last of them should be what rounds it. */
export async function corrupted(clean: ImagePage, corruptions: object[], random: Random): Promise<ImagePage> {
  const sample = { ...clean, data: Float32Array.from(clean.data, (value) => value / 255) }
  const chain = corruptions.map((one) => Corruption.parse(one))
  const { noisy } = await corrupt(sample, chain, random)
  return { ...clean, data: Uint8Array.from(noisy.data, (value) => Math.round(255 * value)) }
}

export interface Score {
  psnr: number
  ssim: number
  seconds: number
}

export function scoreOf({ clean, noisy }: Picture, output: ImagePage['data'], seconds: number): Score {
  const clipped = Float32Array.from(output, (value) => Math.min(1, Math.max(0, value)))
  const { width, height, channels } = noisy
  return {
    psnr: psnr(clipped, clean, 1),
    ssim: ssim(clipped, clean, { width, height, channels, dataRange: 1 }),
    seconds,
  }
}

export interface Cleaned {
  /** As the noisy samples: floats, not clipped. */
  data: Float32Array
  seconds: number
}

/** Hands float pages to bench/python/classics.py and reads its results back. */
export async function runClassic(
  pictures: Pick<Picture, 'name' | 'noisy'>[],
  sigma: number,
  method: string,
): Promise<Cleaned[]> {
  const work = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const rows = pictures.map(({ name, noisy: { width, height, channels } }) => ({
    ...{ name, noisy: `${name}.f32`, width, height, channels, sigma },
  }))
  for (const { name, noisy } of pictures) await writeFile(join(work, `${name}.f32`), noisy.data)
  await writeFile(join(work, 'index.json'), JSON.stringify(rows))
  const done = python<{ name: string; seconds: number }>('python/classics.py', [work, method])
  const results: Cleaned[] = []
  for (const [i, { name }] of pictures.entries()) {
    const bytes = await readFile(join(work, `${name}.${method}.f32`))
    const data = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    results.push({ data, seconds: done[i]!.seconds })
  }
  await rm(work, { recursive: true })
  return results
}

/** What a classic makes of the very same noisy pixels. */
export async function classic(pictures: Picture[], sigma: number, method: string): Promise<Score[]> {
  const results = await runClassic(pictures, sigma, method)
  return results.map(({ data, seconds }, i) => scoreOf(pictures[i]!, data, seconds))
}
