import type { HistoryRow } from '../../contract/runs.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Checkpoint } from '../storage/checkpoints.ts'

/** What the steps since the last row of the history gave: a checkpoint holds the sums, so that a row after a break is the same. */
export interface Tally {
  /** @param terms of the loss, each the mean over `count` samples. */
  add(terms: TensorMap, count: number, milliseconds: number): void
  standing(): Pick<Checkpoint, 'sums' | 'samples'>
  /** The means, and a new beginning. */
  take(): Pick<HistoryRow, 'training' | 'stepMs' | 'samplesPerSecond'>
}

export function createTally({
  sums: firstSums,
  samples: firstSamples,
}: Pick<Checkpoint, 'sums' | 'samples'>): Tally {
  let sums = { ...firstSums }
  let samples = firstSamples
  let times: number[] = []
  let timed = 0
  return {
    add(terms, count, milliseconds) {
      for (const name in terms) sums[name] = (sums[name] ?? 0) + terms[name]!.data[0]! * count
      samples += count
      times.push(milliseconds)
      timed += count
    },
    standing: () => ({ sums: { ...sums }, samples }),
    take() {
      const training = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / samples]))
      const seconds = times.reduce((sum, time) => sum + time, 0) / 1000
      const stepMs = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0
      const samplesPerSecond = seconds > 0 ? timed / seconds : 0
      sums = {}
      samples = 0
      times = []
      timed = 0
      return { training, stepMs, samplesPerSecond }
    },
  }
}
