import { Option, type Command } from 'commander'
import { DenoiseJob, type JobInput } from '../../contract/jobs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, fieldOption, requiredOption, type ShownOptions } from '../options.ts'

type DenoiseOptions = ShownOptions & { always?: boolean } & Omit<
    Extract<JobInput, { type: 'denoise' }>,
    'type' | 'sources' | 'onlyIfBetter'
  >

export function addDenoise(program: Command, cli: Cli): void {
  const { shape } = DenoiseJob
  const command = program
    .command('denoise')
    .description(cli.text('command.denoise'))
    .argument('<sources...>', cli.text('argument.sources'))
    .addOption(requiredOption(cli, '--out <folder>', 'option.denoise.out'))
    .addOption(fieldOption(cli, '--recursive', 'option.denoise.recursive', shape.recursive))
    .addOption(fieldOption(cli, '--model <model>', 'option.denoise.model', shape.model))
    .addOption(fieldOption(cli, '--sigma <auto|N>', 'option.denoise.sigma', shape.sigma))
    .addOption(new Option('--always', cli.text('option.denoise.always')))
    .addOption(fieldOption(cli, '--ensemble', 'option.ensemble', shape.ensemble))
    .addOption(fieldOption(cli, '--strength <N>', 'option.strength', shape.strength))
    .addOption(
      fieldOption(cli, '--colour-strength <N>', 'option.denoise.colour-strength', shape.colourStrength),
    )
    .addOption(fieldOption(cli, '--format <format>', 'option.denoise.format', shape.format))
    .addOption(fieldOption(cli, '--quality <N>', 'option.denoise.quality', shape.quality))
    .addOption(fieldOption(cli, '--name <template>', 'option.denoise.name', shape.name))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', shape.overwrite))
    .addOption(fieldOption(cli, '--resume', 'option.denoise.resume', shape.resume))
    .addOption(fieldOption(cli, '--dry-run', 'option.denoise.dry-run', shape.dryRun))
    .addOption(fieldOption(cli, '--jobs <N>', 'option.denoise.jobs', shape.jobs))
    .addOption(fieldOption(cli, '--tile <auto|N>', 'option.denoise.tile', shape.tile))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(fieldOption(cli, '--report <file.jsonl>', 'option.denoise.report', shape.report))
  addClosingOptions(command, cli).action(
    async (
      sources: string[],
      { json = false, quiet = false, always = false, ...options }: DenoiseOptions,
    ) => {
      const job = { type: 'denoise', sources, onlyIfBetter: !always, ...options } as const
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'images' }))
    },
  )
}
