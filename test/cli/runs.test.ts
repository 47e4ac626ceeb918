import { execFileSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JobResult } from '../../src-main/contract/jobs.ts'
import type { RunSummary } from '../../src-main/contract/runs.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { readImage } from '../../src-main/engine/storage/images.ts'
import { readRun } from '../../src-main/engine/storage/runs.ts'
import { tree, writeImages } from '../support/batch.ts'
import { darkroom, eventsOf, type CliRun } from '../support/cli.ts'
import { writeData } from '../support/datasets.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { autoencoder, dense, ganRecipe } from '../support/recipes.ts'
import { shadeBytes, waves, writeRecipe, writeShades } from '../support/trainings.ts'

const temporary = temporaryFolder()
const runOf = (name: string): string => temporary('runs', name)
let shades: string
let table: string

/** Trained once for all tests: a denoising and a variational autoencoder, one of rows, and a network for super-resolution. */
beforeAll(async () => {
  shades = await writeShades(temporary('data'))
  table = await writeData(temporary('data', 'waves.csv'), waves(40))
  await writeImages(temporary('photos'), ['a.png', 'b.png', 'c.png'], 32)
  const recipes = {
    plain: await writeRecipe(temporary('plain.json'), {
      corruption: [{ type: 'gaussian', sigma: [40, 40] }],
    }),
    vae: await writeRecipe(temporary('vae.json'), {
      ...{ name: 'shades-vae', loss: { type: 'bce' }, penalties: [{ type: 'kl' }] },
      model: autoencoder([dense(8)], 2, { variational: true }),
    }),
    rows: await writeRecipe(temporary('rows.json'), {
      name: 'waves',
      data: { type: 'rows', scale: 'column' },
    }),
  }
  const train = async (name: string, ...argv: string[]): Promise<void> => {
    const { code, stderr } = await darkroom(['train', ...argv, '--out', runOf(name), '--quiet'])
    if (code !== 0) throw new Error(stderr)
  }
  await train('plain', shades, '--recipe', recipes.plain)
  await train('vae', shades, '--recipe', recipes.vae)
  await train('rows', table, '--recipe', recipes.rows, '--labels', 'column:kind')
  const small = ['model.widths=[4,6]', 'model.blocks=[1,1]', 'data.patch=16', 'batch=2', 'steps=2']
  const photos = [temporary('photos'), '--recipe', 'super-resolution', '--set', 'split.validation=1']
  await train('photos', ...photos, ...small.flatMap((field) => ['--set', field]))
}, 120_000)
beforeEach(() => {
  vi.stubEnv('DARKROOM_HOME', temporary('home'))
  return () => vi.unstubAllEnvs()
})

const succeed = async (...argv: string[]): Promise<CliRun> => {
  const ended = await darkroom(argv)
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  return ended
}
async function resultOf<Type extends JobResult['type']>(type: Type, ...argv: string[]) {
  const last = eventsOf((await succeed(...argv, '--json')).stdout).at(-1)!
  if (last.event !== 'done' || last.result.type !== type) throw new Error(`ended with ${last.event}`)
  return last.result as Extract<JobResult, { type: Type }>
}

describe('darkroom runs', () => {
  it('lists the runs of a folder, last worked on first, with what came of them', async () => {
    const list = JSON.parse((await succeed('runs', temporary('runs'), '--json')).stdout) as RunSummary[]
    expect(list.map(({ title }) => title)).toEqual(['photos', 'rows', 'vae', 'plain'])
    expect(list[3]).toMatchObject({
      ...{ path: runOf('plain'), state: 'finished', recipe: 'shades', model: 'autoencoder', error: null },
      ...{ data: 'images.idx.gz', step: 8, steps: 8, validation: { loss: expect.any(Number) as number } },
    })
    const { stdout } = await succeed('runs', temporary('runs'))
    expect(stdout).toMatch(/^run +state +recipe +data +steps +last validation/)
    expect(stdout).toMatch(/^plain +finished +shades +images\.idx\.gz +8\/8 +loss \d/m)
  })

  it('is empty in a new home; refuses a folder that is not there', async () => {
    expect(await darkroom(['runs'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'There are no runs here.\n',
    })
    const gone = await darkroom(['runs', temporary('gone')])
    expect(gone).toMatchObject({ code: 1 })
    expect(gone.stderr).toContain(temporary('gone'))
  })

  it('lists a damaged run with what is wrong with it, and the others', async () => {
    await cp(runOf('plain'), temporary('mixed', 'whole'), { recursive: true })
    await cp(runOf('plain'), temporary('mixed', 'damaged'), { recursive: true })
    await writeFile(temporary('mixed', 'damaged', 'run.json'), '{"version": 2}')
    await mkdir(temporary('mixed', 'no run'))
    const { code, stdout, stderr } = await darkroom(['runs', temporary('mixed')])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^whole +finished/m)
    expect(stdout).toMatch(/^damaged +cannot be read/m)
    expect(stdout).not.toContain('no run')
    expect(stderr).toContain('The run folder cannot be read.')
  })
})

