// How far the blind noise estimate is from the truth.
//   npx tsx bench/noise-estimate.ts [folder of data]
// On clean images with known Gaussian noise: the mean absolute error of σ (8-bit scale). On clean images with a camera's noise: the estimate
// beside the level of each patch, as `camera` is trained on. On real noisy photographs with a reference: the estimate beside the
// root mean square of (noisy − reference), which is no truth but an orientation.
import { join, relative } from 'node:path'
import { corrupted } from './noisy-pictures.ts'
import { estimateNoise } from '../src-main/engine/analysis/noise.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { cropPage } from '../src-main/engine/inference/tiles.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'
import { filesBelow, mean, median, printTable } from './support.ts'

const data = process.argv[2] ?? '../shared/data'
const levels = [5, 10, 15, 20, 25, 35, 50]

const firstPage = async (file: string): Promise<ImagePage> => (await readImage(file)).pages[0]!

/** Luma (BT.601), as the gray versions of colour test sets are made. */
function toGray(page: ImagePage): ImagePage {
  const gray = new Float32Array(page.width * page.height)
  for (let i = 0; i < gray.length; i++)
    gray[i] = 0.299 * page.data[3 * i]! + 0.587 * page.data[3 * i + 1]! + 0.114 * page.data[3 * i + 2]!
  return { ...page, channels: 1, data: gray }
}

/** The page with Gaussian noise: float, or clipped to 8 bits. */
function withNoise(page: ImagePage, sigma: number, seed: number, clipped: boolean): ImagePage {
  const random = createRandom(seed)
  const noisy = Float32Array.from(page.data, (value) => value + sigma * random.normal())
  return { ...page, data: clipped ? Uint8Array.from(Uint8ClampedArray.from(noisy)) : noisy }
}

async function knownNoise(): Promise<void> {
  const clean = await Promise.all((await filesBelow(join(data, 'cbsd68'), /\.png$/)).map(firstPage))
  const rows = []
  for (const gray of [false, true])
    for (const clipped of [false, true]) {
      const errors = levels.map((level) =>
        clean.map(
          (page, i) => estimateNoise(withNoise(gray ? toGray(page) : page, level, i, clipped)) - level,
        ),
      )
      const all = errors.flat().map(Math.abs)
      rows.push([
        `${gray ? 'gray' : 'colour'}, ${clipped ? 'clipped to 8 bits' : 'float'}`,
        ...errors.map((row) => `${mean(row.map(Math.abs)).toFixed(2)} (${mean(row).toFixed(2)})`),
        mean(all).toFixed(2),
        Math.max(...all).toFixed(1),
      ])
    }
  console.log(`CBSD68 (${clean.length} images): mean absolute error of σ, mean error in brackets\n`)
  printTable(['noise', ...levels.map((level) => `σ ${level}`), 'all', 'worst'], rows)
  const untouched = clean.map((page) => estimateNoise(page))
  console.log(
    `\nClean: median ${median(untouched).toFixed(1)}, mean ${mean(untouched).toFixed(1)}, worst ${Math.max(...untouched).toFixed(1)}\n`,
  )
}

/** Root mean square of what two pages differ by, 8-bit scale. */
const levelOf = (a: ImagePage, b: ImagePage): number =>
  255 * 10 ** (-psnr(a.data, b.data, a.white - a.black) / 20)

/** The same of every square of so many pixels. */
function levelsOf(a: ImagePage, b: ImagePage, side: number): number[] {
  const levels: number[] = []
  for (let y = 0; y + side <= a.height; y += side)
    for (let x = 0; x + side <= a.width; x += side) {
      const square = { x, y, width: side, height: side }
      levels.push(levelOf(cropPage(a, square), cropPage(b, square)))
    }
  return levels
}

/** Of an estimate for a picture beside the noise of its patches of 128²: ln(estimate / level). */
async function cameraNoise(): Promise<void> {
  const files = (await filesBelow(join(data, 'bsds500/train'), /\.jpg$/)).filter((_, i) => i % 4 === 0)
  const found: { level: number; error: number }[] = []
  const made = [{ type: 'camera' }, { type: 'quantize' }]
  const chains = [made, [...made, { type: 'jpeg', quality: [60, 98] }]]
  for (const [index, file] of files.entries())
    for (const [k, chain] of chains.entries()) {
      const clean = await firstPage(file)
      const page = await corrupted(clean, chain, createRandom(5 + k).fork(index))
      const estimate = Math.max(0.3, estimateNoise(page))
      for (const level of levelsOf(page, clean, 128)) found.push({ level, error: Math.log(estimate / level) })
    }
  const rows = [
    [1, 3],
    [3, 6],
    [6, 12],
    [12, 60],
  ].map(([low, high]) => {
    const errors = found.filter(({ level }) => level >= low! && level < high!).map(({ error }) => error)
    errors.sort((a, b) => a - b)
    const middle = mean(errors)
    const spread = Math.sqrt(mean(errors.map((error) => (error - middle) ** 2)))
    const at = (share: number): string => errors[Math.floor(share * errors.length)]!.toFixed(2)
    return [`${low} to ${high}`, errors.length, middle.toFixed(2), spread.toFixed(2), at(0.05), at(0.95)]
  })
  console.log(
    `A camera's noise on ${files.length} pictures of BSDS500, as it is and as JPEG: ln(estimate / level)\n`,
  )
  printTable(['level of the patch', 'patches', 'mean', 'deviation', '5 %', '95 %'], rows)
  console.log()
}

async function realNoise(set: string, pattern: RegExp, referenceOf: (file: string) => string): Promise<void> {
  const rows: [string, number, number, number][] = []
  let seconds = 0
  for (const file of await filesBelow(join(data, set), pattern)) {
    const [noisy, reference] = [await firstPage(file), await firstPage(referenceOf(file))]
    const start = performance.now()
    const estimate = estimateNoise(noisy)
    seconds += (performance.now() - start) / 1000
    rows.push([
      relative(join(data, set), file),
      ...([estimate, levelOf(noisy, reference), estimateNoise(reference)] as const),
    ])
  }
  const means = [1, 2, 3].map((column) => mean(rows.map((row) => row[column] as number)))
  console.log(`${set} (${(seconds / rows.length).toFixed(3)} s an image)\n`)
  printTable(
    ['photograph', 'estimate', 'RMS of noisy − reference', 'estimate of the reference'],
    [...rows, ['mean', ...means]].map(([name, ...values]) => [
      name!,
      ...values.map((v) => (v as number).toFixed(1)),
    ]),
  )
  console.log()
}

await knownNoise()
await cameraNoise()
await realNoise('renoir_crops', /noisy\.bmp$/, (file) => file.replace('noisy', 'reference'))
await realNoise('polyu/cropped', /_real\.JPG$/, (file) => file.replace('_real', '_mean'))
