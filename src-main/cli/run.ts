import { Command, CommanderError, Option } from 'commander'
import { DarkroomError, toErrorDetail } from '../contract/errors.ts'
import { locales, pickLocale, type Locale, type MessageKey } from '../contract/messages/messages.ts'
import { productVersion } from '../engine/product.ts'
import { addAnomaly } from './commands/anomaly.ts'
import { addArchive, addImport } from './commands/archive.ts'
import { addArithmetic } from './commands/arithmetic.ts'
import { addClassify } from './commands/classify.ts'
import { addCluster } from './commands/cluster.ts'
import { addDecode } from './commands/decode.ts'
import { addDenoise } from './commands/denoise.ts'
import { addEncode } from './commands/encode.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addExport } from './commands/export.ts'
import { addInterpolate } from './commands/interpolate.ts'
import { addDoctor } from './commands/lists.ts'
import { addMap } from './commands/map.ts'
import { addModels } from './commands/models.ts'
import { addNative } from './commands/native.ts'
import { addNeighbours } from './commands/neighbours.ts'
import { addRecipes } from './commands/recipes.ts'
import { addReconstruct } from './commands/reconstruct.ts'
import { addRepeat } from './commands/repeat.ts'
import { addCompare, addRuns } from './commands/runs.ts'
import { addSample } from './commands/sample.ts'
import { addTrain } from './commands/train.ts'
import { addTraverse } from './commands/traverse.ts'
import { createCli, type Cli, type Host } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { displayWidth } from './text.ts'

/** In the order of the help: what is done to pictures, what is done with runs, what there is. */
const commands = [
  ...[
    addDenoise,
    addTrain,
    addRuns,
    addCompare,
    addReconstruct,
    addEncode,
    addDecode,
    addEvaluate,
    addExport,
    addArchive,
    addImport,
  ],
  ...[addMap, addNeighbours, addCluster],
  ...[addAnomaly, addClassify],
  ...[addInterpolate, addTraverse, addSample, addArithmetic, addRepeat],
  ...[addModels, addRecipes, addDoctor, addNative],
]

/** Runs one command line and returns the exit code. Never throws. */
export async function runCli(argv: string[], host: Host): Promise<number> {
  let exitCode: number = exitCodes.done
  const program = new Command('darkroom')
  const cli = createCli(
    host,
    findLocale(argv, host.env),
    () => program.opts<{ verbose?: boolean }>().verbose === true,
    (code) => (exitCode = code),
  )
  // A reader that has seen enough (`darkroom models | head -1`) is no error.
  for (const stream of [host.stdout, host.stderr]) stream.on('error', () => undefined)
  setUp(program, cli)
  for (const add of commands) add(program, cli)
  for (const command of withSubcommands(program))
    command.exitOverride((error) => {
      throw usageError(error, command, cli)
    })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const detail = toErrorDetail(thrown)
    cli.complain(detail, thrown)
    return detail.code === 'argument-invalid' ? exitCodes.usage : exitCodes.failed
  }
}

const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
]

/** The texts are needed before commander has read the options, so `--lang` is looked for by hand. */
function findLocale(argv: string[], env: Host['env']): Locale {
  const at = argv.findIndex((argument) => argument === '--lang' || argument.startsWith('--lang='))
  const asked = argv[at]?.includes('=') ? argv[at].slice('--lang='.length) : argv[at + 1]
  const known = locales.find((locale) => locale === asked)
  return at >= 0 && known !== undefined ? known : pickLocale(env)
}

/** The headings that commander writes by itself. */
const headings: Record<string, MessageKey> = {
  'Usage:': 'help.usage',
  'Arguments:': 'help.arguments',
  'Options:': 'help.options',
  'Global Options:': 'help.global-options',
  'Commands:': 'help.commands',
}

function setUp(program: Command, cli: Cli): void {
  const { host } = cli
  program
    .description(cli.text('help.summary'))
    .helpOption('-h, --help', cli.text('help.help'))
    .helpCommand('help [command]', cli.text('help.help-command'))
    .version(productVersion(), '-V, --version', cli.text('help.version'))
    .addOption(
      new Option('--lang <language>', `${cli.text('option.lang')} (${locales.join(' | ')})`).argParser(
        checkLocale,
      ),
    )
    .option('--verbose', cli.text('option.verbose'))
    .configureHelp({
      displayWidth,
      showGlobalOptions: true,
      minWidthToWrap: 20,
      styleTitle: (title) => {
        const key = headings[title]
        return key === undefined ? title : cli.text(key)
      },
    })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      // Said in three lines, in the person's language, where the error is caught.
      outputError: () => undefined,
      getOutHelpWidth: () => host.stderr.columns ?? 80,
      getErrHelpWidth: () => host.stderr.columns ?? 80,
    })
    .addHelpText(
      'after',
      [
        '',
        cli.text('help.examples'),
        '  darkroom denoise photo.jpg --out clean',
        '  darkroom denoise photos --recursive --out clean --resume',
        '  darkroom train pictures --recipe photo-denoiser --out runs/mine',
        '  darkroom train images.idx.gz --recipe conv-vae --set encoder.latentDim=16 --out runs/vae',
        '',
        cli.text('help.more'),
      ].join('\n'),
    )
}

function checkLocale(value: string): string {
  if (!locales.some((locale) => locale === value))
    throw new DarkroomError('argument-invalid', {
      file: '--lang',
      expected: locales.join(' | '),
      received: value,
    })
  return value
}

/** What commander found wrong, as an error of ours that names the option and says what is accepted. */
function usageError(error: CommanderError, command: Command, cli: Cli): Error {
  if (error.exitCode === 0 || error.code === 'commander.help') return error
  const [named, other] = [...error.message.matchAll(/'(.+?)'/g)].map((match) => match[1]!)
  const help = command.createHelp()
  const detail = named === undefined ? {} : { file: named }
  switch (error.code) {
    case 'commander.unknownCommand': {
      const expected = command.commands.map((known) => known.name()).join(', ')
      return new DarkroomError('argument-invalid', { ...detail, expected })
    }
    case 'commander.unknownOption': {
      const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)]
      const expected = options.map((option) => option.long).join(' ')
      return new DarkroomError('argument-invalid', { ...detail, expected })
    }
    case 'commander.conflictingOption': {
      const expected = cli.text('usage.without', { option: other ?? '' })
      return new DarkroomError('argument-invalid', { ...detail, expected })
    }
    case 'commander.excessArguments':
      return new DarkroomError('argument-invalid', { ...detail, expected: help.commandUsage(command) })
    default:
      return new DarkroomError('argument-invalid', {
        ...detail,
        expected: help.commandUsage(command),
        received: cli.text('usage.nothing'),
      })
  }
}
