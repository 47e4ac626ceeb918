import { Option, type Command } from 'commander'
import { ArchiveJob } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, requiredOption, type ShownOptions } from '../options.ts'

export function addArchive(program: Command, cli: Cli): void {
  const command = program
    .command('archive')
    .description(cli.text('command.archive'))
    .argument('<run>', cli.text('argument.run'))
    .addOption(requiredOption(cli, '--out <file.zip>', 'option.archive.out'))
  addClosingOptions(command, cli, ArchiveJob.shape).action(
    async (run: string, options: ShownOptions & { out: string; overwrite?: boolean }) => {
      const { json = false, quiet = false, ...rest } = options
      cli.finish(await runJob(cli, { type: 'archive', run, ...rest }, { json, quiet, unit: 'items' }))
    },
  )
}

export function addImport(program: Command, cli: Cli): void {
  const command = program
    .command('import')
    .description(cli.text('command.import'))
    .argument('<file.zip>', cli.text('argument.archive'))
    .addOption(new Option('--out <run>', cli.text('option.import.out')))
  addClosingOptions(command, cli).action(
    async (file: string, { json = false, quiet = false, out }: ShownOptions & { out?: string }) => {
      const job = { type: 'import-run', file, out: out ?? null } as const
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
