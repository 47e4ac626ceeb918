import { Option, type Command } from 'commander'
import type { Engine } from '../../contract/engine.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { TrainJob, type JobEvent } from '../../contract/jobs.ts'
import { describeError } from '../../contract/messages/messages.ts'
import { Recipe } from '../../contract/recipe.ts'
import type { RunInfo } from '../../contract/runs.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import {
  addClosingOptions,
  collect,
  dataSource,
  fieldOption,
  labelsOption,
  onlyOption,
  requiredOption,
  type ShownOptions,
} from '../options.ts'
import { formatShape } from '../values.ts'

interface TrainOptions extends ShownOptions {
  recipe?: string
  set?: string[]
  labels?: string
  only?: string[]
  second?: string
  seed?: number
  epochs?: number
  out: string
  resume?: boolean
  startFrom?: string
  engine?: TrainJob['engine']
}

export function addTrain(program: Command, cli: Cli): void {
  const { shape } = TrainJob
  // Without the schema's default: where nothing is said, the recipe's own seed counts.
  const seed = Recipe.shape.seed.unwrap()
  const command = program
    .command('train')
    .description(cli.text('command.train'))
    .argument('[data...]', cli.text('argument.training-data'))
    .addOption(fieldOption(cli, '--recipe <name|file.json>', 'option.train.recipe', shape.recipe))
    .addOption(requiredOption(cli, '--out <run>', 'option.train.out'))
    .addOption(new Option('--set <path=value>', cli.text('option.train.set')).argParser(collect))
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(new Option('--second <folder>', cli.text('option.train.second')))
    .addOption(fieldOption(cli, '--seed <N>', 'option.train.seed', seed))
    .addOption(fieldOption(cli, '--epochs <N>', 'option.train.epochs', Recipe.shape.epochs))
    .addOption(fieldOption(cli, '--resume', 'option.train.resume', shape.resume))
    .addOption(fieldOption(cli, '--start-from <model>', 'option.train.start-from', shape.startFrom))
  addClosingOptions(command, cli, shape).action(async (sources: string[], options: TrainOptions) => {
    const { json = false, quiet = false, set = [], labels, only, second, seed, epochs, ...rest } = options
    const named = dataSource(cli, sources, labels, only)
    const data = named === null || second === undefined ? named : { ...named, second }
    if (rest.resume !== true) requireBoth(cli, data, rest.recipe)
    const overrides = [
      ...set,
      ...(seed === undefined ? [] : [`seed=${seed}`]),
      ...(epochs === undefined ? [] : [`epochs=${epochs}`]),
    ]
    const onEvent = async (event: JobEvent, engine: Engine): Promise<void> => {
      if (event.event === 'began' && !json && !quiet) await announce(cli, engine, event.run)
    }
    const job = { type: 'train', data, overrides, ...rest } as const
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'steps', isResumable: true, onEvent }))
  })
}

function requireBoth(cli: Cli, data: TrainJob['data'], recipe: string | undefined): void {
  const missing = (file: string, key: 'usage.data' | 'usage.recipe'): Error =>
    new DarkroomError('argument-invalid', {
      file,
      expected: cli.text(key),
      received: cli.text('usage.nothing'),
    })
  if (data === null) throw missing('data', 'usage.data')
  if (recipe === undefined) throw missing('--recipe', 'usage.recipe')
}

/** Of files that were left out, so many are named. */
const namedSkipped = 5

/** What is trained on what, once that is known. */
async function announce(cli: Cli, engine: Engine, run: string): Promise<void> {
  const { info } = await engine.run(run)
  const { recipe, data, split, parameters } = info
  cli.out(cli.text('row.began', { run }))
  cli.out(cli.text('row.network', { recipe: recipe.name, parameters, seed: recipe.seed }))
  cli.out(cli.text('row.data', { items: data.items, shape: formatShape(data.shape), ...partsOf(split) }))
  announceSkipped(cli, info)
  await warnOfNoise(cli, engine, info)
}

/** Of files that were left out, some. */
function announceSkipped(cli: Cli, { data }: RunInfo): void {
  if (data.skippedCount === 0) return
  cli.out(cli.text('row.skipped-items', { count: data.skippedCount }))
  for (const detail of data.skipped.slice(0, namedSkipped)) {
    const { what, where } = describeError(detail, cli.locale)
    cli.out(`  ${where ?? ''}: ${what}`)
  }
  if (data.skippedCount > namedSkipped) cli.out('  …')
}

/** Where noise is correlated, what would be learnt from noisy pictures alone is the noise as well: says so, and what can be done. */
async function warnOfNoise(cli: Cli, engine: Engine, { recipe, data }: RunInfo): Promise<void> {
  const { supervision, model } = recipe
  const needsWhiteness = supervision.type !== 'clean' && supervision.type !== 'noise2noise'
  const allowsForMore =
    (model.type === 'denoiser' && model.shuffle > 1) ||
    (supervision.type === 'noise2void' && supervision.structure !== null)
  if (!needsWhiteness || allowsForMore || recipe.corruption.length > 0) return
  const { warnings, noise, ways } = await engine.noisyAdvice({ data: { sources: data.sources } })
  if (!warnings.includes('correlated')) return
  const [horizontal, vertical] = [noise.correlation.horizontal, noise.correlation.vertical].map((value) =>
    value.toFixed(2),
  ) as [string, string]
  cli.out(cli.text('row.noise-correlated', { horizontal, vertical }))
  for (const { recipe: name, overrides, against } of ways) {
    const options = overrides.map((change) => `--set '${change}'`).join(' ')
    if (against !== 'nothing') cli.out(`  --recipe ${name} ${options}`)
  }
}

const partsOf = ({ training, validation, test }: Record<'training' | 'validation' | 'test', number>) => ({
  training,
  validation,
  test,
})
