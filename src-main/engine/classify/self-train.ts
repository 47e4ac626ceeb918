import type { TensorMap } from '../../contract/tensors.ts'
import type { Random } from '../numeric/random.ts'
import { likeliest } from './figures.ts'
import type { Learner, LearnOptions, Lesson } from './head.ts'

/** Each takes more of the unlabelled items than the one before. */
const rounds = 5
/** A prediction that is less sure than this is never learned from. */
const threshold = 0.5
/** Of the unlabelled items, that the last round learns from at most. */
const most = 0.8
export interface SelfTraining {
  learner: Learner
  lesson: Lesson
  /** Items without a label. */
  unlabelled: Int32Array
  classes: number
  /** [items, classes] by weights. */
  predict: (weights: TensorMap, items: Int32Array) => Promise<Float32Array>
}

/**
 * Learns again and again, from the labels and from its own surest predictions (pseudo-labels, Lee 2013): of each class the same number at
 * most, so that an easy class does not crowd out the others, and more in every round (curriculum labelling, Cascante-Bonilla et al. 2021). Each
 * round begins with fresh weights.
 * @param first weights of the head trained on the labels alone
 * @param fresh where a round begins
 * @returns the weights, and how many pseudo-labels the last round learned from
 */
export async function selfTrain(
  { learner, lesson, unlabelled, classes, predict }: SelfTraining,
  first: TensorMap,
  fresh: TensorMap,
  { random, onStep }: Pick<LearnOptions, 'onStep'> & { random: Random },
): Promise<{ weights: TensorMap; pseudoLabels: number }> {
  let weights = first
  let pseudoLabels = 0
  for (let round = 1; round <= rounds; round++) {
    const each = Math.floor((most * round * unlabelled.length) / (rounds * classes))
    const surest = surestOf(await predict(weights, unlabelled), classes, each)
    if (surest.length === 0) break
    pseudoLabels = surest.length
    // Half of a round's draws are labels that were given.
    const given = Math.ceil(surest.length / lesson.items.length)
    const items = repeated(lesson.items, given).concat(surest.map(({ place }) => unlabelled[place]!))
    const labels = repeated(lesson.classes, given).concat(surest.map(({ label }) => label))
    weights = await learner.learn(
      fresh,
      { items, classes: labels },
      { random: random.fork(round), decay: 1 / lesson.items.length, steps: 400, ...(onStep && { onStep }) },
    )
  }
  return { weights, pseudoLabels }
}

const repeated = (values: ArrayLike<number>, times: number): number[] =>
  Array.from({ length: values.length * times }, (_, i) => values[i % values.length]!)

/** Of each class at most so many items, those of the highest probability. @returns their places */
function surestOf(
  probabilities: Float32Array,
  classes: number,
  each: number,
): { place: number; label: number }[] {
  const labels = likeliest(probabilities, classes)
  const sureness = (place: number): number => probabilities[place * classes + labels[place]!]!
  return Array.from({ length: classes }, (_, label) =>
    Array.from(labels.keys())
      .filter((place) => labels[place] === label && sureness(place) >= threshold)
      .sort((a, b) => sureness(b) - sureness(a))
      .slice(0, each)
      .map((place) => ({ place, label })),
  ).flat()
}
