import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { DarkroomError } from '../../contract/errors.ts'
import type { Job } from '../../contract/jobs.ts'
import type { Provenance } from '../../contract/provenance.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, requiredOption, type ShownOptions } from '../options.ts'
import { withEngine } from './lists.ts'

interface RepeatOptions extends ShownOptions {
  out: string
  run?: string
  overwrite?: boolean
}

export function addRepeat(program: Command, cli: Cli): void {
  const command = program
    .command('repeat')
    .description(cli.text('command.repeat'))
    .argument('<export>', cli.text('argument.export'))
    .addOption(requiredOption(cli, '--out <path>', 'option.repeat.out'))
    .addOption(new Option('--run <run>', cli.text('option.repeat.run')))
    .addOption(new Option('--overwrite', cli.text('option.overwrite')))
  addClosingOptions(command, cli).action(async (file: string, options: RepeatOptions) => {
    const { json = false, quiet = false, overwrite = false, out, run } = options
    const read = await withEngine(cli, (engine) => engine.openLatentFile(file))
    if (read.kind === 'view')
      throw new DarkroomError('export-unreadable', { file, expected: cli.text('usage.export') })
    const { provenance } = read
    if (read.run === 'changed' && run === undefined && !quiet)
      cli.note(cli.text('repeat.changed', { title: provenance.run.title }))
    const job = jobInto(provenance, out, run, overwrite)
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
  })
}

/** The same job with its result somewhere else, and if it is asked for with another run. */
function jobInto({ job }: Provenance, out: string, run: string | undefined, overwrite: boolean): Job {
  const path = resolve(out)
  const isPicture = path.toLowerCase().endsWith('.png')
  // A map has two files.
  const into =
    job.type === 'map' ? { out: isPicture ? null : path, png: isPicture ? path : null } : intoOne(job, path)
  const other = run === undefined ? {} : { run: resolve(run) }
  const where = 'spec' in job ? { spec: { ...job.spec, ...other } } : other
  return { ...job, ...into, ...where, overwrite } as Job
}

/** Without what the job has written beside it: that is there already. */
function intoOne(job: Job, path: string): object {
  if (job.type === 'anomaly-score') return job.out === null ? { heat: path } : { out: path, heat: null }
  if (job.type === 'classify-predict')
    return path.toLowerCase().endsWith('.png') ? { out: null, mistakes: path } : { out: path, mistakes: null }
  return { out: path }
}
