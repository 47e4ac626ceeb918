import { basename, dirname } from 'node:path'
import type { DenoiseRow, EvaluateRow, JobEvent, JobResult, Progress } from '../contract/jobs.ts'
import { isMessageKey, type MessageKey } from '../contract/messages/messages.ts'
import type { Clusters, MapSummary } from '../contract/latent.ts'
import { rowWarnings } from '../contract/run-warnings.ts'
import type { HistoryRow } from '../contract/runs.ts'
import type { Cli } from './context.ts'
import { analysisLines } from './present-analysis.ts'
import { createProgressLine, type ProgressUnit } from './progress.ts'
import { tableLines } from './table.ts'
import { duration } from './text.ts'
import { formatValue, formatValues } from './values.ts'

export interface Presentation {
  /** Every event as one JSON line on the standard output, and nothing else there. */
  json: boolean
  /** Errors only. */
  quiet: boolean
  /** What the progress counts. */
  unit: ProgressUnit
  /** Whether what was stopped can go on by `darkroom train --resume`. */
  isResumable?: boolean
}

/** Shows the events of a job: results on the standard output, progress and trouble on the error stream. */
export function createPresenter(
  cli: Cli,
  { json, quiet, unit, isResumable = false }: Presentation,
): (event: JobEvent) => void {
  const progressLine = createProgressLine(cli, unit)
  const say = (...lines: string[]): void => {
    if (!quiet && !json) lines.forEach(cli.out)
  }
  let progress: Progress | null = null
  const warned = new Set<MessageKey>()
  const warn = (keys: MessageKey[]): void => {
    if (quiet || json) return
    // The same is true of every row that follows.
    for (const key of keys) if (!warned.has(key)) cli.note(cli.text(key))
    keys.forEach((key) => warned.add(key))
  }
  return (event) => {
    if (json) cli.host.stdout.write(`${JSON.stringify(event, plainArrays)}\n`)
    if (event.event === 'progress') {
      progress = event.progress
      if (!quiet && !json) progressLine.show(event.progress)
      return
    }
    progressLine.clear()
    switch (event.event) {
      case 'denoised':
        if (event.row.error) cli.complain(event.row.error)
        say(...denoisedLines(cli, event.row))
        if (!quiet && !json) for (const line of warningLines(cli, event.row)) cli.note(line)
        return
      case 'evaluated':
        return say(evaluatedLine(cli, event.row))
      case 'trained':
        say(trainedLine(cli, event.row, progress))
        return warn(rowWarnings(event.row))
      case 'warned':
        return warn([event.warning].filter(isMessageKey))
      case 'done':
        say(...resultLines(cli, event.result))
        return warn('warnings' in event.result ? event.result.warnings.filter(isMessageKey) : [])
      case 'failed':
        return cli.complain(event.error)
      case 'cancelled':
        if (!quiet && !json) cli.note(cli.text(isResumable ? 'result.train-stopped' : 'result.cancelled'))
    }
  }
}

/** Arrays of numbers of one type are lists like others. */
const plainArrays = (_: string, value: unknown): unknown =>
  value instanceof Int32Array || value instanceof Float32Array ? Array.from<number>(value) : value

/** What is worth a line of its own: the rows of a plan. Files that were cleaned are counted by the progress. */
function denoisedLines(cli: Cli, { status, source, output }: DenoiseRow): string[] {
  if (status === 'planned') return [`${source} → ${output ?? ''}`]
  if (status === 'skipped' || status === 'ignored') return [cli.text(`row.${status}`, { source })]
  return []
}

const warningLines = (cli: Cli, { source, warnings }: DenoiseRow): string[] =>
  (warnings ?? []).map((key) => `${source}: ${isMessageKey(key) ? cli.text(key) : key}`)

const decibel = (value: number): string => value.toFixed(2)
const similarity = (value: number): string => value.toFixed(4)

const quality = (row: { noisyPsnr: number; psnr: number; noisySsim: number; ssim: number }) => ({
  noisyPsnr: decibel(row.noisyPsnr),
  psnr: decibel(row.psnr),
  noisySsim: similarity(row.noisySsim),
  ssim: similarity(row.ssim),
})

const evaluatedLine = (cli: Cli, row: EvaluateRow): string =>
  cli.text('row.evaluate', { file: row.file, sigma: row.sigma.toFixed(1), ...quality(row) })

