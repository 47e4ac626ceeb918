import type { ClassFigures } from '../../contract/analysis.ts'

/** Of the highest probability, for the expected calibration error. */
const binCount = 15
/** Standard normal quantile of 97.5 %. */
const z = 1.959963984540054

/** Limits of a share between which it lies with 95 % confidence, from `right` of `items` (Wilson 1927). */
export function wilsonLimits(right: number, items: number): [number, number] {
  const share = right / items
  const middle = (share + z ** 2 / (2 * items)) / (1 + z ** 2 / items)
  const half =
    (z / (1 + z ** 2 / items)) * Math.sqrt((share * (1 - share)) / items + z ** 2 / (4 * items ** 2))
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}

export interface Judged {
  classes: string[]
  /** Class of each item, −1 for none: those are left out. */
  truth: ArrayLike<number>
  predicted: ArrayLike<number>
  /** [items, classes] */
  probabilities: Float32Array
}

/**
 * How predictions agree with labels; null where no item has a label. F1 of a class that neither occurs nor is predicted is 0, and does not
 * count in the mean (as scikit-learn's `f1_score` has it).
 */
export function classFigures({ classes, truth, predicted, probabilities }: Judged): ClassFigures | null {
  const count = classes.length
  const known = Array.from({ length: truth.length }, (_, i) => i).filter((i) => truth[i]! >= 0)
  if (known.length === 0) return null
  const confusion = classes.map(() => new Array<number>(count).fill(0))
  for (const i of known) confusion[truth[i]!]![predicted[i]!]!++

  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  const of = classes.map((name, c) => {
    const items = sum(confusion[c]!)
    const found = sum(confusion.map((row) => row[c]!))
    const right = confusion[c]![c]!
    const figures = { precision: share(right, found), recall: share(right, items) }
    return { name, items, found, ...figures, f1: share(2 * right, items + found) }
  })
  const met = of.filter(({ items, found }) => items + found > 0)
  const right = sum(classes.map((_, c) => confusion[c]![c]!))
  return {
    items: known.length,
    accuracy: right / known.length,
    limits: wilsonLimits(right, known.length),
    macroF1: sum(met.map(({ f1 }) => f1)) / met.length,
    confusion,
    classes: of.map(({ name, items, precision, recall, f1 }) => ({ name, items, precision, recall, f1 })),
    ...calibration(known, { truth, predicted, probabilities, count }),
  }
}

/** Bins (from, to] of the probability of what was predicted, and the mean distance of accuracy from it, weighted by items (Guo et al. 2017). */
function calibration(
  known: number[],
  { truth, predicted, probabilities, count }: Omit<Judged, 'classes'> & { count: number },
): Pick<ClassFigures, 'calibrationError' | 'bins'> {
  const bins = Array.from({ length: binCount }, () => ({ items: 0, confidence: 0, right: 0 }))
  for (const i of known) {
    const confidence = probabilities[i * count + predicted[i]!]!
    const bin = bins[Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))]!
    bin.items++
    bin.confidence += confidence
    if (truth[i] === predicted[i]) bin.right++
  }
  const distance = sum(bins.map(({ confidence, right }) => Math.abs(confidence - right)))
  return {
    calibrationError: distance / known.length,
    bins: bins.flatMap(({ items, confidence, right }, i) =>
      items === 0
        ? []
        : [
            {
              ...{ from: i / binCount, to: (i + 1) / binCount, items },
              ...{ confidence: confidence / items, accuracy: right / items },
            },
          ],
    ),
  }
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

/** The likeliest class of each item. @param probabilities [items, classes] */
export function likeliest(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes)
    return row.indexOf(Math.max(...row))
  })
}
