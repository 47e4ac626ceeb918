import type { ClassifyFitJob } from '../../contract/analysis-jobs.ts'
import type { DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { compareNames, listNames } from '../data/labels.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import { openRunData, type RunData, type TrainedRun } from '../jobs/trained-run.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Random } from '../numeric/random.ts'
import { shuffled } from '../numeric/subset.ts'
import type { Lesson } from './head.ts'

const mostListed = 10

/**
 * Opens data for a run's encoder. Of the run's own data there is a split also where their labels are others than those that the run was
 * trained with: some alone, or better ones.
 * @throws as `openRunData`
 */
export async function openOwnData(
  run: TrainedRun,
  source: DataSource,
  context: Pick<JobContext, 'home' | 'signal' | 'emit'>,
): Promise<RunData> {
  const data = await openRunData(run, source, context)
  if (data.split !== null || source.sources.join('\n') !== run.info.data.sources.join('\n')) return data
  try {
    return { ...data, split: await splitByOwnLabels(run, data.dataset, context) }
  } catch (thrown) {
    await data.dataset.close()
    throw thrown
  }
}

async function splitByOwnLabels(
  run: TrainedRun,
  dataset: Dataset,
  context: Pick<JobContext, 'home' | 'signal' | 'emit'>,
): Promise<Split | null> {
  const { sources, labels, only } = run.info.data
  // Labels that are no longer where they were say nothing any more.
  const own = await openRunData(run, { sources, labels, only }, context).catch((thrown: unknown) => {
    if (thrown instanceof DarkroomError && thrown.detail.code !== 'cancelled') return null
    throw thrown
  })
  if (own === null) return null
  await own.dataset.close()
  return own.dataset.samplesSha256 === dataset.samplesSha256 ? own.split : null
}

/** Whether a classifier is made from labels given by hand alone. */
export const isByHand = ({ labelled, data }: Pick<ClassifyFitJob, 'labelled' | 'data'>): boolean =>
  labelled.length > 0 && data.labels === null

/** Classes of items, −1 where one has none. */
export interface Labels {
  names: string[]
  of: Int32Array
}

/**
 * The labels of data, and before them those that were given by hand.
 * @throws labels-unusable where there are none at all, or one is given to an item that there is not
 */
export function labelsOf(
  { labels, count }: Pick<Dataset, 'labels' | 'count'>,
  given: { index: number; label: string }[],
  file: string,
): Labels {
  const byHand = new Map(given.map(({ index, label }) => [index, label]))
  const wrong = given.find(({ index }) => index >= count)
  if (wrong !== undefined)
    throw new DarkroomError('labels-unusable', {
      file,
      expected: `labels of items from 0 to ${count - 1}`,
      received: `${wrong.index}`,
    })
  const nameOf = (item: number): string | null => byHand.get(item) ?? labels?.names[labels.of[item]!] ?? null
  const ofItems = Array.from({ length: count }, (_, item) => nameOf(item))
  const names = [...new Set(ofItems)].filter((name) => name !== null).sort(compareNames)
  if (names.length === 0)
    throw new DarkroomError('labels-unusable', { file, expected: 'labels of some items', received: 'none' })
  return { names, of: Int32Array.from(ofItems, (name) => (name === null ? -1 : names.indexOf(name))) }
}

/** Classes that are learned, and the items that they are learned from. */
export interface DrawnLesson extends Lesson {
  names: string[]
  items: Int32Array
  classes: Int32Array
  /** Items among those to learn from that are not in it. */
  unlabelled: Int32Array
}

/**
 * The labels to learn from.
 * @param among items that may be learned from
 * @param perClass so many of each class, drawn at random; null: all
 * @throws labels-unusable with fewer than two classes, or one that has fewer labels than were asked for
 */
export function drawLesson(
  { names, of }: Labels,
  among: Int32Array,
  perClass: number | null,
  random: Random,
  file: string,
): DrawnLesson {
  const members = names.map((_, label) => Array.from(among).filter((item) => of[item] === label))
  const known = names.filter((_, label) => members[label]!.length > 0)
  if (known.length < 2)
    throw new DarkroomError('labels-unusable', {
      file,
      expected: 'labels of at least two classes among the items to learn from',
      received: known.length === 0 ? 'none' : known.join(', '),
    })
  const drawn = members.flatMap((own, label) => {
    if (own.length === 0) return []
    if (perClass !== null && own.length < perClass)
      throw new DarkroomError('labels-unusable', {
        file,
        expected: `at least ${perClass} labels of each class`,
        received: `${names[label]!}: ${own.length}`,
      })
    const place = known.indexOf(names[label]!)
    const chosen = shuffled(own, random.fork(label)).subarray(0, perClass ?? own.length)
    return Array.from(chosen, (item) => ({ item, place }))
  })
  const taken = new Set(drawn.map(({ item }) => item))
  return {
    names: known,
    items: Int32Array.from(drawn, ({ item }) => item),
    classes: Int32Array.from(drawn, ({ place }) => place),
    unlabelled: among.filter((item) => !taken.has(item)),
  }
}

/**
 * Places of a dataset's classes among others, −1 for one that is not there.
 * @param isAsked whether somebody wants them compared; labels that a run just happens to have may be others
 * @throws labels-unusable where they are to be compared, and not one is there
 */
export function truthFor(
  classes: string[],
  labels: Dataset['labels'],
  file: string,
  isAsked: boolean,
): Int32Array | null {
  if (labels === null) return null
  const places = labels.names.map((name) => classes.indexOf(name))
  if (places.every((place) => place < 0)) {
    if (!isAsked) return null
    throw new DarkroomError('labels-unusable', {
      file,
      expected: `classes of the classifier: ${listNames(classes, mostListed)}`,
      received: listNames(labels.names, mostListed),
    })
  }
  return labels.of.map((label) => (label < 0 ? -1 : places[label]!))
}
