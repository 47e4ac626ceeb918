import type { AnomalyScores, AnomalySummary, Threshold } from '../../contract/analysis.ts'
import type { AnomalyScoreJob } from '../../contract/analysis-jobs.ts'
import { figuresAt } from '../../contract/detection.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobContext } from '../jobs/context.ts'
import type { OpenDetector } from './detector.ts'
import { judged, type Judged } from './judge.ts'
import { createPixelTally, type Masks } from './masks.ts'
import { normalLabels } from './normal.ts'
import type { OpenJudge } from './open.ts'
import { partsOf } from './parts.ts'
import type { StoredScores } from './score-store.ts'
import { percentilesOf } from './threshold.ts'
import { truthOf } from './units.ts'

export interface ScoreOptions {
  data: AnomalyScores['data']
  normal: string[] | null
  split: AnomalyScoreJob['split']
  threshold: Threshold
  masks: Masks | null
  /** Told every image with its heat map. */
  onImage: ((image: Judged, place: number) => Promise<void>) | null
}

/**
 * Scores of the items of data, verdicts, and where there are labels how these agree with them.
 * @param judge of the detector's run, score and whitening
 * @throws as `judged`, `normalLabels` and `partsOf`; data-unsuitable for a part of data that the detector was not fitted on, or one without items
 */
export async function scoreUnits(
  { path, detector, calibration, run }: OpenDetector,
  judge: OpenJudge,
  options: ScoreOptions,
  context: JobContext,
): Promise<Omit<StoredScores, 'id'>> {
  const { data, threshold, masks, onImage } = options
  const file = data.sources.join(', ')
  const { units } = judge
  const [asked, isNamed] = [options.normal, data.labels !== null]
  const normal = normalLabels(units.labels, { asked, fitted: detector.normal, isNamed }, file)
  const wanted = await wantedUnits()
  const truth = normal === null ? null : pick(truthOf(units, normal), wanted)
  const scores = new Float32Array(wanted.length)
  const tally = masks && createPixelTally()
  let at = 0
  for await (const one of judged(judge, wanted, context)) {
    scores[at] = one.score
    if (tally !== null && masks !== null && one.heat !== null)
      tally.add(one.heat, await masks.read(units.name(one.unit), one.shape))
    await onImage?.(one, at)
    at++
  }
  const figures = truth && figuresAt(scores, truth, threshold.value)
  const summary: AnomalySummary = {
    ...{ detector: path, score: detector.score, threshold, items: wanted.length },
    anomalies: scores.reduce((count, score) => count + (score > threshold.value ? 1 : 0), 0),
    figures: figures && { ...figures, pixels: tally?.figures() ?? null },
  }
  return {
    ...{ summary, data, scores, truth, units: wanted, sha256: judge.data.dataset.samplesSha256 },
    names: Array.from(wanted, (unit) => units.name(unit)),
    percentiles: percentilesOf(scores, calibration.normal),
    labels: units.labels && {
      names: units.labels.names,
      of: Int32Array.from(wanted, (unit) => units.labels!.of[unit]!),
    },
    calibration: calibration.normal,
    hasHeat: detector.heatScale !== null,
    heatScale: detector.heatScale ?? [0, 1],
  }

  /** The part that is asked for; by default that for testing of the data that the detector was fitted on, and all of others. */
  async function wantedUnits(): Promise<Int32Array> {
    const all = Int32Array.from({ length: units.count }, (_, unit) => unit)
    if (options.split === 'all') return all
    const isFitted = judge.data.dataset.samplesSha256 === detector.sha256
    const parts = isFitted
      ? await partsOf(run, judge.data, units, data, units.labels && detector.normal, context)
      : null
    if (parts === null && options.split === null) return all
    if (parts === null)
      throw new DarkroomError('data-unsuitable', {
        file,
        expected: 'the data that the detector was fitted on',
        received: `split "${options.split!}"`,
      })
    const part = options.split ?? 'test'
    const some = all.filter((unit) => parts.of[unit] === part)
    if (some.length > 0) return some
    throw new DarkroomError('data-unsuitable', {
      file,
      expected: `a split with items in ${part}`,
      received: '0',
    })
  }
}

const pick = (values: Int8Array, units: Int32Array): Int8Array =>
  Int8Array.from(units, (unit) => values[unit]!)
