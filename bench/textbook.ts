// What textbooks claim of autoencoders, tried on Fashion-MNIST with small networks and several seeds: a table for each claim, and the verdict
// that its figures give. Whatever was trained or measured before is taken from the folder that --keep names.
//   npx tsx bench/textbook.ts [folder of data: ../shared/data] [--only tied,pretraining,…] [--seeds 5] [--threads 2] [--keep <folder>]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { machine, printTable, root } from './support.ts'
import { augmentation } from './textbook/augmentation.ts'
import { distances } from './textbook/distances.ts'
import { encodersAlone } from './textbook/encoders.ts'
import type { Found, Verdict } from './textbook/figures.ts'
import { openLab, type Lab } from './textbook/lab.ts'
import { pretraining } from './textbook/pretraining.ts'
import { codeSizes } from './textbook/sizes.ts'
import { dataSpecific } from './textbook/specific.ts'
import { tied } from './textbook/tied.ts'
import { unfreezing } from './textbook/unfreezing.ts'

const claims: Record<string, (lab: Lab) => Promise<Found | Found[]>> = {
  ...{ tied, pretraining, unfreezing },
  encoders: encodersAlone,
  distances,
  specific: dataSpecific,
  sizes: codeSizes,
  augmentation,
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: Object.keys(claims).join(',') },
    seeds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    keep: { type: 'string' },
  },
})
const wanted = options.only.split(',')
const unknown = wanted.find((name) => !(name in claims))
if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${Object.keys(claims).join(', ')}`)

const folder = resolve(options.keep ?? (await mkdtemp(join(tmpdir(), 'darkroom-'))))
const lab = await openLab(resolve(positionals[0] ?? join(root, '../shared/data')), folder, {
  threads: Number(options.threads),
  seeds: Array.from({ length: Number(options.seeds) }, (_, i) => i + 1),
})
console.log(`${machine()}; ${options.seeds} seeds, mean ± standard deviation.\n`)
for (const name of wanted) for (const found of [await claims[name]!(lab)].flat()) print(found)
await lab.close()
if (options.keep === undefined) await rm(folder, { recursive: true })

function print({ title, protocol, header, rows, verdicts }: Found): void {
  console.log(`### ${title}\n\n${protocol}\n`)
  printTable(header, rows)
  console.log(`\n${verdicts.map(lineOf).join('\n')}\n`)
}

function lineOf({ says, is, difference, limits, unit }: Verdict): string {
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(2)}`
  return `- ${says}: **${is}** (${signed(difference)} ${unit}; ${limits.map(signed).join(' to ')})`
}
