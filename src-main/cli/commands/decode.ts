import type { Command } from 'commander'
import type { JobInput } from '../../contract/jobs.ts'
import { DecodeJob } from '../../contract/latent-jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, fieldOption, requiredOption, type ShownOptions } from '../options.ts'

interface DecodeOptions extends Partial<Pick<DecodeJob, 'columns' | 'overwrite' | 'engine'>>, ShownOptions {
  out: string
}

export function addDecode(program: Command, cli: Cli): void {
  const { shape } = DecodeJob
  const command = program
    .command('decode')
    .description(cli.text('command.decode'))
    .argument('<run>', cli.text('argument.run'))
    .argument('<latents>', cli.text('argument.latents'))
    .addOption(requiredOption(cli, '--out <path>', 'option.decode.out'))
    .addOption(fieldOption(cli, '--columns <N>', 'option.decode.columns', shape.columns))
  addClosingOptions(command, cli, shape).action(
    async (run: string, latents: string, options: DecodeOptions) => {
      const { json = false, quiet = false, ...rest } = options
      const job: JobInput = { type: 'decode', run, latents, ...rest }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