describe('darkroom compare', () => {
  it('shows what sets runs apart, and final figures side by side', async () => {
    const { stdout } = await succeed('compare', runOf('plain'), runOf('vae'))
    expect(stdout).toMatch(/^ +loss\.type +mse +bce$/m)
    expect(stdout).toMatch(/^ +model\.encoder\.latentDim +3 +2$/m)
    expect(stdout).not.toContain('optimizer.rate')
    expect(stdout).toMatch(/^ +parameters +1155 +1156$/m)
    expect(stdout).toMatch(/^ +validation kl +– +[\d.e-]+$/m)
    const json = JSON.parse((await succeed('compare', runOf('plain'), runOf('vae'), '--json')).stdout) as {
      settings: object[]
      figures: object[]
    }
    expect(json.settings).toContainEqual({ path: 'loss.type', values: ['mse', 'bce'] })
    expect(json.figures).toContainEqual({ name: 'steps', values: [8, 8] })
  })

  it('says where nothing differs, and names what is no run', async () => {
    const { stdout } = await succeed('compare', runOf('plain'), runOf('plain'))
    expect(stdout).toContain('The settings are the same.')
    const { code, stderr } = await darkroom(['compare', runOf('plain'), temporary('photos')])
    expect(code).toBe(1)
    expect(stderr).toContain(temporary('photos'))
  })
})

