// Real noisy photographs that have a reference: PSNR and SSIM before and after, σ found by the program itself; and CBM3D at the σ of a grid
// that is best for each picture, which only who has the reference can know.
//   npx tsx bench/photographs.ts [folder with renoir_crops and polyu: ../shared/data] [--sets RENOIR,PolyU] [--every N]
//     [--methods photo,camera,cbm3d] [--told K] [--kept FILE]
// --every takes every Nth picture of a set; networks are told K times (1) the σ that is found. What CBM3D gave is kept in FILE, and not computed again.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { runClassic } from './noisy-pictures.ts'
import { filesBelow, machine, mean, openPhoto, printTable } from './support.ts'
import { estimateNoise } from '../src-main/engine/analysis/noise.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sets: { type: 'string', default: 'RENOIR,PolyU' },
    every: { type: 'string', default: '1' },
    methods: { type: 'string', default: 'photo,camera,cbm3d' },
    told: { type: 'string', default: '1' },
    kept: { type: 'string' },
  },
})
const data = positionals[0] ?? '../shared/data'
const sets = [
  {
    name: 'RENOIR',
    folder: 'renoir_crops',
    noisy: /noisy\.bmp$/,
    reference: 'reference.bmp',
    grid: [10, 15, 20, 25, 30, 40, 50, 70],
  },
  {
    name: 'PolyU',
    folder: 'polyu',
    noisy: /real\.JPG$/,
    reference: 'mean.JPG',
    grid: [1, 2, 3, 4.5, 6, 8, 10, 15, 20, 30],
  },
]

interface Figures {
  psnr: number
  ssim: number
}
interface Picture {
  file: string
  noisy: ImagePage
  reference: ImagePage
}

const figuresOf = (samples: ImagePage['data'], { reference }: Picture): Figures => ({
  psnr: psnr(samples, reference.data, 255),
  ssim: ssim(samples, reference.data, { ...reference, dataRange: 255 }),
})

/** What a shipped network makes of each picture, and the mean of the σ that it was told. */
async function network(id: string, pictures: Picture[]): Promise<{ after: Figures[]; sigma: string }> {
  const { backend, denoiser } = await openPhoto(id)
  const after: Figures[] = []
  const sigmas: number[] = []
  for (const picture of pictures) {
    const told = Number(options.told) * estimateNoise(picture.noisy)
    const how = { sigma: told, strength: 100, tile: 'auto' } as const
    const { page, sigma } = await denoisePage(denoiser, picture.noisy, how)
    after.push(figuresOf(page.data, picture))
    sigmas.push(sigma ?? 0)
    const [from, to] = [figuresOf(picture.noisy.data, picture), after.at(-1)!]
    console.error(
      `${id} ${picture.file}: σ ${(sigma ?? 0).toFixed(1)}, ${from.psnr.toFixed(2)} -> ${to.psnr.toFixed(2)} dB, SSIM ${from.ssim.toFixed(4)} -> ${to.ssim.toFixed(4)}`,
    )
  }
  await backend.close()
  return { after, sigma: mean(sigmas).toFixed(1) }
}

/** What CBM3D gave before, by `file σ`. */
const kept = new Map<string, Figures>(
  options.kept !== undefined && existsSync(options.kept)
    ? Object.entries(JSON.parse(await readFile(options.kept, 'utf8')) as Record<string, Figures>)
    : [],
)

/** CBM3D of `bench/python/classics.py` on one picture, rounded to 8 bits as the networks' results are. */
async function cbm3d(picture: Picture, sigma: number): Promise<Figures> {
  const key = `${picture.file} ${sigma}`
  const before = kept.get(key)
  if (before !== undefined) return before
  const data = Float32Array.from(picture.noisy.data, (value) => value / 255)
  const [cleaned] = await runClassic([{ name: 'picture', noisy: { ...picture.noisy, data } }], sigma, 'bm3d')
  const figures = figuresOf(
    Uint8Array.from(Uint8ClampedArray.from(cleaned!.data, (value) => value * 255)),
    picture,
  )
  kept.set(key, figures)
  if (options.kept !== undefined) await writeFile(options.kept, JSON.stringify(Object.fromEntries(kept)))
  return figures
}

/**
 * CBM3D at the σ that is best for each picture, and the mean of these. The PSNR has one peak over σ: the search goes up to it, from where the
 * picture before had it.
 */
async function bestCbm3d(grid: number[], pictures: Picture[]): Promise<{ after: Figures[]; sigma: string }> {
  const after: Figures[] = []
  const sigmas: number[] = []
  let at = grid.length >> 1
  for (const picture of pictures) {
    let best = await cbm3d(picture, grid[at]!)
    for (const step of [1, -1])
      for (; at + step in grid; at += step) {
        const next = await cbm3d(picture, grid[at + step]!)
        if (next.psnr <= best.psnr) break
        best = next
      }
    after.push(best)
    sigmas.push(grid[at]!)
    console.error(`cbm3d ${picture.file}: σ ${grid[at]}, ${best.psnr.toFixed(2)} dB`)
  }
  return { after, sigma: `best: ${mean(sigmas).toFixed(1)}` }
}

console.log(machine())
const table: (string | number)[][] = []
const asked = options.sets.split(',')
for (const set of sets.filter(({ name }) => asked.includes(name))) {
  const folder = join(data, set.folder)
  if (!existsSync(folder)) {
    console.warn(`${set.name} is skipped: there is no ${folder}.`)
    continue
  }
  const pictures: Picture[] = []
  const files = await filesBelow(folder, set.noisy)
  for (const file of files.filter((_, i) => i % Number(options.every) === 0)) {
    const [noisy, reference] = await Promise.all(
      [file, file.replace(set.noisy, set.reference)].map(async (path) => (await readImage(path)).pages[0]!),
    )
    pictures.push({ file: relative(data, file), noisy: noisy!, reference: reference! })
  }
  const before = pictures.map((picture) => figuresOf(picture.noisy.data, picture))
  const means = (rows: Figures[]): string[] => [
    mean(rows.map((row) => row.psnr)).toFixed(2),
    mean(rows.map((row) => row.ssim)).toFixed(4),
  ]
  table.push([set.name, 'none', '', ...means(before), '', ''])
  for (const method of options.methods.split(',')) {
    const { after, sigma } =
      method === 'cbm3d' ? await bestCbm3d(set.grid, pictures) : await network(method, pictures)
    const changes = after.map((row, i) => row.psnr - before[i]!.psnr)
    const [worse, lessAlike] = [
      changes.filter((change) => change < 0).length,
      after.filter((row, i) => row.ssim < before[i]!.ssim).length,
    ]
    table.push([
      ...[set.name, method, sigma, ...means(after)],
      ...[`${worse}, ${Math.min(...changes).toFixed(2)} dB`, lessAlike],
    ])
  }
}
printTable(
  ['set', 'method', 'σ, mean', 'PSNR, dB', 'SSIM', 'PSNR worse in, worst change', 'SSIM worse in'],
  table,
)
