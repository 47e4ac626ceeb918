import type { Command } from 'commander'
import type { JobInput } from '../../contract/jobs.ts'
import { EncodeJob } from '../../contract/latent-jobs.ts'
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

interface EncodeOptions extends Partial<Pick<EncodeJob, 'split' | 'overwrite' | 'engine'>>, ShownOptions {
  out: string
  labels?: string
  only?: string[]
}

export function addEncode(program: Command, cli: Cli): void {
  const { shape } = EncodeJob
  const command = program
    .command('encode')
    .description(cli.text('command.encode'))
    .argument('<run>', cli.text('argument.run'))
    .argument('<data>', cli.text('argument.data'))
    .addOption(requiredOption(cli, '--out <file>', 'option.encode.out'))
    .addOption(fieldOption(cli, '--split <split>', 'option.encode.split', shape.split))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
  addClosingOptions(command, cli, shape).action(
    async (run: string, source: string, options: EncodeOptions) => {
      const { json = false, quiet = false, labels = null, only, ...rest } = options
      const job: JobInput = { type: 'encode', run, data: { sources: [source], labels, only }, ...rest }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
