import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { DarkroomError } from '../../contract/errors.ts'
import type { Group } from '../../contract/latent.ts'
import { ArithmeticJob } from '../../contract/latent-jobs.ts'
import { parseAnchor } from '../anchors.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { numbersOption } from '../numbers.ts'
import { addClosingOptions, requiredOption, type ShownOptions } from '../options.ts'

type ArithmeticOptions = ShownOptions &
  Partial<Pick<ArithmeticJob, 'strengths' | 'overwrite' | 'engine'>> & {
    out: string
    plus: Group
    minus: Group
    to: string
  }

export function addArithmetic(program: Command, cli: Cli): void {
  const { shape } = ArithmeticJob
  const strengths = shape.strengths.unwrap()
  const command = program
    .command('arithmetic')
    .description(cli.text('command.arithmetic'))
    .argument('<run>', cli.text('argument.run'))
    .addOption(requiredOption(cli, '--plus <data>', 'option.arithmetic.plus').argParser(parseGroup))
    .addOption(requiredOption(cli, '--minus <data>', 'option.arithmetic.minus').argParser(parseGroup))
    .addOption(requiredOption(cli, '--to <picture>', 'option.arithmetic.to'))
    .addOption(requiredOption(cli, '--out <path>', 'option.pictures.out'))
    .addOption(numbersOption(cli, '--strengths <S,S,…>', 'option.arithmetic.strengths', strengths.element))
  addClosingOptions(command, cli, shape).action(async (run: string, options: ArithmeticOptions) => {
    const { json = false, quiet = false, to, ...rest } = options
    const job = { type: 'arithmetic', run, to: parseAnchor(to), ...rest } as const
    cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
  })
}

/** A folder or a file of data, or some of its items by their places: `images.idx.gz#0,7,20-29`. */
function parseGroup(text: string): Group {
  const items = /^(.+)#([\d,-]+)$/.exec(text)
  if (items === null || existsSync(text)) return { data: { sources: [text], labels: null }, indexes: null }
  const indexes = items[2]!.split(',').flatMap((part) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part)
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])]
    if (range === null || last < first || last - first >= mostItems)
      throw new DarkroomError('argument-invalid', { file: text, expected: '#0,7,20-29', received: part })
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return { data: { sources: [items[1]!], labels: null }, indexes }
}

const mostItems = 1_000_000
