import type { DataSource } from '../../contract/dataset.ts'
import type { JobContext } from '../jobs/context.ts'
import type { TrainedRun } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import { createHistogram } from '../numeric/histogram.ts'
import { createRandom } from '../numeric/random.ts'
import { drawSubset } from '../numeric/subset.ts'
import { judged, residualsOf, type Judge, type JudgeContext } from './judge.ts'
import type { OpenJudge } from './open.ts'
import { partsOf, type Parts } from './parts.ts'
import type { Calibration } from './threshold.ts'
import { truthOf } from './units.ts'
import { fitWhitening, mostFitted, type Whitening } from './whitening.ts'

/** Shares of the pixels of held-out normal images below which heat is shown as nothing, and above which as most. */
const heatShares = [0.5, 0.999] as const

export interface Calibrated {
  calibration: Calibration
  whitening: Whitening | null
  /** Null of rows. */
  heatScale: [number, number] | null
}

/** Units by what they are for. */
interface Uses {
  /** Normal: the threshold stands on them. */
  calibration: Int32Array
  /** Normal: residuals are whitened by theirs. */
  whitening: Int32Array
  /** Labelled as anomalies: `best-f1` looks at them. */
  anomalous: Int32Array
}

/**
 * Scores of the items that a threshold is chosen on: what a run has learned from takes no part, and neither does the test part. What residuals are
 * whitened by is learned from the training part, or of data that are not the run's own from half of the normal items, drawn by the run's seed,
 * which then take no further part.
 * @throws as `judged` and `partsOf`
 */
export async function calibrate(
  judge: OpenJudge,
  run: TrainedRun,
  { source, normal }: { source: DataSource; normal: string[] | null },
  context: JobContext,
): Promise<Calibrated> {
  const parts = await partsOf(run, judge.data, judge.units, source, normal, context)
  const isWhitened = judge.kind === 'whitened'
  const uses = usesOf(parts, truthOf(judge.units, normal), isWhitened, run.info.recipe.seed)
  const whitening = isWhitened
    ? await whiteningOf(judge, uses.whitening, run.info.recipe.seed, context)
    : null
  const own = { ...judge, whitening }
  const heat = createHistogram()
  const scores = async (units: Int32Array, withHeat: boolean): Promise<Float32Array> =>
    (
      await scoresOf(own, units, context, (map) => {
        if (withHeat) heat.add(map)
      })
    ).sort()
  const calibration = {
    normal: await scores(uses.calibration, true),
    anomalous: await scores(uses.anomalous, false),
  }
  const [low, high] = heatShares.map((share) => heat.quantile(share)) as [number, number]
  return { calibration, whitening, heatScale: heat.total() === 0 ? null : [low, high] }
}

function usesOf(parts: Parts | null, truth: Int8Array, isWhitened: boolean, seed: number): Uses {
  const all = Int32Array.from(truth.keys())
  // What a run has not learned from is as good as its validation part.
  const isHeldOut = (unit: number): boolean =>
    parts === null || parts.of[unit] === 'validation' || (!parts.isLearned && parts.of[unit] === 'training')
  const heldOut = all.filter(isHeldOut)
  const calibration = heldOut.filter((unit) => truth[unit] === 1)
  const anomalous = heldOut.filter((unit) => truth[unit] === 0)
  if (!isWhitened) return { calibration, anomalous, whitening: new Int32Array() }
  if (parts?.isLearned === true) {
    const whitening = all.filter((unit) => truth[unit] === 1 && parts.of[unit] === 'training')
    return { calibration, anomalous, whitening }
  }
  const half = new Set(drawSubset(calibration.length, calibration.length >> 1, createRandom(seed)))
  return {
    anomalous,
    whitening: calibration.filter((_, place) => half.has(place)),
    calibration: calibration.filter((_, place) => !half.has(place)),
  }
}

async function whiteningOf(
  judge: Judge,
  units: Int32Array,
  seed: number,
  context: JudgeContext,
): Promise<Whitening> {
  const items = Int32Array.from([...units].flatMap((unit) => [...judge.units.itemsOf(unit)]))
  const size = sizeOf(judge.dataset.shape)
  const most = Math.max(2, Math.min(mostFitted.items, Math.floor(mostFitted.values / size)))
  const drawn = drawSubset(items.length, most, createRandom(seed)).map((place) => items[place]!)
  return fitWhitening(await residualsOf(judge, drawn, context), size)
}

/** Scores of units, and of images what `onHeat` makes of each one's heat map. */
export async function scoresOf(
  judge: Judge,
  units: Int32Array,
  context: JudgeContext,
  onHeat: (heat: Float32Array) => void,
): Promise<Float32Array> {
  const scores = new Float32Array(units.length)
  let at = 0
  for await (const { score, heat } of judged(judge, units, context)) {
    scores[at++] = score
    if (heat !== null) onHeat(heat)
  }
  return scores
}
