import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readRun } from '../../src-main/engine/storage/runs.ts'
import { tree, writeFiles, writeImages } from '../support/batch.ts'
import { darkroom, type CliRun } from '../support/cli.ts'
import { idxBytes, writeData, writeFlat } from '../support/datasets.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { autoencoder, dense } from '../support/recipes.ts'
import { shadeBytes, waves, writeRecipe, writeShades } from '../support/trainings.ts'

// Whatever is wrong with data or recipe is said before anything is trained, and leaves nothing behind.

const temporary = temporaryFolder()
let shades: string
let recipes: { images: string; rows: string }

beforeAll(async () => {
  shades = await writeShades(temporary('shades'))
  recipes = {
    images: await writeRecipe(temporary('images.json')),
    rows: await writeRecipe(temporary('rows.json'), { data: { type: 'rows' } }),
  }
})

const run = (data: string, recipe: string, ...more: string[]): Promise<CliRun> =>
  darkroom(['train', data, '--recipe', recipe, '--out', temporary('run'), '--quiet', ...more])

/** Fails in three lines, of which these are parts, and leaves no run. */
async function expectRefusal(trained: Promise<CliRun>, ...parts: string[]): Promise<void> {
  const { code, stdout, stderr } = await trained
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toHaveLength(3)
  for (const part of parts) expect(stderr).toContain(part)
  expect(await tree(temporary('run'))).toEqual([])
}

describe('training on a folder', () => {
  it('is refused where it is empty, or holds no image', async () => {
    await mkdir(temporary('empty'), { recursive: true })
    await expectRefusal(run(temporary('empty'), recipes.images), 'not enough', temporary('empty'))
    await writeFiles(temporary('texts'), { 'notes.txt': 'no image' })
    await expectRefusal(run(temporary('texts'), recipes.images), 'not enough', '1 files of other kinds')
    await expectRefusal(run(temporary('texts'), 'photo-denoiser-tiny'), 'not enough')
  })

  it('is refused where there is one image, with how many are needed', async () => {
    await writeImages(temporary('one'), ['a.png'])
    await expectRefusal(run(temporary('one'), recipes.images), 'expected at least 3 items', 'received 1')
  })

  it('is refused where it is not there, or is no data', async () => {
    await expectRefusal(run(temporary('none'), recipes.images), 'no such file', temporary('none'))
    const [text] = [await writeData(temporary('notes.txt'), 'x')]
    await expectRefusal(run(text, recipes.images), 'cannot be read', 'a folder of images, an IDX file')
  })

  it('is refused where every image is corrupt, and says what of', async () => {
    await writeFiles(temporary('corrupt'), { 'a.png': 'no png', 'b.jpg': 'no jpeg' })
    await expectRefusal(run(temporary('corrupt'), recipes.images), 'not enough', 'received 2 that cannot')
  })

  it('leaves corrupt images out, and says which and why; takes images of mixed sizes', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `${i}.png`)
    await writeImages(temporary('mixed'), names, 20)
    await writeFlat(temporary('mixed', 'wide.png'), { r: 9, g: 90, b: 9 }, { width: 60, height: 9 })
    const whole = await readFile(temporary('mixed', '0.png'))
    await writeFiles(temporary('mixed'), {
      'cut.png': whole.subarray(0, 100),
      'empty.png': '',
      'text.txt': 'x',
    })
    const argv = ['train', temporary('mixed'), '--recipe', recipes.images, '--out', temporary('mixed run')]
    const { code, stdout } = await darkroom(argv)
    expect(code).toBe(0)
    expect(stdout).toContain('9 items (8×8×1): 7 for training, 1 for validation, 1 for testing')
    expect(stdout).toContain('2 left out:')
    expect(stdout).toContain(`  ${temporary('mixed', 'empty.png')}: The file is empty.`)
    const { skipped } = (await readRun(temporary('mixed run'))).data
    expect(skipped.map(({ file }) => file)).toEqual([
      temporary('mixed', 'cut.png'),
      temporary('mixed', 'empty.png'),
    ])
  })
})

describe('labels', () => {
  it.each([
    ['fewer than the images', () => writeData(temporary('short.idx'), idxBytes([3], [0, 1, 0])), '40'],
    ['none where they should be', () => Promise.resolve(temporary('nowhere.csv')), 'nowhere.csv'],
    ['those of folders, of a file', () => Promise.resolve('folders'), 'a file of labels'],
    ['a column, of images', () => Promise.resolve('column:0'), 'a file of labels'],
  ])('are refused: %s', async (_, labels, part) => {
    const { code, stderr } = await run(shades, recipes.images, '--labels', await labels())
    expect(code).toBe(1)
    expect(stderr).toContain(part)
    expect(await tree(temporary('run'))).toEqual([])
  })

  it('of a table are refused where there is no such column', async () => {
    const table = await writeData(temporary('waves.csv'), waves(20))
    await expectRefusal(
      run(table, recipes.rows, '--labels', 'column:class'),
      'labels cannot be used',
      'received class',
    )
  })
})

