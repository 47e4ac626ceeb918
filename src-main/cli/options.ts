import { Option, type Command } from 'commander'
import { z } from 'zod'
import { DataSource } from '../contract/dataset.ts'
import { DarkroomError } from '../contract/errors.ts'
import { LatentSpec } from '../contract/latent.ts'
import type { MessageKey } from '../contract/messages/messages.ts'
import type { Cli } from './context.ts'
import type { Presentation } from './present.ts'

/** The part of a JSON schema that the fields of a job use. */
interface FieldSchema {
  anyOf?: FieldSchema[]
  enum?: string[]
  const?: string
  type?: string
  minimum?: number
  maximum?: number
  default?: unknown
}

const describeField = (schema: z.ZodType): FieldSchema =>
  z.toJSONSchema(schema, { io: 'input' }) as FieldSchema

/** What a field accepts, in signs that need no translation: `auto | 0–255`. Empty for free text. */
function acceptedValues(field: FieldSchema): string {
  if (field.anyOf) return field.anyOf.map(acceptedValues).filter(Boolean).join(' | ')
  if (field.enum) return field.enum.join(' | ')
  if (field.const !== undefined) return field.const
  if (field.minimum === undefined) return ''
  const bounded = field.maximum !== undefined && field.maximum < Number.MAX_SAFE_INTEGER
  return bounded ? `${field.minimum}–${field.maximum}` : `≥ ${field.minimum}`
}

/**
 * An option that fills a field of a job. Its limits and its default are the schema's, so that help, check and engine
 * cannot disagree.
 * @param flags as commander takes them: `--sigma <auto|N>`.
 */
export function fieldOption(cli: Cli, flags: string, key: MessageKey, schema: z.ZodType): Option {
  const field = describeField(schema)
  const accepted = acceptedValues(field)
  const hasDefault = field.default !== undefined && field.default !== null && flags.includes('<')
  const facts = [accepted, hasDefault ? cli.text('help.default', { value: String(field.default) }) : '']
  const suffix = facts.filter(Boolean).join('; ')
  const option = new Option(flags, suffix === '' ? cli.text(key) : `${cli.text(key)} (${suffix})`)
  if (!/[<[]/.test(flags)) return option
  return option.argParser((text) => {
    const candidates = text.trim() === '' ? [text] : [text, Number(text)]
    for (const candidate of candidates) {
      const result = schema.safeParse(candidate)
      if (result.success) return result.data
    }
    throw notAccepted(option.long ?? flags, accepted, text)
  })
}

const notAccepted = (option: string, accepted: string, text: string): DarkroomError =>
  new DarkroomError('argument-invalid', {
    file: option,
    ...(accepted === '' ? {} : { expected: accepted }),
    received: text === '' ? '""' : text,
  })

/** Refuses a value that an option takes, but not together with others. @throws argument-invalid naming the option and what it takes then */
export function checkField(option: string, schema: z.ZodType, value: string | number | undefined): void {
  if (value === undefined || schema.safeParse(value).success) return
  throw notAccepted(option, acceptedValues(describeField(schema)), String(value))
}

/** A required option, marked as such in the help. */
export function requiredOption(cli: Cli, flags: string, key: MessageKey): Option {
  return new Option(flags, `${cli.text(key)} (${cli.text('help.required')})`).makeOptionMandatory()
}

/**
 * Refuses what only other methods are set by.
 * @param settings by their options: what was given, and the methods that it is for
 * @throws argument-invalid
 */
export function checkSettings(
  method: string,
  settings: Record<string, [given: unknown, of: string[]]>,
): void {
  for (const [option, [given, of]] of Object.entries(settings))
    if (given !== undefined && !of.includes(method))
      throw new DarkroomError('argument-invalid', {
        file: option,
        expected: `--method ${of.join(' | ')}`,
        received: `--method ${method}`,
      })
}

/** For an option that may be given again. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value]

/** `--labels`: which class an item has. */
export const labelsOption = (cli: Cli): Option =>
  fieldOption(cli, '--labels <labels>', 'option.labels', DataSource.shape.labels)

/** `--only`: items with one of these labels alone. */
export const onlyOption = (cli: Cli): Option =>
  new Option('--only <label>', cli.text('option.only')).argParser(collect)

/** What names the items that a command on codes looks at, beside its data. */
export interface ItemsOptions extends Partial<Pick<LatentSpec, 'split' | 'limit' | 'seed'>> {
  labels?: string
  only?: string[]
}

export function addItemsOptions(command: Command, cli: Cli): Command {
  const { shape } = LatentSpec
  return command
    .addOption(labelsOption(cli))
    .addOption(onlyOption(cli))
    .addOption(fieldOption(cli, '--split <split>', 'option.latent.split', shape.split))
    .addOption(fieldOption(cli, '--limit <N>', 'option.latent.limit', shape.limit))
    .addOption(fieldOption(cli, '--seed <N>', 'option.latent.seed', shape.seed))
}

/** How a command says what its job does. */
export type ShownOptions = Partial<Pick<Presentation, 'json' | 'quiet'>>

/** The last options of every command that runs a job; of `--overwrite` and `--engine` those that the job has. */
export function addClosingOptions(
  command: Command,
  cli: Cli,
  { overwrite, engine }: { overwrite?: z.ZodType; engine?: z.ZodType } = {},
): Command {
  if (overwrite !== undefined)
    command.addOption(fieldOption(cli, '--overwrite', 'option.overwrite', overwrite))
  if (engine !== undefined) command.addOption(fieldOption(cli, '--engine <engine>', 'option.engine', engine))
  return command
    .addOption(new Option('--json', cli.text('option.json')))
    .addOption(new Option('--quiet', cli.text('option.quiet')))
}

/** Without what was not said. */
export const given = <T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }

/** Files and folders of data as a job takes them; null where none are named. @throws argument-invalid for labels of nothing. */
export function dataSource(
  cli: Cli,
  sources: string[],
  labels: string | undefined,
  only: string[] | undefined,
): DataSource | null {
  if (sources.length > 0) return { sources, labels: labels ?? null, only }
  if (labels === undefined && only === undefined) return null
  throw new DarkroomError('argument-invalid', {
    file: labels === undefined ? '--only' : '--labels',
    expected: cli.text('usage.labels'),
    received: cli.text('usage.nothing'),
  })
}
