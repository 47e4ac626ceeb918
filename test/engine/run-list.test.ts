import { cp, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ErrorDetail } from '../../src-main/contract/errors.ts'
import type { JobStatus } from '../../src-main/contract/jobs.ts'
import type { HistoryRow, RunInfo } from '../../src-main/contract/runs.ts'
import { createRuns } from '../../src-main/engine/run-list.ts'
import { takeLock } from '../../src-main/engine/storage/lock.ts'
import { appendHistory, runFile, writePreview, writeRun } from '../../src-main/engine/storage/runs.ts'
import { tree } from '../support/batch.ts'
import { historyRow, historyRows, runDetail } from '../support/fake-runs.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { autoencoder, autoencoderRecipe, dense, ganRecipe } from '../support/recipes.ts'

const temporary = temporaryFolder()
let jobs: JobStatus[] = []
let failures: Record<string, ErrorDetail> = {}
const runs = createRuns({ home: '', jobs: () => jobs, failureOf: (run) => failures[run] ?? null })
const info = runDetail('/any', []).info

async function write(name: string, change: Partial<RunInfo> = {}, rows: HistoryRow[] = []): Promise<string> {
  const path = temporary('all', name)
  await writeRun(path, { ...info, ...change })
  for (const row of rows) await appendHistory(path, row)
  return path
}
beforeEach(async () => {
  jobs = []
  failures = {}
  await rm(temporary('all'), { recursive: true, force: true })
})

describe('the list of runs', () => {
  it('reads many of them, whatever the length of their histories, last worked on first', async () => {
    const names = Array.from({ length: 24 }, (_, i) => `run ${i}`)
    for (const [i, name] of names.entries()) {
      const path = await write(name, {}, historyRows(1, 100))
      const time = new Date(2026, 0, 1 + ((i * 7) % 24))
      for (const file of ['info', 'history'] as const) await utimes(runFile(path, file), time, time)
    }
    const long = await write('long', {}, [])
    const rows = historyRows(1, 5_000).map((row) => JSON.stringify(row))
    await writeFile(runFile(long, 'history'), `${rows.join('\n')}\n{"step": 50`)
    const listed = await runs.list(temporary('all'))
    expect(listed).toHaveLength(25)
    expect(listed[0]).toMatchObject({ title: 'long', step: 5_000, validation: { psnr: 20 } })
    const times = listed.map(({ changedAt }) => changedAt)
    expect(times).toEqual(times.toSorted().reverse())
    expect(listed[1]).toMatchObject({ step: 100, steps: 70, recipe: 'undercomplete', data: 'clothes.idx.gz' })
  })

  it('tells running, stopped and finished ones apart', async () => {
    const finished = { at: '', steps: 9, why: 'done', modelStep: 9, validation: { loss: 1 } } as const
    const [, running] = [await write('a', { finished }), await write('b', { finished }), await write('c')]
    jobs = [{ id: '1', job: { type: 'train' } as JobStatus['job'], progress: null, run: `${running}/../b` }]
    const states = (await runs.list(temporary('all'))).map(({ title, state }) => [title, state])
    expect(Object.fromEntries(states)).toEqual({ a: 'finished', b: 'running', c: 'stopped' })
  })

  it('says that a code is dead, by the last validation after an epoch', async () => {
    const dead = { ...historyRow(100), epoch: 1, stage: 'train', validation: { loss: 1, active: 0 } }
    await write('dead', {}, [dead, { ...dead, step: 101, validation: null }])
    await write('alive', {}, [dead, { ...dead, step: 200, validation: { loss: 1, active: 0.1 } }])
    await write('young', {}, [{ ...dead, epoch: 0.5 }])
    await write('pretrained', {}, [{ ...dead, stage: 'pretrain-1' }])
    const warnings = (await runs.list(temporary('all'))).map(({ title, warnings: keys }) => [title, keys])
    expect(Object.fromEntries(warnings)).toEqual({
      ...{ dead: ['warning.code-dead'], alive: [], young: [], pretrained: [] },
    })
  })

  it('says why the last training in a run failed', async () => {
    const path = await write('failed')
    failures = { [path]: { code: 'training-diverged' } }
    expect(await runs.list(path)).toMatchObject([{ state: 'stopped', error: { code: 'training-diverged' } }])
  })

  it('counts the steps of pretraining, one stage a layer', async () => {
    const recipe = autoencoderRecipe({
      ...{ model: autoencoder([dense(8)], 3), batch: 10, epochs: 3 },
      pretraining: { epochs: 2, rate: 0.1 },
    })
    const path = await write('pretrained', { recipe, split: { ...info.split, training: 25 } })
    expect((await runs.list(path))[0]!.steps).toBe((2 * 2 + 3) * 3)
  })

  it('has damaged runs in it, and says what is wrong with them', async () => {
    await write('whole')
    await write('cut')
    await writeFile(runFile(temporary('all', 'cut'), 'info'), '{"version": 2, "produ')
    await write('old')
    await writeFile(runFile(temporary('all', 'old'), 'info'), '{"version": 1}')
    await mkdir(temporary('all', 'lost', 'checkpoints'), { recursive: true })
    await mkdir(temporary('all', 'photos'))
    const listed = (await runs.list(temporary('all'))).toSorted((a, b) => (a.title < b.title ? -1 : 1))
    expect(listed.map(({ title, state }) => [title, state])).toEqual([
      ['cut', 'unreadable'],
      ['lost', 'unreadable'],
      ['old', 'unreadable'],
      ['whole', 'stopped'],
    ])
    for (const { error } of listed.slice(0, 3)) expect(error).toMatchObject({ code: 'run-unreadable' })
    expect(listed[2]!.error).toMatchObject({ expected: 'version 2', received: 'version 1' })
  })
})

