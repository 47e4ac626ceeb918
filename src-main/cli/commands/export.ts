import type { Command } from 'commander'
import { ExportJob } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, fieldOption, requiredOption, type ShownOptions } from '../options.ts'

interface ExportOptions extends ShownOptions {
  out: string
  format?: ExportJob['format']
  part?: ExportJob['part']
  overwrite?: boolean
}

export function addExport(program: Command, cli: Cli): void {
  const command = program
    .command('export')
    .description(cli.text('command.export'))
    .argument('<model>', cli.text('argument.model'))
    .addOption(requiredOption(cli, '--out <file.onnx>', 'option.export.out'))
    .addOption(fieldOption(cli, '--format <format>', 'option.export.format', ExportJob.shape.format))
    .addOption(fieldOption(cli, '--part <part>', 'option.export.part', ExportJob.shape.part))
  addClosingOptions(command, cli, ExportJob.shape).action(
    async (model: string, { json = false, quiet = false, ...options }: ExportOptions) => {
      cli.finish(await runJob(cli, { type: 'export', model, ...options }, { json, quiet, unit: 'images' }))
    },
  )
}
