import type { Predictions, PredictionSummary } from '../../contract/analysis.ts'
import type { DataSource, SplitName } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import { splitItems, wholeSourceFor } from '../jobs/trained-run.ts'
import type { LatentContext } from '../latent/model.ts'
import type { Classifier } from './classifier.ts'
import { openOwnData, truthFor } from './data.ts'
import { classFigures, likeliest } from './figures.ts'
import { openPredictor, type Network } from './network.ts'

/** Items that are read and computed at a time. */
const atATime = 1024

/** Probabilities of items, [items, classes]. */
export async function predictItems(
  network: Network,
  dataset: Pick<Dataset, 'read'>,
  items: Int32Array,
  { backend, signal, pause, emit }: Pick<LatentContext, 'backend' | 'signal' | 'pause' | 'emit'>,
): Promise<Float32Array> {
  const { classes } = network.head
  const probabilities = new Float32Array(items.length * classes)
  const predictor = openPredictor(backend, network)
  try {
    for (let from = 0; from < items.length; from += atATime) {
      if (signal.aborted) throw new DarkroomError('cancelled')
      await pause()
      emit({ event: 'progress', progress: { done: from, total: items.length, secondsLeft: null } })
      const samples = await dataset.read(items.subarray(from, from + atATime))
      probabilities.set(await predictor.probabilities(samples), from * classes)
    }
    return probabilities
  } finally {
    await predictor.dispose()
  }
}

/** Predictions with what is needed to show their items again. */
export interface Predicted extends Omit<Predictions, 'id'> {
  /** Place of each item in the dataset. */
  indexes: Int32Array
  /** Of the data's values: whether they are still the same. */
  sha256: string
}

/**
 * Classes of data by a classifier, and how they agree with the labels where there are any: items whose label is none of the classifier's classes
 * have no truth.
 * @param split null: the test split of the data that the run was trained on, all of others
 * @param use what else is done while the data are open
 * @throws data errors; data-unsuitable for data of another shape; labels-unusable where not one label is a class of the classifier
 */
export async function predictData<Result>(
  classifier: Classifier,
  { data, split: asked }: { data: DataSource; split: SplitName | null },
  context: LatentContext,
  use: (predicted: Predicted, dataset: Dataset) => Promise<Result>,
): Promise<Result> {
  const { path, about, run, head } = classifier
  const source = wholeSourceFor(run.info, data)
  const file = source.sources.join(', ')
  const { dataset, split } = await openOwnData(run, source, context)
  try {
    const { classes } = about
    const truths = truthFor(classes, dataset.labels, file, data.labels !== null)
    const indexes = splitItems(split, asked ?? usualPart(split), dataset.count, file)
    const probabilities = await predictItems(classifier, dataset, indexes, context)
    const predicted = likeliest(probabilities, head.classes)
    const truth = truths && Int32Array.from(indexes, (item) => truths[item]!)
    const summary: PredictionSummary = {
      ...{ classifier: path, items: indexes.length },
      counts: classes.map((name, c) => ({ name, items: predicted.filter((one) => one === c).length })),
      figures: truth && classFigures({ classes, truth, predicted, probabilities }),
    }
    const names = Array.from(indexes, (item) => dataset.name(item))
    const found = { summary, data: source, names, classes, predicted, probabilities, truth, indexes }
    return await use({ ...found, sha256: dataset.samplesSha256 }, dataset)
  } finally {
    await dataset.close()
  }
}

const usualPart = (split: Split | null): SplitName =>
  split === null || split.test.length === 0 ? 'all' : 'test'

/** Items of a wrong class, the most confident first. */
export function mistakesOf({ classes, predicted, probabilities, truth }: Predicted): number[] {
  if (truth === null) return []
  const confidence = (item: number): number => probabilities[item * classes.length + predicted[item]!]!
  return Array.from(truth.keys())
    .filter((item) => truth[item]! >= 0 && truth[item] !== predicted[item])
    .sort((a, b) => confidence(b) - confidence(a))
}
