import type { DataSource, SplitName } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Split } from '../data/dataset.ts'
import { describeKept } from '../data/only.ts'
import { splitDataset } from '../data/split.ts'
import type { JobContext } from '../jobs/context.ts'
import { openRunData, type RunData, type TrainedRun } from '../jobs/trained-run.ts'
import { createRandom } from '../numeric/random.ts'
import { sources } from '../training/sources.ts'
import { truthOf, type Units } from './units.ts'

export type Part = Exclude<SplitName, 'all'>
const partNames = ['training', 'validation', 'test'] as const

/** What of the data a run has learned from, and what is kept for choosing and for judging. */
export interface Parts {
  /** Of every unit; null of one that is in none. */
  of: (Part | null)[]
  /** Whether the run has learned from its training part; otherwise it knows none of them. */
  isLearned: boolean
}

/**
 * The parts of data that hold normal items and others.
 *
 * Where the run was trained on these data, its own split; where it was trained on their normal items alone, its split of those, and the others
 * split by the same seed and shares, each class by itself (all of them are for testing where they are too few to be split); of any other run
 * a split by its seed and shares, of which it knows nothing.
 * @param normal labels of the normal items
 * @returns null where all items are normal, and none of them the run's own: there is nothing to keep apart
 */
export async function partsOf(
  run: TrainedRun,
  { dataset, split }: RunData,
  units: Units,
  source: DataSource,
  normal: string[] | null,
  context: Pick<JobContext, 'home' | 'signal' | 'emit'>,
): Promise<Parts | null> {
  if (split !== null) return { of: ofUnits(units, itemParts(split, dataset.count)), isLearned: true }
  if (normal === null) return null
  const { recipe } = run.info
  const random = createRandom(recipe.seed).fork(sources.split)
  const alone = await openRunData(run, { ...source, only: normal }, context)
  try {
    if (alone.split === null) {
      const parts = itemParts(splitDataset(dataset, recipe.split, random), dataset.count)
      return { of: ofUnits(units, parts), isLearned: false }
    }
    const parts = new Array<Part | null>(dataset.count).fill(null)
    itemParts(alone.split, alone.dataset.count).forEach((part, i) => (parts[alone.dataset.place(i)] = part))
    const truth = truthOf(units, normal)
    const others = Int32Array.from(parts.keys()).filter((item) => truth[units.of[item]!] === 0)
    const kept = { ...describeKept(dataset, others), count: others.length }
    itemParts(splitOthers(kept, recipe.split, random), others.length).forEach((part, i) => {
      parts[others[i]!] = part
    })
    return { of: ofUnits(units, parts), isLearned: true }
  } finally {
    await alone.dataset.close()
  }
}

function splitOthers(
  kept: Parameters<typeof splitDataset>[0],
  shares: Parameters<typeof splitDataset>[1],
  random: Parameters<typeof splitDataset>[2],
): Pick<Split, Part> {
  try {
    return splitDataset(kept, shares, random)
  } catch (thrown) {
    if (!(thrown instanceof DarkroomError) || thrown.detail.code !== 'training-data-missing') throw thrown
    const none = new Int32Array()
    return { training: none, validation: none, test: Int32Array.from({ length: kept.count }, (_, i) => i) }
  }
}

function itemParts(split: Pick<Split, Part>, count: number): (Part | null)[] {
  const parts = new Array<Part | null>(count).fill(null)
  for (const name of partNames) for (const item of split[name]) parts[item] = name
  return parts
}

/** All items of a unit are in one part. */
const ofUnits = (units: Units, parts: (Part | null)[]): (Part | null)[] =>
  Array.from({ length: units.count }, (_, unit) => parts[units.itemsOf(unit)[0]!]!)
