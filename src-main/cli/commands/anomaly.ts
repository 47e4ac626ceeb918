import { Option, type Command } from 'commander'
import { AnomalyFitJob, AnomalyScoreJob } from '../../contract/analysis-jobs.ts'
import { ThresholdRule } from '../../contract/analysis.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import {
  addClosingOptions,
  collect,
  fieldOption,
  labelsOption,
  onlyOption,
  type ShownOptions,
} from '../options.ts'

const [falseAlarms, deviations, , set] = ThresholdRule.options

interface ThresholdOptions {
  falseAlarms?: number
  deviations?: number
  bestF1?: boolean
  threshold?: number
}

interface CommonOptions extends ThresholdOptions, ShownOptions {
  labels?: string
  normal?: string[]
  overwrite?: boolean
  engine?: AnomalyFitJob['engine']
}

type FitOptions = CommonOptions & {
  only?: string[]
  run?: string
  recipe?: string
  set?: string[]
  score?: AnomalyFitJob['score']
  out?: string
}

type ScoreOptions = CommonOptions & Partial<Pick<AnomalyScoreJob, 'split' | 'masks' | 'out' | 'heat'>>

export function addAnomaly(program: Command, cli: Cli): void {
  const anomaly = program.command('anomaly').description(cli.text('command.anomaly')).helpCommand(false)
  addFit(anomaly, cli)
  addScore(anomaly, cli)
}

function addFit(anomaly: Command, cli: Cli): void {
  const { shape } = AnomalyFitJob
  const command = anomaly
    .command('fit')
    .description(cli.text('command.anomaly.fit'))
    .argument('<data...>', cli.text('argument.anomaly.normal-data'))
    .addOption(fieldOption(cli, '--recipe <name|file.json>', 'option.anomaly.recipe', shape.recipe))
    .addOption(fieldOption(cli, '--run <run>', 'option.anomaly.run', shape.run).conflicts('recipe'))
    .addOption(new Option('--set <path=value>', cli.text('option.train.set')).argParser(collect))
    // Of a run's own data that were cut down, nothing would tell what it has learned from.
    .addOption(onlyOption(cli).conflicts('run'))
    .addOption(fieldOption(cli, '--score <score>', 'option.anomaly.score', shape.score))
    .addOption(fieldOption(cli, '--out <detector>', 'option.anomaly.detector', shape.out))
  addCommon(command, cli)
  command.action(async (sources: string[], options: FitOptions) => {
    const { json = false, quiet = false, labels = null, only, normal = null, set = [], ...rest } = options
    const { run, recipe, score, out, overwrite, engine } = rest
    const job: JobInput = {
      ...{ type: 'anomaly-fit', data: { sources, labels, only }, normal, overrides: set },
      ...{ run, recipe, score, out, overwrite, engine, threshold: ruleOf(rest) ?? undefined },
    }
    cli.finish(await runJob(cli, job, { json, quiet, unit: recipe === undefined ? 'items' : 'steps' }))
  })
}

function addScore(anomaly: Command, cli: Cli): void {
  const { shape } = AnomalyScoreJob
  const command = anomaly
    .command('score')
    .description(cli.text('command.anomaly.score'))
    .argument('<detector>', cli.text('argument.anomaly.detector'))
    .argument('<data...>', cli.text('argument.data'))
    .addOption(fieldOption(cli, '--split <split>', 'option.anomaly.split', shape.split))
    .addOption(fieldOption(cli, '--masks <folder>', 'option.anomaly.masks', shape.masks))
    .addOption(fieldOption(cli, '--heat <folder>', 'option.anomaly.heat', shape.heat))
    .addOption(fieldOption(cli, '--out <file>', 'option.anomaly.out', shape.out))
  addCommon(command, cli)
  command.action(async (detector: string, sources: string[], options: ScoreOptions) => {
    const { json = false, quiet = false, labels = null, normal = null, ...rest } = options
    const { split, masks, heat, out, overwrite, engine } = rest
    const job: JobInput = {
      ...{
        type: 'anomaly-score',
        detector,
        data: { sources, labels },
        normal,
        threshold: ruleOf(rest),
      },
      ...{ split, masks, heat, out, overwrite, engine },
    }
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
  })
}

/** What both have: labels, the threshold, and how they say it. */
function addCommon(command: Command, cli: Cli): void {
  const { shape } = AnomalyScoreJob
  const others = (own: string): string[] =>
    ['falseAlarms', 'deviations', 'bestF1', 'threshold'].filter((option) => option !== own)
  const share = new Option('--false-alarms <share>', cli.text('option.anomaly.false-alarms'))
  command
    .addOption(labelsOption(cli))
    .addOption(new Option('--normal <label>', cli.text('option.anomaly.normal')).argParser(collect))
    .addOption(share.argParser(shareOf).conflicts(others('falseAlarms')))
    .addOption(
      fieldOption(
        cli,
        '--deviations <N>',
        'option.anomaly.deviations',
        deviations.shape.count.unwrap(),
      ).conflicts(others('deviations')),
    )
    .addOption(new Option('--best-f1', cli.text('option.anomaly.best-f1')).conflicts(others('bestF1')))
    .addOption(
      fieldOption(cli, '--threshold <N>', 'option.anomaly.threshold', set.shape.value).conflicts(
        others('threshold'),
      ),
    )
  addClosingOptions(command, cli, shape)
}

/** `1%` or `0.01`. @throws argument-invalid */
function shareOf(text: string): number {
  const isPercent = text.trim().endsWith('%')
  const number = Number(isPercent ? text.trim().slice(0, -1) : text.trim() === '' ? NaN : text)
  const rate = falseAlarms.shape.rate.safeParse(isPercent ? number / 100 : number)
  if (rate.success) return rate.data
  throw new DarkroomError('argument-invalid', {
    file: '--false-alarms',
    expected: '0.01%–50%',
    received: text,
  })
}

/** The rule that was asked for; null where none was. */
function ruleOf({
  falseAlarms: rate,
  deviations: count,
  bestF1,
  threshold,
}: ThresholdOptions): ThresholdRule | null {
  if (rate !== undefined) return { type: 'false-alarms', rate }
  if (count !== undefined) return { type: 'deviations', count }
  if (bestF1 === true) return { type: 'best-f1' }
  return threshold === undefined ? null : { type: 'set', value: threshold }
}
