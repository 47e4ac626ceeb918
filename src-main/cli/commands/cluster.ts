import { Option, type Command } from 'commander'
import { z } from 'zod'
import type { JobInput } from '../../contract/jobs.ts'
import { ClusterJob } from '../../contract/latent-jobs.ts'
import { ClusterMethod } from '../../contract/latent.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { checkSettings, dataSource, fieldOption, labelsOption } from '../options.ts'

/** As people in the field call them. */
const methods = { kmeans: 'kmeans', gmm: 'mixture', hdbscan: 'density' } as const
const Method = z.enum(['kmeans', 'gmm', 'hdbscan']).default('kmeans')

interface ClusterOptions extends Partial<Pick<ClusterJob, 'out' | 'overwrite' | 'engine'>> {
  method?: keyof typeof methods
  count?: number
  smallest?: number
  labels?: string
  split?: ClusterJob['spec']['split']
  limit?: number
  seed?: number
  json?: boolean
  quiet?: boolean
}

export function addCluster(program: Command, cli: Cli): void {
  const { shape } = ClusterJob
  const { shape: spec } = shape.spec
  const [kmeans, , density] = ClusterMethod.options
  program
    .command('cluster')
    .description(cli.text('command.cluster'))
    .argument('<run>', cli.text('argument.run'))
    .argument('[data]', cli.text('argument.latent-data'))
    .addOption(fieldOption(cli, '--method <method>', 'option.cluster.method', Method))
    .addOption(fieldOption(cli, '--count <N>', 'option.cluster.count', kmeans.shape.count))
    .addOption(fieldOption(cli, '--smallest <N>', 'option.cluster.smallest', density.shape.smallest))
    .addOption(fieldOption(cli, '--out <file>', 'option.cluster.out', shape.out))
    .addOption(labelsOption(cli))
    .addOption(fieldOption(cli, '--split <split>', 'option.latent.split', spec.split))
    .addOption(fieldOption(cli, '--limit <N>', 'option.latent.limit', spec.limit))
    .addOption(fieldOption(cli, '--seed <N>', 'option.latent.seed', spec.seed))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', shape.overwrite))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (run: string, data: string | undefined, options: ClusterOptions) => {
      const { json = false, quiet = false, out, overwrite, engine, ...rest } = options
      const { method: name = 'kmeans', count, smallest, labels, ...of } = rest
      const source = dataSource(cli, data === undefined ? [] : [data], labels)
      checkSettings(name, { '--count': [count, ['kmeans', 'gmm']], '--smallest': [smallest, ['hdbscan']] })
      const method = {
        type: methods[name],
        ...(count !== undefined && { count }),
        ...(smallest !== undefined && { smallest }),
      } as ClusterMethod
      const job: JobInput = {
        type: 'cluster',
        spec: { run, data: source, ...of },
        method,
        out,
        overwrite,
        engine,
      }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    })
}
