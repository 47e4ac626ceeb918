// How often the residual's structure says that detail was lost: when the network is told the right σ, an estimate, and too much.
//   npx tsx bench/residual.ts [folder of data]
// CBSD68 with Gaussian noise clipped to 8 bits, and RENOIR's photographs, whose σ nobody knows. Regions of 512² at most and of
// 256², as the window asks for them.
import { join } from 'node:path'
import { lostDetailThreshold, measureResidual } from '../src-main/engine/analysis/residual.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import { cropPage } from '../src-main/engine/inference/tiles.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'
import { filesBelow, median, openPhoto, printTable } from './support.ts'

const data = process.argv[2] ?? '../shared/data'
const { backend, denoiser } = await openPhoto()

/** The structure of a page's residual: in its middle of at most 512², and in each whole 256² of it. */
async function structures(page: ImagePage, sigma: number | 'auto') {
  const denoised = await denoisePage(denoiser, page, { sigma, strength: 100, tile: 'auto' })
  const measure = (x: number, y: number, width: number, height: number): number => {
    const region = { x, y, width, height }
    return measureResidual(cropPage(page, region), cropPage(denoised.page, region)).structure
  }
  const [width, height] = [Math.min(512, page.width), Math.min(512, page.height)]
  const middle = measure((page.width - width) >> 1, (page.height - height) >> 1, width, height)
  const small: number[] = []
  for (let y = 0; y + 256 <= page.height; y += 256)
    for (let x = 0; x + 256 <= page.width; x += 256) small.push(measure(x, y, 256, 256))
  return { middle, small, sigma: denoised.sigma! }
}

const rows: (string | number)[][] = []
function addRow(noise: string, told: string, found: { middle: number; small: number[] }[]): void {
  const share = (values: number[]): string => {
    const over = values.filter((value) => value > lostDetailThreshold).length
    return `${over} of ${values.length}`
  }
  const middles = found.map(({ middle }) => middle)
  rows.push([
    noise,
    told,
    median(middles).toFixed(3),
    Math.max(...middles).toFixed(3),
    share(middles),
    share(found.flatMap(({ small }) => small)),
  ])
}

const clean = await filesBelow(join(data, 'cbsd68'), /\.png$/)
// Half of the pictures for each level: enough to count, and done in minutes.
for (const [level, first] of [
  [8, 0],
  [15, 1],
  [25, 0],
  [50, 1],
] as const) {
  const found: Record<string, Awaited<ReturnType<typeof structures>>[]> = {}
  for (const [seed, file] of clean.entries()) {
    if (seed % 2 !== first) continue
    const page = (await readImage(file)).pages[0]!
    const random = createRandom(seed)
    const noisy = Uint8ClampedArray.from(page.data, (value) => value + level * random.normal())
    for (const [told, sigma] of [
      ['right', level],
      ['estimated', 'auto'],
      ['× 2.5', 2.5 * level],
    ] as const)
      (found[told] ??= []).push(await structures({ ...page, data: Uint8Array.from(noisy) }, sigma))
  }
  for (const [told, values] of Object.entries(found)) addRow(`CBSD68, σ ${level}`, told, values)
}

const photographs = await filesBelow(join(data, 'renoir_crops'), /noisy\.bmp$/)
const estimated = []
const tooMuch = []
for (const file of photographs) {
  const page = (await readImage(file)).pages[0]!
  estimated.push(await structures(page, 'auto'))
  tooMuch.push(await structures(page, 2.5 * estimated.at(-1)!.sigma))
}
addRow('RENOIR', 'estimated', estimated)
addRow('RENOIR', '× 2.5', tooMuch)

console.log(`Pictures whose structure is above ${lostDetailThreshold}\n`)
printTable(['noise', 'σ told', 'median structure', 'largest', '512² above', '256² above'], rows)
await backend.close()
