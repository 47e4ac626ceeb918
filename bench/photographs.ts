// Real noisy photographs that have a reference: PSNR and SSIM before and after, σ found by the program itself; and CBM3D at every σ of
// a grid, of which the best one for each picture is taken, which only who has the reference can know.
//   npx tsx bench/photographs.ts [folder with renoir_crops and polyu: ../shared/data] [--methods photo,camera,cbm3d] [--kept FILE]
// What CBM3D gave is kept in FILE, and not computed again.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { filesBelow, machine, mean, openPhoto, printTable, python } from './support.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { methods: { type: 'string', default: 'photo,camera,cbm3d' }, kept: { type: 'string' } },
})
const data = positionals[0] ?? '../shared/data'
const sets = [
  {
    name: 'RENOIR',
    folder: 'renoir_crops',
    noisy: /noisy\.bmp$/,
    reference: 'reference.bmp',
    grid: [10, 15, 20, 30],
  },
  { name: 'PolyU', folder: 'polyu', noisy: /real\.JPG$/, reference: 'mean.JPG', grid: [3, 6, 10] },
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

/** What a shipped network makes of each picture, and the mean of the σ that were found. */
async function network(id: string, pictures: Picture[]): Promise<{ after: Figures[]; sigma: string }> {
  const { backend, denoiser } = await openPhoto(id)
  const after: Figures[] = []
  const sigmas: number[] = []
  for (const picture of pictures) {
    const how = { sigma: 'auto', strength: 100, tile: 'auto' } as const
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

/** CBM3D of `bench/python/classics.py` on one picture at each σ, rounded to 8 bits as the networks' results are. */
async function cbm3d(picture: Picture, grid: number[]): Promise<(Figures & { sigma: number })[]> {
  const keyOf = (sigma: number): string => `${picture.file} ${sigma}`
  const missing = grid.filter((sigma) => !kept.has(keyOf(sigma)))
  if (missing.length > 0) {
    const work = await mkdtemp(join(tmpdir(), 'darkroom-'))
    const { width, height, channels, data: samples } = picture.noisy
    await writeFile(
      join(work, 'noisy.f32'),
      Float32Array.from(samples, (value) => value / 255),
    )
    const rows = missing.map((sigma) => ({
      ...{ name: `${sigma}`, noisy: 'noisy.f32', width, height, channels, sigma },
    }))
    await writeFile(join(work, 'index.json'), JSON.stringify(rows))
    python('python/classics.py', [work, 'bm3d'])
    for (const sigma of missing) {
      const bytes = await readFile(join(work, `${sigma}.bm3d.f32`))
      const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      const rounded = Uint8ClampedArray.from(floats, (value) => value * 255)
      kept.set(keyOf(sigma), figuresOf(new Uint8Array(rounded.buffer), picture))
    }
    await rm(work, { recursive: true })
    if (options.kept !== undefined) await writeFile(options.kept, JSON.stringify(Object.fromEntries(kept)))
  }
  return grid.map((sigma) => ({ ...kept.get(keyOf(sigma))!, sigma }))
}

/** CBM3D at the σ that is best for each picture, and the mean of these. */
async function bestCbm3d(grid: number[], pictures: Picture[]): Promise<{ after: Figures[]; sigma: string }> {
  const best: (Figures & { sigma: number })[] = []
  for (const picture of pictures) {
    best.push((await cbm3d(picture, grid)).reduce((a, b) => (b.psnr > a.psnr ? b : a)))
    console.error(`cbm3d ${picture.file}: σ ${best.at(-1)!.sigma}, ${best.at(-1)!.psnr.toFixed(2)} dB`)
  }
  return { after: best, sigma: `best: ${mean(best.map(({ sigma }) => sigma)).toFixed(1)}` }
}

console.log(machine())
const table: (string | number)[][] = []
for (const set of sets) {
  const folder = join(data, set.folder)
  if (!existsSync(folder)) {
    console.warn(`${set.name} is skipped: there is no ${folder}.`)
    continue
  }
  const pictures: Picture[] = []
  for (const file of await filesBelow(folder, set.noisy)) {
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
