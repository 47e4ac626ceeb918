// PSNR, SSIM and seconds an image on pictures with known Gaussian noise: a shipped network (--model), given σ, at its finest (--ensemble)
// and blind, against BM3D and non-local means on the very same noisy pixels.
//   npx tsx bench/quality.ts FOLDER [--sigma 15,25,50] [--model photo] [--methods told,finest,blind,bm3d,nlm] [--limit N]
// The noise is added in float and not clipped. PSNR with data range 1, after clipping to [0, 1]; means over pictures. --limit takes
// the first N by name.
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { classic, loadPicture, scoreOf, type Picture, type Score } from './noisy-pictures.ts'
import { filesBelow, machine, mean, openPhoto, printTable } from './support.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sigma: { type: 'string', default: '15,25,50' },
    model: { type: 'string', default: 'photo' },
    methods: { type: 'string', default: 'told,blind,bm3d,nlm' },
    limit: { type: 'string', default: '100000' },
  },
})
const folder = positionals[0]
if (folder === undefined)
  throw new Error('Usage: npx tsx bench/quality.ts FOLDER [--sigma …] [--model …] [--methods …] [--limit N]')
const levels = options.sigma.split(',').map(Number)
const methods = options.methods.split(',')

const { backend, denoiser } = await openPhoto(options.model)

async function own(picture: Picture, sigma: number | 'auto', ensemble = false): Promise<Score> {
  const start = performance.now()
  const how = { sigma, ensemble, strength: 100, tile: 'auto' } as const
  const { page } = await denoisePage(denoiser, picture.noisy, how)
  return scoreOf(picture, page.data, (performance.now() - start) / 1e3)
}

const files = (await filesBelow(folder, /\.(png|jpe?g|bmp|tiff?)$/i)).slice(0, Number(options.limit))
console.log(`${machine()}; ${basename(folder)}: ${files.length} pictures, float noise, not clipped`)
const table: (string | number)[][] = []
for (const sigma of levels) {
  const pictures = await Promise.all(files.map((file, index) => loadPicture(file, index, sigma)))
  for (const method of methods) {
    const scores: Score[] = []
    if (['told', 'finest', 'blind'].includes(method))
      for (const picture of pictures)
        scores.push(await own(picture, method === 'blind' ? 'auto' : sigma, method === 'finest'))
    else scores.push(...(await classic(pictures, sigma, method)))
    table.push([
      sigma,
      method === 'told' ? options.model : method,
      mean(scores.map((one) => one.psnr)).toFixed(2),
      mean(scores.map((one) => one.ssim)).toFixed(4),
      mean(scores.map((one) => one.seconds)).toFixed(2),
    ])
    console.error(table.at(-1)!.join(' '))
  }
}
printTable(['σ', 'method', 'PSNR, dB', 'SSIM', 'seconds an image'], table)
await backend.close()
