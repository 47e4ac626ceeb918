// The zero-shot denoiser, a network trained on each noisy picture alone, beside the shipped `photo` (given σ) and BM3D (given σ) on the
// very same noisy pixels.
//   npx tsx bench/zero-shot.ts FOLDER [--sigma 25] [--limit N] [--bm3d N]
// The noise is added in float and not clipped, one seed a picture, as in bench/quality.ts. PSNR with data range 1, after clipping to
// [0, 1]. --limit takes the first N pictures by name, --bm3d runs BM3D on the first N of them, where DARKROOM_PYTHON is set (6).
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { classic, loadPicture, scoreOf, type Picture, type Score } from './noisy-pictures.ts'
import { filesBelow, machine, mean, openPhoto, printTable } from './support.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import type { Denoiser } from '../src-main/engine/inference/network.ts'
import { openZeroShot } from '../src-main/engine/inference/zero-shot.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sigma: { type: 'string', default: '25' },
    limit: { type: 'string', default: '100000' },
    bm3d: { type: 'string', default: '6' },
  },
})
const folder = positionals[0]
if (folder === undefined)
  throw new Error('Usage: npx tsx bench/zero-shot.ts FOLDER [--sigma 25] [--limit N] [--bm3d N]')
const sigma = Number(options.sigma)
const files = (await filesBelow(folder, /\.(png|jpe?g|bmp|tiff?)$/i)).slice(0, Number(options.limit))
const { backend, denoiser: photo } = await openPhoto()
const zeroShot = openZeroShot(backend)

async function clean(denoiser: Denoiser, picture: Picture): Promise<Score> {
  const start = performance.now()
  const { page } = await denoisePage(denoiser, picture.noisy, { sigma, strength: 100, tile: 'auto' })
  return scoreOf(picture, page.data, (performance.now() - start) / 1e3)
}

console.log(
  `${machine()}; ${basename(folder)}: ${files.length} pictures, σ ${sigma}, float noise, not clipped`,
)
const first: Picture[] = []
const scores: { photo: Score; zeroShot: Score }[] = []
for (const [index, file] of files.entries()) {
  const picture = await loadPicture(file, index, sigma)
  if (index < Number(options.bm3d)) first.push(picture)
  scores.push({ photo: await clean(photo, picture), zeroShot: await clean(zeroShot, picture) })
  const { psnr, seconds } = scores.at(-1)!.zeroShot
  const far = mean(scores.map((one) => one.zeroShot.psnr))
  console.error(
    `${index + 1} ${picture.name}: ${psnr.toFixed(2)} dB, ${seconds.toFixed(1)} s; mean so far ${far.toFixed(2)} dB`,
  )
}
await backend.close()

const row = (method: string, of: Score[]): (string | number)[] => [
  ...[method, of.length, mean(of.map(({ psnr }) => psnr)).toFixed(2)],
  ...[mean(of.map(({ ssim }) => ssim)).toFixed(4), mean(of.map(({ seconds }) => seconds)).toFixed(1)],
]
const rows = [
  row(
    'zero-shot',
    scores.map((one) => one.zeroShot),
  ),
  row(
    'photo',
    scores.map((one) => one.photo),
  ),
]
if (process.env['DARKROOM_PYTHON'] !== undefined && first.length > 0) {
  const some = scores.slice(0, first.length)
  rows.push(
    row(
      'zero-shot',
      some.map((one) => one.zeroShot),
    ),
    row('bm3d', await classic(first, sigma, 'bm3d')),
  )
}
printTable(['method', 'pictures', 'PSNR, dB', 'SSIM', 'seconds an image'], rows)
