import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { darkroom, eventsOf } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { autoencoder, dense } from '../support/recipes.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'

const temporary = temporaryFolder()
let shades: string
let labels: string[]

beforeAll(async () => {
  shades = await writeShades(temporary('data'))
  labels = ['--labels', temporary('data', 'labels.idx.gz')]
  const recipe = await writeRecipe(temporary('vae.json'), {
    ...{ loss: { type: 'bce' }, penalties: [{ type: 'kl', weight: 0.01 }] },
    model: autoencoder([dense(8)], 3, { variational: true }),
  })
  const train = ['train', shades, '--recipe', recipe, '--out', temporary('run'), '--quiet']
  const { code, stderr } = await darkroom(train)
  if (code !== 0) throw new Error(stderr)
}, 60_000)
beforeEach(() => {
  vi.stubEnv('DARKROOM_HOME', temporary('home'))
  return () => vi.unstubAllEnvs()
})

const fit = (...options: string[]) => darkroom(['classify', 'fit', temporary('run'), shades, ...options])

describe('darkroom classify', () => {
  it('fits with as many labels as are asked for, and predicts with figures and a confusion', async () => {
    const out = temporary('classifier')
    const fitted = await fit(...labels, '--labels-per-class', '2', '--fine-tune', '--seed', '3', '--out', out)
    expect(fitted).toMatchObject({ code: 0, stderr: '' })
    expect(fitted.stdout).toContain(`Classifier: ${out}`)
    expect(fitted.stdout).toContain('It tells 2 classes apart, and learned from 4 labels.')
    expect(fitted.stdout).toMatch(/Of 4 items with a label [\d.]+ % are right \([\d.]+ to [\d.]+ %/)
    const table = temporary('labels.csv')
    const predict = ['classify', 'predict', out, shades, ...labels, '--split', 'all', '--out', table]
    const predicted = await darkroom(predict)
    expect(predicted).toMatchObject({ code: 0 })
    const { stdout } = predicted
    expect(stdout).toContain('40 items, 2 classes.')
    expect(stdout).toMatch(/class +items +precision +recall +F1/)
    expect(stdout).toMatch(/^ *0 +20 +[\d.]+ +[\d.]+ +[\d.]+$/m)
    expect(stdout).toMatch(/Expected calibration error \d\.\d{3}\./)
    expect(stdout).toContain('Lines: what items are. Columns: what they were taken for.')
    expect(stdout).toContain(`Written: ${table}`)
    const again = await darkroom([...predict, '--json', '--overwrite'])
    expect(eventsOf(again.stdout).at(-1)).toMatchObject({
      ...{ event: 'done', result: { type: 'classify-predict', files: [table, `${table}.json`] } },
    })
    // What was written can be made again from what it says of itself.
    const copy = temporary('copy.csv')
    expect(await darkroom(['repeat', table, '--out', copy])).toMatchObject({ code: 0 })
  })

  it('says in three lines what is wrong', async () => {
    const without = await fit('--out', temporary('never'))
    expect(without.code).toBe(1)
    expect(without.stderr).toContain('The labels cannot be used.')
    const { code, stderr } = await fit(...labels, '--fine-tune', 'all', '--out', temporary('never'))
    expect(code).toBe(2)
    expect(stderr).toContain('--fine-tune')
    const other = await darkroom(['classify', 'predict', temporary('run'), shades])
    expect(other.stderr).toContain('darkroom classify fit')
  })
})
