// The choice of a model for each picture, and the refusal to make pictures worse, where the truth is known.
//   npx tsx bench/evidence.ts [folder of data: ../shared/data] [every which picture of CBSD68: 3]
// The estimate was fitted to CBSD68 with known noise; real pairs (RENOIR, PolyU) are not in the fit, but its figures were picked with an eye
// on them. The last line is that fit again: the coefficients of `noiseShare` in engine/analysis/evidence.ts.
import { join } from 'node:path'
import { corrupted } from './noisy-pictures.ts'
import {
  contentOf,
  measureEvidence,
  residualFacts,
  shareTerms,
} from '../src-main/engine/analysis/evidence.ts'
import { measureNoise } from '../src-main/engine/analysis/noise-facts.ts'
import { chooseModel } from '../src-main/engine/inference/choose.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import { cholesky, inverseOfLower } from '../src-main/engine/numeric/cholesky.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'
import { filesBelow, machine, mean, median, openPhoto, printTable } from './support.ts'

const data = process.argv[2] ?? '../shared/data'
const every = Number(process.argv[3] ?? 3)
const models = ['photo', 'camera']
/** Changes of the PSNR below this, in dB, are neither better nor worse. */
const noChange = 0.05

interface Pair {
  noisy: ImagePage
  clean: ImagePage
}
interface Set {
  name: string
  /** Whether the estimate was fitted to it. */
  isFitted: boolean
  pairs: AsyncIterable<Pair>
}

const firstPage = async (file: string): Promise<ImagePage> => (await readImage(file)).pages[0]!

async function* realPairs(folder: string, noisy: RegExp, reference: string): AsyncIterable<Pair> {
  for (const file of await filesBelow(join(data, folder), noisy))
    yield { noisy: await firstPage(file), clean: await firstPage(file.replace(noisy, reference)) }
}

async function* knownNoise(seed: number, corruptions: object[]): AsyncIterable<Pair> {
  const chain = [...corruptions, { type: 'quantize' }]
  const files = await filesBelow(join(data, 'cbsd68'), /\.png$/)
  for (const [index, file] of files.entries()) {
    if (index % every !== 0) continue
    const clean = await firstPage(file)
    yield { clean, noisy: await corrupted(clean, chain, createRandom(seed).fork(index)) }
  }
}

const white = (sigma: number) => ({ type: 'gaussian', sigma: [sigma, sigma] })
const jpeg = (low: number, high: number) => ({ type: 'jpeg', quality: [low, high] })
const known = (name: string, seed: number, ...corruptions: object[]): Set => ({
  ...{ name: `CBSD68, ${name}`, isFitted: true },
  pairs: knownNoise(seed, corruptions),
})
const sets: Set[] = [
  { name: 'RENOIR', isFitted: false, pairs: realPairs('renoir_crops', /noisy\.bmp$/, 'reference.bmp') },
  { name: 'PolyU', isFitted: false, pairs: realPairs('polyu', /real\.JPG$/, 'mean.JPG') },
  known('clean', 1),
  known('σ 2', 2, white(2)),
  known('σ 5', 3, white(5)),
  known('σ 10', 10, white(10)),
  known('σ 25', 4, white(25)),
  known('σ 5, JPEG 85', 5, white(5), jpeg(85, 85)),
  known('JPEG 80', 6, jpeg(80, 80)),
  known('camera by day, JPEG', 7, { type: 'camera', shot: [1e-4, 1e-3] }, jpeg(90, 98)),
  known('camera', 8, { type: 'camera', shot: [1e-3, 0.012] }),
  known('camera, JPEG', 9, { type: 'camera' }, jpeg(80, 97)),
]

const squaredError = (a: ImagePage, b: ImagePage): number => {
  let sum = 0
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2
  return sum / a.data.length
}
const psnrOf = (error: number): number => 10 * Math.log10(255 ** 2 / error)

/** One network on one picture. */
interface Run {
  after: number
  isBetter: boolean
  /** Estimated change of the PSNR in dB. */
  gain: number | null
}
interface Picture {
  before: number
  correlation: number
  blocking: number
  chosen: Run
  runs: Record<string, Run>
}

/** Rows of the fit: terms and 1, the true share, and a weight. */
const fit: { terms: number[]; share: number; weight: number }[] = []

/** @returns what became of the picture; what the estimate is fitted to goes to `fit`. */
async function runOne(id: string, { noisy, clean }: Pair, before: number, set: Set): Promise<Run> {
  const sigma = found.sigma
  const { page } = await denoisePage(networks.get(id)!, noisy, { sigma, strength: 100, tile: 'auto' })
  const after = squaredError(page, clean)
  if (page.data === noisy.data) return { after, isBetter: true, gain: 0 }
  const { isBetter, gain } = measureEvidence(noisy, page, sigma, 1)
  const facts = residualFacts(noisy, page)
  if (set.isFitted && facts.power > 0.02) {
    const share = (before - after + facts.power) / (2 * facts.power)
    const isHarm = before > 0 && after > before * 10 ** (noChange / 10)
    fit.push({
      terms: [...shareTerms(facts, contentOf(noisy), sigma, 1), 1],
      share: Math.min(1, Math.max(0, share)),
      // Harm is rare. A larger weight finds more of it, and refuses more pictures that would have become better.
      weight: isHarm ? 2.5 : 1,
    })
  }
  return { after, isBetter, gain }
}