describe('a table', () => {
  it.each([
    ['with a gap', ',', 'line 5, column 13 (t11): nothing'],
    ['with text', ',high', 'line 5, column 13 (t11): high'],
    ['with too few values', '', 'line 5: 12'],
  ])('%s is refused, and the place is named', async (_, lastCell, place) => {
    const lines = waves(20).split('\n')
    lines[4] = lines[4]!.replace(/,[^,]*$/, lastCell)
    const table = await writeData(temporary('spoilt', 'waves.csv'), lines.join('\n'))
    const trained = run(table, recipes.rows, '--labels', 'column:kind')
    await expectRefusal(trained, 'cannot be read', table, place)
  })

  it('with a column of words is refused, and how to name it as that of labels is said', async () => {
    const table = await writeData(temporary('words', 'waves.csv'), waves(20))
    await expectRefusal(
      run(table, recipes.rows),
      'holds words where numbers should be',
      'expected column:kind as labels',
      'line 2, column 1 (kind): even',
    )
  })

  it('is refused by a recipe for images, and images by one for rows', async () => {
    const table = await writeData(temporary('waves.csv'), waves(20))
    await expectRefusal(run(table, recipes.images), 'do not suit the recipe')
    await writeImages(temporary('pictures'), ['a.png', 'b.png'])
    await expectRefusal(run(temporary('pictures'), recipes.rows), 'do not suit the recipe')
    await expectRefusal(run(table, 'photo-denoiser-tiny'), 'do not suit the recipe')
  })
})

describe('an IDX file', () => {
  it('that is cut off or no IDX file at all is refused', async () => {
    const cut = await writeData(temporary('cut.idx'), shadeBytes(40).subarray(0, 500))
    await expectRefusal(run(cut, recipes.images), 'data file cannot be read', 'cut.idx')
    const other = await writeData(temporary('other.idx.gz'), 'not that')
    await expectRefusal(run(other, recipes.images), 'data file cannot be read', 'other.idx.gz')
  })
})

describe('a recipe', () => {
  it('that does not fit into the memory is refused before it starts, with what would fit', async () => {
    const huge = JSON.stringify([dense(65_536), dense(65_536)])
    const { code, stderr } = await run(shades, recipes.images, '--set', `encoder.layers=${huge}`)
    expect(code).toBe(1)
    expect(stderr).toContain('does not fit into the memory')
    expect(stderr).toMatch(/expected .*\d/)
    expect(await tree(temporary('run'))).toEqual([])
  })

  it.each([
    [{ colour: 1 }, 'colour: unknown key'],
    [{ model: autoencoder([{ ...dense(8), width: 3 }], 3) }, 'model.encoder.layers.0.width: unknown key'],
    [{ model: autoencoder([dense(8), dense(0)], 3) }, 'model.encoder.layers.1.units: '],
    [{ penalties: [{ type: 'l3', weight: 1 }] }, 'penalties.0.type: '],
    [{ version: 9 }, 'version: '],
    [{ epochs: null }, 'epochs'],
    [{ penalties: [{ type: 'kl' }] }, 'model.variational: true, for a kl penalty'],
    [{ model: autoencoder([dense(8)], 3, { variational: true }) }, 'kl'],
  ])('with %j is refused, and the field is named', async (fields, part) => {
    const file = await writeRecipe(temporary('wrong.json'), fields)
    await expectRefusal(run(shades, file), 'The recipe is not valid.', part)
  })

  it.each([
    ['encoder.latentDims=3', 'encoder.latentDims'],
    ['batch=0', 'batch: '],
    ['optimizer.rate', 'path=value'],
  ])('is not changed by --set %s', async (override, part) => {
    await expectRefusal(run(shades, recipes.images, '--set', override), 'The recipe is not valid.', part)
  })

  it('that is not there, or is no JSON, is refused', async () => {
    await expectRefusal(run(shades, 'no-such'), 'no such recipe', 'conv-vae')
    await expectRefusal(run(shades, join(temporary('x'), 'none.json')), 'no such recipe')
    const text = await writeData(temporary('text.json'), 'text')
    await expectRefusal(run(shades, text), 'The recipe is not valid.', 'expected JSON')
  })
})

describe('a run', () => {
  it('is not resumed from a folder that holds none, or with other data', async () => {
    const none = await darkroom(['train', '--out', temporary('nothing'), '--resume'])
    expect(none.code).toBe(2)
    const out = temporary('resumed')
    const begin = ['train', shades, '--recipe', recipes.images, '--out', out, '--quiet']
    expect(await darkroom(begin)).toMatchObject({ code: 0, stderr: '' })
    const other = await writeData(temporary('others.idx'), shadeBytes(40, 2))
    const resumed = await darkroom(['train', other, '--out', out, '--resume', '--epochs', '3'])
    expect(resumed.code).toBe(1)
    expect(resumed.stderr).toContain('The run folder belongs to another')
    expect((await readRun(out)).finished).toMatchObject({ steps: 8 })
  })
})
