import { createHash } from 'node:crypto'
import type { Predictions } from '../../contract/analysis.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { readResult, writeResult } from '../storage/result-store.ts'
import type { Predicted } from './predict.ts'

/** Changes where the same predictions would give another file. */
const storeVersion = 1

type About = Pick<Predicted, 'summary' | 'data' | 'names' | 'classes' | 'sha256'>

/** Keeps predictions under an id that follows from what they are. @throws disk-full, output-unwritable */
export async function writePredictions(home: string, predictions: Predicted): Promise<string> {
  const { summary, data, names, classes, sha256, predicted, probabilities, truth, indexes } = predictions
  const about: About = { summary, data, names, classes, sha256 }
  const tensors: TensorMap = {
    predicted: { dtype: 'int32', shape: [predicted.length], data: predicted },
    probabilities: { dtype: 'float32', shape: [predicted.length, classes.length], data: probabilities },
    indexes: { dtype: 'int32', shape: [indexes.length], data: indexes },
    ...(truth !== null && { truth: { dtype: 'int32', shape: [truth.length], data: truth } }),
  }
  const hash = createHash('sha256').update(JSON.stringify([storeVersion, about]))
  for (const { data: values } of Object.values(tensors)) hash.update(values)
  const id = `predictions-${hash.digest('hex').slice(0, 32)}`
  await writeResult(home, 'predictions', id, { tensors, about })
  return id
}

/** @throws file-not-found where they are not kept (any more): the job makes them again. */
export async function readPredictions(home: string, id: string): Promise<Predicted & Predictions> {
  const { tensors, about } = await readResult(home, 'predictions', id)
  const ints = (name: string): Int32Array | null => (tensors[name]?.data as Int32Array | undefined) ?? null
  return {
    ...{ id, ...(about as About) },
    ...{ predicted: ints('predicted')!, indexes: ints('indexes')!, truth: ints('truth') },
    probabilities: tensors['probabilities']!.data as Float32Array,
  }
}
