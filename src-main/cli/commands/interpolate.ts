import type { Command } from 'commander'
import { DarkroomError } from '../../contract/errors.ts'
import { Anchor, type AnchorInput } from '../../contract/latent.ts'
import { InterpolateJob } from '../../contract/latent-jobs.ts'
import { parseAnchor } from '../anchors.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, fieldOption, requiredOption, type ShownOptions } from '../options.ts'
import { numbersOption } from '../numbers.ts'

type InterpolateOptions = ShownOptions &
  Partial<Omit<InterpolateJob, 'type' | 'run' | 'anchors' | 'out'>> & {
    out: string
    seeds?: number[]
  }

export function addInterpolate(program: Command, cli: Cli): void {
  const { shape } = InterpolateJob
  const [, , , drawn] = Anchor.options
  const command = program
    .command('interpolate')
    .description(cli.text('command.interpolate'))
    .argument('<run>', cli.text('argument.run'))
    .argument('[pictures...]', cli.text('argument.anchors'))
    .addOption(requiredOption(cli, '--out <path>', 'option.interpolate.out'))
    .addOption(numbersOption(cli, '--seeds <S,S,…>', 'option.interpolate.seeds', drawn.shape.seed))
    .addOption(fieldOption(cli, '--steps <N>', 'option.interpolate.steps', shape.steps))
    .addOption(fieldOption(cli, '--mode <mode>', 'option.interpolate.mode', shape.mode))
    .addOption(fieldOption(cli, '--loop', 'option.interpolate.loop', shape.loop))
    .addOption(fieldOption(cli, '--blend', 'option.interpolate.blend', shape.blend))
    .addOption(fieldOption(cli, '--rate <N>', 'option.interpolate.rate', shape.rate))
  addClosingOptions(command, cli, shape).action(
    async (run: string, pictures: string[], options: InterpolateOptions) => {
      const { json = false, quiet = false, seeds = [], ...rest } = options
      const anchors: AnchorInput[] = [
        ...pictures.map((text) => parseAnchor(text)),
        ...seeds.map((seed) => ({ from: 'seed', seed }) as const),
      ]
      if (anchors.length < 2)
        throw new DarkroomError('argument-invalid', {
          file: 'pictures',
          expected: cli.text('usage.two-anchors'),
          received: String(anchors.length),
        })
      cli.finish(
        await runJob(cli, { type: 'interpolate', run, anchors, ...rest }, { json, quiet, unit: 'items' }),
      )
    },
  )
}
