import { Option, type Command } from 'commander'
import { TraverseJob } from '../../contract/latent-jobs.ts'
import { parseAnchor } from '../anchors.ts'
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

type TraverseOptions = ShownOptions &
  Partial<Omit<TraverseJob, 'type' | 'run' | 'data' | 'start' | 'out'>> & {
    out: string
    from?: string
    data?: string
    labels?: string
    only?: string[]
  }

export function addTraverse(program: Command, cli: Cli): void {
  const { shape } = TraverseJob
  const command = program
    .command('traverse')
    .description(cli.text('command.traverse'))
    .argument('<run>', cli.text('argument.run'))
    .addOption(requiredOption(cli, '--out <path>', 'option.pictures.out'))
    .addOption(new Option('--from <picture>', cli.text('option.traverse.from')))
    .addOption(new Option('--data <data>', cli.text('option.traverse.data')))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--along <what>', 'option.traverse.along', shape.along))
    .addOption(fieldOption(cli, '--top <N>', 'option.traverse.top', shape.top))
    .addOption(fieldOption(cli, '--range <N>', 'option.traverse.range', shape.range))
    .addOption(fieldOption(cli, '--steps <N>', 'option.traverse.steps', shape.steps))
    .addOption(fieldOption(cli, '--seed <N>', 'option.traverse.seed', shape.seed))
  addClosingOptions(command, cli, shape).action(async (run: string, options: TraverseOptions) => {
    const { json = false, quiet = false, from, data, labels = null, only, ...rest } = options
    const start = from === undefined ? null : parseAnchor(from)
    const source = data === undefined ? null : { sources: [data], labels, only }
    const job = { type: 'traverse', run, start, data: source, ...rest } as const
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
  })
}
