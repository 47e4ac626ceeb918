import { Option, type Command } from 'commander'
import { DarkroomError } from '../../contract/errors.ts'
import { leavesOf } from '../../contract/nested.ts'
import type { RecipeDescription } from '../../contract/runs.ts'
import type { Cli } from '../context.ts'
import { collect } from '../options.ts'
import { tableLines } from '../table.ts'
import { formatShape } from '../values.ts'
import { addQuestion, withEngine } from './lists.ts'

export function addRecipes(program: Command, cli: Cli): void {
  const recipes = addQuestion(
    program,
    cli,
    'recipes',
    (engine) => engine.recipes(),
    (_cli, summaries) => summaries.map(({ name, description }) => `${name}: ${description}`),
  ).helpCommand(false)
  recipes
    .command('show')
    .description(cli.text('command.recipes.show'))
    .argument('<recipe>', cli.text('argument.recipe'))
    .addOption(new Option('--input <shape>', cli.text('option.recipes.input')).argParser(parseShape))
    .addOption(new Option('--set <path=value>', cli.text('option.train.set')).argParser(collect))
    .action(async (recipe: string, options: { input?: number[]; set?: string[] }, command: Command) => {
      const question = { recipe, overrides: options.set ?? [], input: options.input ?? null }
      const description = await withEngine(cli, (engine) => engine.describeRecipe(question))
      // `--json` belongs to `recipes`: commander reads it from there wherever it stands on the line.
      if (command.optsWithGlobals<{ json?: boolean }>().json === true)
        cli.host.stdout.write(`${JSON.stringify(description, null, 2)}\n`)
      else descriptionLines(cli, description).forEach(cli.out)
    })
}

function parseShape(text: string): number[] {
  const shape = text.split(',').map(Number)
  if (shape.length <= 3 && shape.every((side) => Number.isInteger(side) && side > 0)) return shape
  throw new DarkroomError('argument-invalid', { file: '--input', expected: '28,28,1 | 140', received: text })
}

function descriptionLines(
  cli: Cli,
  { recipe, input, code, layers, parameters, memory }: RecipeDescription,
): string[] {
  const network =
    input === null
      ? [cli.text('recipe.input-unknown')]
      : [
          cli.text('recipe.input', { shape: formatShape(input) }),
          ...(code === null ? [] : [cli.text('recipe.code', { shape: formatShape(code) })]),
          cli.text('recipe.layers'),
          ...indented(
            layers.map((layer) => [
              layer.name,
              layer.kind,
              formatShape(layer.output),
              String(layer.parameters),
            ]),
          ),
          cli.text('recipe.parameters', { parameters, memory: Math.ceil(memory / 2 ** 20) }),
        ]
  const fields = leavesOf(recipe)
    .filter(({ path }) => !['version', 'name', 'description'].includes(path))
    .map(({ path, value }) => `  ${path}=${JSON.stringify(value)}`)
  return [`${recipe.name}: ${recipe.description}`, ...network, cli.text('recipe.settings'), ...fields]
}

const indented = (rows: string[][]): string[] => tableLines(rows).map((line) => `  ${line}`)
