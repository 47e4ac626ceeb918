// What few labels are worth on Fashion-MNIST: a head on the frozen encoder of a run, fine-tuned, self-trained, and the same network from scratch,
// beside scikit-learn's logistic regression on pixels and on principal components, for the same labels, drawn by five seeds. The run has seen its
// whole training split, without labels; all are measured on its test split.
//   npx tsx bench/labels.ts <run> [data: ../shared/data] [--beside <runs of other encoders, comma>] [--per-class 1,10,100,all] [--seeds 5]
//     [--threads 2]
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine, mean, printTable, python, root } from './support.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { openOwnData } from '../src-main/engine/classify/data.ts'
import { fitClassifier, type Fitted, type FitOptions } from '../src-main/engine/classify/fit.ts'
import { classFigures, likeliest } from '../src-main/engine/classify/figures.ts'
import { openNetworkLearner, type Network } from '../src-main/engine/classify/network.ts'
import { predictItems } from '../src-main/engine/classify/predict.ts'
import { readTrainedRun } from '../src-main/engine/jobs/trained-run.ts'
import { buildAutoencoder } from '../src-main/engine/models/autoencoder.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import { createRandom, type Random } from '../src-main/engine/numeric/random.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'per-class': { type: 'string', default: '1,10,100,all' },
    seeds: { type: 'string', default: '5' },
    beside: { type: 'string', default: '' },
    threads: { type: 'string', default: '2' },
  },
})
const [runFolder, shared = join(root, '../shared/data')] = positionals
if (runFolder === undefined) throw new Error('npx tsx bench/labels.ts <run> [data]')
const beside = await Promise.all(options.beside.split(',').filter(Boolean).map(readTrainedRun))
const data = {
  sources: [join(shared, 'fashion_mnist/train20k-images-idx3-ubyte.gz')],
  labels: join(shared, 'fashion_mnist/train20k-labels-idx1-ubyte.gz'),
}
/** Student's t of 97.5 % by degrees of freedom. */
const t = [NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

const folder = await mkdtemp(join(tmpdir(), 'labels-'))
const backend = await openBackend('auto', { threads: Number(options.threads) })
const context = {
  ...{ backend, home: folder, signal: new AbortController().signal },
  ...{ pause: () => Promise.resolve(), emit: () => undefined },
}
const run = await readTrainedRun(runFolder)
const { dataset, split } = await openOwnData(run, data, context)
if (split === null) throw new Error('the run was trained on other data')
const test = split.test
const labels = dataset.labels!

interface Row {
  accuracy: number
  calibrationError: number
}
const table = new Map<string, Map<string, Row[]>>()
function note(method: string, labelCount: string, row: Row): void {
  const rows = table.get(method) ?? new Map<string, Row[]>()
  rows.set(labelCount, [...(rows.get(labelCount) ?? []), row])
  table.set(method, rows)
}

async function measure(network: Network, classes: string[]): Promise<Row> {
  const probabilities = await predictItems(network, dataset, test, context)
  const truth = Int32Array.from(test, (item) => classes.indexOf(labels.names[labels.of[item]!]!))
  const predicted = likeliest(probabilities, classes.length)
  const { accuracy, calibrationError } = classFigures({ classes, truth, predicted, probabilities })!
  return { accuracy, calibrationError }
}

function freshEncoder(random: Random, encoder: Network['encoder']): TensorMap {
  const { model } = run.info.recipe
  if (model.type !== 'autoencoder') throw new Error(model.type)
  const weights = buildAutoencoder(model, encoder.input).init(random)
  return Object.fromEntries(Object.keys(encoder.weights).map((name) => [name, weights[name]!]))
}

/** The network of a fitted classifier, from weights drawn anew, all of them trained on the labels alone. */
async function fromScratch({ encoder, head, lesson }: Fitted, seed: number): Promise<Network> {
  const random = createRandom(seed)
  // Samples are in [0, 1] and need no statistics; codes of an untrained encoder have none worth keeping.
  const standard = { mean: new Float32Array(head.size), deviation: new Float32Array(head.size).fill(1) }
  const weights = { ...freshEncoder(random.fork(1), encoder), ...head.init(standard, random.fork(2)) }
  const read = (items: Int32Array): Promise<Float32Array> => dataset.read(items)
  const network = { encoder, head, weights }
  const layers = encoder.layers.length
  const learner = await openNetworkLearner(backend, network, { layers, rate: 0.5, read })
  const learned = await learner.learn(weights, lesson, { random: random.fork(3) })
  await learner.dispose()
  return { encoder, head, weights: learned }
}

const lessons: { labels: string; items: number[]; classes: number[] }[] = []
for (const perClass of options['per-class'].split(',')) {
  for (let seed = 0; seed < Number(options.seeds); seed++) {
    const how: FitOptions = {
      ...{ data, labelled: [], labelsPerClass: perClass === 'all' ? null : Number(perClass) },
      ...{ hidden: 128, fineTune: 0, selfTrain: false, seed },
    }
    const frozen = await fitClassifier(run, how, context)
    const { lesson } = frozen
    const count = `${lesson.items.length}`
    note('frozen encoder', count, await measure(frozen, lesson.names))
    const tuned = await fitClassifier(run, { ...how, fineTune: 2 }, context)
    note('fine-tuned', count, await measure(tuned, lesson.names))
    if (lesson.unlabelled.length > 0) {
      const taught = await fitClassifier(run, { ...how, selfTrain: true }, context)
      note('self-trained', count, await measure(taught, lesson.names))
    }
    note('the same net from scratch', count, await measure(await fromScratch(frozen, seed), lesson.names))
    for (const other of beside) {
      const classifier = await fitClassifier(other, how, context)
      const name = `frozen encoder of ${basename(other.path)}, code of ${classifier.encoder.size}`
      note(name, count, await measure(classifier, lesson.names))
    }
    // All labels are the same for every seed, and logistic regression has no other chance in it.
    if (perClass !== 'all' || seed === 0)
      lessons.push({ labels: count, items: [...lesson.items], classes: [...lesson.classes] })
    console.error(`${count} labels, seed ${seed}`)
  }
}

const every = Int32Array.from({ length: dataset.count }, (_, item) => item)
await writeFile(join(folder, 'pixels.f32'), await dataset.read(every))
await writeFile(
  join(folder, 'lessons.json'),
  JSON.stringify({
    ...{ columns: dataset.shape.reduce((a, b) => a * b, 1), training: [...split.training] },
    ...{ test: [...test], truth: Array.from(test, (item) => labels.of[item]), lessons },
  }),
)
interface Peer extends Row {
  method: string
  labels: string
}
for (const { method, labels: count, ...row } of python<Peer>('python/labels.py', [folder]))
  note(method, count, row)

const counts = [...new Set([...table.values()].flatMap((rows) => [...rows.keys()]))]
const cell = (rows: Row[] | undefined): string => {
  if (rows === undefined) return '–'
  const values = rows.map(({ accuracy }) => 100 * accuracy)
  const middle = mean(values)
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1),
  )
  const half = (t[values.length - 1]! * deviation) / Math.sqrt(values.length)
  const error = mean(rows.map(({ calibrationError }) => calibrationError)).toFixed(2)
  return `${middle.toFixed(1)}${values.length > 1 ? ` ± ${half.toFixed(1)}` : ''} (${error})`
}
const epochs = run.info.recipe.epochs ?? 0
console.log(`${machine()}; ${run.info.recipe.name}, ${epochs} epochs; ${test.length} test items`)
printTable(
  ['% right ± 95 % interval (calibration error)', ...counts.map((count) => `${count} labels`)],
  [...table].map(([method, rows]) => [method, ...counts.map((count) => cell(rows.get(count)))]),
)
await dataset.close()
await backend.close()
await rm(folder, { recursive: true })
