import { symlink, mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { filesBelow, printTable, python } from '../support.ts'
import { chooseThreshold } from '../../src-main/engine/anomaly/threshold.ts'
import { openMasks } from '../../src-main/engine/anomaly/masks.ts'
import type { OpenJudge } from '../../src-main/engine/anomaly/open.ts'
import { scoreUnits } from '../../src-main/engine/anomaly/score.ts'
import type { StoredScores } from '../../src-main/engine/anomaly/score-store.ts'
import type { ImageData } from '../../src-main/contract/recipe.ts'
import { auroc } from '../../src-main/contract/detection.ts'
import { sizeOf } from '../../src-main/engine/models/layers.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { drawSubset } from '../../src-main/engine/numeric/subset.ts'
import { openDetectorData, resultOf, writeFloats, type Opened, type Place } from './support.ts'

/** Held out: enough normal images for a threshold at 5 % false alarms, and enough to judge by. */
const shares = ['split.validation=0.2', 'split.test=0.4']
const rule = { type: 'false-alarms', rate: 0.05 } as const
const components = 16
/** Tiles that principal components are fitted to. */
const fitted = 20_000

/** The recipe `tiles` on defect-free tiles, and other ways to redraw the same tiles in its place. */
export async function magneticTiles(place: Place): Promise<void> {
  const { images, masks } = await linked(join(place.data, 'magnetic_tile'), place.home)
  const data = { sources: [images], labels: 'folders' }
  const rows: (string | number)[][] = []
  const seed = place.seeds[0]!
  let run: string | null = null
  for (const score of ['squared', 'absolute', 'whitened'] as const) {
    const detector = join(place.home, `magnetic-${score}`)
    const fit: { run: string } = await resultOf<'anomaly-fit'>(place.engine, {
      ...{ type: 'anomaly-fit', data, normal: ['MT_Free'], score, threshold: rule, out: detector },
      ...(run === null
        ? { recipe: 'tiles', overrides: [...shares, `seed=${seed}`, ...place.overrides] }
        : { run }),
    })
    run = fit.run
    const opened = await openDetectorData(detector, place.home)
    rows.push(rowOf(`darkroom, recipe tiles, ${score}`, await measured(opened, opened.judge, masks)))
    if (score === 'squared') rows.push(...(await others(opened, masks, place.home, seed)))
    await opened.close()
    console.error(`${score} done`)
  }
  console.log(
    `Magnetic tiles, seed ${seed}; threshold: 5 % false alarms. AUROC by kind of defect, against the same normal images`,
  )
  printTable(['', 'AUROC, images', 'accuracy', 'AUROC, pixels', 'average precision, pixels', ...kinds], rows)
}

const kinds = ['MT_Blowhole', 'MT_Break', 'MT_Crack', 'MT_Fray', 'MT_Uneven']

/** The images and their masks, which lie side by side, in folders of their own. */
async function linked(folder: string, home: string): Promise<{ images: string; masks: string }> {
  const [images, masks] = [join(home, 'images'), join(home, 'masks')]
  for (const file of await filesBelow(folder, /\.(jpg|png)$/)) {
    const kind = relative(folder, file).split(/[\\/]/)[0]!
    const to = join(file.endsWith('.jpg') ? images : masks, kind, basename(file))
    await mkdir(dirname(to), { recursive: true })
    await symlink(file, to)
  }
  return { images, masks }
}

async function measured(opened: Opened, judge: OpenJudge, folder: string): Promise<StoredAnomalies> {
  const { open, context } = opened
  const found = await opened.calibrate(judge)
  const spec = open.run.info.recipe.data as ImageData
  const images = Array.from({ length: judge.units.count }, (_, unit) => judge.units.name(unit))
  const { sources } = open.detector.data
  const masks = await openMasks(folder, { images, sources }, spec, context.signal)
  const threshold = chooseThreshold(rule, found.calibration, folder)
  const options = { data: open.detector.data, normal: null, split: 'test', threshold, masks } as const
  return scoreUnits(
    { ...open, calibration: found.calibration },
    { ...judge, whitening: found.whitening },
    { ...options, onImage: null },
    context,
  )
}

type StoredAnomalies = Omit<StoredScores, 'id'>

function rowOf(name: string, { summary, scores, truth, labels }: StoredAnomalies): (string | number)[] {
  const { figures } = summary
  const [low, high] = figures!.aurocLimits
  const ofKind = kinds.map((kind) => {
    const number = labels!.names.indexOf(kind)
    const some = [...truth!.keys()].filter((i) => truth![i] === 1 || labels!.of[i] === number)
    return auroc(
      some.map((i) => scores[i]!),
      some.map((i) => truth![i]!),
    ).toFixed(3)
  })
  return [
    ...[
      name,
      `${figures!.auroc.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
      figures!.accuracy.toFixed(3),
    ],
    ...[figures!.pixels!.auroc.toFixed(3), figures!.pixels!.averagePrecision.toFixed(3), ...ofKind],
  ]
}

/** What stands in the place of the network: samples in, redrawn samples out. */
type Redraw = (sample: Float32Array) => Float32Array

async function others(
  opened: Opened,
  masks: string,
  home: string,
  seed: number,
): Promise<(string | number)[][]> {
  const { judge, unitsOf } = opened
  const size = sizeOf(judge.dataset.shape)
  const items = Int32Array.from([...unitsOf('training', 1)].flatMap((unit) => [...judge.units.itemsOf(unit)]))
  const drawn = drawSubset(items.length, fitted, createRandom(seed)).map((place) => items[place]!)
  const train = await writeFloats(home, 'tiles.f32', await judge.dataset.read(drawn))
  const out = join(home, 'components.f32')
  python('python/anomalies.py', [
    ...['components', '--train', train, '--columns', `${size}`, '--count', `${components}`],
    ...['--seed', `${seed}`, '--out', out],
  ])
  const basis = new Float32Array(Uint8Array.from(await readFile(out)).buffer)
  const mean = basis.subarray(0, size)
  const methods: [string, Redraw][] = [
    [`scikit-learn, PCA reconstruction, ${components} components`, (sample) => byComponents(sample, basis)],
    ['plain statistics: the tile’s own mean (local variance)', (sample) => sample.fill(meanOf(sample))],
    ['plain statistics: the mean normal tile', () => mean],
  ]
  const rows: (string | number)[][] = []
  for (const [name, redraw] of methods)
    rows.push(rowOf(name, await measured(opened, withRedraw(judge, redraw, size), masks)))
  return rows
}

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

function byComponents(sample: Float32Array, basis: Float32Array): Float32Array {
  const size = sample.length
  const result = basis.slice(0, size)
  for (let from = size; from < basis.length; from += size) {
    let along = 0
    for (let i = 0; i < size; i++) along += (sample[i]! - basis[i]!) * basis[from + i]!
    for (let i = 0; i < size; i++) result[i]! += along * basis[from + i]!
  }
  return result
}

function withRedraw(judge: OpenJudge, redraw: Redraw, size: number): OpenJudge {
  return {
    ...judge,
    model: {
      ...judge.model,
      encode: (samples) => Promise.resolve({ code: samples, zLogVar: null }),
      decode(samples) {
        const outputs = new Float32Array(samples.length)
        for (let from = 0; from < samples.length; from += size)
          outputs.set(redraw(samples.slice(from, from + size)), from)
        return Promise.resolve(outputs)
      },
    },
  }
}
