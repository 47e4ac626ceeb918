import { mkdir } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JobEvent } from '../../src-main/contract/jobs.ts'
import { readCheckpoint } from '../../src-main/engine/storage/checkpoints.ts'
import { readHistory, readRun } from '../../src-main/engine/storage/runs.ts'
import { tree, writeImages } from '../support/batch.ts'
import { darkroom, eventsOf, spawnDarkroom, type CliRun } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { untimed } from '../support/training.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'

const temporary = temporaryFolder()
const labels = () => temporary('data', 'labels.idx.gz')
let data: string
let recipe: string

beforeAll(async () => {
  data = await writeShades(temporary('data'))
  recipe = await writeRecipe(temporary('shades.json'))
})

const train = (out: string, ...more: string[]): Promise<CliRun> =>
  darkroom(['train', data, '--recipe', recipe, '--out', temporary(out), ...more])

describe('darkroom train', () => {
  it('trains a recipe into a run, and says what on, how it goes and what came of it', async () => {
    const { code, stdout, stderr } = await train('said', '--labels', labels(), '--seed', '7')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.split('\n')
    expect(lines.slice(0, 3)).toEqual([
      `Run folder: ${temporary('said')}`,
      'shades: 1155 parameters, seed 7',
      '40 items (8×8×1): 32 for training, 4 for validation, 4 for testing',
    ])
    expect(stdout).toMatch(
      /^epoch 2\.00, step 8: loss [\d.]+, reconstruction [\d.]+ · validation: loss .*psnr/m,
    )
    expect(lines.at(-2)).toBe(`8 steps; the model is ${temporary('said', 'model', 'model.onnx')}.`)
    expect(await tree(temporary('said'))).toEqual(
      expect.arrayContaining(['run.json', 'history.jsonl', 'model/weights.safetensors', 'model/model.onnx']),
    )
    expect((await readRun(temporary('said'))).data).toMatchObject({ sources: [data], labels: labels() })
  })

  it('learns from the items of some labels alone, and takes the same ones again where nothing is said', async () => {
    const only = ['--labels', labels(), '--only', '1']
    expect(await train('only', ...only)).toMatchObject({ code: 0, stderr: '' })
    const { data: info } = await readRun(temporary('only'))
    expect(info).toMatchObject({ only: ['1'], labelNames: ['1'], items: 20 })
    const evaluated = await darkroom(['evaluate', temporary('only'), data, '--json'])
    expect(eventsOf(evaluated.stdout).at(-1)).toMatchObject({
      result: { split: 'test', same: true, items: 2 },
    })
    const resumed = await darkroom(['train', '--out', temporary('only'), '--resume', '--epochs', '3'])
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    const { code, stderr } = await train('none', '--labels', labels(), '--only', '7')
    expect(code).toBe(2)
    expect(stderr).toContain('--only: expected labels that there are: 0, 1, received 7')
    expect((await train('unlabelled', '--only', '0')).stderr).toContain('expected labels beside it')
  })

  it('tells every event as JSON, and nothing else', async () => {
    const { stdout, stderr } = await train('told', '--json', '--set', 'encoder.latentDim=2')
    expect(stderr).toBe('')
    const events = eventsOf(stdout)
    const kinds = events.map(({ event }) => event)
    for (const kind of ['began', 'trained', 'previewed'] as const) expect(kinds).toContain(kind)
    expect(events.at(-1)).toMatchObject({
      event: 'done',
      result: {
        type: 'train',
        why: 'done',
        steps: 8,
        run: temporary('told'),
        validation: { loss: expect.any(Number) as number },
      },
    })
    expect((await readRun(temporary('told'))).recipe.model).toMatchObject({ encoder: { latentDim: 2 } })
  })

  it('goes on with a run that knows everything; more epochs continue it', async () => {
    await train('straight', '--epochs', '4')
    await train('resumed', '--epochs', '4')
    const resume = ['train', '--out', temporary('resumed'), '--resume']
    // Done already: said again.
    expect(await darkroom(resume)).toMatchObject({ code: 0, stderr: '' })
    expect(await darkroom([...resume, '--epochs', '6'])).toMatchObject({ code: 0, stderr: '' })
    const { recipe: now, finished, sessions } = await readRun(temporary('resumed'))
    expect(now).toMatchObject({ epochs: 6, steps: null })
    expect(finished).toMatchObject({ steps: 24 })
    expect(sessions.map(({ fromStep }) => fromStep)).toEqual([0, 16])
    const [before, after] = [
      await readHistory(temporary('straight')),
      await readHistory(temporary('resumed')),
    ]
    expect(untimed(after).slice(0, before.length)).toEqual(untimed(before))
  })

  it('gives the same run for the same seed, and another for another', async () => {
    for (const [out, seed] of [
      ['one', '3'],
      ['same', '3'],
      ['other', '4'],
    ] as const)
      await train(out, '--seed', seed)
    const rows = async (out: string) => untimed(await readHistory(temporary(out)))
    expect(await rows('same')).toEqual(await rows('one'))
    expect(await rows('other')).not.toEqual(await rows('one'))
  })

  it('does not begin where a run is; starts from the weights of another', async () => {
    await train('first')
    expect((await train('first')).stderr).toContain('The file exists already.')
    const onward = await train('onward', '--start-from', temporary('first'), '--set', 'optimizer.rate=1e-9')
    expect(onward).toMatchObject({ code: 0, stderr: '' })
    const last = (await readHistory(temporary('first'))).at(-1)!.validation!
    const first = (await readHistory(temporary('onward')))[0]!.validation!
    expect(first.loss).toBeCloseTo(last.loss!, 3)
    expect((await readRun(temporary('onward'))).startFrom).toMatchObject({ name: temporary('first') })
  })

  it('trains a denoiser whose network then denoises', async () => {
    await writeImages(
      temporary('photos'),
      ['a', 'b', 'c', 'd'].map((name) => `${name}.png`),
      32,
    )
    const small = ['steps=4', 'batch=2', 'data.patch=16', 'split.validation=1', 'validateEvery=4']
    const argv = [
      'train',
      temporary('photos'),
      '--recipe',
      'photo-denoiser-tiny',
      '--out',
      temporary('photo'),
    ]
    const trained = await darkroom([...argv, ...small.flatMap((field) => ['--set', field])])
    expect(trained).toMatchObject({ code: 0, stderr: '' })
    expect(trained.stdout).toMatch(/validation: .*psnr-25 \d+\.\d\d/)
    const out = temporary('clean')
    const denoise = ['denoise', temporary('photos'), '--out', out, '--model', temporary('photo')]
    expect(await darkroom(denoise)).toMatchObject({ code: 0, stderr: '' })
    expect(await tree(out)).toHaveLength(4)
  })

  it.each([
    [[], '--recipe', 'data: expected data to train on, or --resume'],
    [['data'], '--out', '--recipe: expected a recipe, or --resume, received nothing'],
    [[], '--labels', '--labels: expected data beside the labels'],
  ])('says what is missing: %j', async (sources, option, where) => {
    await mkdir(temporary('x'), { recursive: true })
    const { code, stderr } = await darkroom(['train', ...sources, option, 'x', '--out', temporary('none')])
    expect(code).toBe(2)
    expect(stderr).toContain(where)
  })

  it('stops at Ctrl-C with a checkpoint that it goes on from', async () => {
    const out = temporary('stopped')
    const child = spawnDarkroom([
      'train',
      data,
      '--recipe',
      recipe,
      '--out',
      out,
      '--epochs',
      '100000',
      '--json',
    ])
    await child.line('"trained"')
    child.process.kill('SIGINT')
    const { code, stdout, stderr } = await child.end()
    expect(code).toBe(130)
    expect(stderr).toContain('Stopping, with a checkpoint')
    const events = eventsOf(stdout)
    expect(events.at(-1)!.event).toBe('cancelled')
    const told = events.filter(
      (event): event is Extract<JobEvent, { event: 'trained' }> => event.event === 'trained',
    )
    const { step } = (await readCheckpoint(out))!
    expect(step).toBeGreaterThanOrEqual(told.at(-1)!.row.step)
    const resumed = await darkroom(['train', '--out', out, '--resume', '--set', `steps=${step + 4}`])
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect((await readRun(out)).finished).toMatchObject({ steps: step + 4 })
  })

  it('reaches for no network', async () => {
    const guard = new URL('../support/network-guard.ts', import.meta.url).href
    const argv = ['train', data, '--recipe', recipe, '--out', temporary('offline'), '--quiet']
    expect(await spawnDarkroom(argv, [guard]).end()).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })
})
