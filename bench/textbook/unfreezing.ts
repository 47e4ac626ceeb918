import { accuracyOf, lessonOf, newHead, samplesOf, codesOf } from './heads.ts'
import { encoderOfRun, openNetworkLearner } from '../../src-main/engine/classify/network.ts'
import { openHeadLearner } from '../../src-main/engine/classify/head.ts'
import { readTrainedRun } from '../../src-main/engine/jobs/trained-run.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { rowsAt } from '../../src-main/engine/numeric/subset.ts'
import { judge, percents, points, type Found } from './figures.ts'
import type { Lab } from './lab.ts'
import { deepRun } from './sizes.ts'

/** Steps of each of the two halves; those that train everything at once have both. */
const steps = 300
/** Of fine-tuning, relative to that of the head. */
const rate = 0.1
const layers = { last: 2, all: 3 }
const labels = [10, 100]

interface Figures {
  frozen: number
  /** A head first; then the last layers, or all, with it. */
  lastAfter: number
  allAfter: number
  /** All from the beginning, at the small rate and at the head's. */
  allAtOnce: number
  allAtOnceFast: number
}
const arms: { key: keyof Figures; title: string }[] = [
  { key: 'frozen', title: `frozen, ${2 * steps} steps` },
  {
    key: 'lastAfter',
    title: `frozen ${steps} steps, then the last ${layers.last} layers at ${rate} of the rate`,
  },
  { key: 'allAfter', title: `frozen ${steps} steps, then all ${layers.all} at ${rate} of the rate` },
  { key: 'allAtOnce', title: `all ${layers.all} at once at ${rate} of the rate, ${2 * steps} steps` },
  { key: 'allAtOnceFast', title: `all ${layers.all} at once at the whole rate, ${2 * steps} steps` },
]

/** Freeze first, then unfreeze the last layers. */
export async function unfreezing(lab: Lab): Promise<Found> {
  const found = await lab.ofSeeds('unfreezing', async (seed) => {
    const run = await deepRun(lab, 32, seed)
    const all: Figures[] = []
    for (const perClass of labels) all.push(await measure(lab, run, perClass, seed))
    return all
  })
  const of = (key: keyof Figures, place: number): number[] => found.map((each) => each[place]![key])
  const more = (a: keyof Figures, b: keyof Figures, place: number): number[] =>
    of(a, place).map((value, i) => value - of(b, place)[i]!)
  return {
    title: 'Freeze the encoder first, then unfreeze its last layers',
    protocol: `Encoder of \`deep\` (784→256→128→32, learned from 4,000 images without labels) under the head of \`darkroom classify\`; share of test images that it knows, in percent.`,
    header: ['training', ...labels.map((perClass) => `${(10 * perClass).toLocaleString('en')} labels`)],
    rows: arms.map(({ key, title }) => [title, ...labels.map((_, place) => percents(of(key, place)))]),
    verdicts: labels.flatMap((perClass, place) => [
      judge(
        `${10 * perClass} labels: unfreezing the last ${layers.last} afterwards is ahead of staying frozen`,
        more('lastAfter', 'frozen', place),
        points,
      ),
      judge(
        `${10 * perClass} labels: unfreezing all ${layers.all} afterwards is ahead of staying frozen`,
        more('allAfter', 'frozen', place),
        points,
      ),
      judge(
        `${10 * perClass} labels: freezing first is ahead of all at once, at the same small rate`,
        more('allAfter', 'allAtOnce', place),
        points,
      ),
      judge(
        `${10 * perClass} labels: and of all at once at the whole rate`,
        more('allAfter', 'allAtOnceFast', place),
        points,
      ),
    ]),
  }
}

async function measure(lab: Lab, run: string, perClass: number, seed: number): Promise<Figures> {
  const encoder = encoderOfRun(await readTrainedRun(run))
  const codes = await codesOf(lab, run)
  const samples = await samplesOf(lab, run)
  const lesson = lessonOf(codes.training, perClass, seed)
  const { head, weights: fresh } = newHead(codes.training, seed)
  const start = { ...encoder.weights, ...fresh }
  const random = (half: number) => createRandom(seed).fork(2 + half)
  const read = (items: Int32Array): Promise<Float32Array> =>
    Promise.resolve(rowsAt(samples.training.values, samples.training.size, items))

  async function headFor(total: number): Promise<typeof start> {
    const learner = await openHeadLearner(lab.backend, head, fresh, codes.training.values)
    const learned = await learner.learn(fresh, lesson, { random: random(0), steps: total })
    await learner.dispose()
    return { ...start, ...learned }
  }
  async function networkFrom(
    weights: typeof start,
    options: { layers: number; rate: number; total: number; half: number },
  ): Promise<number> {
    const learner = await openNetworkLearner(
      lab.backend,
      { encoder, head, weights },
      { layers: options.layers, rate: options.rate, read },
    )
    const learned = await learner.learn(weights, lesson, {
      ...{ random: random(options.half), steps: options.total },
    })
    await learner.dispose()
    return accuracy({ ...weights, ...learned })
  }
  const accuracy = (weights: typeof start): Promise<number> =>
    accuracyOf(
      lab.backend,
      (state, x) => head.probabilities(state, encoder.encode(state, x)),
      weights,
      encoder.input,
      samples.test,
    )
  const ready = await headFor(steps)
  return {
    frozen: await accuracy(await headFor(2 * steps)),
    lastAfter: await networkFrom(ready, { layers: layers.last, rate, total: steps, half: 1 }),
    allAfter: await networkFrom(ready, { layers: layers.all, rate, total: steps, half: 1 }),
    allAtOnce: await networkFrom(start, { layers: layers.all, rate, total: 2 * steps, half: 0 }),
    allAtOnceFast: await networkFrom(start, { layers: layers.all, rate: 1, total: 2 * steps, half: 0 }),
  }
}
