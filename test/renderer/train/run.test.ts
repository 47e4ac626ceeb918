import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HistoryRow, RunDetail } from '../../../src-main/contract/runs.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createRun } from '../../../src-renderer/views/train/run/run.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'
import { historyRow, historyRows, runDetail } from '../../support/fake-runs.ts'
import { watching } from '../../support/runes.svelte.ts'

const path = '/runs/clothes'
const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

/** A run whose folder says what `read` gives. */
async function openRun(read: () => Promise<RunDetail>) {
  const program = fakeProgram({ engine: { run: read } })
  const link = createLink(program.open)
  links.push(link)
  const run = createRun(link, path)
  await vi.waitUntil(() => run.detail !== null || run.error !== null)
  const tellRow = (row: HistoryRow, of = path): void =>
    program.tellEngine({ id: 'job', event: 'trained', run: of, row })
  return { program, link, run, tellRow }
}

describe('a run on its page', () => {
  it('has the history that its folder holds, and then what its training tells', async () => {
    const { program, run, tellRow } = await openRun(() =>
      Promise.resolve(runDetail(path, historyRows(50, 100, 50))),
    )
    expect(run.curves.x('step')).toEqual([50, 100])
    tellRow(historyRow(150))
    tellRow(historyRow(999), '/runs/another')
    program.tellEngine({ id: 'job', event: 'previewed', run: path, name: 'step-000150.png' })
    await vi.waitUntil(() => run.curves.length === 3 && run.previews.length === 2)
    expect(run.curves.x('step')).toEqual([50, 100, 150])
    expect(run.previews).toEqual(['step-000100.png', 'step-000150.png'])
  })

  it('says why it cannot be read, and is read when the engine is there again', async () => {
    let isBroken = true
    const { program, run } = await openRun(() =>
      isBroken
        ? Promise.reject(Object.assign(new Error('gone'), { detail: { code: 'run-unreadable' } }))
        : Promise.resolve(runDetail(path, [])),
    )
    expect(run.error).not.toBeNull()
    isBroken = false
    program.cut()
    await vi.waitUntil(() => run.detail !== null)
    expect(run.error).toBeNull()
  })

  it('is read again when its training began anew, and takes the place of what was told before', async () => {
    let history = historyRows(50, 200, 50)
    const { program, run, tellRow } = await openRun(() => Promise.resolve(runDetail(path, history)))
    expect(run.curves.length).toBe(4)
    // It goes on from a checkpoint at step 100.
    history = historyRows(50, 100, 50)
    program.tellEngine({ id: 'job', event: 'began', run: path })
    tellRow(historyRow(150, { seconds: 42 }))
    await vi.waitUntil(() => run.curves.last?.seconds === 42)
    expect(run.curves.x('step')).toEqual([50, 100, 150])
  })

  it('takes no older reading for a newer one', async () => {
    const answers: ((detail: RunDetail) => void)[] = []
    const program = fakeProgram({
      engine: { run: () => new Promise<RunDetail>((resolve) => answers.push(resolve)) },
    })
    const link = createLink(program.open)
    links.push(link)
    const run = createRun(link, path)
    await vi.waitUntil(() => answers.length === 1)
    program.tellEngine({ event: 'runs' })
    await vi.waitUntil(() => answers.length === 2)
    answers[1]!(runDetail(path, historyRows(1, 2)))
    await vi.waitUntil(() => run.curves.length === 2)
    answers[0]!(runDetail(path, historyRows(1, 9)))
    await link.engine.jobs().catch(() => undefined)
    expect(run.curves.length).toBe(2)
  })

  it('stays the same work for each of 20,000 rows, and is drawn a few times only', async () => {
    const { run, tellRow } = await openRun(() => Promise.resolve(runDetail(path, [])))
    let drawings = 0
    const stop = watching(() => {
      if (run.version >= 0) drawings += 1
    })
    const before = drawings
    for (const row of historyRows(1, 20_000)) tellRow(row)
    await vi.waitUntil(() => run.curves.length === 20_000, { timeout: 30_000 })
    // Gathered: what one turn of the transport brings is one change.
    expect(drawings - before).toBeLessThan(2_000)
    expect(run.curves.values('training.loss')).toHaveLength(20_000)
    stop()
  })

  it('is deaf when its page is closed', async () => {
    const { run, tellRow, link } = await openRun(() => Promise.resolve(runDetail(path, [])))
    run.close()
    tellRow(historyRow(1))
    await link.engine.jobs().catch(() => undefined)
    expect(run.curves.length).toBe(0)
  })
})