let found = measureNoise(await firstPage((await filesBelow(join(data, 'cbsd68'), /\.png$/))[0]!))
const opened = await Promise.all(models.map((id) => openPhoto(id)))
const networks = new Map(models.map((id, i) => [id, opened[i]!.denoiser]))

const quality: (string | number)[][] = []
const refusals: (string | number)[][] = []
for (const set of sets) {
  const pictures: Picture[] = []
  for await (const pair of set.pairs) {
    found = measureNoise(pair.noisy)
    const before = squaredError(pair.noisy, pair.clean)
    const runs: Record<string, Run> = {}
    for (const id of models) runs[id] = await runOne(id, pair, before, set)
    const { horizontal, vertical } = found.correlation
    pictures.push({
      ...{ before, runs, correlation: (horizontal + vertical) / 2, blocking: found.blocking },
      chosen: runs[chooseModel(found, models).model]!,
    })
  }
  console.error(`${set.name}: ${pictures.length}`)
  if (pictures.length === 0) continue
  report(set.name, pictures)
}

function report(name: string, pictures: Picture[]): void {
  const decibels = (errors: number[]): string => mean(errors.map(psnrOf)).toFixed(2)
  const kept = (run: Run, before: number): number => (run.isBetter ? run.after : before)
  quality.push([
    ...[name, pictures.length],
    ...[median(pictures.map((one) => one.correlation)), median(pictures.map((one) => one.blocking))].map(
      (value) => value.toFixed(2),
    ),
    pictures.filter(({ chosen, runs }) => chosen === runs['camera']).length,
    decibels(pictures.map(({ before }) => before)),
    ...models.map((id) => decibels(pictures.map(({ runs }) => runs[id]!.after))),
    decibels(pictures.map(({ chosen }) => chosen.after)),
    decibels(pictures.map(({ chosen, before }) => kept(chosen, before))),
  ])
  const changeOf = (one: { run: Run; before: number }): number => psnrOf(one.run.after) - psnrOf(one.before)
  for (const [by, pick] of [
    ['auto', (one: Picture) => one.chosen],
    ['photo', (one: Picture) => one.runs['photo']!],
  ] as const) {
    const all = pictures.map((one) => ({ run: pick(one), before: one.before }))
    const worse = all.filter((one) => changeOf(one) < -noChange)
    const better = all.filter((one) => changeOf(one) > noChange)
    const refused = all.filter(({ run }) => !run.isBetter)
    const falsely = better.filter(({ run }) => !run.isBetter)
    const cleaned = all.filter(({ run }) => run.isBetter)
    const errors = all.flatMap((one) =>
      one.run.gain === null || one.before === 0 ? [] : [Math.abs(one.run.gain - changeOf(one))],
    )
    refusals.push([
      ...[name, by, pictures.length, worse.length, refused.length],
      worse.filter(({ run }) => run.isBetter).length,
      falsely.length === 0 ? '0' : `${falsely.length} (${mean(falsely.map(changeOf)).toFixed(2)} dB each)`,
      cleaned.length === 0 ? '–' : `${Math.min(...cleaned.map(changeOf)).toFixed(2)} dB`,
      errors.length === 0 ? '–' : mean(errors).toFixed(2),
    ])
  }
}

/** Weighted least squares with a little ridge. */
function fitShare(): number[] {
  const n = fit[0]!.terms.length
  const matrix = new Float64Array(n * n)
  const right = new Float64Array(n)
  for (const { terms, share, weight } of fit)
    for (let i = 0; i < n; i++) {
      right[i]! += weight * terms[i]! * share
      for (let j = 0; j < n; j++) matrix[i * n + j]! += weight * terms[i]! * terms[j]!
    }
  for (let i = 0; i < n; i++) matrix[i * n + i]! += 0.01
  const inverse = inverseOfLower(cholesky(matrix, n), n)
  const half = Array.from({ length: n }, (_, i) => {
    let sum = 0
    for (let j = 0; j <= i; j++) sum += inverse[i * n + j]! * right[j]!
    return sum
  })
  return Array.from({ length: n }, (_, i) => {
    let sum = 0
    for (let j = i; j < n; j++) sum += inverse[j * n + i]! * half[j]!
    return sum
  })
}

console.log(`${machine()}\n`)
printTable(
  [
    ...['set', 'pictures', 'correlation, median', 'blocks, median', 'auto chooses camera', 'PSNR noisy'],
    ...['photo', 'camera', 'auto', 'auto, some kept'],
  ],
  quality,
)
console.log()
printTable(
  [
    ...['set', 'model', 'pictures', 'made worse', 'kept', 'worse and not kept', 'kept though better'],
    ...['worst change of what was cleaned', 'mean error of the estimated change, dB'],
  ],
  refusals,
)
if (fit.length > 0)
  console.log(
    `\nfitted to ${fit.length} runs: ${fitShare()
      .map((one) => one.toFixed(3))
      .join(', ')}`,
  )
await Promise.all(opened.map(({ backend }) => backend.close()))