describe('darkroom evaluate, of a run', () => {
  it('measures the test split of the data that it was trained on, and all of others', async () => {
    const own = await resultOf('evaluate-run', 'evaluate', runOf('vae'), shades)
    expect(own).toMatchObject({ split: 'test', same: true, items: 4 })
    expect(Object.keys(own.values)).toEqual(
      expect.arrayContaining(['loss', 'reconstruction', 'kl', 'psnr', 'ssim', 'elbo', 'active']),
    )
    const copy = await writeData(temporary('data', 'copy.idx'), shadeBytes(40))
    expect(await resultOf('evaluate-run', 'evaluate', runOf('vae'), copy)).toEqual(own)
    const labelled = ['--labels', temporary('data', 'labels.idx.gz')]
    expect(await resultOf('evaluate-run', 'evaluate', runOf('vae'), shades, ...labelled)).toEqual(own)
    const others = await writeData(temporary('data', 'others.idx'), shadeBytes(12, 3))
    const other = await resultOf('evaluate-run', 'evaluate', runOf('vae'), others)
    expect(other).toMatchObject({ split: 'all', same: false, items: 12 })
    const { stdout } = await succeed('evaluate', runOf('vae'), others)
    expect(stdout).toContain('12 items, split: all. The data are not those that it was trained on.')
    expect(stdout).toMatch(/^elbo +-\d/m)
  })

  it('measures the part that is named, where the run knows it', async () => {
    const validation = await resultOf(
      'evaluate-run',
      'evaluate',
      runOf('plain'),
      shades,
      '--split',
      'validation',
    )
    expect(validation.items).toBe(4)
    const { finished } = await readRun(runOf('plain'))
    expect(validation.values['loss']).toBeCloseTo(finished!.validation['loss']!, 4)
    const others = await writeData(temporary('data', 'others.idx'), shadeBytes(12, 3))
    const refused = await darkroom(['evaluate', runOf('plain'), others, '--split', 'test'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('the data that the run was trained on')
  })

  it('takes the columns of a table as the run did, and refuses another shape', async () => {
    expect(await resultOf('evaluate-run', 'evaluate', runOf('rows'), table)).toMatchObject({
      same: true,
      items: 4,
    })
    const wide = await writeData(temporary('data', 'wide.csv'), waves(20, 13))
    const { code, stderr } = await darkroom(['evaluate', runOf('rows'), wide])
    expect(code).toBe(1)
    expect(stderr).toContain('expected 12, received 13')
  })

  it('measures restorers on their task, beside what they were given', async () => {
    const { values, items, split } = await resultOf(
      'evaluate-run',
      'evaluate',
      runOf('photos'),
      temporary('photos'),
    )
    expect({ items, split }).toEqual({ items: 1, split: 'validation' })
    expect(Object.keys(values)).toEqual(expect.arrayContaining(['psnr', 'psnr-input', 'ssim']))
  })

  it('refuses options that say nothing to it', async () => {
    const sigma = await darkroom(['evaluate', runOf('vae'), shades, '--sigma', '5'])
    expect(sigma).toMatchObject({ code: 2 })
    expect(sigma.stderr).toContain('--sigma: expected it with a denoiser')
    const split = await darkroom(['evaluate', 'photo', temporary('photos'), '--split', 'test'])
    expect(split.stderr).toContain('--split: expected it with a run that is no denoiser')
  })
})

describe('darkroom reconstruct', () => {
  it('draws a sheet of inputs above outputs, or of what corruption made of them between', async () => {
    const height = async (file: string): Promise<number> => (await readImage(file)).pages[0]!.height
    await succeed('reconstruct', runOf('plain'), shades, '--out', temporary('sheet.png'))
    const argv = ['reconstruct', runOf('plain'), shades, '--out', temporary('corrupt.png'), '--corrupt']
    expect(await resultOf('reconstruct', ...argv)).toMatchObject({
      items: 16,
      files: [temporary('corrupt.png')],
    })
    // Two lines of cells, and three; margins aside.
    const [two, three] = [await height(temporary('sheet.png')), await height(temporary('corrupt.png'))]
    expect(three / two).toBeCloseTo(3 / 2, 1)
    const again = await darkroom(argv)
    expect(again.stderr).toContain('The file exists already.')
    expect(await darkroom([...argv, '--overwrite'])).toMatchObject({ code: 0 })
    const refused = await darkroom([
      'reconstruct',
      runOf('vae'),
      shades,
      '--out',
      temporary('x.png'),
      '--corrupt',
    ])
    expect(refused.stderr).toContain('a recipe with a corruption')
  })

  it('says that a GAN has nothing to put images through', async () => {
    const { model, loss } = ganRecipe()
    const recipe = await writeRecipe(temporary('gan.json'), { name: 'shades-gan', model, loss, batch: 16 })
    const run = temporary('gan')
    await succeed('train', shades, '--recipe', recipe, '--out', run, '--epochs', '1', '--quiet')
    const { code, stderr } = await darkroom(['reconstruct', run, shades, '--out', temporary('gan.png')])
    expect(code).toBe(1)
    expect(stderr).toContain('a GAN has no encoder')
    const encoder = await darkroom(['export', run, '--part', 'encoder', '--out', temporary('gan.onnx')])
    expect(encoder.stderr).toContain('a GAN has no encoder')
    const exported = await resultOf('export', 'export', run, '--out', temporary('generator.onnx'))
    expect(exported.maxDifference).toBeLessThan(1e-5)
  })

  it('writes a file for each image', async () => {
    await writeImages(temporary('two'), ['a.png', 'sub/a.jpg'], 8)
    const out = temporary('each')
    expect(
      (await resultOf('reconstruct', 'reconstruct', runOf('plain'), temporary('two'), '--out', out)).items,
    ).toBe(2)
    expect(await tree(out)).toEqual(['a-2.png', 'a.png'])
    expect((await readImage(temporary('each', 'a.png'))).pages[0]).toMatchObject({
      width: 8,
      height: 8,
      channels: 1,
    })
  })

  it('writes rows in their own range, and curves', async () => {
    const argv = ['reconstruct', runOf('rows'), table, '--out']
    await succeed(...argv, temporary('rows.csv'), '--count', '3')
    const rows = (await readFile(temporary('rows.csv'), 'utf8')).trimEnd().split('\n')
    expect(rows).toHaveLength(3)
    expect(rows[0]!.split(',')).toHaveLength(12)
    // Outputs of a sigmoid; scaled back they reach below 0, as a sine does.
    expect(Math.min(...rows.flatMap((row) => row.split(',').map(Number)))).toBeLessThan(0)
    await succeed(...argv, temporary('curves.png'))
    await succeed(...argv, temporary('rows folder'))
    expect(await tree(temporary('rows folder'))).toEqual(['reconstructions.csv'])
    const images = await darkroom(['reconstruct', runOf('plain'), shades, '--out', temporary('i.csv')])
    expect(images).toMatchObject({ code: 2 })
  })

  it('enlarges photographs with a network for it', async () => {
    const out = temporary('large')
    await succeed('reconstruct', runOf('photos'), temporary('photos'), '--out', out)
    expect(await tree(out)).toEqual(['a.png', 'b.png', 'c.png'])
    const [small, large] = [
      await readImage(temporary('photos', 'a.png')),
      await readImage(temporary('large', 'a.png')),
    ]
    expect(large.pages[0]!.width).toBe(2 * small.pages[0]!.width)
    await succeed(
      'reconstruct',
      runOf('photos'),
      temporary('photos'),
      '--out',
      temporary('p.png'),
      '--corrupt',
    )
  })
})

describe('darkroom export, of a run', () => {
  it.each(['model', 'encoder', 'decoder'])(
    'writes the %s, and says how far it is from the engine',
    async (part) => {
      for (const name of ['plain', 'vae', 'rows']) {
        const out = temporary('exported', `${name}-${part}.onnx`)
        const argv = ['export', runOf(name), '--format', 'onnx', '--part', part, '--out', out]
        const { maxDifference } = await resultOf('export', ...argv)
        expect(maxDifference).toBeLessThan(1e-5)
        const backend = await openBackend('auto', {})
        const session = await backend.open(await readFile(out))
        expect(session.metadata).toMatchObject({ part, seed: '1' })
        await session.dispose()
        await backend.close()
      }
    },
  )

  it('writes no half of what has none, and nothing that differs from the engine', async () => {
    const half = await darkroom([
      'export',
      runOf('photos'),
      '--part',
      'encoder',
      '--out',
      temporary('half.onnx'),
    ])
    expect(half).toMatchObject({ code: 2 })
    // Another network's file in a run's place.
    await cp(runOf('vae'), temporary('swapped'), { recursive: true })
    await cp(`${runOf('plain')}/model/decoder.onnx`, temporary('swapped', 'model', 'model.onnx'))
    const swapped = await darkroom(['export', temporary('swapped'), '--out', temporary('swapped.onnx')])
    expect(swapped.code).toBe(1)
    expect(await tree(temporary('exported'))).not.toContain('half.onnx')
    await expect(readFile(temporary('swapped.onnx'))).rejects.toThrow()
  })

  it('makes the file of a run that was killed before it wrote one', async () => {
    await cp(runOf('plain'), temporary('killed'), { recursive: true })
    await rm(temporary('killed', 'model'), { recursive: true })
    const exported = await resultOf(
      'export',
      'export',
      temporary('killed'),
      '--out',
      temporary('killed.onnx'),
    )
    expect(exported.maxDifference).toBeLessThan(1e-5)
    expect((await readFile(temporary('killed.onnx'))).length).toBeGreaterThan(4 * 1155)
  })

  it('makes the file of a run that was killed between its weights and their file', async () => {
    const [older, newer] = [temporary('older'), temporary('newer')]
    await cp(runOf('plain'), newer, { recursive: true })
    await succeed('train', '--out', newer, '--resume', '--epochs', '3', '--quiet')
    await cp(newer, older, { recursive: true })
    await cp(`${runOf('plain')}/model/model.onnx`, `${older}/model/model.onnx`)
    await succeed('export', older, '--out', temporary('between.onnx'))
    expect(
      (await readFile(temporary('between.onnx'))).equals(await readFile(`${newer}/model/model.onnx`)),
    ).toBe(true)
  })
})

describe('darkroom archive and import', () => {
  it('pack a whole run, and unpack it as it was', async () => {
    const zip = temporary('vae.zip')
    await succeed('archive', runOf('vae'), '--out', zip)
    expect((await darkroom(['archive', runOf('vae'), '--out', zip])).stderr).toContain('exists already')
    await succeed('import', zip, '--out', temporary('back'))
    const files = await tree(runOf('vae'))
    expect(await tree(temporary('back'))).toEqual(files)
    for (const file of files)
      expect(
        (await readFile(temporary('back', file))).equals(await readFile(`${runOf('vae')}/${file}`)),
      ).toBe(true)
    expect(await resultOf('evaluate-run', 'evaluate', temporary('back'), shades)).toEqual(
      await resultOf('evaluate-run', 'evaluate', runOf('vae'), shades),
    )
    expect(await darkroom(['train', '--out', temporary('back'), '--resume', '--epochs', '3'])).toMatchObject({
      code: 0,
    })
  })

  it('pack a run whose folder is called like one inside it', async () => {
    await cp(runOf('rows'), temporary('model'), { recursive: true })
    await succeed('archive', temporary('model'), '--out', temporary('model.zip'))
    await succeed('import', temporary('model.zip'), '--out', temporary('model again'))
    expect(await tree(temporary('model again'))).toEqual(await tree(runOf('rows')))
  })

  it('unpack into the program’s own folder, each time anew; list it there', async () => {
    const zip = temporary('여름 run.zip')
    await succeed('archive', runOf('plain'), '--out', zip)
    const runs = [await resultOf('import-run', 'import', zip), await resultOf('import-run', 'import', zip)]
    expect(runs.map(({ run }) => basename(run))).toEqual(['여름-run-1', '여름-run-2'])
    expect((await succeed('runs')).stdout).toMatch(/^여름-run-2 +finished/m)
  })

  it('refuse what is no run, what is damaged, and a folder that holds something', async () => {
    const zip = temporary('whole.zip')
    await succeed('archive', runOf('plain'), '--out', zip)
    const bytes = await readFile(zip)
    const damaged = Buffer.from(bytes)
    // In the middle of a file's bytes: its checksum tells.
    damaged[bytes.indexOf('"recipe"')]! ^= 1
    const spoilt: Record<string, Uint8Array> = {
      'text.zip': Buffer.from('no archive'),
      'cut.zip': bytes.subarray(0, bytes.length - 40),
      'damaged.zip': damaged,
    }
    for (const [name, content] of Object.entries(spoilt)) {
      await writeFile(temporary(name), content)
      const { code, stderr } = await darkroom(['import', temporary(name), '--out', temporary('never')])
      expect(code, name).toBe(1)
      expect(stderr, name).toContain('That file is not a packed run.')
      expect(await tree(temporary('never'))).toEqual([])
    }
    const occupied = await darkroom(['import', zip, '--out', temporary('data')])
    expect(occupied.stderr).toContain('exists already')
    const missing = await darkroom(['import', temporary('gone.zip')])
    expect(missing.stderr).toContain('no such file')
    const none = await darkroom(['archive', temporary('data'), '--out', temporary('n.zip')])
    expect(none.stderr).toContain('The run folder cannot be read.')
    // A folder of the program's own that nothing came of is taken away again.
    await darkroom(['import', temporary('cut.zip')])
    expect((await succeed('runs', '--json')).stdout).not.toContain('cut-1')
  })

  it('write nothing outside of the run folder, and leave out what is not the run’s', async () => {
    const evil = temporary('evil')
    await cp(runOf('plain'), temporary('evil', 'run'), { recursive: true })
    await writeFile(temporary('evil', 'run', 'notes.txt'), 'x')
    await mkdir(temporary('evil', '__MACOSX'))
    await writeFile(temporary('evil', '__MACOSX', 'x'), 'x')
    const script = `import zipfile, os, sys
z = zipfile.ZipFile('../foreign.zip', 'w', zipfile.ZIP_DEFLATED)
for folder, _, files in os.walk('.'):
    for f in files: z.write(os.path.join(folder, f))
z.close()
z = zipfile.ZipFile('../slip.zip', 'w')
z.writestr('../../slipped.txt', 'x')
z.write('run/run.json')
z.close()`
    try {
      execFileSync('python3', ['-c', script], { cwd: evil })
    } catch {
      console.warn('Python is not installed: archives that others packed are not tried')
      return
    }
    await succeed('import', temporary('foreign.zip'), '--out', temporary('foreign'))
    expect(await tree(temporary('foreign'))).toEqual(await tree(runOf('plain')))
    const slip = await darkroom(['import', temporary('slip.zip'), '--out', temporary('slip', 'run')])
    expect(slip.stderr).toContain('That file is not a packed run.')
    expect(await tree(temporary('slip'))).toEqual([])
    await expect(readFile(temporary('slipped.txt'))).rejects.toThrow()
  })
})

describe('darkroom recipes', () => {
  it('shows a recipe with its network for a given input', async () => {
    const { stdout } = await succeed('recipes', 'show', 'conv-vae', '--set', 'encoder.latentDim=5')
    expect(stdout).toMatch(/^Input: 28×28×1$/m)
    expect(stdout).toMatch(/^ +zMean +dense 5 +5 +7845$/m)
    expect(stdout).toMatch(/^ +model\.encoder\.latentDim=5$/m)
    const large = await succeed('recipes', 'show', 'undercomplete', '--input', '32,32,3', '--json')
    expect(JSON.parse(large.stdout)).toMatchObject({ input: [32, 32, 3], code: [64] })
  })

  it('says that rows must be told their columns; names what is wrong', async () => {
    expect((await succeed('recipes', 'show', 'signal')).stdout).toContain('say it with --input')
    expect((await succeed('recipes', 'show', 'signal', '--input', '140')).stdout).toMatch(
      /^ +output +dense 140/m,
    )
    expect((await darkroom(['recipes', 'show', 'signal', '--input', '0'])).code).toBe(2)
    expect((await darkroom(['recipes', 'show', 'nothing'])).stderr).toContain('undercomplete')
    const wrong = await darkroom(['recipes', 'show', 'vae', '--set', 'encoder.layers.0.units=0'])
    expect(wrong.stderr).toContain('model.encoder.layers.0.units: ')
  })
})
