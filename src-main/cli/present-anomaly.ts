import type { AnomalySummary, Threshold } from '../contract/analysis.ts'
import type { AnalysisResult } from '../contract/analysis-jobs.ts'
import type { Cli } from './context.ts'
import { tableLines } from './table.ts'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const figure = (value: number): string => value.toFixed(4)
const short = (value: number): string => Number(value.toPrecision(4)).toString()

export const anomalyFitLines = (
  cli: Cli,
  { detector, run, threshold }: Extract<AnalysisResult, { type: 'anomaly-fit' }>,
): string[] => [
  cli.text('result.anomaly-fit', { detector }),
  ...thresholdLines(cli, threshold),
  cli.text('result.anomaly-run', { run }),
]

/** The threshold, where it comes from, and what to expect of it. */
function thresholdLines(cli: Cli, { rule, value, items, falseAlarms }: Threshold): string[] {
  const { rate, low, high } = falseAlarms
  const param =
    rule.type === 'false-alarms'
      ? { rate: percent(rule.rate) }
      : rule.type === 'deviations'
        ? { count: rule.count }
        : {}
  return [
    cli.text('result.anomaly-threshold', {
      value: short(value),
      rule: cli.text(`anomaly.rule.${rule.type}`, param),
    }),
    cli.text('result.anomaly-interval', {
      ...{ items, rate: percent(rate), low: percent(low), high: percent(high) },
    }),
  ]
}

export function anomalyScoreLines(
  cli: Cli,
  { summary, files }: Extract<AnalysisResult, { type: 'anomaly-score' }>,
): string[] {
  const { items, anomalies, threshold, figures } = summary
  return [
    cli.text('result.anomaly-score', { items, anomalies }),
    ...thresholdLines(cli, threshold),
    ...(figures === null ? [cli.text('result.anomaly-no-labels')] : figureLines(cli, figures)),
    // Of pictures with heat maps the note of their folder, the last one, is enough.
    ...(files.length > 4 ? files.slice(-1) : files).map((file) => cli.text('result.written', { file })),
  ]
}

function figureLines(cli: Cli, figures: NonNullable<AnomalySummary['figures']>): string[] {
  const { normal, anomalous, found, missed, falseAlarms, accuracy, auroc, aurocLimits, pixels } = figures
  const [low, high] = aurocLimits.map(figure) as [string, string]
  const head = ['precision', 'recall', 'F1', 'average precision']
  const rows = (['anomaly', 'normal'] as const).map((kind) => {
    const { precision, recall, f1, averagePrecision } = figures.positive[kind]
    return [cli.text(`anomaly.positive.${kind}`), ...[precision, recall, f1, averagePrecision].map(figure)]
  })
  return [
    cli.text('result.anomaly-counts', { normal, anomalous, found, missed, falseAlarms }),
    cli.text('result.anomaly-accuracy', { accuracy: percent(accuracy), auroc: figure(auroc), low, high }),
    ...tableLines([[cli.text('anomaly.positive'), ...head], ...rows]),
    ...(pixels === null
      ? []
      : [
          cli.text('result.anomaly-pixels', {
            auroc: figure(pixels.auroc),
            precision: figure(pixels.averagePrecision),
          }),
        ]),
  ]
}
