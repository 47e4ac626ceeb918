import type { Command } from 'commander'
import { z } from 'zod'
import type { JobInput } from '../../contract/jobs.ts'
import { MapJob } from '../../contract/latent-jobs.ts'
import { MapMethod, mapMethods } from '../../contract/latent.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import {
  addClosingOptions,
  addItemsOptions,
  checkField,
  checkSettings,
  dataSource,
  fieldOption,
  given,
  type ItemsOptions,
  type ShownOptions,
} from '../options.ts'

interface MapOptions
  extends ItemsOptions, ShownOptions, Partial<Pick<MapJob, 'out' | 'png' | 'overwrite' | 'engine'>> {
  method?: MapMethod['type']
  x?: number
  y?: number
  neighbours?: number
  minDistance?: number
  attributes?: string
}

export function addMap(program: Command, cli: Cli): void {
  const { shape } = MapJob
  const { shape: spec } = shape.spec
  // Of a raw code there are as many dimensions as it has; of components 64 at most.
  const [pca, umap, raw] = MapMethod.options
  const command = program
    .command('map')
    .description(cli.text('command.map'))
    .argument('<run>', cli.text('argument.run'))
    .argument('[data]', cli.text('argument.latent-data'))
    .addOption(fieldOption(cli, '--method <method>', 'option.map.method', z.enum(mapMethods).default('pca')))
    .addOption(fieldOption(cli, '--out <file>', 'option.map.out', shape.out))
    .addOption(fieldOption(cli, '--png <file>', 'option.map.png', shape.png))
    .addOption(fieldOption(cli, '--x <N>', 'option.map.x', raw.shape.x))
    .addOption(fieldOption(cli, '--y <N>', 'option.map.y', raw.shape.y))
    .addOption(fieldOption(cli, '--neighbours <N>', 'option.map.neighbours', umap.shape.neighbours))
    .addOption(fieldOption(cli, '--min-distance <N>', 'option.map.min-distance', umap.shape.minDistance))
    .addOption(fieldOption(cli, '--attributes <file>', 'option.map.attributes', spec.attributes))
  addClosingOptions(addItemsOptions(command, cli), cli, shape).action(
    async (run: string, data: string | undefined, options: MapOptions) => {
      const { json = false, quiet = false, out, png, overwrite, engine, ...rest } = options
      const { method: type = 'pca', x, y, neighbours, minDistance, labels, only, ...of } = rest
      const source = dataSource(cli, data === undefined ? [] : [data], labels, only)
      checkSettings(type, {
        ...{ '--x': [x, ['pca', 'raw']], '--y': [y, ['pca', 'raw']] },
        ...{ '--neighbours': [neighbours, ['umap']], '--min-distance': [minDistance, ['umap']] },
      })
      if (type === 'pca') {
        checkField('--x', pca.shape.x, x)
        checkField('--y', pca.shape.y, y)
      }
      const method = { type, ...given({ x, y, neighbours, minDistance }) } as MapMethod
      const job: JobInput = {
        type: 'map',
        spec: { run, data: source, method, ...of },
        ...given({ out, png, overwrite, engine }),
      }
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
    },
  )
}
