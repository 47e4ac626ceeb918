// The whole job, folder to folder: megapixels a second, share of the time in which the network runs, peak memory.
//   npx tsx bench/folder.ts [folder of pictures]     default: 24 made-up photographs of 2 megapixels as JPEG
//   npx tsx bench/folder.ts --large                  one 24-megapixel and one 100-megapixel JPEG, each by itself
// Needs `npm run build`: the command line is run as a user runs it.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { machine, printTable, root } from './support.ts'
import type { JobEvent } from '../src-main/contract/jobs.ts'

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

function denoise(name: string, source: string): (string | number)[] {
  const cli = join(root, 'dist/cli/main.js')
  const run = spawnSync(
    process.execPath,
    ['--import', meter, cli, 'denoise', source, '--out', join(work, 'out', name), '--always', '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const peak = Number(/maxrss (\d+)/.exec(run.stderr)?.[1]) / 1024
  const events = run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JobEvent)
  const last = events.at(-1)
  if (last?.event !== 'done' || last.result.type !== 'denoise' || last.result.failed > 0)
    throw new Error(`The run failed: ${run.stderr} ${JSON.stringify(last)}`)
  const { done, seconds, megapixels, networkShare } = last.result
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

const rows: (string | number)[][] = []
if (process.argv[2] === '--large')
  for (const [name, width, height] of [
    ['24 megapixels', 6000, 4000],
    ['100 megapixels', 12000, 8400],
  ] as const) {
    await makePhotograph(join(work, `${width}.jpg`), width, height)
    rows.push(denoise(name, join(work, `${width}.jpg`)))
  }
else if (process.argv[2] === undefined) {
  await mkdir(join(work, 'in'))
  for (let i = 0; i < 24; i++) await makePhotograph(join(work, 'in', `${i}.jpg`), 1720, 1160)
  rows.push(denoise('2-megapixel JPEGs', join(work, 'in')))
} else rows.push(denoise(process.argv[2], process.argv[2]))
await rm(work, { recursive: true })

console.log(machine())
printTable(
  ['', 'pictures', 'megapixels', 'seconds', 'MP/s', 'share of the time in the network', 'peak memory, MiB'],
  rows,
)
