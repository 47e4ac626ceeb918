import type { Command } from 'commander'
import type { JobInput } from '../../contract/jobs.ts'
import { NeighboursJob } from '../../contract/latent-jobs.ts'
import { parseAnchor } from '../anchors.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import {
  addClosingOptions,
  dataSource,
  fieldOption,
  labelsOption,
  onlyOption,
  type ShownOptions,
} from '../options.ts'

interface NeighboursOptions
  extends Partial<Pick<NeighboursJob, 'count' | 'out' | 'overwrite' | 'engine'>>, ShownOptions {
  labels?: string
  only?: string[]
  split?: NeighboursJob['spec']['split']
}

export function addNeighbours(program: Command, cli: Cli): void {
  const { shape } = NeighboursJob
  const command = program
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
  addClosingOptions(command, cli, shape).action(
    async (run: string, of: string, data: string | undefined, options: NeighboursOptions) => {
      const { json = false, quiet = false, labels, only, split, ...rest } = options
      const source = dataSource(cli, data === undefined ? [] : [data], labels, only)
      const job: JobInput = {
        type: 'neighbours',
        spec: { run, data: source, split },
        of: parseAnchor(of, labels ?? null),
        ...rest,
      }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
