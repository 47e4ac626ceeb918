import { join } from 'node:path'
import { printTable, python } from '../support.ts'
import { figuresAt } from '../../src-main/contract/detection.ts'
import { scoresOf } from '../../src-main/engine/anomaly/calibrate.ts'
import { chooseThreshold } from '../../src-main/engine/anomaly/threshold.ts'
import {
  concat,
  openDetectorData,
  resultOf,
  rising,
  spread,
  writeFloats,
  type Opened,
  type Place,
  type Rule,
} from './support.ts'

/** How thresholds are chosen, all before the test part is looked at; the mean and one standard deviation is the familiar tutorial's. */
const rules: { name: string; rule: Rule }[] = [
  { name: 'false alarms ≤ 1 %', rule: { type: 'false-alarms', rate: 0.01 } },
  { name: 'false alarms ≤ 2 %', rule: { type: 'false-alarms', rate: 0.02 } },
  { name: 'false alarms ≤ 5 %', rule: { type: 'false-alarms', rate: 0.05 } },
  { name: 'mean + 1 σ', rule: { type: 'deviations', count: 1 } },
  { name: 'mean + 3 σ', rule: { type: 'deviations', count: 3 } },
  { name: 'best F1 on validation', rule: { type: 'best-f1' } },
]

type Figures = NonNullable<ReturnType<typeof figuresAt>>

/** Scores of one method of one seed, by what they are for. */
interface Scored {
  method: string
  /** Of held-out items: normal ones, and others. */
  normal: number[]
  anomalous: number[]
  test: number[]
}

/** The recipe `signal` on normal beats alone, and other methods on the same rows. */
export async function heartbeats(place: Place): Promise<void> {
  const data = { sources: [join(place.data, 'ecg5000', 'ecg5000.csv')], labels: 'column:label' }
  const found = new Map<string, { figures: Record<string, Figures>; auroc: number }[]>()
  const caught = new Map<string, number[]>()
  for (const seed of place.seeds) {
    const detector = join(place.home, `heartbeats-${seed}`)
    await resultOf(place.engine, {
      ...{ type: 'anomaly-fit', data, normal: ['1'], recipe: 'signal', out: detector },
      overrides: [`seed=${seed}`, ...place.overrides],
    })
    const opened = await openDetectorData(detector, place.home)
    const test = concat(opened.unitsOf('test', 1), opened.unitsOf('test', 0))
    const truth = Int8Array.from(test, (_, i) => (i < opened.unitsOf('test', 1).length ? 1 : 0))
    for (const scored of [await ours(opened, test), ...(await peers(opened, test, place.home, seed))]) {
      const calibration = { normal: rising(scored.normal), anomalous: rising(scored.anomalous) }
      const figures: Record<string, Figures> = {}
      for (const { name, rule } of rules) {
        const { value } = chooseThreshold(rule, calibration, scored.method)
        figures[name] = figuresAt(Float32Array.from(scored.test), truth, value)!
        if (scored.method === own) countClasses(caught, name, opened, test, scored.test, value)
      }
      const all = found.get(scored.method) ?? []
      all.push({ figures, auroc: Object.values(figures)[0]!.auroc })
      found.set(scored.method, all)
    }
    await opened.close()
    console.error(`seed ${seed} done`)
  }
  print(found, caught, place)
}

const own = 'darkroom, recipe signal'

async function ours({ judge, unitsOf, context }: Opened, test: Int32Array): Promise<Scored> {
  const scores = async (units: Int32Array): Promise<number[]> => [
    ...(await scoresOf(judge, units, context, () => undefined)),
  ]
  return {
    method: own,
    normal: await scores(unitsOf('validation', 1)),
    anomalous: await scores(unitsOf('validation', 0)),
    test: await scores(test),
  }
}

async function peers(
  { judge, unitsOf }: Opened,
  test: Int32Array,
  home: string,
  seed: number,
): Promise<Scored[]> {
  const [normal, anomalous] = [unitsOf('validation', 1), unitsOf('validation', 0)]
  const { dataset } = judge
  const train = await writeFloats(home, 'train.f32', await dataset.read(unitsOf('training', 1)))
  const rows = await writeFloats(home, 'rows.f32', await dataset.read(concat(normal, anomalous, test)))
  const columns = `${dataset.shape[0]!}`
  const given = ['rows', '--train', train, '--rows', rows, '--columns', columns, '--seed', `${seed}`]
  return python<{ method: string; scores: number[] }>('python/anomalies.py', given).map(
    ({ method, scores }) => ({
      method: `scikit-learn, ${method}`,
      normal: scores.slice(0, normal.length),
      anomalous: scores.slice(normal.length, normal.length + anomalous.length),
      test: scores.slice(normal.length + anomalous.length),
    }),
  )
}

/** Share of each class that is rightly judged, by rule. */
function countClasses(
  caught: Map<string, number[]>,
  rule: string,
  { judge }: Opened,
  test: Int32Array,
  scores: number[],
  threshold: number,
): void {
  const { names, of } = judge.units.labels!
  for (const [number, name] of names.entries()) {
    const places = [...test.keys()].filter((place) => of[test[place]!] === number)
    const right = places.filter((place) => Math.fround(scores[place]!) > threshold === (name !== '1'))
    const key = `${rule}/${name}`
    caught.set(key, [...(caught.get(key) ?? []), right.length, places.length])
  }
}

function print(
  found: Map<string, { figures: Record<string, Figures>; auroc: number }[]>,
  caught: Map<string, number[]>,
  { seeds }: Place,
): void {
  console.log(`ECG5000, seeds ${seeds.join(', ')}: mean ± standard deviation. Accuracy on the test part`)
  printTable(
    ['', 'AUROC', ...rules.map(({ name }) => name)],
    [...found].map(([method, all]) => [
      method,
      spread(all.map(({ auroc }) => auroc)),
      ...rules.map(({ name }) => spread(all.map(({ figures }) => figures[name]!.accuracy))),
    ]),
  )
  console.log('Ours, by the convention of what is called positive')
  const all = found.get(own)!
  const of = (name: string, kind: 'normal' | 'anomaly', figure: 'precision' | 'recall' | 'f1'): string =>
    spread(all.map(({ figures }) => figures[name]!.positive[kind][figure]))
  printTable(
    [
      'threshold',
      'accuracy',
      ...['normal', 'anomaly'].flatMap((kind) =>
        ['precision', 'recall', 'F1'].map((figure) => `${figure}, ${kind} positive`),
      ),
    ],
    rules.map(({ name }) => [
      name,
      spread(all.map(({ figures }) => figures[name]!.accuracy)),
      ...(['normal', 'anomaly'] as const).flatMap((kind) =>
        (['precision', 'recall', 'f1'] as const).map((figure) => of(name, kind, figure)),
      ),
    ]),
  )
  console.log('Rightly judged of each class, all seeds together')
  const classes = [...new Set([...caught.keys()].map((key) => key.split('/')[1]!))]
  printTable(
    ['threshold', ...classes.map((name) => `class ${name}`)],
    rules.map(({ name }) => [
      name,
      ...classes.map((one) => {
        const counts = caught.get(`${name}/${one}`)!
        const sum = (odd: number): number => counts.filter((_, i) => i % 2 === odd).reduce((a, b) => a + b, 0)
        return `${sum(0)} of ${sum(1)}`
      }),
    ]),
  )
}
