import type { App } from '../../state/app.ts'
import { nameOf } from '../../state/names.ts'

/** What data are called: the sample data by their title, others by the name of the first source and how many more there are. */
export function dataName(
  { i18n, program }: Pick<App, 'i18n' | 'program'>,
  sources: readonly string[],
): string {
  const [first, ...others] = sources
  if (first === undefined) return ''
  if (first === program.info?.sampleData?.sources[0]) return i18n.t('ui.train.setup.data.sample.name')
  return others.length === 0
    ? nameOf(first)
    : i18n.t('ui.train.setup.data.more', { name: nameOf(first), count: others.length })
}
