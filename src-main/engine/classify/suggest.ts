import { kmeansGenerator } from 'ml-kmeans'
import type { z } from 'zod'
import type { LabelAnswer, LabelQuestion } from '../../contract/analysis.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Backend } from '../backend/backend.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { drawSubset, rowsAt, shuffled } from '../numeric/subset.ts'
import { likeliest, wilsonLimits } from './figures.ts'
import { buildHead, openHeadLearner, standardOf, type Head, type Learner, type Lesson } from './head.ts'
import { openScorer, type Scorer } from './scorer.ts'

/** Codes that are being labelled. */
export interface Labelling {
  /** [count, size] */
  codes: Float32Array
  size: number
  count: number
  answer(question: Omit<z.output<typeof LabelQuestion>, 'map'>): Promise<LabelAnswer>
  close(): Promise<void>
}

/** Units of the head's hidden layer. */
const hidden = 128
/** Of the head, and of each part of the cross-validation: less than a classifier takes, for an answer at once. */
const steps = { head: 200, part: 100 }
/** From so many labels on the accuracy is estimated, by cross-validation in so many parts. */
const [leastLabels, parts] = [10, 5]
/** Items that are looked through for what stands for others, at most; of those that the head is unsure of so many for each that is proposed. */
const pool = { most: 1000, each: 12 }
const rounds = 10
/** Of what is proposed, the share that the head is unsure of; it is reached with so many labels of each class. */
const mostUnsure = 0.5
const labelsForDoubt = 40
/** ml-random takes seeds of 31 bits. */
const largestSeed = 2 ** 31 - 1
const sources = { weights: 1, learning: 2, parts: 3, kmeans: 4, pool: 5 }

/** A head for so many classes, ready to be trained again. */
interface Ready {
  head: Head
  learner: Learner
  scorer: Scorer
}

/**
 * What to label next, and what the labels so far say of the rest. The head is compiled once for a number of classes.
 * @param codes [count, size]
 */
export function openLabelling(
  backend: Pick<Backend, 'compile'>,
  codes: Float32Array,
  size: number,
): Labelling {
  const count = codes.length / size
  const standard = standardOf(codes, size)
  const ready = new Map<number, Promise<Ready>>()

  async function prepare(classes: number): Promise<Ready> {
    const head = buildHead(size, hidden, classes)
    const example = head.init(standard, createRandom(0))
    return {
      head,
      learner: await openHeadLearner(backend, head, example, codes),
      scorer: await openScorer(backend, head, example),
    }
  }
  function readyFor(classes: number): Promise<Ready> {
    const known = ready.get(classes) ?? prepare(classes)
    ready.set(classes, known)
    // What failed may work the next time.
    known.catch(() => ready.delete(classes))
    return known
  }

  async function fit(
    { head, learner, scorer }: Ready,
    lesson: Lesson,
    items: Int32Array | null,
    random: Random,
    most: number,
  ) {
    const weights = await learner.learn(head.init(standard, random.fork(sources.weights)), lesson, {
      ...{ random: random.fork(sources.learning), steps: most },
    })
    return scorer.probabilities(weights, items === null ? codes : rowsAt(codes, size, items))
  }

  /** Share that heads which have not seen them know of the labels. */
  async function validate(one: Ready, lesson: Lesson, random: Random): Promise<LabelAnswer['accuracy']> {
    const total = lesson.items.length
    if (total < leastLabels) return null
    const part = partsOf(lesson, random.fork(sources.parts))
    let right = 0
    for (let held = 0; held < parts; held++) {
      const [seen, unseen] = [(p: number) => p !== held, (p: number) => p === held].map((want) =>
        Array.from({ length: total }, (_, i) => i).filter((i) => want(part[i]!)),
      ) as [number[], number[]]
      const items = Int32Array.from(unseen, (i) => lesson.items[i]!)
      const probabilities = await fit(one, someOf(lesson, seen), items, random.fork(held), steps.part)
      const found = likeliest(probabilities, one.head.classes)
      right += unseen.filter((i, place) => found[place] === lesson.classes[i]).length
    }
    const [low, high] = wilsonLimits(right, total)
    return { value: right / total, low, high }
  }

  return {
    ...{ codes, size, count },
    async answer({ classes, labels, count: wanted, seed }) {
      checkLabels(labels, count, classes.length)
      const random = createRandom(seed)
      const taken = new Set(labels.map(([item]) => item))
      const free = Int32Array.from({ length: count }, (_, item) => item).filter((item) => !taken.has(item))
      const among = (items: Int32Array, most: number): number[] =>
        representatives({ codes, size }, items, most, random.fork(sources.kmeans))
      const typical = (most: number): number[] => {
        const drawn = drawSubset(free.length, pool.most, random.fork(sources.pool + labels.length))
        return among(
          drawn.map((place) => free[place]!),
          most,
        )
      }
      if (new Set(labels.map(([, label]) => label)).size < 2) {
        const next = typical(wanted)
        return { predicted: null, confidence: null, next, accuracy: null }
      }
      const lesson = { items: labels.map(([item]) => item), classes: labels.map(([, label]) => label) }
      const one = await readyFor(classes.length)
      const probabilities = await fit(one, lesson, null, random, steps.head)
      const predicted = likeliest(probabilities, classes.length)
      const unsure = Math.round(wanted * unsureShare(labels.length, classes.length))
      const doubtful = leastSure(probabilities, classes.length, free, pool.each * unsure)
      const next = [...new Set([...among(doubtful, unsure), ...typical(wanted - unsure)])]
      return {
        predicted,
        confidence: Float32Array.from(predicted, (label, i) => probabilities[i * classes.length + label]!),
        next,
        accuracy: await validate(one, lesson, random),
      }
    },
    async close() {
      for (const one of ready.values()) {
        const opened = await one.catch(() => null)
        await opened?.learner.dispose()
        await opened?.scorer.dispose()
      }
    },
  }
}

