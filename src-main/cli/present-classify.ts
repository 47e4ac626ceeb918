import type { AnalysisResult } from '../contract/analysis-jobs.ts'
import type { ClassFigures } from '../contract/analysis.ts'
import type { Cli } from './context.ts'
import { tableLines } from './table.ts'

type ResultOf<Type extends AnalysisResult['type']> = Extract<AnalysisResult, { type: Type }>

/** Of more classes than these the confusion is not printed: it would not fit on a line. */
const mostConfused = 16

export function classifyFitLines(cli: Cli, result: ResultOf<'classify-fit'>): string[] {
  const { classifier, classes, labels, single, figures } = result
  return [
    cli.text('result.classify-fit', { classifier }),
    cli.text('result.classify-labels', { classes: classes.length, labels }),
    ...(single.length === 0 ? [] : [cli.text('result.classify-single', { classes: single.join(', ') })]),
    ...(figures === null ? [] : [cli.text('result.classify-validation'), accuracyLine(cli, figures)]),
  ]
}

export function classifyPredictLines(cli: Cli, result: ResultOf<'classify-predict'>): string[] {
  const { summary, lines, files } = result
  const { figures, counts, items } = summary
  return [
    cli.text('result.classify-predict', { items, classes: counts.length }),
    ...(figures === null
      ? tableLines(counts.map((one) => [one.name, `${one.items}`]))
      : figureLines(cli, figures)),
    ...(lines === null ? [] : [cli.text('result.classify-mistakes'), ...lines]),
    ...files.map((file) => cli.text('result.written', { file })),
  ]
}

const percent = (share: number): string => (100 * share).toFixed(1)

const accuracyLine = (cli: Cli, { items, accuracy, limits: [low, high], macroF1 }: ClassFigures): string =>
  cli.text('result.classify-accuracy', {
    ...{ items, accuracy: percent(accuracy), low: percent(low), high: percent(high) },
    macroF1: macroF1.toFixed(3),
  })

function figureLines(cli: Cli, figures: ClassFigures): string[] {
  const { classes, confusion, calibrationError } = figures
  const heads = ['class', 'items', 'precision', 'recall', 'f1'] as const
  const own = classes.map(({ name, items, precision, recall, f1 }) => [
    ...[name, `${items}`],
    ...[precision, recall, f1].map((value) => value.toFixed(3)),
  ])
  return [
    accuracyLine(cli, figures),
    cli.text('result.classify-calibration', { error: calibrationError.toFixed(3) }),
    ...tableLines([heads.map((head) => cli.text(`classify.${head}`)), ...own]),
    ...(classes.length > mostConfused
      ? []
      : [
          cli.text('result.classify-confusion'),
          ...tableLines([
            ['', ...classes.map(({ name }) => name)],
            ...confusion.map((row, c) => [classes[c]!.name, ...row.map(String)]),
          ]),
        ]),
  ]
}
