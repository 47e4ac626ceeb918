import { Option, type Command } from 'commander'
import { DarkroomError } from '../../contract/errors.ts'
import { maximumMixture, type SampleSource } from '../../contract/latent.ts'
import { SampleJob } from '../../contract/latent-jobs.ts'
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

type SampleOptions = ShownOptions &
  Partial<Omit<SampleJob, 'type' | 'run' | 'source' | 'out'>> & {
    out: string
    /** True where no number is given. */
    mixture?: number | true
    perClass?: boolean
    label?: string
    data?: string
    labels?: string
    only?: string[]
  }

export function addSample(program: Command, cli: Cli): void {
  const { shape } = SampleJob
  const command = program
    .command('sample')
    .description(cli.text('command.sample'))
    .argument('<run>', cli.text('argument.run'))
    .addOption(requiredOption(cli, '--out <path>', 'option.pictures.out'))
    .addOption(fieldOption(cli, '-n, --count <N>', 'option.sample.count', shape.count))
    .addOption(fieldOption(cli, '--seed <N>', 'option.sample.seed', shape.seed))
    .addOption(fieldOption(cli, '--temperature <T>', 'option.sample.temperature', shape.temperature))
    .addOption(mixtureOption(cli))
    .addOption(new Option('--per-class', cli.text('option.sample.per-class')))
    .addOption(new Option('--label <class>', cli.text('option.sample.label')))
    .addOption(new Option('--data <data>', cli.text('option.sample.data')))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--unique <D>', 'option.sample.unique', shape.unique))
    .addOption(fieldOption(cli, '--columns <N>', 'option.sample.columns', shape.columns))
  addClosingOptions(command, cli, shape).action(async (run: string, options: SampleOptions) => {
    const { json = false, quiet = false, mixture, perClass, label, data, labels, only, ...rest } = options
    const source = sourceOf({ mixture, perClass, label, data, labels, only })
    cli.finish(await runJob(cli, { type: 'sample', run, source, ...rest }, { json, quiet, unit: 'items' }))
  })
}

/** `--mixture` alone asks for as many components as the data do; a class asks for a mixture, too. */
function sourceOf({
  mixture,
  perClass = false,
  label = null,
  data,
  labels = null,
  only,
}: Record<'mixture', number | true | undefined> & {
  perClass: boolean | undefined
  label: string | null | undefined
  data: string | undefined
  labels: string | null | undefined
  only: string[] | undefined
}): SampleSource {
  if (mixture === undefined && !perClass && label === null && data === undefined) return { type: 'prior' }
  return {
    type: 'mixture',
    data: data === undefined ? null : { sources: [data], labels, only },
    components: mixture === undefined || mixture === true ? null : mixture,
    ...{ perClass, label },
  }
}

const mixtureOption = (cli: Cli): Option =>
  new Option('--mixture [K]', `${cli.text('option.sample.mixture')} (1–${maximumMixture})`).argParser(
    (text) => {
      const components = Number(text)
      if (Number.isInteger(components) && components >= 1 && components <= maximumMixture) return components
      throw new DarkroomError('argument-invalid', {
        file: '--mixture',
        expected: `1–${maximumMixture}`,
        received: text,
      })
    },
  )