describe('one run', () => {
  it('is given whole, with its layers and what its pictures show', async () => {
    const path = await write('one', {}, [historyRow(1), historyRow(2)])
    await writePreview(path, 2, new Uint8Array([1]))
    const detail = await runs.detail(path)
    expect(detail).toMatchObject({ info, history: [{ step: 1 }, { step: 2 }], previews: ['step-000002.png'] })
    expect(detail.layers.map(({ name }) => name)).toEqual(['encoder.0', 'code', 'decoder.0', 'output'])
    expect(detail.previewRows).toEqual(['input', 'output'])
    const corruption = [{ type: 'gaussian', sigma: [0, 5] }]
    const denoising = await write('denoising', { recipe: autoencoderRecipe({ corruption }) })
    const gan = await write('gan', { recipe: ganRecipe(), data: { ...detail.info.data, shape: [4, 3, 1] } })
    expect((await runs.detail(gan)).previewRows).toEqual(['generated'])
    expect((await runs.detail(denoising)).previewRows).toEqual(['input', 'corrupted', 'output'])
  })

  it('gives out a very long history in fewer rows, the last among them', async () => {
    const path = await write('long')
    const lines = historyRows(1, 50_001).map((row) => JSON.stringify(row))
    await writeFile(runFile(path, 'history'), `${lines.join('\n')}\n`)
    const { history } = await runs.detail(path)
    expect(history.length).toBeLessThan(20_001)
    expect(history.slice(0, 3).map(({ step }) => step)).toEqual([1, 5, 9])
    expect(history.at(-1)).toMatchObject({ step: 50_001 })
  })

  it('does not take a history that cannot be read for an empty one', async () => {
    const path = await write('odd')
    await mkdir(runFile(path, 'history'))
    await expect(runs.detail(path)).rejects.toMatchObject({
      detail: { code: 'run-unreadable', file: runFile(path, 'history') },
    })
  })

  it('is renamed without a change to what the trainer writes', async () => {
    const path = await write('named')
    expect(await runs.rename(path, '첫 학습')).toMatchObject({ path, title: '첫 학습' })
    expect((await runs.detail(path)).info).toEqual(info)
    await expect(runs.rename(path, '')).rejects.toMatchObject({ detail: { code: 'argument-invalid' } })
    await expect(runs.rename(temporary('gone'), 'x')).rejects.toMatchObject({
      detail: { code: 'file-not-found' },
    })
  })
})

describe('deleting', () => {
  const refused = { detail: { code: 'argument-invalid' } }

  it('takes a run away, whole or damaged, and nothing beside it', async () => {
    for (const name of ['whole', 'damaged', 'stays']) await write(name, {}, [historyRow(1)])
    await writeFile(runFile(temporary('all', 'damaged'), 'info'), '{')
    await runs.remove(temporary('all', 'whole'))
    await runs.remove(temporary('all', 'damaged'))
    expect(await tree(temporary('all'))).toEqual(['stays/history.jsonl', 'stays/run.json'])
  })

  it('leaves what is no run: folders, other programs’ files, links, nothing at all', async () => {
    await mkdir(temporary('all', 'photos'), { recursive: true })
    const project = temporary('all', 'project')
    await mkdir(project)
    await writeFile(temporary('all', 'project', 'run.json'), '{"scripts": {}}')
    await writeFile(temporary('all', 'project', 'thesis.txt'), 'x')
    const run = await write('run')
    await symlink(run, temporary('all', 'link'))
    for (const name of ['photos', 'project', 'link', 'gone', ''])
      await expect(runs.remove(temporary('all', name))).rejects.toMatchObject(refused)
    expect(await tree(project)).toEqual(['run.json', 'thesis.txt'])
    expect(await tree(run)).toEqual(['run.json'])
  })

  it('leaves a run that is being trained, here or by another program, or is about to be', async () => {
    const path = await write('busy')
    jobs = [{ id: '1', job: { type: 'train' } as JobStatus['job'], progress: null, run: path }]
    await expect(runs.remove(path)).rejects.toMatchObject(refused)
    jobs = [{ id: '1', job: { type: 'train', out: path } as JobStatus['job'], progress: null, run: null }]
    await expect(runs.remove(path)).rejects.toMatchObject(refused)
    jobs = []
    const lock = await takeLock(runFile(path, 'lock'), {})
    await expect(runs.remove(path)).rejects.toMatchObject(refused)
    await lock!.release()
    await cp(path, temporary('all', 'copy'), { recursive: true })
    await runs.remove(path)
    expect(await tree(temporary('all'))).toEqual(['copy/run.json'])
  })
})
