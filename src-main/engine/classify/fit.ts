import type { ClassFigures } from '../../contract/analysis.ts'
import type { ClassifyFitJob } from '../../contract/analysis-jobs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { splitItems, wholeSourceFor, type RunData, type TrainedRun } from '../jobs/trained-run.ts'
import { openLatents } from '../latent/latents.ts'
import type { LatentContext } from '../latent/model.ts'
import { checkSpread } from '../latent/spread.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { rowsAt } from '../numeric/subset.ts'
import { drawLesson, isByHand, labelsOf, openOwnData, type DrawnLesson, type Labels } from './data.ts'
import { classFigures, likeliest } from './figures.ts'
import { buildHead, openHeadLearner, standardOf, stepsFor, type Head } from './head.ts'
import { encoderOfRun, openNetworkLearner, type Network } from './network.ts'
import { predictItems } from './predict.ts'
import { openScorer } from './scorer.ts'
import { selfTrain } from './self-train.ts'

/** What a classifier is made by, without where it goes. */
export type FitOptions = Pick<
  ClassifyFitJob,
  'data' | 'labelled' | 'labelsPerClass' | 'hidden' | 'fineTune' | 'selfTrain' | 'seed'
>

/** A classifier that was fitted, and not written yet. */
export interface Fitted extends Network {
  /** The labels that it learned from, and its classes. */
  lesson: DrawnLesson
  pseudoLabels: number
  /** Layers of the encoder that were trained too. */
  fineTuned: number
  /** On the validation split of the run's own data; null of others. */
  figures: ClassFigures | null
}

/** Learning rate of fine-tuning, relative to that of a head. */
const fineTuneRate = 0.1
const sources = { lesson: 1, head: 2, learning: 3, fineTuning: 4, selfTraining: 5 }

/**
 * Fits a head to the codes of a run's encoder, and what else was asked for: first to its own surest predictions (`selfTrain`), last with the
 * encoder's last layers (`fineTune`).
 * @throws run and data errors; model-without-encoder, model-without-codes; labels-unusable
 */
export async function fitClassifier(
  run: TrainedRun,
  options: FitOptions,
  context: LatentContext,
): Promise<Fitted> {
  const encoder = encoderOfRun(run)
  const source = wholeSourceFor(run.info, options.data)
  const data = await openOwnData(run, source, context)
  try {
    const file = source.sources.join(', ')
    const known = labelsOf(data.dataset, options.labelled, file)
    const labels = isByHand(options)
      ? labelsOf({ ...data.dataset, labels: null }, options.labelled, file)
      : known
    const random = createRandom(options.seed)
    const { labelsPerClass, hidden } = options
    const among = data.split?.training ?? splitItems(null, 'all', data.dataset.count, file)
    const lesson = drawLesson(labels, among, labelsPerClass, random.fork(sources.lesson), file)
    const head = buildHead(encoder.size, hidden, lesson.names.length)
    const fitted = await fitHead(head, lesson, among, await codesOf(run, options, context), {
      ...{ random, isSelfTrained: options.selfTrain, context },
    })
    const network: Network = { encoder, head, weights: { ...encoder.weights, ...fitted.weights } }
    const weights =
      options.fineTune === 0
        ? network.weights
        : await fineTune(network, data, lesson, options, random, context)
    return {
      ...{ encoder, head, weights, lesson, pseudoLabels: fitted.pseudoLabels },
      fineTuned: Math.min(options.fineTune, encoder.layers.length),
      figures: await figuresOn({ encoder, head, weights }, data, known, lesson.names, context),
    }
  } finally {
    await data.dataset.close()
  }
}

/** Codes of all items of the data, [count, size]. @throws latents-unsuitable where the model has collapsed */
async function codesOf(run: TrainedRun, { data }: FitOptions, context: LatentContext): Promise<Float32Array> {
  const spec = { run: run.path, data, split: 'all', limit: null, seed: 0 } as const
  const latents = await openLatents(spec, { ...context, withErrors: false })
  await latents.close()
  checkSpread(latents)
  return latents.codes
}

interface HeadOptions {
  random: Random
  isSelfTrained: boolean
  context: LatentContext
}

/** Codes are standardised by those that may be learned from, with labels or without. */
async function fitHead(
  head: Head,
  lesson: DrawnLesson,
  among: Int32Array,
  codes: Float32Array,
  { random, isSelfTrained, context }: HeadOptions,
): Promise<{ weights: TensorMap; pseudoLabels: number }> {
  const fresh = head.init(standardOf(rowsAt(codes, head.size, among), head.size), random.fork(sources.head))
  const learner = await openHeadLearner(context.backend, head, fresh, codes)
  const scorer = await openScorer(context.backend, head, fresh)
  try {
    const learning = { onStep: stepper(context) }
    const weights = await learner.learn(fresh, lesson, { ...learning, random: random.fork(sources.learning) })
    if (!isSelfTrained || lesson.unlabelled.length === 0) return { weights, pseudoLabels: 0 }
    const predict = (by: TensorMap, items: Int32Array): Promise<Float32Array> =>
      scorer.probabilities(by, rowsAt(codes, head.size, items))
    const training = { learner, lesson, unlabelled: lesson.unlabelled, classes: head.classes, predict }
    return await selfTrain(training, weights, fresh, {
      ...learning,
      random: random.fork(sources.selfTraining),
    })
  } finally {
    await learner.dispose()
    await scorer.dispose()
  }
}

async function fineTune(
  network: Network,
  { dataset }: RunData,
  lesson: DrawnLesson,
  { fineTune: layers }: FitOptions,
  random: Random,
  context: LatentContext,
): Promise<TensorMap> {
  const read = (items: Int32Array): Promise<Float32Array> => dataset.read(items)
  const learner = await openNetworkLearner(context.backend, network, { layers, rate: fineTuneRate, read })
  try {
    return await learner.learn(network.weights, lesson, {
      ...{ random: random.fork(sources.fineTuning), onStep: stepper(context) },
      steps: stepsFor(lesson.items.length),
    })
  } finally {
    await learner.dispose()
  }
}

/** Before each step: lets others go first, and says how far it is. */
function stepper({ signal, pause, emit }: LatentContext): (done: number, total: number) => Promise<void> {
  return async (done, total) => {
    signal.throwIfAborted()
    await pause()
    if (done % 10 === 0) emit({ event: 'progress', progress: { done, total, secondsLeft: null } })
  }
}

async function figuresOn(
  network: Network,
  { dataset, split }: RunData,
  labels: Labels,
  classes: string[],
  context: LatentContext,
): Promise<ClassFigures | null> {
  if (split === null || split.validation.length === 0) return null
  const probabilities = await predictItems(network, dataset, split.validation, context)
  return classFigures({
    ...{ classes, probabilities, predicted: likeliest(probabilities, classes.length) },
    truth: Int32Array.from(split.validation, (item) => classes.indexOf(labels.names[labels.of[item]!] ?? '')),
  })
}
