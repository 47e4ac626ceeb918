import { Option, type Command } from 'commander'
import type { JobInput } from '../../contract/jobs.ts'
import { NeighboursJob } from '../../contract/latent-jobs.ts'
import { parseAnchor } from '../anchors.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { dataSource, fieldOption, labelsOption, onlyOption } from '../options.ts'

interface NeighboursOptions extends Partial<Pick<NeighboursJob, 'count' | 'out' | 'overwrite' | 'engine'>> {
  labels?: string
  only?: string[]
  split?: NeighboursJob['spec']['split']
  json?: boolean
  quiet?: boolean
}

export function addNeighbours(program: Command, cli: Cli): void {
  const { shape } = NeighboursJob
  program
    .command('neighbours')
    .description(cli.text('command.neighbours'))
    .argument('<run>', cli.text('argument.run'))
    .argument('<picture>', cli.text('argument.anchor'))
    .argument('[data]', cli.text('argument.latent-data'))
    .addOption(fieldOption(cli, '-k, --count <N>', 'option.neighbours.count', shape.count))
    .addOption(fieldOption(cli, '--out <file>', 'option.neighbours.out', shape.out))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--split <split>', 'option.latent.split', shape.spec.shape.split))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', shape.overwrite))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (run: string, of: string, data: string | undefined, options: NeighboursOptions) => {
      const { json = false, quiet = false, labels, only, split, ...rest } = options
      const source = dataSource(cli, data === undefined ? [] : [data], labels, only)
      const job: JobInput = {
        type: 'neighbours',
        spec: { run, data: source, split },
        of: parseAnchor(of, labels ?? null),
        ...rest,
      }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    })
}