function trainedLine(cli: Cli, row: HistoryRow, progress: Progress | null): string {
  const facts = { epoch: row.epoch.toFixed(2), step: row.step, values: formatValues(row.training) }
  return [
    row.stage === 'train' ? '' : row.stage,
    cli.text('row.train', facts),
    row.validation === null ? '' : cli.text('row.validation', { values: formatValues(row.validation) }),
    typeof progress?.secondsLeft === 'number' &&
      cli.text('progress.left', { time: duration(progress.secondsLeft) }),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** The one file that was written, or the folder that all are in: the last of its files says how they were made. */
function placeOf(files: string[]): string {
  const last = files.at(-1) ?? ''
  return basename(last) === 'darkroom.json' ? dirname(last) : (files[0] ?? '')
}

const writtenLines = (cli: Cli, files: string[]): string[] =>
  files.map((file) => cli.text('result.written', { file }))

function mapLines(cli: Cli, summary: MapSummary): string[] {
  const { items, size, explained, trustworthiness, continuity, neighbours, measured, collapsed } = summary
  const shares = explained?.map((share) => `${(100 * share).toFixed(1)} %`).join(', ') ?? ''
  const trust = { trustworthiness: trustworthiness.toFixed(4), continuity: continuity.toFixed(4) }
  return [
    cli.text('result.map', { items, size }),
    ...(explained === null ? [] : [cli.text('result.map-explained', { shares })]),
    cli.text('result.map-trust', { ...trust, neighbours, measured }),
    ...(collapsed === 0 ? [] : [cli.text('result.map-collapsed', { collapsed, size })]),
  ]
}

function clusterLines(cli: Cli, clusters: Clusters): string[] {
  const { sizes, noise, of, silhouette, measured, nmi, ari } = clusters
  if (sizes.length === 0) return [cli.text('result.cluster-none', { items: of.length })]
  const counts = { items: of.length, clusters: sizes.length, noise, sizes: sizes.join(', ') }
  return [
    cli.text('result.cluster', counts),
    ...(silhouette === null
      ? []
      : [cli.text('result.cluster-silhouette', { silhouette: silhouette.toFixed(4), measured })]),
    ...(nmi === null || ari === null
      ? []
      : [cli.text('result.cluster-agreement', { nmi: nmi.toFixed(4), ari: ari.toFixed(4) })]),
  ]
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

function resultLines(cli: Cli, result: JobResult): string[] {
  switch (result.type) {
    case 'denoise': {
      const { done, skipped, ignored, failed, planned, seconds, megapixels } = result
      if (planned > 0) return [cli.text('result.plan', { planned, skipped, ignored, failed })]
      const rate = (seconds > 0 ? megapixels / seconds : 0).toFixed(2)
      const models = Object.entries(result.models).sort(([, a], [, b]) => b - a)
      return [
        cli.text('result.denoise', { done, skipped, ignored, failed, time: duration(seconds), rate }),
        ...(models.length === 0
          ? []
          : [cli.text('result.denoise-models', { models: models.map((pair) => pair.join(' ')).join(', ') })]),
        ...(result.kept === 0 ? [] : [cli.text('result.denoise-kept', { kept: result.kept })]),
      ]
    }
    case 'train':
      return [cli.text(`result.train-${result.why}`, { steps: result.steps, model: result.model })]
    case 'inspect':
      return [cli.text('progress.items', { done: result.report.items, total: result.report.items })]
    case 'reconstruct':
      return [
        cli.text('result.reconstruct', { items: result.items, file: result.files[0] ?? '' }),
        ...result.files.slice(1),
      ]
    case 'map':
      return [...mapLines(cli, result.summary), ...writtenLines(cli, result.files)]
    case 'neighbours':
      return [
        ...tableLines(
          result.items.map(({ name, label, distance }) => [
            name,
            ...(label === null ? [] : [label]),
            distance.toFixed(4),
          ]),
        ),
        ...writtenLines(cli, result.files),
      ]
    case 'cluster':
      return [...clusterLines(cli, result.clusters), ...writtenLines(cli, result.files)]
    case 'encode':
    case 'decode':
    case 'interpolate':
    case 'traverse':
    case 'sample':
    case 'arithmetic':
    case 'export-items':
      return [
        ...(result.lines ?? []),
        cli.text('result.latent', { items: result.items, file: placeOf(result.files) }),
      ]
    case 'anomaly-fit':
    case 'anomaly-score':
    case 'classify-fit':
    case 'classify-predict':
      return analysisLines(cli, result)
    case 'save-view':
      return [cli.text('result.save-view', { file: placeOf(result.files) })]
    case 'evaluate':
      return [
        cli.text('result.evaluate', {
          images: result.images,
          seconds: result.secondsPerImage.toFixed(2),
          ...quality(result),
        }),
      ]
    case 'evaluate-run': {
      const same = cli.text(`result.evaluate-run-${result.same ? 'same' : 'other'}`)
      const split = cli.text(`split.${result.split}`)
      const values = Object.entries(result.values).map(([name, value]) => [name, formatValue(name, value)])
      return [
        cli.text('result.evaluate-run', { items: result.items, split, same }),
        ...generationLines(cli, result.generation),
        ...tableLines(values),
      ]
    }
    case 'export':
      return [
        cli.text('result.export', { file: result.file }),
        ...(result.maxDifference === null
          ? []
          : [cli.text('result.export-checked', { difference: result.maxDifference.toExponential(1) })]),
      ]
    case 'archive':
      return [cli.text('result.archive', { file: result.file, size: mebibytes(result.bytes) })]
    case 'import-run':
      return [cli.text('result.import-run', { run: result.run })]
    case 'stage-native':
      return nativeLines(cli, result)
  }
}

function nativeLines(cli: Cli, { staged, selfTest }: Extract<JobResult, { type: 'stage-native' }>): string[] {
  const difference = selfTest.difference?.toExponential(1) ?? ''
  const failure = selfTest.failure ?? cli.text('result.native-differs', { difference })
  return [
    cli.text('result.native', { version: staged.version, folder: staged.folder }),
    selfTest.passed
      ? cli.text('result.native-passed', { difference })
      : cli.text('result.native-refused', { failure }),
  ]
}

/** What draws were compared by, and what their figures are not. */
function generationLines(
  cli: Cli,
  generation: Extract<JobResult, { type: 'evaluate-run' }>['generation'],
): string[] {
  if (generation === null) return []
  const { count, features, accuracy } = generation
  const known = accuracy === null ? '' : (100 * accuracy).toFixed(1)
  return [
    cli.text(`result.generation-${features}`, { count, accuracy: known }),
    cli.text('result.generation-note'),
  ]
}
