import { Option, type Command } from 'commander'
import { EvaluateJob, type JobInput } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { fieldOption } from '../options.ts'

type EvaluateOptions = Omit<Extract<JobInput, { type: 'evaluate' }>, 'type' | 'model' | 'folder'> & {
  json?: boolean
  quiet?: boolean
}

export function addEvaluate(program: Command, cli: Cli): void {
  const { shape } = EvaluateJob
  program
    .command('evaluate')
    .description(cli.text('command.evaluate'))
    .argument('<model>', cli.text('argument.model'))
    .argument('<folder>', cli.text('argument.evaluate-folder'))
    .addOption(
      fieldOption(cli, '--noise <noise>', 'option.evaluate.noise', shape.noise).conflicts('reference'),
    )
    .addOption(fieldOption(cli, '--sigma <auto|N>', 'option.evaluate.sigma', shape.sigma))
    .addOption(fieldOption(cli, '--seed <N>', 'option.evaluate.seed', shape.seed).conflicts('reference'))
    .addOption(fieldOption(cli, '--reference <folder>', 'option.evaluate.reference', shape.reference))
    .addOption(fieldOption(cli, '--blind', 'option.evaluate.blind', shape.blind))
    .addOption(fieldOption(cli, '--strength <N>', 'option.strength', shape.strength))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(
      async (model: string, folder: string, { json = false, quiet = false, ...options }: EvaluateOptions) => {
        const job = { type: 'evaluate', model, folder, ...options } as const
        cli.finish(await runJob(cli, job, { json, quiet, unit: 'images' }))
      },
    )
}
