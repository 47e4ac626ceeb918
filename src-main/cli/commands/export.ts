import { Option, type Command } from 'commander'
import { ExportJob } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { fieldOption, requiredOption } from '../options.ts'

interface ExportOptions {
  out: string
  format?: ExportJob['format']
  part?: ExportJob['part']
  overwrite?: boolean
  json?: boolean
  quiet?: boolean
}

export function addExport(program: Command, cli: Cli): void {
  program
    .command('export')
    .description(cli.text('command.export'))
    .argument('<model>', cli.text('argument.model'))
    .addOption(requiredOption(cli, '--out <file.onnx>', 'option.export.out'))
    .addOption(fieldOption(cli, '--format <format>', 'option.export.format', ExportJob.shape.format))
    .addOption(fieldOption(cli, '--part <part>', 'option.export.part', ExportJob.shape.part))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', ExportJob.shape.overwrite))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (model: string, { json = false, quiet = false, ...options }: ExportOptions) => {
      cli.finish(await runJob(cli, { type: 'export', model, ...options }, { json, quiet, unit: 'images' }))
    })
}
