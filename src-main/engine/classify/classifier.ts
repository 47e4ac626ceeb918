import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import type { AnalysisSummary } from '../../contract/analysis.ts'
import { DataSource } from '../../contract/dataset.ts'
import { Provenance } from '../../contract/provenance.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { readTrainedRun, type TrainedRun } from '../jobs/trained-run.ts'
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
import { buildHead } from './head.ts'
import { encoderOfRun, type Network } from './network.ts'

/** What `classifier.json` says. */
const About = z.strictObject({
  darkroom: z.literal('classifier'),
  version: z.literal(1),
  /** What its run is called. */
  run: z.string(),
  /** What it learned from, with absolute paths. */
  data: DataSource,
  /** In the order of the head's outputs. */
  classes: z.array(z.string()).min(2),
  /** Units of the dense ReLU layer. */
  hidden: z.int().min(1),
  /** Shape of a sample. */
  input: z.array(z.int().min(1)).min(1).max(3),
  /** Labels that it learned from, and predictions of its own beside them. */
  labels: z.int().min(2),
  pseudoLabels: z.int().min(0),
  /** Layers of the encoder that were trained too. */
  fineTuned: z.int().min(0),
  /** The job that made it. */
  provenance: Provenance,
})
export type AboutClassifier = z.infer<typeof About>

/** Weights of the head, and of the encoder's layers that were trained too. */
const weightsFile = 'head.safetensors'

/** A classifier with all that it needs. */
export interface Classifier extends Network {
  /** Folder. */
  path: string
  about: AboutClassifier
  run: TrainedRun
}

/** Writes a classifier's folder whole or not at all. @throws file-exists, output-unwritable, disk-full */
export async function writeClassifier(
  path: string,
  {
    run,
    weights,
    encoder,
    about,
  }: Network & {
    run: TrainedRun
    about: Omit<AboutClassifier, 'darkroom' | 'version' | 'run' | 'input'>
  },
  overwrite: boolean,
): Promise<void> {
  const trained = encoder.layers.slice(encoder.layers.length - about.fineTuned).flat()
  const own = Object.entries(weights).filter(([name]) => name.startsWith('head.') || trained.includes(name))
  const whole: AboutClassifier = {
    ...{ darkroom: 'classifier', version: 1, run: await titleOfRun(run.path) },
    ...{ ...about, input: encoder.input },
  }
  await writeAnalysis(
    path,
    async (temporary) => {
      await copyRun(run, temporary)
      await writeSafetensors(join(temporary, weightsFile), Object.fromEntries(own))
      await writeFile(join(temporary, analysisFiles.classifier), `${JSON.stringify(whole, null, 2)}\n`)
    },
    overwrite,
  )
}

/** @throws analysis-unreadable where anything is missing, damaged, or does not belong together */
export async function readClassifier(folder: string): Promise<Classifier> {
  const path = resolve(folder)
  const about = await readAnalysis(path, 'classifier', About)
  const run = await readPart(runOf(path), () => readTrainedRun(runOf(path)))
  const file = join(path, weightsFile)
  const { tensors } = await readPart(file, () => readSafetensors(file))
  const encoder = await readPart(runOf(path), () => Promise.resolve().then(() => encoderOfRun(run)))
  if (encoder.input.join() !== about.input.join()) throw unreadable(runOf(path), encoder.input.join('×'))
  const head = buildHead(encoder.size, about.hidden, about.classes.length)
  const weights: TensorMap = { ...encoder.weights, ...tensors }
  for (const [name, shape] of Object.entries({ ...head.shapes, ...shapesOf(encoder.weights) })) {
    const found = weights[name]
    if (found?.dtype !== 'float32' || found.shape.join() !== shape.join())
      throw unreadable(file, `${name}: ${found?.shape.join('×') ?? 'missing'}`)
  }
  return { path, about, run, encoder, head, weights }
}

const shapesOf = (weights: TensorMap): Record<string, number[]> =>
  Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]))

/** @throws analysis-unreadable */
export async function classifierSummary(path: string): Promise<AnalysisSummary> {
  const about = await readAnalysis(path, 'classifier', About)
  const { run, data, classes, labels, fineTuned, input, provenance } = about
  return {
    ...{ kind: 'classifier', path, title: basename(path), run, classes, labels, input, source: data },
    ...{ isFineTuned: fineTuned > 0, at: provenance.at },
    data: data.sources.map((source) => basename(source)).join(', '),
  }
}
