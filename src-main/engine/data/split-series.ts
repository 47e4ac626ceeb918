import { DarkroomError } from '../../contract/errors.ts'
import type { Random } from '../numeric/random.ts'
import type { Groups, Split } from './dataset.ts'

/** Pieces that a held-out part is cut into at most: the more, the more of the series' times it has seen. */
const mostPieces = 8
/** A piece is at least so many times as long as what is left out at one of its ends. */
const shortestPiece = 4

/** Windows that follow one and share rows with it, the most of any. */
export function overlapOf({ starts, extent }: Groups): number {
  let most = 0
  for (let first = 0, next = 0; first < starts.length; first++) {
    while (next + 1 < starts.length && starts[next + 1]! - starts[first]! < extent[0]!) next++
    most = Math.max(most, next - first)
  }
  return most
}

/**
 * Splits windows that overlap: held-out parts are pieces of the series at random places, and windows that share a row with one of another
 * part are left out of all. Windows of one part share rows as they do in the series.
 * @param held windows to validate with, and to test with
 * @throws training-data-missing where no window is left to train on
 */
export function splitSeries(
  groups: Groups,
  held: { validation: number; test: number },
  random: Random,
): Pick<Split, 'training' | 'validation' | 'test'> {
  const count = groups.of.length
  const overlap = overlapOf(groups)
  const pieces = (['validation', 'test'] as const).flatMap((part) =>
    piecesOf(held[part], overlap).map((length) => ({ part, length, order: random.uniform() })),
  )
  pieces.sort((a, b) => a.order - b.order)
  const gaps = overlap * Math.max(0, pieces.length - 1)
  const slack = count - held.validation - held.test - gaps
  if (slack < 1) throw tooFew(groups, held)

  // Where the windows that are neither held out nor a gap are parted by the pieces: all ways are equally likely.
  const before = pieces.map(() => random.integer(slack + 1)).sort((a, b) => a - b)
  const parts = { training: [] as number[], validation: [] as number[], test: [] as number[] }
  const nearest = new Uint8Array(count)
  let taken = 0
  for (const [i, { part, length }] of pieces.entries()) {
    const from = before[i]! + taken
    taken += length + overlap
    for (let index = from; index < from + length; index++) parts[part].push(index)
    nearest.fill(1, Math.max(0, from - overlap), from + length + overlap)
  }
  for (let index = 0; index < count; index++) if (nearest[index] === 0) parts.training.push(index)
  if (parts.training.length === 0) throw tooFew(groups, held)
  return {
    training: Int32Array.from(parts.training),
    validation: Int32Array.from(parts.validation),
    test: Int32Array.from(parts.test),
  }
}

/** Lengths of the pieces of a part, all about the same. */
function piecesOf(length: number, overlap: number): number[] {
  if (length === 0) return []
  const count = Math.max(1, Math.min(mostPieces, Math.floor(length / (shortestPiece * overlap))))
  return Array.from(
    { length: count },
    (_, i) => Math.floor(((i + 1) * length) / count) - Math.floor((i * length) / count),
  )
}

const tooFew = (
  { of, extent }: Groups,
  { validation, test }: { validation: number; test: number },
): DarkroomError =>
  new DarkroomError('training-data-missing', {
    expected: `windows to train on that share no row with the ${validation} to validate with and the ${test} to test with`,
    received: `${of.length} windows of ${extent[0]!} rows`,
  })
