import { Option, type Command } from 'commander'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, type ShownOptions } from '../options.ts'

interface NativeOptions extends ShownOptions {
  cuda?: boolean
  force?: boolean
}

/** `npm run native`: asking for it is the only way to have anything downloaded. */
export function addNative(program: Command, cli: Cli): void {
  const command = program
    .command('native')
    .description(cli.text('command.native'))
    .addOption(new Option('--cuda', cli.text('option.native.cuda')))
    .addOption(new Option('--force', cli.text('option.native.force')))
  addClosingOptions(command, cli).action(async (options: NativeOptions) => {
    const { json = false, quiet = false, ...rest } = options
    cli.finish(await runJob(cli, { type: 'stage-native', ...rest }, { json, quiet, unit: 'bytes' }))
  })
}
