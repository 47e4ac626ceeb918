import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runJob } from '../support.ts'
import type { Threshold } from '../../src-main/contract/analysis.ts'
import type { AnalysisResult } from '../../src-main/contract/analysis-jobs.ts'
import type { Engine } from '../../src-main/contract/engine.ts'
import type { JobInput } from '../../src-main/contract/jobs.ts'
import { calibrate, type Calibrated } from '../../src-main/engine/anomaly/calibrate.ts'
import { readDetector, type OpenDetector } from '../../src-main/engine/anomaly/detector.ts'
import { openJudge, type OpenJudge } from '../../src-main/engine/anomaly/open.ts'
import { partsOf, type Part } from '../../src-main/engine/anomaly/parts.ts'
import { truthOf } from '../../src-main/engine/anomaly/units.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import type { JobContext } from '../../src-main/engine/jobs/context.ts'

export interface Place {
  engine: Engine
  /** Of this benchmark alone. */
  home: string
  /** The folder of data. */
  data: string
  seeds: number[]
  /** Changes of the recipe. */
  overrides: string[]
}

/** Mean, and the standard deviation over seeds where there are several. */
export function spread(values: number[], digits = 3): string {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0)
  if (values.length < 2) return mean.toFixed(digits)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / (values.length - 1), 0)
  return `${mean.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}`
}

/** Runs a job of a detector; its result. @throws where it fails */
export async function resultOf<Type extends AnalysisResult['type']>(
  engine: Engine,
  job: JobInput & { type: Type },
): Promise<Extract<AnalysisResult, { type: Type }>> {
  const ended = await runJob(engine, job)
  if (ended.event !== 'done') throw new Error(JSON.stringify(ended))
  return ended.result as Extract<AnalysisResult, { type: Type }>
}

/** A detector with its data, for what is compared with it. */
export interface Opened {
  open: OpenDetector
  judge: OpenJudge
  /** Units by part and truth: of `test`, normal items and others. */
  unitsOf: (part: Part, truth: 0 | 1) => Int32Array
  /** With another judge in the place of the detector's own. */
  calibrate: (judge: OpenJudge) => Promise<Calibrated>
  context: JobContext
  close(): Promise<void>
}

export async function openDetectorData(path: string, home: string): Promise<Opened> {
  const open = await readDetector(path)
  const backend = await openBackend('auto', { threads: 2 })
  const signal = new AbortController().signal
  const context: JobContext = {
    ...{ signal, stopAfterEpoch: signal, home, assets: '', product: '' },
    ...{ emit: () => undefined, onError: () => undefined, pause: () => Promise.resolve() },
    openBackend: () => Promise.resolve(backend),
  }
  const { detector, run } = open
  const how = { kind: detector.score, whitening: open.whitening }
  const judge = await openJudge(run, detector.data, how, { ...context, backend })
  const parts = await partsOf(run, judge.data, judge.units, detector.data, detector.normal, context)
  const truth = truthOf(judge.units, detector.normal)
  return {
    ...{ open, judge, context },
    unitsOf: (part, wanted) =>
      Int32Array.from(truth.keys()).filter((unit) => parts!.of[unit] === part && truth[unit] === wanted),
    calibrate: (other) => calibrate(other, run, { source: detector.data, normal: detector.normal }, context),
    async close() {
      await judge.close()
      await backend.close()
    },
  }
}

export async function writeFloats(home: string, name: string, values: Float32Array): Promise<string> {
  const file = join(home, name)
  await writeFile(file, values)
  return file
}

export const concat = (...parts: Int32Array[]): Int32Array =>
  Int32Array.from(parts.flatMap((part) => [...part]))
export const rising = (values: number[]): Float32Array => Float32Array.from(values).sort()
export type Rule = Threshold['rule']
