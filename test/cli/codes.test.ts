import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { darkroom, eventsOf } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { autoencoder, dense } from '../support/recipes.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'

const temporary = temporaryFolder()
let shades: string

beforeAll(async () => {
  shades = await writeShades(temporary('data'))
  const recipe = await writeRecipe(temporary('vae.json'), {
    ...{ loss: { type: 'bce' }, penalties: [{ type: 'kl' }] },
    model: autoencoder([dense(8)], 3, { variational: true }),
  })
  const { code, stderr } = await darkroom([
    ...['train', shades, '--recipe', recipe, '--out', temporary('run'), '--quiet'],
    ...['--labels', temporary('data', 'labels.idx.gz')],
  ])
  if (code !== 0) throw new Error(stderr)
}, 60_000)
beforeEach(() => {
  vi.stubEnv('DARKROOM_HOME', temporary('home'))
  return () => vi.unstubAllEnvs()
})

describe('darkroom encode and decode', () => {
  it('write codes with names, classes and parts, and make a sheet of them', async () => {
    const codes = temporary('codes.csv')
    const encoded = await darkroom(['encode', temporary('run'), shades, '--out', codes])
    expect(encoded).toMatchObject({ code: 0 })
    expect(encoded.stdout).toContain(codes)
    const [header, first] = (await readFile(codes, 'utf8')).split('\n')
    expect(header).toBe('name,label,split,z0,z1,z2')
    expect(first).toMatch(/^images\.idx\.gz#0,0,(training|validation|test)(,-?\d\S*){3}$/)
    const sheet = temporary('sheet.png')
    const decoded = await darkroom([
      'decode',
      temporary('run'),
      codes,
      '--out',
      sheet,
      '--columns',
      '8',
      '--json',
    ])
    expect(eventsOf(decoded.stdout).at(-1)).toMatchObject({
      ...{ event: 'done', result: { type: 'decode', items: 40, files: [sheet] } },
    })
    // Five lines of eight.
    const { width, height } = await sharp(sheet).metadata()
    expect(width / height).toBeCloseTo(8 / 5, 1)
  })

  it('write only a part where it is asked for, and never over a file', async () => {
    const codes = temporary('test.npy')
    const argv = ['encode', temporary('run'), shades, '--split', 'test', '--out', codes]
    expect(eventsOf((await darkroom([...argv, '--json'])).stdout).at(-1)).toMatchObject({
      ...{ event: 'done', result: { type: 'encode', items: 4 } },
    })
    const again = await darkroom(argv)
    expect(again).toMatchObject({ code: 1 })
    expect(again.stderr).toContain(codes)
    expect(await darkroom([...argv, '--overwrite'])).toMatchObject({ code: 0 })
  })

  it('refuse codes that are none, in the language that is asked for', async () => {
    const { code, stderr } = await darkroom([
      ...['decode', temporary('run'), temporary('vae.json'), '--out', temporary('no.png'), '--lang', 'ko'],
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('.csv, .npy')
  })
})

describe('darkroom evaluate --generation', () => {
  it('says what draws were compared by, and that it is no published figure', async () => {
    const { code, stdout } = await darkroom(['evaluate', temporary('run'), shades, '--generation'])
    expect(code).toBe(0)
    expect(stdout).toContain('4 draws against as many held-out items, by the features of a small classifier')
    expect(stdout).toContain('not Inception’s')
    expect(stdout).toMatch(/^frechet +[\d.e-]+$/m)
    expect(stdout).toMatch(/^memorised +\d\.\d{3}$/m)
  })
})
