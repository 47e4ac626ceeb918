import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { DarkroomError } from '../../contract/errors.ts'
import { EvaluateJob, EvaluateRunJob, type JobInput } from '../../contract/jobs.ts'
import type { MessageKey } from '../../contract/messages/messages.ts'
import type { Cli } from '../context.ts'
import { runJob } from '../job.ts'
import { addClosingOptions, fieldOption, labelsOption, onlyOption, type ShownOptions } from '../options.ts'
import { withEngine } from './lists.ts'

type InputOf<Type extends JobInput['type']> = Extract<JobInput, { type: Type }>
type DenoiserOptions = Omit<InputOf<'evaluate'>, 'type' | 'model' | 'folder' | 'engine'>
type RunOptions = Pick<InputOf<'evaluate-run'>, 'split' | 'generation'> & { labels?: string; only?: string[] }
type EvaluateOptions = DenoiserOptions & RunOptions & ShownOptions & { engine?: EvaluateJob['engine'] }

export function addEvaluate(program: Command, cli: Cli): void {
  const { shape } = EvaluateJob
  const command = program
    .command('evaluate')
    .description(cli.text('command.evaluate'))
    .argument('<model>', cli.text('argument.model'))
    .argument('<data>', cli.text('argument.evaluate-data'))
    .addOption(
      fieldOption(cli, '--noise <noise>', 'option.evaluate.noise', shape.noise).conflicts('reference'),
    )
    .addOption(fieldOption(cli, '--sigma <auto|N>', 'option.evaluate.sigma', shape.sigma))
    .addOption(fieldOption(cli, '--seed <N>', 'option.evaluate.seed', shape.seed).conflicts('reference'))
    .addOption(fieldOption(cli, '--reference <folder>', 'option.evaluate.reference', shape.reference))
    .addOption(fieldOption(cli, '--blind', 'option.evaluate.blind', shape.blind))
    .addOption(fieldOption(cli, '--ensemble', 'option.ensemble', shape.ensemble))
    .addOption(fieldOption(cli, '--strength <N>', 'option.strength', shape.strength))
    .addOption(fieldOption(cli, '--split <split>', 'option.evaluate.split', EvaluateRunJob.shape.split))
    .addOption(
      fieldOption(cli, '--generation', 'option.evaluate.generation', EvaluateRunJob.shape.generation),
    )
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
  addClosingOptions(command, cli, shape).action(
    async (model: string, data: string, options: EvaluateOptions) => {
      const {
        json = false,
        quiet = false,
        engine = 'auto',
        split,
        generation,
        labels,
        only,
        ...ofDenoiser
      } = options
      if (await isOtherRun(cli, model)) {
        refuse(cli, ofDenoiser, 'usage.denoiser')
        const source = { sources: [data], labels: labels ?? null, only }
        const measured = { split: split ?? null, generation: generation ?? false }
        const job = { type: 'evaluate-run', run: model, data: source, ...measured, engine } as const
        return cli.finish(await runJob(cli, job, { json, quiet, unit: 'items' }))
      }
      refuse(cli, { split, generation, labels, only }, 'usage.other-run')
      const job = { type: 'evaluate', model, folder: data, engine, ...ofDenoiser } as const
      cli.finish(await runJob(cli, job, { json, quiet, unit: 'images' }))
    },
  )
}

/** Whether it is the folder of a run, and not of a network that takes noise away by its level: those are measured as models are. */
async function isOtherRun(cli: Cli, model: string): Promise<boolean> {
  const isFolder = await stat(model).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (!isFolder) return false
  const { info } = await withEngine(cli, (engine) => engine.run(model))
  const spec = info.recipe.model
  return spec.type !== 'denoiser' || spec.condition !== 'sigma'
}

/** @throws argument-invalid for an option that says nothing to this kind of network. */
function refuse(cli: Cli, options: Record<string, unknown>, expected: MessageKey): void {
  const given = Object.keys(options).find((name) => options[name] !== undefined)
  if (given === undefined) return
  throw new DarkroomError('argument-invalid', { file: `--${given}`, expected: cli.text(expected) })
}
