// Denoisers that have seen noisy pictures alone, against what is used without learning, on the same noisy pixels.
//   npx tsx bench/self-supervised.ts noisy WORK [DATA]               writes the noisy files to train and to score on, into WORK
//   npx tsx bench/self-supervised.ts colour WORK RUN… [--limit N] [--bm3d N]    σ 25 on CBSD68, each run beside the noisy pictures
//   npx tsx bench/self-supervised.ts microscopy RUN… [--data DATA]   w2s_8bit: noisy_avg1 scored against clean_avg400
// --ensemble: the runs' finest quality. --bm3d: the first N pictures through BM3D, which is given σ, as well.
// DATA: the folder with bsds500, cbsd68 and w2s_8bit, ../shared/data by default. `microscopy` runs VST + BM3D as well, by the Python of
// DARKROOM_PYTHON, and puts all pictures through the runs as one 16-bit stack, too.
//
// colour: noise once and for all, seeds 1 (to train on) and 2 (to score), in float and not clipped, kept at 16 bits with room below black and
// above white. PSNR with data range 255, after clipping to it; means over pictures.
// microscopy: the 400-average was scaled by itself, and so was each noisy file: an affine map of each output is fitted to it by least squares
// before the PSNR is taken (data range 255), as is usual where scales are unknown (Weigert et al., Nature Methods 2018).
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { classic, type Picture } from './noisy-pictures.ts'
import { black, writeNoisyFiles } from './self-supervised/noisy-files.ts'
import { filesBelow, machine, mean, printTable, python, root } from './support.ts'
import { psnr } from '../src-main/engine/analysis/psnr.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import { openDenoiser, type Denoiser } from '../src-main/engine/inference/network.ts'
import { programHome } from '../src-main/engine/storage/home.ts'
import { emptyMetadata, type ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../src-main/engine/storage/images.ts'
import { readModel } from '../src-main/engine/storage/models.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    limit: { type: 'string', default: '100000' },
    data: { type: 'string' },
    bm3d: { type: 'string', default: '0' },
    ensemble: { type: 'boolean', default: false },
  },
})
const [what, ...rest] = positionals
const files = (folder: string): Promise<string[]> => filesBelow(folder, /\.(png|jpe?g|tiff?)$/i)
const stem = (file: string): string => basename(file, extname(file))

switch (what) {
  case 'noisy': {
    const [work, data = `${root}../shared/data`] = rest as [string, string?]
    const bsds = [`${data}/bsds500/train`, `${data}/bsds500/test`]
    await writeNoisyFiles(bsds, join(work, 'bsds-noisy'), 25, 1)
    await writeNoisyFiles(bsds, join(work, 'bsds-clean'), 0, 1)
    await writeNoisyFiles([`${data}/cbsd68`], join(work, 'cbsd68-noisy'), 25, 2)
    await writeNoisyFiles([`${data}/cbsd68`], join(work, 'cbsd68-clean'), 0, 2)
    break
  }
  case 'colour':
    await colour(rest[0]!, rest.slice(1))
    break
  case 'microscopy':
    await microscopy(`${options.data ?? `${root}../shared/data`}/w2s_8bit`, rest)
    break
  default:
    throw new Error('Usage: npx tsx bench/self-supervised.ts noisy|colour|microscopy …')
}

async function openRuns(runs: string[]): Promise<{ run: string; denoiser: Denoiser }[]> {
  const backend = await openBackend('auto')
  const folders = { assets: `${root}assets`, home: programHome() }
  return Promise.all(
    runs.map(async (run) => ({
      run: basename(run),
      denoiser: await openDenoiser(backend, await readModel(run, folders)),
    })),
  )
}

async function clean(denoiser: Denoiser, page: ImagePage): Promise<ImagePage> {
  const { ensemble } = options
  return (await denoisePage(denoiser, page, { sigma: 'auto', ensemble, strength: 100, tile: 'auto' })).page
}

