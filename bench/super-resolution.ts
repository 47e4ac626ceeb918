// PSNR and SSIM of photographs reduced to half their size and enlarged again: a network trained on `super-resolution` against bicubic
// enlargement.
//   npx tsx bench/super-resolution.ts RUN [FOLDER]
// RUN: a run folder or its .onnx file; FOLDER: photographs, ../shared/data/set5 by default. The usual protocol: sides cut to a multiple of
// the factor; the small picture is the RGB one reduced as MATLAB's imresize does, rounded to 8 bits; both results are rounded to 8 bits
// and measured on Y (BT.601, as rgb2ycbcr, not rounded) without a border as wide as the factor, data range 255.
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { filesBelow, machine, mean, printTable, readRgb, root } from './support.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { ssim } from '../src-main/engine/analysis/ssim.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { openRestorer } from '../src-main/engine/inference/restorer.ts'
import {
  cropRaster,
  enlargeBicubic,
  reduceBicubic,
  type Raster,
} from '../src-main/engine/numeric/resample.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { bytesOf, readModel } from '../src-main/engine/storage/models.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const [run, folder = `${root}../shared/data/set5`] = positionals
if (run === undefined) throw new Error('Usage: npx tsx bench/super-resolution.ts RUN [FOLDER]')

const round = ({ data, ...raster }: Raster): ImagePage => ({
  ...{ ...raster, channels: 3, black: 0, white: 255, alpha: null },
  data: new Uint8Array(Uint8ClampedArray.from(data).buffer),
})

/** Y of rgb2ycbcr, 16–235, of the part inside a border. */
function luma({ width, height, data }: Pick<ImagePage, 'width' | 'height' | 'data'>, border: number) {
  const y = new Float32Array((width - 2 * border) * (height - 2 * border))
  let to = 0
  for (let row = border; row < height - border; row++)
    for (let at = 3 * (row * width + border); at < 3 * ((row + 1) * width - border); at += 3)
      y[to++] = 16 + (65.481 * data[at]! + 128.553 * data[at + 1]! + 24.966 * data[at + 2]!) / 255
  return { width: width - 2 * border, height: height - 2 * border, data: y }
}

const backend = await openBackend('auto')
const model = await readModel(run, { assets: `${root}assets`, home: root })
const restorer = await openRestorer(backend, { bytes: bytesOf(model), file: model.file })
const { factor } = restorer

const scores: { bicubic: number[]; network: number[]; seconds: number }[] = []
const table: (string | number)[][] = []
const files = await filesBelow(folder, /\.(png|jpe?g|bmp|tiff?)$/i)
for (const file of files) {
  const image = await readRgb(file)
  const [width, height] = [image.width, image.height].map((side) => side - (side % factor)) as [
    number,
    number,
  ]
  const large = cropRaster({ ...image, channels: 3, data: Float32Array.from(image.data) }, width, height)
  const small = round(reduceBicubic(large, factor))
  const start = performance.now()
  const restored = await restorer.restore(small)
  const seconds = (performance.now() - start) / 1e3
  const bicubic = round(enlargeBicubic({ ...small, data: Float32Array.from(small.data) }, factor))
  const truth = luma(large, factor)
  const score = (page: ImagePage): number[] => {
    const { data } = luma(page, factor)
    return [psnr(data, truth.data, 255), ssim(data, truth.data, { ...truth, channels: 1, dataRange: 255 })]
  }
  scores.push({ bicubic: score(bicubic), network: score(restored), seconds })
  table.push(line(basename(file), scores.at(-1)!))
}

function line(name: string, { bicubic, network, seconds }: (typeof scores)[number]): (string | number)[] {
  const cells = [bicubic, network].flatMap(([db, similarity]) => [db!.toFixed(2), similarity!.toFixed(4)])
  return [name, ...cells, seconds.toFixed(2)]
}

const means = (of: 'bicubic' | 'network'): number[] =>
  [0, 1].map((measure) => mean(scores.map((score) => score[of][measure]!)))
const all = {
  bicubic: means('bicubic'),
  network: means('network'),
  seconds: mean(scores.map((s) => s.seconds)),
}
console.log(`${machine()}; ${basename(folder)}: ${files.length} pictures, ×${factor}`)
printTable(
  ['picture', 'bicubic PSNR, dB', 'bicubic SSIM', 'network PSNR, dB', 'network SSIM', 'seconds'],
  [...table, line('mean', all)],
)
await restorer.dispose()
await backend.close()
