import { Option, type Command } from 'commander'
import type { JobInput } from '../../contract/jobs.ts'
import { EncodeJob } from '../../contract/latent-jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { fieldOption, labelsOption, onlyOption, requiredOption } from '../options.ts'

interface EncodeOptions extends Partial<Pick<EncodeJob, 'split' | 'overwrite' | 'engine'>> {
  out: string
  labels?: string
  only?: string[]
  json?: boolean
  quiet?: boolean
}

export function addEncode(program: Command, cli: Cli): void {
  const { shape } = EncodeJob
  program
    .command('encode')
    .description(cli.text('command.encode'))
    .argument('<run>', cli.text('argument.run'))
    .argument('<data>', cli.text('argument.data'))
    .addOption(requiredOption(cli, '--out <file>', 'option.encode.out'))
    .addOption(fieldOption(cli, '--split <split>', 'option.encode.split', shape.split))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', shape.overwrite))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (run: string, source: string, options: EncodeOptions) => {
      const { json = false, quiet = false, labels = null, only, ...rest } = options
      const job: JobInput = { type: 'encode', run, data: { sources: [source], labels, only }, ...rest }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    })
}
