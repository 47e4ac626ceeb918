// The whole job, folder to folder: megapixels a second, share of the time in which the network runs, peak memory.
//   npx tsx bench/folder.ts [folder of pictures]     default: 24 made-up photographs of 2 megapixels as JPEG
//   npx tsx bench/folder.ts --large                  one 24-megapixel and one 100-megapixel JPEG, each by itself
//   npx tsx bench/folder.ts --peers [24]             so many of 2 megapixels, in turns with the network alone, PyTorch and BM3D
//   npx tsx bench/folder.ts --many                   1,000 small ones: does the memory grow?
// Needs `npm run build`: the command line is run as a user runs it.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { filesBelow, machine, median, openPhoto, printTable, python, readRgb, root } from './support.ts'
import type { JobEvent, JobResult } from '../src-main/contract/jobs.ts'
import { readOnnxWeights } from '../src-main/engine/models/onnx-weights.ts'
import { writeSafetensors } from '../src-main/engine/storage/safetensors.ts'

type DenoiseResult = Extract<JobResult, { type: 'denoise' }>

const work = await mkdtemp(join(tmpdir(), 'darkroom-'))

/** A picture with structure and noise: a sample photograph, enlarged, with Gaussian noise of σ 15. */
async function makePhotograph(file: string, width: number, height: number): Promise<void> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 15 }
  const grain = await sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .png({ compressionLevel: 0 })
    .toBuffer()
  await sharp(join(root, 'assets/samples/cliffs.jpg'), { limitInputPixels: false })
    .resize(width, height, { fit: 'fill' })
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 92 })
    .toFile(file)
}

// Prints the peak resident memory of the process when it ends.
const meter = join(work, 'meter.mjs')
await writeFile(
  meter,
  "process.on('exit', () => process.stderr.write(`maxrss ${process.resourceUsage().maxRSS}\\n`))\n",
)

/** @returns the result of the job, and its peak resident memory in MiB */
function denoise(name: string, ...sources: string[]): DenoiseResult & { peak: number } {
  const cli = join(root, 'dist/cli/main.js')
  const run = spawnSync(
    process.execPath,
    ['--import', meter, cli, 'denoise', ...sources, '--out', join(work, 'out', name), '--always', '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const peak = Number(/maxrss (\d+)/.exec(run.stderr)?.[1]) / 1024
  const events = run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JobEvent)
  const last = events.at(-1)
  if (last?.event !== 'done' || last.result.type !== 'denoise' || last.result.failed > 0)
    throw new Error(`The run ended with ${run.status ?? run.signal}: ${run.stderr} ${JSON.stringify(last)}`)
  return { ...last.result, peak }
}

const rowOf = (name: string, source: string): (string | number)[] => {
  const { done, seconds, megapixels, networkShare, peak } = denoise(name, source)
  return [
    name,
    done,
    megapixels.toFixed(0),
    seconds.toFixed(0),
    (megapixels / seconds).toFixed(2),
    networkShare.toFixed(2),
    peak.toFixed(0),
  ]
}

async function makeFolder(name: string, count: number, width: number, height: number): Promise<string> {
  const folder = join(work, name)
  await mkdir(folder)
  for (let i = 0; i < count; i++) await makePhotograph(join(folder, `${i}.jpg`), width, height)
  return folder
}

/** Seconds that the network takes for the pictures of a folder, whose sides are multiples of 8, each in one piece. */
async function networkAlone(folder: string): Promise<number> {
  const { backend, denoiser } = await openPhoto()
  let seconds = 0
  for (const file of await filesBelow(folder, /jpg$/)) {
    const { data, ...size } = await readRgb(file)
    const planes = Float32Array.from(data, (value) => value / 255)
    const start = performance.now()
    await denoiser.run(planes, size, 15)
    seconds += (performance.now() - start) / 1000
  }
  await denoiser.dispose()
  await backend.close()
  return seconds
}

/** The whole job beside others, in turns, so that a slow minute hits all. */
async function besidePeers(count: number): Promise<void> {
  const folder = await makeFolder('peers', count, 1720, 1160)
  const { bytes, spec, backend } = await openPhoto()
  await backend.close()
  const weights = join(work, 'photo.safetensors')
  await writeSafetensors(weights, readOnnxWeights(spec, bytes, 'photo.onnx'), {})
  const theirs = (method: string, limit: number): number => {
    const args = [folder, join(work, method), '--method', method, '--weights', weights]
    const more = ['--sigma', '15', '--limit', `${limit}`, '--threads', `${backend.threads}`]
    const [row] = python<{ megapixels: number; seconds: number }>('torch/denoise_folder.py', [
      ...args,
      ...more,
    ])
    return row!.megapixels / row!.seconds
  }
  const speeds: Record<string, number[]> = {
    'this program': [],
    'its network alone': [],
    'PyTorch, fp32': [],
  }
  for (let turn = 0; turn < 5; turn++) {
    const { megapixels, seconds } = denoise(`turn ${turn}`, folder)
    speeds['this program']!.push(megapixels / seconds)
    speeds['its network alone']!.push(megapixels / (await networkAlone(folder)))
    speeds['PyTorch, fp32']!.push(theirs('photo', count))
  }
  speeds['BM3D (one picture)'] = [theirs('bm3d', 1)]
  const own = speeds['this program']!
  // Of each turn by itself, and then the median: what slows a turn slows both.
  const ratio = (found: number[]): number => median(found.map((speed, turn) => own[turn]! / speed))
  printTable(
    ['', 'MP/s', 'this program / this'],
    Object.entries(speeds).map(([name, found]) => [name, median(found).toFixed(3), ratio(found).toFixed(2)]),
  )
}

/** Peak memory of folders of more and more pictures. */
async function growing(): Promise<void> {
  const folder = await makeFolder('many', 1000, 128, 96)
  const rows = [100, 300, 1000].map((count) => {
    const sources = Array.from({ length: count }, (_, i) => join(folder, `${i}.jpg`))
    const { done, peak } = denoise(`many ${count}`, ...sources)
    return [done, peak.toFixed(0)]
  })
  printTable(['pictures', 'peak memory, MiB'], rows)
}

const header = [
  '',
  'pictures',
  'megapixels',
  'seconds',
  'MP/s',
  'share of the time in the network',
  'peak memory, MiB',
]
console.log(machine())
switch (process.argv[2]) {
  case '--large': {
    const rows: (string | number)[][] = []
    for (const [name, width, height] of [
      ['24 megapixels', 6000, 4000],
      ['100 megapixels', 12000, 8400],
    ] as const) {
      await makePhotograph(join(work, `${width}.jpg`), width, height)
      rows.push(rowOf(name, join(work, `${width}.jpg`)))
    }
    printTable(header, rows)
    break
  }
  case '--peers':
    await besidePeers(Number(process.argv[3] ?? 24))
    break
  case '--many':
    await growing()
    break
  case undefined:
    printTable(header, [rowOf('2-megapixel JPEGs', await makeFolder('in', 24, 1720, 1160))])
    break
  default:
    printTable(header, [rowOf(process.argv[2], process.argv[2])])
}
await rm(work, { recursive: true })
