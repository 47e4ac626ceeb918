// Trains every family of autoencoders under one protocol on Fashion-MNIST, and the signal recipes on ECG5000; measures them on held-out
// data beside PCA and other simple models; writes docs/autoencoders.md with its pictures. Runs that are done are not done again, one that was stopped goes on.
//   npx tsx bench/autoencoders.ts [data: ../shared/data] [runs: ../runs/autoencoders] [threads: 2] [only train: names, comma]
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dimensions, deepAt, imageEntries, signalEntries, type Entry } from './autoencoders/families.ts'
import { measureBaselines, measureRun, openTest, type Measured } from './autoencoders/measure.ts'
import { picturesFolder, writePage, type Results } from './autoencoders/page.ts'
import { machine, root, runJob } from './support.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { createEngine } from '../src-main/engine/engine.ts'
import { sheetPng } from '../src-main/engine/storage/sheet.ts'

const [data = join(root, '../shared/data'), runs = join(root, '../runs/autoencoders'), threads = '2', only] =
  process.argv.slice(2)
const home = join(runs, 'home')
const docs = join(root, 'docs')

interface Source {
  sources: string[]
  labels: string | null
}

const engine = createEngine({ home, threads: Number(threads), onError: console.error })

/** Trains, or goes on, and says so. */
async function train({ run, recipe, overrides = [] }: Entry, source: Source): Promise<void> {
  const started = performance.now()
  const out = join(runs, run)
  const last = await runJob(engine, {
    ...{ type: 'train', data: source, recipe, overrides, out, resume: existsSync(out) },
  })
  if (last.event !== 'done') throw new Error(`${run}: ${JSON.stringify(last)}`)
  console.log(`${run}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

async function measureAll(entries: Entry[], source: Source, components: number[]) {
  const backend = await openBackend('auto', { threads: Number(threads) })
  const measured = new Map<string, Measured>()
  for (const { run } of entries) {
    const { trained, ...test } = await openTest(join(runs, run), source, home)
    measured.set(run, await measureRun(backend, trained, test))
    await test.dataset.close()
  }
  const first = await openTest(join(runs, entries[0]!.run), source, home)
  const baselines = await measureBaselines(first, components)
  await first.dataset.close()
  await backend.close()
  return { runs: measured, baselines, split: first.split }
}

async function writePicture(name: string, rows: Float32Array[][], shape: number[]): Promise<void> {
  const folder = join(docs, picturesFolder)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.png`), await sheetPng(rows, shape, { scale: 2 }))
}

const below = async (folder: string, pattern: RegExp): Promise<string> =>
  join(
    folder,
    (await readdir(folder)).find((name) => pattern.test(name))!,
  )

const fashion = join(data, 'fashion_mnist')
const images: Source = {
  sources: [await below(fashion, /images/)],
  labels: await below(fashion, /labels/),
}
const heartbeats: Source = { sources: [join(data, 'ecg5000/ecg5000.csv')], labels: 'column:label' }

const wanted = (entry: Entry): boolean => only === undefined || only.split(',').includes(entry.run)
for (const entry of imageEntries.filter(wanted)) await train(entry, images)
for (const entry of signalEntries.filter(wanted)) await train(entry, heartbeats)

if (only === undefined) {
  const { runs: measured, baselines, split } = await measureAll(imageEntries, images, dimensions)
  const signals = await measureAll(signalEntries, heartbeats, [8])
  const small = (tied: boolean) =>
    engine.describeRecipe({
      recipe: 'undercomplete',
      overrides: [
        'model.encoder.layers=[{"type":"dense","units":5}]',
        'model.encoder.latentDim=3',
        'model.bias=false',
        `model.tied=${tied}`,
      ],
      input: [7],
    })
  const results: Results = {
    machine: machine(),
    images: measured,
    baselines,
    signals,
    split: {
      training: split.training.length,
      validation: split.validation.length,
      test: split.test.length,
    },
    small: { plain: await small(false), tied: await small(true) },
  }
  for (const [run, { strip }] of measured)
    if (imageEntries.some((entry) => entry.recipe === run && entry.run === run))
      await writePicture(run, strip, [28, 28, 1])
  const original = measured.get('undercomplete')!.strip[0]!
  const beside = [2, 10].flatMap((dimension) => [
    baselines.pcaStrips.get(dimension)!,
    measured.get(deepAt(dimension))!.strip[1]!,
  ])
  await writePicture('pca', [original, ...beside], [28, 28, 1])
  const [dense, conv] = [signals.runs.get('signal')!.strip, signals.runs.get('signal-conv')!.strip]
  await writePicture('signal', [dense[0]!, dense[1]!, conv[1]!], [dense[0]![0]!.length])
  await writeFile(join(docs, 'autoencoders.md'), writePage(results))
}
await engine.close()
