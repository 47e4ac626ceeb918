import { Option, type Command } from 'commander'
import { compareRuns } from '../../contract/compare-runs.ts'
import type { RunSummary } from '../../contract/runs.ts'
import type { Cli } from '../context.ts'
import { absent, tableLines } from '../table.ts'
import { formatValue, formatValues } from '../values.ts'
import { withEngine } from './lists.ts'

export function addRuns(program: Command, cli: Cli): void {
  program
    .command('runs')
    .description(cli.text('command.runs'))
    .argument('[folder]', cli.text('argument.runs-folder'))
    .addOption(new Option('--json', cli.text('option.json')))
    .action(async (folder: string | undefined, { json = false }: { json?: boolean }) => {
      const runs = await withEngine(cli, (engine) => engine.runs(folder ?? null))
      if (json) cli.host.stdout.write(`${JSON.stringify(runs, null, 2)}\n`)
      else if (runs.length === 0) cli.note(cli.text('runs.none'))
      else for (const line of runLines(cli, runs)) cli.out(line)
      for (const { error } of runs) if (error !== null && !json) cli.complain(error)
    })
}

export function addCompare(program: Command, cli: Cli): void {
  program
    .command('compare')
    .description(cli.text('command.compare'))
    .argument('<runs...>', cli.text('argument.runs'))
    .addOption(new Option('--json', cli.text('option.json')))
    .action(async (paths: string[], { json = false }: { json?: boolean }) => {
      const runs = await withEngine(cli, (engine) => Promise.all(paths.map((path) => engine.run(path))))
      const comparison = compareRuns(runs)
      if (json)
        return void cli.host.stdout.write(`${JSON.stringify({ runs: paths, ...comparison }, null, 2)}\n`)
      const titles = runs.map(({ summary }) => summary.title)
      const settings = comparison.settings.map(({ path, values }) => [path, ...values.map(settingText)])
      const figures = comparison.figures.map(({ name, values }) => [
        name,
        ...values.map((value) => (value === null ? absent : formatValue(name.split(' ').at(-1)!, value))),
      ])
      const say = (heading: string, rows: string[][]): void => {
        cli.out(heading)
        for (const line of tableLines([['', ...titles], ...rows])) cli.out(`  ${line}`)
      }
      if (settings.length === 0) cli.out(cli.text('compare.no-settings'))
      else say(cli.text('compare.settings'), settings)
      say(cli.text('compare.figures'), figures)
    })
}

/** A fingerprint is told apart by its beginning. */
const fingerprint = /^([0-9a-f]{12})[0-9a-f]{52}$/

function settingText(value: unknown): string {
  if (value === undefined) return absent
  return typeof value === 'string' ? value.replace(fingerprint, '$1…') : JSON.stringify(value)
}

function runLines(cli: Cli, runs: RunSummary[]): string[] {
  const head = (['run', 'state', 'recipe', 'data', 'steps', 'validation', 'changed'] as const).map((column) =>
    cli.text(`runs.columns.${column}`),
  )
  const rows = runs.map(({ title, state, recipe, data, step, steps, validation, changedAt }) => [
    ...[title, cli.text(`run.${state}`), recipe, data, `${step}/${steps}`],
    ...[formatValues(validation), new Date(changedAt).toLocaleString(cli.locale)],
  ])
  return tableLines([head, ...rows])
}
