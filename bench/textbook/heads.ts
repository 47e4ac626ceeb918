import type { Tensor } from '@tensorflow/tfjs-core'
import type { TensorMap } from '../../src-main/contract/tensors.ts'
import type { Backend, Tensors } from '../../src-main/engine/backend/backend.ts'
import { drawLesson, type DrawnLesson } from '../../src-main/engine/classify/data.ts'
import { likeliest } from '../../src-main/engine/classify/figures.ts'
import { buildHead, openHeadLearner, standardOf, type Head } from '../../src-main/engine/classify/head.ts'
import { batched } from '../../src-main/engine/inference/latent-model.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { buildClassifier, trainClassifier } from '../../src-main/engine/training/classifier.ts'
import { measured, type Lab } from './lab.ts'

/** Values with the class of each row. */
export interface Labelled {
  /** [count, size] */
  values: Float32Array
  size: number
  /** Place of the class of each. */
  of: Int32Array
  names: string[]
}

export interface LabelledParts {
  training: Labelled
  test: Labelled
}

/** Units of the dense ReLU layer, as `darkroom classify fit` has them. */
export const hidden = 128

/** Codes of a run's training and test items. */
export async function codesOf(lab: Lab, run: string): Promise<LabelledParts> {
  return partsOf(lab, run, ({ codes, size }) => ({ values: codes, size }))
}

/** Samples of a run's training and test items. */
export async function samplesOf(lab: Lab, run: string): Promise<LabelledParts> {
  return partsOf(lab, run, async (latents) => {
    const values = await latents.read(Int32Array.from({ length: latents.count }, (_, i) => i))
    return { values, size: values.length / latents.count }
  })
}

type Opened = Awaited<ReturnType<Lab['open']>>

async function partsOf(
  lab: Lab,
  run: string,
  take: (latents: Opened) => Promise<Pick<Labelled, 'values' | 'size'>> | Pick<Labelled, 'values' | 'size'>,
): Promise<LabelledParts> {
  const part = async (split: 'training' | 'test', limit?: number): Promise<Labelled> => {
    const latents = await lab.open(run, { split, ...(limit === undefined ? {} : { limit }) })
    const taken = await take(latents)
    await latents.close()
    return { ...taken, ...latents.labels! }
  }
  return { training: await part('training'), test: await part('test', measured) }
}

/** So many labels of each class, drawn by the seed. */
export function lessonOf({ names, of }: Labelled, perClass: number, seed: number): DrawnLesson {
  const all = Int32Array.from({ length: of.length }, (_, i) => i)
  return drawLesson({ names, of }, all, perClass, createRandom(seed), '')
}

/** A new head for such values, and its first weights. */
export function newHead({ values, size, names }: Labelled, seed: number): { head: Head; weights: TensorMap } {
  const head = buildHead(size, hidden, names.length)
  return { head, weights: head.init(standardOf(values, size), createRandom(seed).fork(1)) }
}

/** Share of test items that a head knows that has learned from some labels. */
export async function headAccuracy(
  { backend }: Lab,
  { training, test }: LabelledParts,
  lesson: Pick<DrawnLesson, 'items' | 'classes'>,
  seed: number,
): Promise<number> {
  const { head, weights } = newHead(training, seed)
  const learner = await openHeadLearner(backend, head, weights, training.values)
  const learned = await learner.learn(weights, lesson, { random: createRandom(seed).fork(2) })
  await learner.dispose()
  return accuracyOf(backend, head.probabilities, learned, [training.size], test)
}

/** Share of items of which the class with the highest score is the right one. @param scores logits or probabilities [N, classes] */
export async function accuracyOf(
  backend: Backend,
  scores: (weights: Tensors, x: Tensor) => Tensor,
  weights: TensorMap,
  input: number[],
  { values, of, names }: Labelled,
): Promise<number> {
  const pass = (state: Tensors, x: Tensor): Tensors => ({ found: scores(state, x) })
  const runner = batched(backend, pass, input, weights, 64)
  const { found = new Float32Array() } = await runner.run(values)
  await runner.dispose()
  const predicted = likeliest(found, names.length)
  return of.filter((label, i) => label === predicted[i]).length / of.length
}

/** Logits of a small convolutional network that learns from images alone; `items` may be named more than once. */
export async function convolutional(
  { backend }: Lab,
  { values, size, of, names }: Labelled,
  items: Int32Array,
) {
  const input = [28, 28, 1]
  const classifier = buildClassifier(input, names.length)
  const read = (drawn: ArrayLike<number>): Promise<Float32Array> => {
    const rows = new Float32Array(drawn.length * size)
    for (let i = 0; i < drawn.length; i++)
      rows.set(values.subarray(drawn[i]! * size, (drawn[i]! + 1) * size), i * size)
    return Promise.resolve(rows)
  }
  const data = { dataset: { read }, items, labels: of, classes: names.length }
  const weights = await trainClassifier(backend, classifier, data, input, () => Promise.resolve())
  const logits = (state: Tensors, x: Tensor): Tensor => classifier.classify(state, x).logits
  return { weights, logits, input }
}
