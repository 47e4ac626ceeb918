import { writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { AnomalyScoreJob } from '../../contract/analysis-jobs.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult } from '../../contract/jobs.ts'
import type { ImageData } from '../../contract/recipe.ts'
import { readDetector } from '../anomaly/detector.ts'
import type { Judged } from '../anomaly/judge.ts'
import { openMasks, type Masks } from '../anomaly/masks.ts'
import { openJudge, wholeSource, type OpenJudge } from '../anomaly/open.ts'
import { picturesOf, withHeat } from '../anomaly/pictures.ts'
import { scoreUnits } from '../anomaly/score.ts'
import { writeScores, type StoredScores } from '../anomaly/score-store.ts'
import { chooseThreshold } from '../anomaly/threshold.ts'
import { csvLine } from '../storage/csv-write.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { framePng } from '../storage/frames.ts'
import { provenanceOf, writeExport, writeFolderNote } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { checkEnding, pngNames } from './naming.ts'
import type { TrainedRun } from './trained-run.ts'
import { checkFree } from './with-latents.ts'

/**
 * Scores data by a detector, and says how verdicts agree with labels.
 * @throws detector and data errors; labels-unusable; calibration-too-small for another threshold than the detector's; argument-invalid for masks or
 *   heat maps of rows; file-exists, output-unwritable, disk-full
 */
export async function anomalyScore(job: AnomalyScoreJob, context: JobContext): Promise<JobResult> {
  checkEnding('--out', job.out, ['.csv', '.json'])
  await checkFree([job.out, job.heat], job.overwrite)
  const open = await readDetector(job.detector)
  const { detector, calibration, run } = open
  if (detector.heatScale === null && (job.masks ?? job.heat) !== null)
    throw new DarkroomError('argument-invalid', {
      file: job.masks === null ? '--heat' : '--masks',
      expected: 'a detector of images',
      received: `rows of ${detector.input.join('×')}`,
    })
  const data = wholeSource(run.info, job.data, detector.data)
  const threshold =
    job.threshold === null ? detector.threshold : chooseThreshold(job.threshold, calibration, open.path)
  const backend = await context.openBackend(job.engine)
  try {
    const how = { kind: detector.score, whitening: open.whitening }
    const judge = await openJudge(run, data, how, { ...context, backend })
    try {
      const masks = job.masks === null ? null : await masksOf(job.masks, data.sources, judge, run, context)
      const heat = job.heat === null ? null : heatWriter(job.heat, judge, detector.heatScale!, job.overwrite)
      const options = {
        data,
        normal: job.normal,
        split: job.split,
        threshold,
        masks,
        onImage: heat?.write ?? null,
      }
      const stored = await scoreUnits(open, judge, options, context)
      const scores = await writeScores(context.home, stored)
      const provenance = await provenanceOf(job, run, null, context.product)
      const files: string[] = []
      if (job.out !== null) {
        const text = extname(job.out).toLowerCase() === '.csv' ? csvOf(stored, judge) : jsonOf(stored, judge)
        files.push(...(await writeExport(job.out, text, provenance, job.overwrite)))
      }
      if (heat !== null)
        files.push(...heat.files, await writeFolderNote(job.heat!, provenance, job.overwrite))
      return { type: 'anomaly-score', scores, summary: stored.summary, files }
    } finally {
      await judge.close()
    }
  } finally {
    await backend.close()
  }
}

const masksOf = (
  folder: string,
  sources: string[],
  { units }: OpenJudge,
  { info }: TrainedRun,
  { signal }: JobContext,
): Promise<Masks> => {
  const images = Array.from({ length: units.count }, (_, unit) => units.name(unit))
  return openMasks(folder, { images, sources }, info.recipe.data as ImageData, signal)
}

/** Writes the pictures of images with their heat maps over them, as they come. */
function heatWriter(
  folder: string,
  { units }: OpenJudge,
  scale: [number, number],
  overwrite: boolean,
): { files: string[]; write: (one: Judged) => Promise<void> } {
  const names = pngNames(Array.from({ length: units.count }, (_, unit) => units.name(unit)))
  const files: string[] = []
  return {
    files,
    async write(one) {
      const file = join(folder, names[one.unit]!)
      const png = await framePng(withHeat(picturesOf(one, scale)))
      await writeAtomic(file, (temporary) => writeFile(temporary, png), { overwrite })
      files.push(file)
    },
  }
}

interface ScoredItem {
  name: string
  score: number
  verdict: 'anomaly' | 'normal'
  percentile: number
  label?: string | null
  /** Of windows: first and last row, counted from 0. */
  firstRow?: number
  lastRow?: number
}

function itemsOf(
  { summary, names, scores, percentiles, labels, units }: Stored,
  judge: OpenJudge,
): ScoredItem[] {
  return names.map((name, i) => {
    const rows = judge.units.rowsOf(units[i]!)
    return {
      ...{ name, score: scores[i]! },
      verdict: scores[i]! > summary.threshold.value ? 'anomaly' : 'normal',
      percentile: percentiles[i]!,
      ...(labels !== null && { label: labels.names[labels.of[i]!] ?? null }),
      ...(rows !== null && { firstRow: rows[0], lastRow: rows[1] }),
    }
  })
}

type Stored = Omit<StoredScores, 'id'>

function csvOf(stored: Stored, judge: OpenJudge): string {
  const items = itemsOf(stored, judge)
  const head = ['name', 'score', 'verdict', 'percentile', 'label', 'firstRow', 'lastRow'] as const
  const columns = head.filter((column) => items.some((item) => column in item))
  const lines = items.map((item) => csvLine(columns.map((column) => item[column] ?? '')))
  return `${[csvLine([...columns]), ...lines].join('\n')}\n`
}

const jsonOf = (stored: Stored, judge: OpenJudge): string =>
  `${JSON.stringify({ ...stored.summary, list: itemsOf(stored, judge) }, null, 2)}\n`
