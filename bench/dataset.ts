// A folder of small images as a dataset: decoding it once, opening it again, reading it in epochs from memory and from the file;
// each in a process of its own, with its peak memory.
//   npx tsx bench/dataset.ts [number of images, default 20000] [side in pixels, default 28]
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { openDataset } from '../src-main/engine/data/open-dataset.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { machine, printTable, root } from './support.ts'

const script = fileURLToPath(import.meta.url)
const batch = 128
const epochs = 3
/** Bytes: more than enough for the samples, and far too little. */
const budgets = { plenty: 2 ** 30, little: 2 ** 20 }
type Budget = keyof typeof budgets

interface Figures {
  open: number
  /** Samples a second, of shuffled batches. */
  rate: number
  /** Of the process, before and after, in bytes. */
  before: number
  peak: number
  bytes: number
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)

const peakMemory = (): number => process.resourceUsage().maxRSS * 1024

/** Opens the folder and reads it in epochs, in this process. */
async function measure(folder: string, cacheFolder: string, budget: Budget, side: number): Promise<Figures> {
  const before = peakMemory()
  const startedAt = performance.now()
  const dataset = await openDataset(
    { sources: [folder], labels: 'folders' },
    { type: 'images', width: side, height: side, channels: 1, fit: 'cover', flip: false, tiles: null },
    { cacheFolder, memory: budgets[budget] },
  )
  const openedAt = performance.now()
  const order = Int32Array.from({ length: dataset.count }, (_, i) => i)
  const random = createRandom(1)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.integer(i + 1)
      const swapped = order[i]!
      order[i] = order[j]!
      order[j] = swapped
    }
    for (let from = 0; from < order.length; from += batch)
      await dataset.read(order.subarray(from, from + batch))
  }
  const seconds = (performance.now() - openedAt) / 1000
  await dataset.close()
  return {
    open: (openedAt - startedAt) / 1000,
    rate: (epochs * dataset.count) / seconds,
    before,
    peak: peakMemory(),
    bytes: dataset.count * side * side,
  }
}

/** Gray pictures in ten folders, each of two soft spots. */
async function makeImages(folder: string, count: number, side: number): Promise<void> {
  for (let label = 0; label < 10; label++) await mkdir(join(folder, String(label)), { recursive: true })
  const random = createRandom(1)
  const make = async (index: number): Promise<void> => {
    const spots = [0, 1].map(() => ({ x: random.uniform() * side, y: random.uniform() * side }))
    const data = Uint8Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [i % side, Math.floor(i / side)]
      const near = Math.min(...spots.map((spot) => Math.hypot(x - spot.x, y - spot.y)))
      return Math.max(0, 255 - (near / side) * 700)
    })
    await sharp(data, { raw: { width: side, height: side, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(folder, String(index % 10), `${index}.png`))
  }
  for (let first = 0; first < count; first += 16)
    await Promise.all(Array.from({ length: Math.min(16, count - first) }, (_, i) => make(first + i)))
}

if (process.argv[2] === '--measure') {
  const [folder, cacheFolder, budget, side] = process.argv.slice(3) as [string, string, Budget, string]
  console.log(JSON.stringify(await measure(folder, cacheFolder, budget, Number(side))))
} else {
  const [count = '20000', side = '28'] = process.argv.slice(2)
  const work = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const folder = join(work, 'images')
  await makeImages(folder, Number(count), Number(side))

  const inProcess = (cache: string, budget: Budget): Figures => {
    const args = ['--import', 'tsx', script, '--measure', folder, join(work, cache), budget, side]
    const run = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (run.status !== 0) throw new Error('A measurement failed')
    return JSON.parse(run.stdout) as Figures
  }
  const row = (
    name: string,
    { open, rate, before, peak, bytes }: Figures,
    budget: Budget,
  ): (string | number)[] => [
    name,
    open.toFixed(2),
    (Number(count) / open).toFixed(0),
    (rate / 1000).toFixed(0),
    mebibytes(bytes),
    mebibytes(budgets[budget]),
    mebibytes(peak - before),
  ]
  const rows = [
    row('decoded, held in memory', inProcess('a', 'plenty'), 'plenty'),
    row('opened again, held in memory', inProcess('a', 'plenty'), 'plenty'),
    row('decoded into a file', inProcess('b', 'little'), 'little'),
    row('opened again, read from the file', inProcess('b', 'little'), 'little'),
  ]
  await rm(work, { recursive: true })

  console.log(`${machine()}; ${count} PNG files of ${side} × ${side}, shuffled batches of ${batch}`)
  printTable(
    [
      '',
      'opened after, s',
      'images a second',
      'then read in epochs, thousand samples a second',
      'samples, MiB',
      'budget, MiB',
      'memory above the bare program at the peak, MiB',
    ],
    rows,
  )
}