/** With few labels a head does not know what it does not know: what stands for many others then says more (Hacohen, Dekel & Weinshall 2022). */
const unsureShare = (labels: number, classes: number): number =>
  Math.min(mostUnsure, labels / (labelsForDoubt * classes))

/** @throws argument-invalid for an item or a class that there is not */
function checkLabels(labels: [number, number][], count: number, classes: number): void {
  const wrong = labels.find(([item, label]) => item >= count || label >= classes)
  if (wrong !== undefined)
    throw new DarkroomError('argument-invalid', {
      expected: `items from 0 to ${count - 1}, classes from 0 to ${classes - 1}`,
      received: wrong.join(', '),
    })
}

/** Part of the cross-validation of each label, each class spread over all of them. */
function partsOf({ items, classes }: Lesson, random: Random): Int32Array {
  const places = Array.from({ length: items.length }, (_, i) => i)
  const order = shuffled(places, random).sort((a, b) => classes[a]! - classes[b]!)
  const part = new Int32Array(items.length)
  order.forEach((i, place) => (part[i] = place % parts))
  return part
}

const someOf = ({ items, classes }: Lesson, places: number[]): Lesson => ({
  items: places.map((i) => items[i]!),
  classes: places.map((i) => classes[i]!),
})

/** Items with the smallest margin between the two likeliest classes (Scheffer et al. 2001), the smallest first. */
function leastSure(
  probabilities: Float32Array,
  classes: number,
  items: Int32Array,
  most: number,
): Int32Array {
  const margin = new Float32Array(probabilities.length / classes)
  for (const item of items) {
    let [first, second] = [0, 0]
    for (let c = item * classes; c < (item + 1) * classes; c++) {
      const one = probabilities[c]!
      if (one > first) [first, second] = [one, first]
      else if (one > second) second = one
    }
    margin[item] = first - second
  }
  return items.toSorted((a, b) => margin[a]! - margin[b]!).subarray(0, most)
}

/**
 * So many items that stand for all of them, no two alike: those nearest to the centres of k-means, with as many clusters. Of the items that a
 * head is unsure of, that is how uncertainty and diversity are had together (Zhdanov 2019).
 */
function representatives(
  { codes, size }: Pick<Labelling, 'codes' | 'size'>,
  items: Int32Array,
  wanted: number,
  random: Random,
): number[] {
  if (wanted === 0) return []
  if (items.length <= wanted) return Array.from(items)
  const rows = Array.from(items, (item) => Array.from(codes.subarray(item * size, (item + 1) * size)))
  let found: { clusters: number[]; centroids: number[][] } = { clusters: [], centroids: [] }
  const options = { seed: random.integer(largestSeed), maxIterations: rounds }
  for (const { clusters, centroids } of kmeansGenerator(rows, wanted, options))
    found = { clusters, centroids }
  const nearest = new Map<number, { item: number; distance: number }>()
  rows.forEach((row, i) => {
    const cluster = found.clusters[i]!
    const centre = found.centroids[cluster]!
    const distance = row.reduce((sum, value, c) => sum + (value - centre[c]!) ** 2, 0)
    if (distance < (nearest.get(cluster)?.distance ?? Infinity))
      nearest.set(cluster, { item: items[i]!, distance })
  })
  return Array.from(nearest.values(), ({ item }) => item)
}