async function colour(work: string, runs: string[]): Promise<void> {
  const networks = await openRuns(runs)
  const noisyFiles = (await files(join(work, 'cbsd68-noisy'))).slice(0, Number(options.limit))
  const to8bit = ({ data }: ImagePage): Float32Array =>
    Float32Array.from(data, (value) => Math.min(255, Math.max(0, (value - black) / 128)))
  const rows: number[][] = []
  /** The first ones, for BM3D. */
  const pictures: Picture[] = []
  const first = Number(options.bm3d)
  for (const file of noisyFiles) {
    const noisy = (await readImage(file)).pages[0]!
    const truth = to8bit((await readImage(join(work, 'cbsd68-clean', basename(file)))).pages[0]!)
    const row = [psnr(to8bit(noisy), truth, 255)]
    for (const { denoiser } of networks) row.push(psnr(to8bit(await clean(denoiser, noisy)), truth, 255))
    rows.push(row)
    console.log(stem(file), ...row.map((value) => value.toFixed(2)))
    if (pictures.length === first) continue
    const data = Float32Array.from(noisy.data, (value) => (value - black) / 128 / 255)
    pictures.push({
      ...{ name: stem(file), clean: truth.map((value) => value / 255) },
      noisy: { ...noisy, data, black: 0, white: 1 },
    })
  }
  console.log(`\n${machine()}\nCBSD68, σ 25\n`)
  const meansOf = (some: number[][]): (string | number)[][] =>
    ['noisy', ...networks.map(({ run }) => run)].map((name, i) => [
      ...[name, some.length, mean(some.map((row) => row[i]!)).toFixed(2)],
    ])
  const table = meansOf(rows)
  if (first > 0) {
    const scores = await classic(pictures, 25, 'bm3d')
    table.push(...meansOf(rows.slice(0, first)))
    table.push(['bm3d', scores.length, mean(scores.map((score) => score.psnr)).toFixed(2)])
  }
  printTable(['', 'pictures', 'PSNR, dB'], table)
}

/** PSNR of a·output + b, with the a and b that bring it nearest to the truth. */
function affinePsnr(output: ArrayLike<number>, truth: ArrayLike<number>): number {
  const [o, t] = [Float64Array.from(output), Float64Array.from(truth)]
  const meanOf = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanO, meanT] = [meanOf(o), meanOf(t)]
  let [covariance, variance] = [0, 0]
  for (let i = 0; i < o.length; i++) {
    covariance += (o[i]! - meanO) * (t[i]! - meanT)
    variance += (o[i]! - meanO) ** 2
  }
  const scale = variance > 0 ? covariance / variance : 0
  return psnr(
    o.map((value) => meanT + scale * (value - meanO)),
    t,
    255,
  )
}

async function microscopy(folder: string, runs: string[]): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const noisyFiles = (await files(join(folder, 'noisy_avg1'))).slice(0, Number(options.limit))
  const noisy = await Promise.all(noisyFiles.map(async (file) => (await readImage(file)).pages[0]!))
  const networks = await openRuns(runs)
  const stack = await throughStack(noisy, networks, join(work, 'stack.tif'))
  python<object>('python/vst_bm3d.py', [work, ...noisyFiles])
  const rows: (string | number)[][] = []
  for (const [i, file] of noisyFiles.entries()) {
    const target = basename(file).replace('input_avg1', 'target_avg400')
    const truth = (await readImage(join(folder, 'clean_avg400', target))).pages[0]!.data
    const bm3d = await readFile(join(work, `${stem(file)}.f32`))
    const row = [noisy[i]!.data, new Float32Array(bm3d.buffer, bm3d.byteOffset, bm3d.length / 4)]
    for (const [n, { denoiser }] of networks.entries())
      row.push((await clean(denoiser, noisy[i]!)).data, stack[n]![i]!.data)
    rows.push([stem(file), ...row.map((output) => affinePsnr(output, truth).toFixed(2))])
  }
  await rm(work, { recursive: true })
  const header = networks.flatMap(({ run }) => [run, `${run}, 16-bit stack`])
  const means = header.concat('', '').map((_, i) => mean(rows.map((row) => Number(row[i + 1]))).toFixed(2))
  console.log(`\n${machine()}\n`)
  printTable(['', 'noisy', 'VST + BM3D', ...header], [...rows, ['mean', ...means]])
}

/** All pictures as pages of one 16-bit file, written and read again, through each network. */
async function throughStack(
  pages: ImagePage[],
  networks: { denoiser: Denoiser }[],
  path: string,
): Promise<ImagePage[][]> {
  const deep = pages.map((page) => ({
    ...page,
    ...{ data: Uint16Array.from(page.data, (value) => 257 * value), black: 0, white: 65_535 },
  }))
  const image = { path, container: 'tiff' as const, metadata: emptyMetadata(), warnings: [], pages: deep }
  const written = { format: 'tiff', quality: null, overwrite: true } as const
  await writeImage(image, path, written)
  const read = await readImage(path)
  const results: ImagePage[][] = []
  for (const { denoiser } of networks) {
    const cleaned: ImagePage[] = []
    for (const page of read.pages) cleaned.push(await clean(denoiser, page))
    await writeImage({ ...read, pages: cleaned }, path, written)
    results.push((await readImage(path)).pages)
  }
  return results
}
