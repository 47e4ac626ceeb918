import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { createCli } from '../../src-main/cli/context.ts'
import { createPresenter } from '../../src-main/cli/present.ts'
import { translate } from '../../src-main/contract/messages/messages.ts'
import type { HistoryRow } from '../../src-main/contract/runs.ts'
import { historyRow } from '../support/fake-runs.ts'

/** What the error stream gets of a training with these rows. */
async function said(rows: HistoryRow[], json = false): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const host = { stdout, stderr, env: {}, signals: new EventEmitter(), exit: () => undefined }
  const cli = createCli(
    host,
    'ko',
    () => false,
    () => undefined,
  )
  const present = createPresenter(cli, { json, quiet: false, unit: 'steps' })
  for (const row of rows) present({ id: '1', event: 'trained', run: '/runs/a', row })
  stderr.end()
  return text(stderr)
}

it('says once that a code is dead, in the person’s language', async () => {
  const dead = { ...historyRow(100), stage: 'train', epoch: 1, validation: { loss: 1, active: 0 } }
  const alive = { ...dead, validation: { loss: 1, active: 0.5 } }
  expect(await said([alive, dead, dead])).toBe(`${translate('ko', 'warning.code-dead')}\n`)
  expect(await said([alive, { ...dead, epoch: 0.5 }])).toBe('')
  expect(await said([dead], true)).toBe('')
})
