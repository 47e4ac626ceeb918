import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { TrainJob } from '../../../src-main/contract/jobs.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import type { JobContext, JobNews } from '../../../src-main/engine/jobs/context.ts'
import { train } from '../../../src-main/engine/jobs/train.ts'
import { readHistory, readRun, runFile } from '../../../src-main/engine/storage/runs.ts'
import { writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoder, dense } from '../../support/recipes.ts'
import { shadeBytes, waves, writeRecipe, writeShades } from '../../support/trainings.ts'

const temporary = temporaryFolder()
let [images, recipe, news]: [string, string, JobNews[]] = ['', '', []]
beforeAll(async () => {
  images = await writeShades(temporary('data'))
  recipe = await writeRecipe(temporary('shades.json'))
})

function context(changes: Partial<JobContext> = {}): JobContext {
  news = []
  return {
    ...{ signal: new AbortController().signal, stopAfterEpoch: new AbortController().signal },
    ...{ assets: 'assets', home: temporary('home'), product: '0.0.0' },
    emit: (one) => news.push(one),
    onError: () => undefined,
    openBackend: (choice) => openBackend(choice, { threads: 1 }),
    pause: () => Promise.resolve(),
    ...changes,
  }
}
const job = (fields: object = {}): TrainJob =>
  TrainJob.parse({ type: 'train', data: { sources: [images] }, recipe, out: null, ...fields })
const start = async (fields: object = {}, changes: Partial<JobContext> = {}) => {
  const result = await train(job(fields), context(changes))
  if (result.type !== 'train') throw new Error(result.type)
  return result
}

describe('train', () => {
  it('makes a folder of its own in the program’s, and tells how it goes', async () => {
    const first = await start()
    expect(first).toMatchObject({ run: temporary('home', 'runs', 'shades-1'), steps: 8, why: 'done' })
    expect(news[0]).toMatchObject({ event: 'progress' })
    expect(news.filter(({ event }) => event === 'began')).toEqual([{ event: 'began', run: first.run }])
    const rows = news.flatMap((one) => (one.event === 'trained' ? [one.row] : []))
    expect(rows).toEqual(await readHistory(first.run))
    const pictures = news.flatMap((one) => (one.event === 'previewed' ? [one.name] : []))
    expect(pictures).toEqual(await readdir(runFile(first.run, 'previews')))
    expect(news.at(-1)).toMatchObject({ event: 'progress', progress: { done: 8, total: 8 } })
    expect((await start()).run).toBe(temporary('home', 'runs', 'shades-2'))
  })

  it('resumes what the run itself knows, for more epochs too', async () => {
    const labels = temporary('data', 'labels.idx.gz')
    const { run } = await start({ data: { sources: [images], labels } })
    const info = await readRun(run)
    expect(info.split).toMatchObject({ training: 32, validation: 4, test: 4, stratified: true })
    expect(info.data).toMatchObject({ sources: [images], labels, labelNames: ['0', '1'], scaling: null })
    const onward = { data: null, recipe: null, out: run, resume: true, overrides: ['epochs=3'] }
    expect(await start(onward)).toMatchObject({ run, steps: 12 })
    // Moved elsewhere, and nothing said of their labels.
    const moved = temporary('moved', basename(images))
    await mkdir(dirname(moved))
    await copyFile(images, moved)
    expect(await start({ ...onward, data: { sources: [moved] } })).toMatchObject({ steps: 12 })
    const others = await writeData(temporary('others.idx.gz'), shadeBytes(40, 9))
    await expect(start({ ...onward, data: { sources: [others] } })).rejects.toMatchObject({
      detail: { code: 'run-incompatible' },
    })
    await expect(start({ ...onward, overrides: ['batch=4'] })).rejects.toMatchObject({
      detail: { code: 'run-incompatible', expected: 'batch: 8', received: '4' },
    })
  })

  it('keeps the range of training rows', async () => {
    const table = await writeData(temporary('data', 'waves.csv'), waves(30))
    const rows = await writeRecipe(temporary('rows.json'), { data: { type: 'rows', scale: 'column' } })
    const { run } = await start({ data: { sources: [table], labels: 'column:kind' }, recipe: rows })
    const { data } = await readRun(run)
    expect(data).toMatchObject({ kind: 'csv', shape: [12], labelNames: ['even', 'odd'] })
    expect(data.scaling!.minimum).toHaveLength(12)
    for (const [i, low] of data.scaling!.minimum.entries())
      expect(low).toBeLessThan(data.scaling!.maximum[i]!)
  })

  it('goes on from the weights of another run', async () => {
    const { run } = await start()
    const still = ['optimizer.rate=1e-12', 'epochs=1']
    const tuned = await start({ startFrom: run, overrides: still })
    expect((await readRun(tuned.run)).startFrom?.name).toBe(run)
    const { loss } = (await readRun(run)).finished!.validation
    expect(tuned.validation['loss']).toBeCloseTo(loss!, 4)
    const wide = await writeRecipe(temporary('wide.json'), { model: autoencoder([dense(9)], 3) })
    const out = temporary('refused')
    await expect(start({ startFrom: run, recipe: wide, out })).rejects.toMatchObject({
      detail: { code: 'model-incompatible', file: run },
    })
    await expect(start({ startFrom: temporary('none'), out })).rejects.toMatchObject({
      detail: { code: 'model-unknown' },
    })
    expect(existsSync(out)).toBe(false)
  })

  it('says what is wrong before it makes anything', async () => {
    const single = await writeData(temporary('data', 'single.idx.gz'), shadeBytes(1))
    const out = temporary('never')
    const refusals: [string, object][] = [
      ['training-data-missing', { data: { sources: [single] } }],
      ['file-not-found', { data: { sources: [temporary('nowhere')] } }],
      ['recipe-unknown', { recipe: 'nonsense' }],
      ['recipe-invalid', { overrides: ['loss.type=bce', 'decoder.output=linear'] }],
      [
        'recipe-too-large',
        { overrides: ['encoder.layers=[{"type":"dense","units":65536},{"type":"dense","units":65536}]'] },
      ],
      ['data-unsuitable', { recipe: 'signal' }],
      ['argument-invalid', { recipe: null, resume: true }],
      ['argument-invalid', { data: null, resume: true }],
    ]
    for (const [code, fields] of refusals)
      await expect(start({ out, ...fields }), code).rejects.toMatchObject({ detail: { code } })
    expect(existsSync(out)).toBe(false)
    await mkdir(out)
    await writeData(temporary('never', 'note.txt'), '')
    await expect(start({ out, data: { sources: [temporary('nowhere')] } })).rejects.toMatchObject({
      detail: { code: 'file-exists', file: out },
    })
  })

  it('says that a recipe is too large before it reads the data, where the recipe sets their size', async () => {
    const overrides = ['encoder.layers=[{"type":"dense","units":65536},{"type":"dense","units":65536}]']
    const data = { sources: [temporary('not there')] }
    await expect(start({ overrides, data })).rejects.toMatchObject({ detail: { code: 'recipe-too-large' } })
  })

  it('stops with a checkpoint, and goes on to what would have come of it', async () => {
    const stop = new AbortController()
    const emit = (one: JobNews): void => {
      if (one.event === 'trained') stop.abort()
    }
    const out = temporary('stopped')
    await expect(start({ out }, { signal: stop.signal, emit })).rejects.toMatchObject({
      detail: { code: 'cancelled' },
    })
    const resumed = await start({ out, data: null, recipe: null, resume: true })
    const straight = await start()
    expect(resumed.validation).toEqual(straight.validation)
    expect(basename(resumed.model)).toBe('model.onnx')
  })
})
