import type { Command } from 'commander'
import { z } from 'zod'
import type { JobInput } from '../../contract/jobs.ts'
import { ClusterJob } from '../../contract/latent-jobs.ts'
import { ClusterMethod } from '../../contract/latent.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import {
  addClosingOptions,
  addItemsOptions,
  checkSettings,
  dataSource,
  fieldOption,
  given,
  type ItemsOptions,
  type ShownOptions,
} from '../options.ts'

/** As people in the field call them. */
const methods = { kmeans: 'kmeans', gmm: 'mixture', hdbscan: 'density' } as const
const Method = z.enum(['kmeans', 'gmm', 'hdbscan']).default('kmeans')

interface ClusterOptions
  extends ItemsOptions, ShownOptions, Partial<Pick<ClusterJob, 'out' | 'overwrite' | 'engine'>> {
  method?: keyof typeof methods
  count?: number
  smallest?: number
}

export function addCluster(program: Command, cli: Cli): void {
  const { shape } = ClusterJob
  const [kmeans, , density] = ClusterMethod.options
  const command = program
    .command('cluster')
    .description(cli.text('command.cluster'))
    .argument('<run>', cli.text('argument.run'))
    .argument('[data]', cli.text('argument.latent-data'))
    .addOption(fieldOption(cli, '--method <method>', 'option.cluster.method', Method))
    .addOption(fieldOption(cli, '--count <N>', 'option.cluster.count', kmeans.shape.count))
    .addOption(fieldOption(cli, '--smallest <N>', 'option.cluster.smallest', density.shape.smallest))
    .addOption(fieldOption(cli, '--out <file>', 'option.cluster.out', shape.out))
  addClosingOptions(addItemsOptions(command, cli), cli, shape).action(
    async (run: string, data: string | undefined, options: ClusterOptions) => {
      const { json = false, quiet = false, out, overwrite, engine, ...rest } = options
      const { method: name = 'kmeans', count, smallest, labels, only, ...of } = rest
      const source = dataSource(cli, data === undefined ? [] : [data], labels, only)
      checkSettings(name, { '--count': [count, ['kmeans', 'gmm']], '--smallest': [smallest, ['hdbscan']] })
      const method = { type: methods[name], ...given({ count, smallest }) } as ClusterMethod
      const job: JobInput = {
        type: 'cluster',
        spec: { run, data: source, ...of },
        method,
        ...given({ out, overwrite, engine }),
      }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
