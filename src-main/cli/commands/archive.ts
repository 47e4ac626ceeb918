import { Option, type Command } from 'commander'
import { ArchiveJob } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { fieldOption, requiredOption } from '../options.ts'

interface Shown {
  json?: boolean
  quiet?: boolean
}

export function addArchive(program: Command, cli: Cli): void {
  program
    .command('archive')
    .description(cli.text('command.archive'))
    .argument('<run>', cli.text('argument.run'))
    .addOption(requiredOption(cli, '--out <file.zip>', 'option.archive.out'))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', ArchiveJob.shape.overwrite))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (run: string, options: Shown & { out: string; overwrite?: boolean }) => {
      const { json = false, quiet = false, ...rest } = options
      cli.finish(await runJob(cli, { type: 'archive', run, ...rest }, { json, quiet, unit: 'items' }))
    })
}

export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description(cli.text('command.import'))
    .argument('<file.zip>', cli.text('argument.archive'))
    .addOption(new Option('--out <run>', cli.text('option.import.out')))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (file: string, { json = false, quiet = false, out }: Shown & { out?: string }) => {
      const job = { type: 'import-run', file, out: out ?? null } as const
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    })
}
