import type { Command } from 'commander'
import { ReconstructJob, type JobInput } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import {
  addClosingOptions,
  fieldOption,
  labelsOption,
  onlyOption,
  requiredOption,
  type ShownOptions,
} from '../options.ts'

interface ReconstructOptions
  extends Partial<Omit<ReconstructJob, 'type' | 'run' | 'data' | 'out'>>, ShownOptions {
  out: string
  labels?: string
  only?: string[]
}

export function addReconstruct(program: Command, cli: Cli): void {
  const { shape } = ReconstructJob
  const command = program
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
  addClosingOptions(command, cli, shape).action(
    async (run: string, source: string, options: ReconstructOptions) => {
      const { json = false, quiet = false, labels = null, only, ...rest } = options
      const job: JobInput = { type: 'reconstruct', run, data: { sources: [source], labels, only }, ...rest }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
