import { createHash } from 'node:crypto'
import { DarkroomError } from '../../contract/errors.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { Random } from '../numeric/random.ts'
import { shuffled } from '../numeric/subset.ts'
import type { Dataset, Groups, Split } from './dataset.ts'
import { overlapOf, splitSeries } from './split-series.ts'

type Parts = Pick<Split, 'training' | 'validation' | 'test'>

/**
 * Draws the items that are kept out of training. With labels each class gives its part (items without a label are a class of their
 * own), and keeps at least one item for training; where the classes are too small for that, the split is drawn over all items alike.
 * Tiles go where their image goes, and numbers of items are then numbers of images; of windows that overlap see `splitSeries`.
 * @throws training-data-missing where fewer than two items are there, or none is left to train on.
 */
export function splitDataset(
  dataset: Pick<Dataset, 'count' | 'labels' | 'groups'>,
  split: Recipe['split'],
  random: Random,
): Split {
  const { stratified, ...parts } = drawParts(dataset, split, random)
  return { ...parts, stratified, sha256: splitHash(parts) }
}

function drawParts(
  { count, labels, groups }: Pick<Dataset, 'count' | 'labels' | 'groups'>,
  split: Recipe['split'],
  random: Random,
): Parts & Pick<Split, 'stratified'> {
  if (groups?.type === 'tiles') {
    const { stratified, ...images } = drawItems(
      groups.names.length,
      labelsOfGroups(labels, groups),
      split,
      random,
    )
    return { ...expand(images, groups), stratified }
  }
  if (groups === null || overlapOf(groups) === 0) return drawItems(count, labels, split, random)
  const held = { validation: heldOut(split.validation, count), test: heldOut(split.test, count) }
  return { ...splitSeries(groups, held, random), stratified: false }
}

/** An image has the label of its tiles. */
function labelsOfGroups(labels: Dataset['labels'], groups: Groups): Dataset['labels'] {
  if (labels === null) return null
  const of = new Int32Array(groups.names.length)
  for (const [item, group] of groups.of.entries()) of[group] = labels.of[item]!
  return { ...labels, of }
}

function expand(images: Parts, { of }: Groups): Parts {
  const itemsOf = (part: Int32Array): Int32Array => {
    const wanted = new Set(part)
    return Int32Array.from(of.keys()).filter((item) => wanted.has(of[item]!))
  }
  return {
    training: itemsOf(images.training),
    validation: itemsOf(images.validation),
    test: itemsOf(images.test),
  }
}

function drawItems(
  count: number,
  labels: Dataset['labels'],
  split: Recipe['split'],
  random: Random,
): Parts & Pick<Split, 'stratified'> {
  const validation = heldOut(split.validation, count)
  const test = heldOut(split.test, count)
  const needed = Math.max(2, validation + test + 1)
  if (count < needed)
    throw new DarkroomError('training-data-missing', {
      expected: `at least ${needed} items: ${validation} to validate with, ${test} to test with, the rest to train on`,
      received: `${count}`,
    })
  const classes = labels === null ? null : membersOf(labels.of)
  const spare = classes?.map((members) => members.length - 1) ?? []
  const stratified = classes !== null && sum(spare) >= validation + test
  const strata = stratified ? classes : [Array.from({ length: count }, (_, index) => index)]
  const limits = stratified ? spare : [count - 1]

  const sizes = strata.map((members) => members.length)
  const tests = allot(test, sizes, limits)
  const validations = allot(
    validation,
    sizes,
    limits.map((limit, i) => limit - tests[i]!),
  )
  const parts = { training: [] as number[], validation: [] as number[], test: [] as number[] }
  for (const [i, members] of strata.entries()) {
    const order = shuffled(members, random)
    const trainingFrom = tests[i]! + validations[i]!
    parts.test.push(...order.subarray(0, tests[i]))
    parts.validation.push(...order.subarray(tests[i], trainingFrom))
    parts.training.push(...order.subarray(trainingFrom))
  }
  return {
    training: Int32Array.from(parts.training).sort(),
    validation: Int32Array.from(parts.validation).sort(),
    test: Int32Array.from(parts.test).sort(),
    stratified,
  }
}

/** A share below 1 is rounded, but keeps at least one item; from 1 on it is a number of items. */
function heldOut(shareOrCount: number, count: number): number {
  if (shareOrCount === 0) return 0
  return Math.max(1, Math.round(shareOrCount < 1 ? shareOrCount * count : shareOrCount))
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

/** Indexes of each class's items; −1 is a class like the others. */
function membersOf(labels: Int32Array): number[][] {
  const classes = new Map<number, number[]>()
  for (const [index, label] of labels.entries()) {
    const members = classes.get(label)
    if (members === undefined) classes.set(label, [index])
    else members.push(index)
  }
  return [...classes].sort(([a], [b]) => a - b).map(([, members]) => members)
}

/**
 * Shares a number of items out in proportion to the classes' sizes, none above its limit, by largest remainder (Hamilton's method): the
 * parts add up to the total, and none is off its quota by one or more unless a limit makes it so. The limits must leave room for it.
 */
function allot(total: number, sizes: number[], limits: number[]): number[] {
  const all = sum(sizes)
  const quotas = sizes.map((size) => (total * size) / all)
  const parts = quotas.map((quota, i) => Math.min(Math.floor(quota), limits[i]!))
  const byRemainder = quotas
    .map((quota, i) => ({ i, remainder: quota - Math.floor(quota) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i)
  for (let left = total - sum(parts); left > 0;) {
    for (const { i } of byRemainder) {
      if (left === 0 || parts[i]! >= limits[i]!) continue
      parts[i]!++
      left--
    }
  }
  return parts
}

function splitHash(parts: Parts): string {
  const hash = createHash('sha256')
  for (const part of [parts.training, parts.validation, parts.test])
    hash.update(Int32Array.of(part.length)).update(part)
  return hash.digest('hex')
}
