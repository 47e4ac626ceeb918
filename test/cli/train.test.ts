import { beforeAll, describe, expect, it } from 'vitest'
import { tree, writeImages } from '../support/batch.ts'
import { darkroom, eventsOf } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
const short = [
  ...['--recipe', 'photo-denoiser-tiny'],
  ...['steps=4', 'batch=2', 'data.patch=16', 'data.heldOut=1', 'checkpointEvery=2', 'validateEvery=4'],
].flatMap((text) => (text.includes('=') ? ['--set', text] : [text]))

beforeAll(() =>
  writeImages(
    temporary('pictures'),
    ['a', 'b', 'c', 'd'].map((name) => `${name}.png`),
    32,
  ),
)

describe('darkroom train', () => {
  it('trains a recipe into a run, whose network then denoises and is exported', async () => {
    const run = temporary('run')
    const trained = await darkroom(['train', temporary('pictures'), ...short, '--out', run, '--json'])
    expect(trained).toMatchObject({ code: 0, stderr: '' })
    const events = eventsOf(trained.stdout)
    expect(events.some(({ event }) => event === 'trained')).toBe(true)
    expect(events.at(-1)).toMatchObject({ event: 'done', result: { type: 'train', steps: 4, run } })
    expect(await tree(run)).toContain('model.onnx')

    const out = temporary('clean')
    const denoised = await darkroom(['denoise', temporary('pictures'), '--out', out, '--model', run])
    expect(denoised).toMatchObject({ code: 0, stderr: '' })
    expect(await tree(out)).toHaveLength(4)
    const exported = await darkroom(['export', run, '--out', temporary('mine.onnx')])
    expect(exported).toMatchObject({ code: 0, stdout: `Written: ${temporary('mine.onnx')}\n` })
  })

  it('does not begin where a run is, unless it resumes; and starts from given weights', async () => {
    const run = temporary('run')
    const again = ['train', temporary('pictures'), ...short, '--out']
    expect((await darkroom([...again, run])).stderr).toContain('The file exists already.')
    expect(await darkroom([...again, run, '--resume'])).toMatchObject({ code: 0, stderr: '' })
    const onward = await darkroom([...again, temporary('onward'), '--start-from', run])
    expect(onward).toMatchObject({ code: 0, stderr: '' })
    expect(onward.stdout).toContain('step 4: loss')
  })

  it('names a recipe or a field that there is not', async () => {
    const argv = ['train', temporary('pictures'), '--out', temporary('none'), '--recipe']
    const unknown = await darkroom([...argv, 'no-such-recipe'])
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('photo-denoiser-tiny')
    const field = await darkroom([...argv, 'photo-denoiser-tiny', '--set', 'optimiser.rate=1'])
    expect(field.stderr).toContain('optimiser.rate')
  })
})
