import type { App } from '../../../state/app.ts'
import { runJob } from '../../../state/run-job.ts'
import { partOf } from '../place.ts'

/** Takes an archived run into the program's own folder, and shows it. Failures become notices. */
export function createImport({
  i18n,
  link,
  notices,
  route,
}: Pick<App, 'i18n' | 'link' | 'notices' | 'route'>) {
  let running = $state(0)

  async function take(file: string): Promise<void> {
    running += 1
    await notices.attempt(async () => {
      const { run } = await runJob(link, { type: 'import-run', file })
      notices.show(i18n.t('ui.train.runs.imported'), { tone: 'good' })
      route.go('train', partOf({ kind: 'run', path: run }))
    })
    running -= 1
  }
  return {
    get isRunning() {
      return running > 0
    },
    take,
    /** With the desktop's dialog. */
    async choose(): Promise<void> {
      const files = await notices.attempt(() => link.shell.chooseFiles('runs'))
      if (files?.[0] !== undefined) await take(files[0])
    },
  }
}
