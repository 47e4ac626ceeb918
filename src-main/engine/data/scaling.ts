import { DarkroomError } from '../../contract/errors.ts'
import type { RowData } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import { premultiply } from '../storage/sample-files.ts'
import type { Dataset } from './dataset.ts'
import { columnsOf } from './windows.ts'

/** Smallest and largest value: one of each for the table, or for each column. */
export type Scaling = NonNullable<RunInfo['data']['scaling']>

/** Values of rows read at a time. */
const blockValues = 2 ** 22

/**
 * The range of some rows of a table, or windows of them: give those for training alone, so that nothing is learnt from those held out.
 * @returns null where the recipe scales nothing.
 * @throws data-unsuitable where every column has one value alone: there is nothing to learn
 */
export async function fitScaling(
  dataset: Pick<Dataset, 'shape' | 'read'>,
  training: Int32Array,
  spec: Pick<RowData, 'scale' | 'window'>,
): Promise<Scaling | null> {
  const mode = spec.scale
  if (mode === 'none') return null
  const columns = columnsOf(dataset.shape, spec)
  const ranges = mode === 'all' ? 1 : columns
  const minimum = new Array<number>(ranges).fill(Infinity)
  const maximum = new Array<number>(ranges).fill(-Infinity)
  const rows = Math.max(1, Math.floor(blockValues / dataset.shape[0]!))
  for (let from = 0; from < training.length; from += rows) {
    const values = await dataset.read(training.subarray(from, from + rows))
    for (let i = 0; i < values.length; i++) {
      const range = ranges === 1 ? 0 : i % columns
      minimum[range] = Math.min(minimum[range]!, values[i]!)
      maximum[range] = Math.max(maximum[range]!, values[i]!)
    }
  }
  if (maximum.every((high, range) => high === minimum[range]))
    throw new DarkroomError('data-unsuitable', {
      expected: 'rows for training that differ from one another',
      received: `the same ${ranges === 1 ? 'value in every cell' : 'values in every row'}`,
    })
  return { minimum, maximum }
}

/**
 * Brings rows, one after the other, to [0, 1]: (x − minimum) / (maximum − minimum), in place. Values that the training rows did not
 * reach lie outside. A constant column becomes 0, and other values in it their distance from it.
 */
export function applyScaling(rows: Float32Array, { minimum, maximum }: Scaling): Float32Array {
  const ranges = minimum.length
  const span = maximum.map((high, i) => high - minimum[i]! || 1)
  for (let i = 0; i < rows.length; i++) {
    const range = i % ranges
    rows[i] = (rows[i]! - minimum[range]!) / span[range]!
  }
  return rows
}

/** The inverse of `applyScaling`, in place. */
export function undoScaling(rows: Float32Array, { minimum, maximum }: Scaling): Float32Array {
  const ranges = minimum.length
  const span = maximum.map((high, i) => high - minimum[i]! || 1)
  for (let i = 0; i < rows.length; i++) {
    const range = i % ranges
    rows[i] = rows[i]! * span[range]! + minimum[range]!
  }
  return rows
}

/**
 * A dataset as networks take it: rows scaled, colours multiplied by alpha.
 * @param scaling null leaves rows as they are
 */
export const forNetwork = (
  dataset: Pick<Dataset, 'read' | 'shape'>,
  scaling: Scaling | null,
): Pick<Dataset, 'read'> => ({
  async read(indexes, into) {
    const values = await dataset.read(indexes, into)
    if (dataset.shape[2] === 4) premultiply(values)
    return scaling === null ? values : applyScaling(values, scaling)
  },
})
