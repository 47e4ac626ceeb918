import type { Command } from 'commander'
import { ClassifyFitJob, ClassifyPredictJob } from '../../contract/analysis-jobs.ts'
import type { JobInput } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, fieldOption, labelsOption, onlyOption, type ShownOptions } from '../options.ts'

interface CommonOptions extends ShownOptions {
  labels?: string
  overwrite?: boolean
  engine?: ClassifyFitJob['engine']
}

type FitOptions = CommonOptions &
  Partial<
    Pick<ClassifyFitJob, 'labelsPerClass' | 'hidden' | 'fineTune' | 'selfTrain' | 'seed'> & {
      out: string
      only: string[]
    }
  >

type PredictOptions = CommonOptions & Partial<Pick<ClassifyPredictJob, 'split' | 'mistakes' | 'out'>>

/** Layers of the encoder that `--fine-tune` trains where it says no number. */
const usualLayers = '2'

export function addClassify(program: Command, cli: Cli): void {
  const classify = program.command('classify').description(cli.text('command.classify')).helpCommand(false)
  addFit(classify, cli)
  addPredict(classify, cli)
}

function addFit(classify: Command, cli: Cli): void {
  const { shape } = ClassifyFitJob
  const command = classify
    .command('fit')
    .description(cli.text('command.classify.fit'))
    .argument('<run>', cli.text('argument.run'))
    .argument('<data...>', cli.text('argument.classify.data'))
    .addOption(
      fieldOption(cli, '--labels-per-class <N>', 'option.classify.labels-per-class', shape.labelsPerClass),
    )
    .addOption(
      fieldOption(cli, '--fine-tune [N]', 'option.classify.fine-tune', shape.fineTune).preset(usualLayers),
    )
    .addOption(fieldOption(cli, '--self-train', 'option.classify.self-train', shape.selfTrain))
    .addOption(fieldOption(cli, '--hidden <N>', 'option.classify.hidden', shape.hidden))
    .addOption(fieldOption(cli, '--seed <N>', 'option.classify.seed', shape.seed))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--out <classifier>', 'option.classify.classifier', shape.out))
  addCommon(command, cli)
  command.action(async (run: string, sources: string[], options: FitOptions) => {
    const { json = false, quiet = false, labels = null, only, ...rest } = options
    const job: JobInput = { type: 'classify-fit', run, data: { sources, labels, only }, ...rest }
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'steps' }))
  })
}

function addPredict(classify: Command, cli: Cli): void {
  const { shape } = ClassifyPredictJob
  const command = classify
    .command('predict')
    .description(cli.text('command.classify.predict'))
    .argument('<classifier>', cli.text('argument.classify.classifier'))
    .argument('<data...>', cli.text('argument.data'))
    .addOption(fieldOption(cli, '--split <split>', 'option.classify.split', shape.split))
    .addOption(fieldOption(cli, '--mistakes <sheet.png>', 'option.classify.mistakes', shape.mistakes))
    .addOption(fieldOption(cli, '--out <file>', 'option.classify.out', shape.out))
  addCommon(command, cli)
  command.action(async (classifier: string, sources: string[], options: PredictOptions) => {
    const { json = false, quiet = false, labels = null, ...rest } = options
    const job: JobInput = { type: 'classify-predict', classifier, data: { sources, labels }, ...rest }
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
  })
}

function addCommon(command: Command, cli: Cli): void {
  const { shape } = ClassifyPredictJob
  command.addOption(labelsOption(cli))
  addClosingOptions(command, cli, shape)
}
