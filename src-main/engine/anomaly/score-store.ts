import { createHash } from 'node:crypto'
import type { AnomalyScores } from '../../contract/analysis.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { readResult, writeResult } from '../storage/result-store.ts'

/** Changes where the same scores would give another file. */
const storeVersion = 1

/** Scores with what is needed to show their items again. */
export interface StoredScores extends AnomalyScores {
  /** Of the data's values: whether they are still the same. */
  sha256: string
  /** Unit of the data that each item is. */
  units: Int32Array
}

type About = Pick<StoredScores, 'summary' | 'data' | 'names' | 'hasHeat' | 'heatScale' | 'sha256'> & {
  labels: string[] | null
}

/** Keeps scores under an id that follows from what they are. @throws disk-full, output-unwritable */
export async function writeScores(home: string, stored: Omit<StoredScores, 'id'>): Promise<string> {
  const { summary, data, names, hasHeat, heatScale, sha256 } = stored
  const about: About = {
    ...{ summary, data, names, hasHeat, heatScale, sha256 },
    labels: stored.labels?.names ?? null,
  }
  const floats = (values: Float32Array): TensorMap[string] => ({
    ...{ dtype: 'float32', shape: [values.length], data: values },
  })
  const whole = (values: ArrayLike<number>): TensorMap[string] => ({
    ...{ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) },
  })
  const tensors: TensorMap = {
    units: whole(stored.units),
    scores: floats(stored.scores),
    percentiles: floats(stored.percentiles),
    calibration: floats(stored.calibration),
  }
  if (stored.truth !== null) tensors['truth'] = whole(stored.truth)
  if (stored.labels !== null) tensors['labels'] = whole(stored.labels.of)
  const hash = createHash('sha256').update(JSON.stringify([storeVersion, about]))
  for (const { data: values } of Object.values(tensors)) hash.update(values)
  const id = `scores-${hash.digest('hex').slice(0, 32)}`
  await writeResult(home, 'scores', id, { tensors, about })
  return id
}

/** @throws file-not-found where they are not kept (any more): the job makes them again. */
export async function readScores(home: string, id: string): Promise<StoredScores> {
  const { tensors, about } = await readResult(home, 'scores', id)
  const { labels, ...rest } = about as About
  const floats = (name: string): Float32Array => tensors[name]!.data as Float32Array
  const truth = tensors['truth']?.data
  return {
    ...{ id, ...rest },
    units: tensors['units']!.data as Int32Array,
    ...{ scores: floats('scores'), percentiles: floats('percentiles'), calibration: floats('calibration') },
    truth: truth === undefined ? null : Int8Array.from(truth),
    labels: labels && { names: labels, of: tensors['labels']!.data as Int32Array },
  }
}
