import type { Command } from 'commander'
import { describeError } from '../../contract/messages/messages.ts'
import {
  AddModel,
  ModelInterface,
  textsOfModel,
  type ModelEntry,
  type StatedInterface,
} from '../../contract/models.ts'
import type { Cli } from '../context.ts'
import { fieldOption } from '../options.ts'
import { addQuestion, withEngine } from './lists.ts'

interface AddOptions extends Omit<AddModel, 'file' | 'interface'>, StatedInterface {
  json?: boolean
}

export function addModels(program: Command, cli: Cli): void {
  const models = addQuestion(
    program,
    cli,
    'models',
    (engine) => engine.models(),
    (_cli, entries) => entries.flatMap((entry) => entryLines(cli, entry)),
  ).helpCommand(false)
  // `--json` belongs to `models`: commander reads it from there wherever it stands on the line.
  const show = (entry: ModelEntry, command: Command): void => {
    if (command.optsWithGlobals<{ json?: boolean }>().json === true)
      cli.host.stdout.write(`${JSON.stringify(entry, null, 2)}\n`)
    else entryLines(cli, entry).forEach(cli.out)
  }

  const { shape } = ModelInterface
  models
    .command('add')
    .description(cli.text('command.models.add'))
    .argument('<file.onnx>', cli.text('argument.model-file'))
    .addOption(fieldOption(cli, '--title <title>', 'option.models.title', AddModel.shape.title))
    .addOption(fieldOption(cli, '--licence <licence>', 'option.models.licence', AddModel.shape.licence))
    .addOption(
      fieldOption(cli, '--description <text>', 'option.models.description', AddModel.shape.description),
    )
    .addOption(fieldOption(cli, '--layout <layout>', 'option.models.layout', shape.layout))
    .addOption(fieldOption(cli, '--channels <N>', 'option.models.channels', shape.channels))
    .addOption(fieldOption(cli, '--white <N>', 'option.models.white', shape.white))
    .addOption(fieldOption(cli, '--output <output>', 'option.models.output', shape.output))
    .addOption(fieldOption(cli, '--sigma <form>', 'option.models.sigma', shape.sigma))
    .addOption(fieldOption(cli, '--multiple <N>', 'option.models.multiple', shape.multiple))
    .action(async (file: string, options: AddOptions, command: Command) => {
      const { title, licence, description, ...stated } = options
      const model: AddModel = { file, title, licence, description, interface: stated }
      show(await withEngine(cli, (engine) => engine.addModel(model)), command)
    })

  models
    .command('rename')
    .description(cli.text('command.models.rename'))
    .argument('<id>', cli.text('argument.model-id'))
    .argument('<title>', cli.text('argument.model-title'))
    .action(async (id: string, title: string, _options: object, command: Command) => {
      show(await withEngine(cli, (engine) => engine.renameModel(id, title)), command)
    })

  models
    .command('delete')
    .description(cli.text('command.models.delete'))
    .argument('<id>', cli.text('argument.model-id'))
    .action((id: string) => withEngine(cli, (engine) => engine.deleteModel(id)))
}

function entryLines(cli: Cli, entry: ModelEntry): string[] {
  const { id, title, file, card, licence, description, error } = entry
  const texts = textsOfModel(entry)
  const lines = [`${id}: ${texts === null ? title : cli.text(texts.title)}`]
  if (error !== null) {
    const { what, where } = describeError(error, cli.locale)
    lines.push(what, ...(where === null ? [] : [where]))
  } else if (card !== null) {
    const [from, to] = card.sigmaRange
    const about = texts === null ? card.description : cli.text(texts.description)
    lines.push(about, cli.text('model.range', { from, to, licence: card.licence }))
  } else if (texts !== null) lines.push(cli.text(texts.description))
  else if (entry.origin === 'trained') lines.push(cli.text('model.trained', { file }))
  else {
    if (description !== null) lines.push(description)
    lines.push(cli.text('model.added', { licence: licence ?? cli.text('model.licence-unknown') }))
    // As the options that would state it.
    const use = Object.entries(entry.interface ?? {}).map(([key, value]) => `--${key} ${value}`)
    lines.push(use.join(' '))
  }
  const [head, ...facts] = lines
  return [head!, ...facts.map((line) => `  ${line}`)]
}
