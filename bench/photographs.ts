// Real noisy photographs that have a reference: PSNR and SSIM before and after, σ found by the program itself.
//   npx tsx bench/photographs.ts [folder with renoir_crops and polyu: ../shared/data]
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, machine, mean, openPhoto, printTable } from './support.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'

const data = process.argv[2] ?? '../shared/data'
const sets = [
  { name: 'RENOIR', folder: join(data, 'renoir_crops'), noisy: /noisy\.bmp$/, reference: 'reference.bmp' },
  { name: 'PolyU', folder: join(data, 'polyu'), noisy: /real\.JPG$/, reference: 'mean.JPG' },
]

const { backend, denoiser } = await openPhoto()
const figures = (page: ImagePage, reference: ImagePage) => ({
  psnr: psnr(page.data, reference.data, 255),
  ssim: ssim(page.data, reference.data, { ...reference, dataRange: 255 }),
})

console.log(machine())
const table: (string | number)[][] = []
for (const set of sets) {
  if (!existsSync(set.folder)) {
    console.warn(`${set.name} is skipped: there is no ${set.folder}.`)
    continue
  }
  const rows = []
  for (const file of await filesBelow(set.folder, set.noisy)) {
    const [noisy, reference] = await Promise.all(
      [file, file.replace(set.noisy, set.reference)].map(async (path) => (await readImage(path)).pages[0]!),
    )
    const { page, sigma } = await denoisePage(denoiser, noisy!, {
      sigma: 'auto',
      strength: 100,
      tile: 'auto',
    })
    const [before, after] = [figures(noisy!, reference!), figures(page, reference!)]
    rows.push({ before, after, sigma: sigma ?? 0 })
    console.error(
      `${file}: σ ${(sigma ?? 0).toFixed(1)}, ${before.psnr.toFixed(2)} -> ${after.psnr.toFixed(2)} dB, SSIM ${before.ssim.toFixed(4)} -> ${after.ssim.toFixed(4)}`,
    )
  }
  table.push([
    set.name,
    rows.length,
    mean(rows.map((row) => row.sigma)).toFixed(1),
    mean(rows.map((row) => row.before.psnr)).toFixed(2),
    mean(rows.map((row) => row.after.psnr)).toFixed(2),
    mean(rows.map((row) => row.before.ssim)).toFixed(4),
    mean(rows.map((row) => row.after.ssim)).toFixed(4),
    `${rows.filter((row) => row.after.psnr < row.before.psnr).length}, ${Math.min(...rows.map((row) => row.after.psnr - row.before.psnr)).toFixed(2)} dB`,
  ])
}
printTable(
  [
    'set',
    'pictures',
    'σ found, mean',
    'PSNR noisy',
    'PSNR cleaned',
    'SSIM noisy',
    'SSIM cleaned',
    'pictures made worse, worst change',
  ],
  table,
)
await backend.close()
