// PSNR over missing pixels of photographs with blocks cut out: a network trained on `inpainting` against filling by the mean and
// OpenCV's two methods, all on the very same pixels.
//   npx tsx bench/inpainting.ts RUN [FOLDER] [--limit N] [--side 4,20] [--share 0.1] [--methods mean,telea,ns,network]
// RUN: a run folder or its .onnx file; FOLDER: photographs that it was not trained on, ../shared/data/bsds500/test by default. Each
// picture gets so many rectangles, sides drawn evenly from --side in pixels, that about --share of it is missing; one seed a picture.
// The mean is that of the picture's known pixels, each colour by itself. Results are rounded to 8 bits. PSNR with data range 255 over
// the missing pixels, SSIM over the whole picture; means over pictures. --limit takes the first N by name.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { filesBelow, machine, mean, printTable, python, readRgb, root, type RgbPicture } from './support.ts'
import type { SimpleCorruption } from '../src-main/contract/corruption.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { corrupt } from '../src-main/engine/data/corruption.ts'
import { openRestorer } from '../src-main/engine/inference/restorer.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { bytesOf, readModel } from '../src-main/engine/storage/models.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    limit: { type: 'string', default: '100000' },
    side: { type: 'string', default: '4,20' },
    share: { type: 'string', default: '0.1' },
    methods: { type: 'string', default: 'mean,telea,ns,network' },
  },
})
const [run, folder = `${root}../shared/data/bsds500/test`] = positionals
if (run === undefined) throw new Error('Usage: npx tsx bench/inpainting.ts RUN [FOLDER] [--limit N] …')
const [least, most] = options.side.split(',').map(Number) as [number, number]

interface Picture extends RgbPicture {
  name: string
  /** 1 where a pixel is missing. */
  mask: Float32Array
}

async function loadPicture(file: string, index: number): Promise<Picture> {
  const image = await readRgb(file)
  const blocks = Math.round((Number(options.share) * image.width * image.height) / ((least + most) / 2) ** 2)
  // A corruption has at most 64 blocks.
  const chain = Array.from({ length: Math.ceil(blocks / 64) }, (_, i): SimpleCorruption => {
    const count = Math.min(64, blocks - 64 * i)
    return { type: 'blocks', count: [count, count], side: [least, most], probability: 1 }
  })
  const sample = { ...image, channels: 3 as const, data: Float32Array.from(image.data) }
  const { mask } = await corrupt(sample, chain, createRandom(index))
  return { ...image, name: basename(file), mask: mask! }
}

interface Score {
  psnr: number
  ssim: number
  seconds: number
}

function score({ data, width, height, mask }: Picture, output: ArrayLike<number>, seconds: number): Score {
  const missing = (values: ArrayLike<number>): number[] =>
    Array.from(values).filter((_, i) => mask[Math.floor(i / 3)] === 1)
  return {
    psnr: psnr(missing(output), missing(data), 255),
    ssim: ssim(output, data, { width, height, channels: 3, dataRange: 255 }),
    seconds,
  }
}

function byMean(picture: Picture): Score {
  const { data, mask } = picture
  const means = [0, 1, 2].map((channel) =>
    Math.round(mean([...data].filter((_, i) => i % 3 === channel && mask[Math.floor(i / 3)] === 0))),
  )
  const filled = data.map((value, i) => (mask[Math.floor(i / 3)] === 1 ? means[i % 3]! : value))
  return score(picture, filled, 0)
}

const backend = await openBackend('auto')
const model = await readModel(run, { assets: `${root}assets`, home: root })
const restorer = await openRestorer(backend, { bytes: bytesOf(model), file: model.file })

async function byNetwork(picture: Picture): Promise<Score> {
  const alpha = Uint8Array.from(picture.mask, (missing) => 255 * (1 - missing))
  const start = performance.now()
  const { data } = await restorer.restore({ ...picture, channels: 3, black: 0, white: 255, alpha })
  return score(picture, data, (performance.now() - start) / 1e3)
}

/** Hands the same pixels to bench/python/inpaint.py and reads its results back. */
async function byOpenCv(pictures: Picture[], method: string): Promise<Score[]> {
  const work = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const rows = pictures.map(({ name, width, height }) => ({ name, width, height }))
  for (const { name, data, mask } of pictures) {
    await writeFile(
      join(work, `${name}.rgb`),
      data.map((v, i) => v * (1 - mask[Math.floor(i / 3)]!)),
    )
    await writeFile(
      join(work, `${name}.mask`),
      Uint8Array.from(mask, (missing) => 255 * missing),
    )
  }
  await writeFile(join(work, 'index.json'), JSON.stringify(rows))
  const done = python<{ name: string; seconds: number }>('python/inpaint.py', [work, method])
  const scores: Score[] = []
  for (const [i, picture] of pictures.entries())
    scores.push(score(picture, await readFile(join(work, `${picture.name}.${method}.rgb`)), done[i]!.seconds))
  await rm(work, { recursive: true })
  return scores
}

const files = (await filesBelow(folder, /\.(png|jpe?g|bmp|tiff?)$/i)).slice(0, Number(options.limit))
const pictures = await Promise.all(files.map(loadPicture))
const share = mean(pictures.map(({ mask }) => mean([...mask])))
console.log(
  `${machine()}; ${basename(folder)}: ${files.length} pictures, blocks of ${least}–${most} pixels a side, ${(100 * share).toFixed(1)} % missing`,
)
const table: (string | number)[][] = []
for (const method of options.methods.split(',')) {
  const scores: Score[] = []
  if (method === 'mean') scores.push(...pictures.map(byMean))
  else if (method === 'network') for (const picture of pictures) scores.push(await byNetwork(picture))
  else scores.push(...(await byOpenCv(pictures, method)))
  const of = (measure: keyof Score): number => mean(scores.map((one) => one[measure]))
  table.push([method, of('psnr').toFixed(2), of('ssim').toFixed(4), of('seconds').toFixed(3)])
}
printTable(['method', 'PSNR of missing pixels, dB', 'SSIM', 'seconds a picture'], table)
await restorer.dispose()
await backend.close()
