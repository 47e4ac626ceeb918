import { Option, type Command } from 'commander'
import { z } from 'zod'
import type { JobInput } from '../../contract/jobs.ts'
import { MapJob } from '../../contract/latent-jobs.ts'
import { MapMethod, mapMethods } from '../../contract/latent.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { checkField, checkSettings, dataSource, fieldOption, labelsOption } from '../options.ts'

interface MapOptions extends Partial<Pick<MapJob, 'out' | 'png' | 'overwrite' | 'engine'>> {
  method?: MapMethod['type']
  x?: number
  y?: number
  neighbours?: number
  minDistance?: number
  attributes?: string
  labels?: string
  split?: MapJob['spec']['split']
  limit?: number
  seed?: number
  json?: boolean
  quiet?: boolean
}

export function addMap(program: Command, cli: Cli): void {
  const { shape } = MapJob
  const { shape: spec } = shape.spec
  // Of a raw code there are as many dimensions as it has; of components 64 at most.
  const [pca, umap, raw] = MapMethod.options
  program
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
    .addOption(labelsOption(cli))
    .addOption(fieldOption(cli, '--split <split>', 'option.latent.split', spec.split))
    .addOption(fieldOption(cli, '--limit <N>', 'option.latent.limit', spec.limit))
    .addOption(fieldOption(cli, '--seed <N>', 'option.latent.seed', spec.seed))
    .addOption(fieldOption(cli, '--overwrite', 'option.overwrite', shape.overwrite))
    .addOption(fieldOption(cli, '--engine <engine>', 'option.engine', shape.engine))
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
    .action(async (run: string, data: string | undefined, options: MapOptions) => {
      const { json = false, quiet = false, out, png, overwrite, engine, ...rest } = options
      const { method: type = 'pca', x, y, neighbours, minDistance, labels, ...of } = rest
      const source = dataSource(cli, data === undefined ? [] : [data], labels)
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
    })
}

/** Without what was not said. */
const given = <T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
