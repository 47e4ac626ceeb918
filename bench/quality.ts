// PSNR, SSIM and seconds an image on pictures with known Gaussian noise: the shipped network, given σ and blind, against BM3D and
// non-local means on the very same noisy pixels.
//   npx tsx bench/quality.ts FOLDER [--sigma 15,25,50] [--methods photo,blind,bm3d,nlm] [--limit N]
// The noise is added in float and not clipped. PSNR with data range 1, after clipping to [0, 1]; means over pictures. --limit takes
// the first N by name.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { filesBelow, machine, mean, openPhoto, printTable, python } from './support.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sigma: { type: 'string', default: '15,25,50' },
    methods: { type: 'string', default: 'photo,blind,bm3d,nlm' },
    limit: { type: 'string', default: '100000' },
  },
})
const folder = positionals[0]
if (folder === undefined)
  throw new Error('Usage: npx tsx bench/quality.ts FOLDER [--sigma …] [--methods …] [--limit N]')
const levels = options.sigma.split(',').map(Number)
const methods = options.methods.split(',')

interface Picture {
  name: string
  clean: Float32Array
  noisy: ImagePage
}

/** Clean samples in [0, 1] and the picture with noise, a float page. One seed a picture. */
async function loadPicture(file: string, index: number, sigma: number): Promise<Picture> {
  const page = (await readImage(file)).pages[0]!
  const clean = Float32Array.from(page.data, (value) => value / page.white)
  const random = createRandom(index)
  const data = clean.map((value) => value + (sigma / 255) * random.normal())
  return { name: basename(file), clean, noisy: { ...page, data, white: 1, black: 0, alpha: null } }
}

interface Score {
  psnr: number
  ssim: number
  seconds: number
}

function score({ clean, noisy }: Picture, output: ImagePage['data'], seconds: number): Score {
  const clipped = Float32Array.from(output, (value) => Math.min(1, Math.max(0, value)))
  const { width, height, channels } = noisy
  return {
    psnr: psnr(clipped, clean, 1),
    ssim: ssim(clipped, clean, { width, height, channels, dataRange: 1 }),
    seconds,
  }
}

const { backend, denoiser } = await openPhoto()

async function own(picture: Picture, sigma: number | 'auto'): Promise<Score> {
  const start = performance.now()
  const { page } = await denoisePage(denoiser, picture.noisy, { sigma, strength: 100, tile: 'auto' })
  return score(picture, page.data, (performance.now() - start) / 1e3)
}

/** Hands the same noisy floats to bench/python/classics.py and reads its results back. */
async function classic(pictures: Picture[], sigma: number, method: string): Promise<Score[]> {
  const work = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const rows = pictures.map(({ name, noisy: { width, height, channels } }) => ({
    ...{ name, noisy: `${name}.f32`, width, height, channels, sigma },
  }))
  for (const { name, noisy } of pictures) await writeFile(join(work, `${name}.f32`), noisy.data)
  await writeFile(join(work, 'index.json'), JSON.stringify(rows))
  const done = python<{ name: string; seconds: number }>('python/classics.py', [work, method])
  const scores: Score[] = []
  for (const [i, picture] of pictures.entries()) {
    const bytes = await readFile(join(work, `${picture.name}.${method}.f32`))
    scores.push(
      score(picture, new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), done[i]!.seconds),
    )
  }
  await rm(work, { recursive: true })
  return scores
}

const files = (await filesBelow(folder, /\.(png|jpe?g|bmp|tiff?)$/i)).slice(0, Number(options.limit))
console.log(`${machine()}; ${basename(folder)}: ${files.length} pictures, float noise, not clipped`)
const table: (string | number)[][] = []
for (const sigma of levels) {
  const pictures = await Promise.all(files.map((file, index) => loadPicture(file, index, sigma)))
  for (const method of methods) {
    const scores: Score[] = []
    if (method === 'photo' || method === 'blind')
      for (const picture of pictures) scores.push(await own(picture, method === 'blind' ? 'auto' : sigma))
    else scores.push(...(await classic(pictures, sigma, method)))
    table.push([
      sigma,
      method,
      mean(scores.map((one) => one.psnr)).toFixed(2),
      mean(scores.map((one) => one.ssim)).toFixed(4),
      mean(scores.map((one) => one.seconds)).toFixed(2),
    ])
    console.error(table.at(-1)!.join(' '))
  }
}
printTable(['σ', 'method', 'PSNR, dB', 'SSIM', 'seconds an image'], table)
await backend.close()
