import { Option, type Command } from 'commander'
import { ReconstructJob, type JobInput } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { fieldOption, labelsOption, onlyOption, requiredOption } from '../options.ts'

interface ReconstructOptions extends Partial<Omit<ReconstructJob, 'type' | 'run' | 'data' | 'out'>> {
  out: string
  labels?: string
  only?: string[]
  json?: boolean
  quiet?: boolean
}

export function addReconstruct(program: Command, cli: Cli): void {
  const { shape } = ReconstructJob
  program
    .command('reconstruct')
    .description(cli.text('command.reconstruct'))
    .argument('<run>', cli.text('argument.run'))
    .argument('<data>', cli.text('argument.data'))
    .addOption(requiredOption(cli, '--out <path>', 'option.reconstruct.out'))
    .addOption(fieldOption(cli, '--corrupt', 'option.reconstruct.corrupt', shape.corrupt))
    .addOption(fieldOption(cli, '--count <N>', 'option.reconstruct.count', shape.count))
    .addOption(fieldOption(cli, '--seed <N>', 'option.reconstruct.seed', shape.seed))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', shape.overwrite))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (run: string, source: string, options: ReconstructOptions) => {
      const { json = false, quiet = false, labels = null, only, ...rest } = options
      const job: JobInput = { type: 'reconstruct', run, data: { sources: [source], labels, only }, ...rest }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    })
}
