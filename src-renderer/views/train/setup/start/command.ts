import type { TrainInput } from '../../../../state/runs.svelte.ts'

/** The command line that trains the same run, for the shell of a platform (Node's name of it). */
export function commandOf(job: TrainInput, out: string, platform: string): string {
  const quote = platform === 'win32' ? quoteForPowerShell : quoteForPosix
  const option = (name: string, value: string | null | undefined): string[] =>
    value === null || value === undefined ? [] : [name, quote(value)]
  return [
    'darkroom train',
    ...(job.data?.sources ?? []).map(quote),
    ...option('--labels', job.data?.labels),
    ...option('--second', job.data?.second),
    ...option('--recipe', job.recipe),
    ...(job.overrides ?? []).flatMap((override) => option('--set', override)),
    ...option('--start-from', job.startFrom),
    ...option('--out', out),
  ].join(' ')
}

/** What no shell reads anything into. */
const plain = /^[\w./:=,@%+-]+$/

const quoteForPosix = (text: string): string =>
  plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const quoteForPowerShell = (text: string): string =>
  plain.test(text) || /^[\w./:=@+\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`
