import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { ScoreKind, Threshold, type AnalysisSummary } from '../../contract/analysis.ts'
import { DataSource } from '../../contract/dataset.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { readTrainedRun, type TrainedRun } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import {
  analysisFiles,
  copyRun,
  readAnalysis,
  readPart,
  runOf,
  titleOfRun,
  unreadable,
  writeAnalysis,
} from '../storage/analysis-folders.ts'
import { readSafetensors, writeSafetensors } from '../storage/safetensors.ts'
import type { Calibration } from './threshold.ts'
import type { Whitening } from './whitening.ts'

/** What `detector.json` says. */
const Detector = z.strictObject({
  darkroom: z.literal('detector'),
  version: z.literal(1),
  /** Version of the product that fitted it. */
  product: z.string(),
  /** What its run is called. */
  run: z.string(),
  /** That it was fitted on, with absolute paths, normal items and others. */
  data: DataSource,
  /** Of the items' values: whether data are these. */
  sha256: z.string(),
  /** Labels of the normal items; null: all were. */
  normal: z.array(z.string()).min(1).nullable(),
  score: ScoreKind,
  threshold: Threshold,
  /** Shape of a sample. */
  input: z.array(z.int().min(1)).min(1).max(3),
  /** Of heat maps: what is shown as nothing, and as most; null of rows. */
  heatScale: z.tuple([z.number(), z.number()]).nullable(),
  /** ISO 8601. */
  at: z.string(),
})
export type Detector = z.infer<typeof Detector>

/** Beside `detector.json`: scores of held-out items, and of `whitened` how residuals spread. */
const numbersFile = 'calibration.safetensors'

/** A detector with all that it needs. */
export interface OpenDetector {
  path: string
  detector: Detector
  calibration: Calibration
  /** Null where the score needs none. */
  whitening: Whitening | null
  run: TrainedRun
}

/** Writes a detector's folder whole or not at all. @throws file-exists, output-unwritable, disk-full */
export async function writeDetector(
  { path, detector, calibration, whitening, run }: OpenDetector,
  overwrite: boolean,
): Promise<void> {
  const { normal, anomalous } = calibration
  const tensors: TensorMap = { normal: row(normal), anomalous: row(anomalous) }
  if (whitening !== null)
    Object.assign(tensors, { mean: row(whitening.mean), inverse: row(whitening.inverse) })
  await writeAnalysis(
    path,
    async (temporary) => {
      await copyRun(run, temporary)
      await writeSafetensors(join(temporary, numbersFile), tensors)
      const text = `${JSON.stringify(detector, null, 2)}\n`
      await writeFile(join(temporary, analysisFiles.detector), text)
    },
    overwrite,
  )
}

const row = (data: Float32Array): TensorMap[string] => ({ dtype: 'float32', shape: [data.length], data })

/** What `detector.json` holds of a fit. */
export const aboutDetector = async (
  about: Omit<Detector, 'darkroom' | 'version' | 'run' | 'at' | 'input'>,
  run: TrainedRun,
): Promise<Detector> => ({
  ...{ darkroom: 'detector', version: 1, ...about },
  ...{ run: await titleOfRun(run.path), input: run.info.data.shape, at: new Date().toISOString() },
})

/** @throws analysis-unreadable where anything is missing, damaged, or does not belong together */
export async function readDetector(folder: string): Promise<OpenDetector> {
  const path = resolve(folder)
  const detector = await readAnalysis(path, 'detector', Detector)
  const file = join(path, numbersFile)
  const { tensors } = await readPart(file, () => readSafetensors(file))
  const run = await readPart(runOf(path), () => readTrainedRun(runOf(path)))
  if (run.info.data.shape.join() !== detector.input.join())
    throw unreadable(runOf(path), run.info.data.shape.join('×'))
  const values = (name: string): Float32Array => {
    const { data } = tensors[name] ?? {}
    if (data instanceof Float32Array) return data
    throw unreadable(file, `no ${name}`)
  }
  const calibration = { normal: values('normal'), anomalous: values('anomalous') }
  if (calibration.normal.length !== detector.threshold.items)
    throw unreadable(file, `${calibration.normal.length} scores`)
  return { path, detector, calibration, run, whitening: whiteningOf(detector, values, file) }
}

function whiteningOf(
  { score, input }: Detector,
  values: (name: string) => Float32Array,
  file: string,
): Whitening | null {
  if (score !== 'whitened') return null
  const [mean, inverse] = [values('mean'), values('inverse')]
  const size = sizeOf(input)
  const form = inverse.length === size ? 'diagonal' : 'full'
  if (mean.length !== size || (form === 'full' && inverse.length !== size ** 2))
    throw unreadable(file, `${mean.length} and ${inverse.length} numbers`)
  return { mean, inverse, form }
}

/** @throws analysis-unreadable */
export async function detectorSummary(path: string): Promise<AnalysisSummary> {
  const { run, data, at, normal, threshold, score, input } = await readAnalysis(path, 'detector', Detector)
  return {
    ...{ kind: 'detector', path, title: basename(path), run, at, normal, threshold, score, input },
    source: data,
    data: data.sources.map((source) => basename(source)).join(', '),
  }
}
