import { Option, type Command } from 'commander'
import { TrainJob } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { fieldOption, requiredOption } from '../options.ts'

interface TrainOptions {
  recipe: string
  out: string
  set?: string[]
  resume?: boolean
  startFrom?: string
  engine?: TrainJob['engine']
  json?: boolean
  quiet?: boolean
}

export function addTrain(program: Command, cli: Cli): void {
  const { shape } = TrainJob
  const collect = (value: string, before: string[] = []): string[] => [...before, value]
  program
    .command('train')
    .description(cli.text('command.train'))
    .argument('<folders...>', cli.text('argument.training-data'))
    .addOption(requiredOption(cli, '--recipe <name|file.json>', 'option.train.recipe'))
    .addOption(requiredOption(cli, '--out <run>', 'option.train.out'))
    .addOption(new Option('--set <path=value>', cli.text('option.train.set')).argParser(collect))
    .addOption(fieldOption(cli, '--resume', 'option.train.resume', shape.resume))
    .addOption(fieldOption(cli, '--start-from <model>', 'option.train.start-from', shape.startFrom))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (data: string[], { json = false, quiet = false, set = [], ...options }: TrainOptions) => {
      const job = { type: 'train', data, overrides: set, ...options } as const
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'steps' }))
    })
}
