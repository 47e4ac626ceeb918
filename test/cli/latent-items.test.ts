import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { parseAnchor } from '../../src-main/cli/anchors.ts'
import { darkroom, eventsOf } from '../support/cli.ts'
import { writeData } from '../support/datasets.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { writeRecipe, writeShades } from '../support/trainings.ts'

const temporary = temporaryFolder()
let images: string
let run: string
beforeAll(async () => {
  vi.stubEnv('DARKROOM_HOME', temporary('home'))
  images = await writeShades(temporary('data'))
  run = temporary('run')
  const recipe = await writeRecipe(temporary('recipe.json'))
  const labels = temporary('data', 'labels.idx.gz')
  const { code, stderr } = await darkroom([
    'train',
    images,
    '--recipe',
    recipe,
    '--labels',
    labels,
    '--out',
    run,
    '--quiet',
  ])
  if (code !== 0) throw new Error(stderr)
}, 60_000)
const say = (...argv: string[]) => darkroom(argv)

describe('what is named on the command line', () => {
  it('is a file, an item of data, or a draw', async () => {
    expect(parseAnchor('shoe.png')).toEqual({ from: 'file', path: 'shoe.png' })
    expect(parseAnchor('a/images.idx.gz#12', 'labels.idx')).toEqual({
      ...{ from: 'item', index: 12 },
      data: { sources: ['a/images.idx.gz'], labels: 'labels.idx' },
    })
    expect(parseAnchor('seed:7')).toEqual({ from: 'seed', seed: 7, index: 0 })
    expect(parseAnchor('seed:7#3')).toEqual({ from: 'seed', seed: 7, index: 3 })
    const odd = await writeData(temporary('odd#12'), '')
    expect(parseAnchor(odd)).toEqual({ from: 'file', path: odd })
  })
})

describe('darkroom map', () => {
  it('says how far to believe the map, and where it is', async () => {
    const [out, png] = [temporary('map.csv'), temporary('map.png')]
    const { code, stdout } = await say('map', run, '--out', out, '--png', png)
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^40 items, codes of 3 numbers\nShare of the variance .*%.*\nTrustworthiness [01]\.\d{4}/,
    )
    expect(stdout).toContain(`Written: ${png}`)
    expect((await readFile(out, 'utf8')).split('\n')).toHaveLength(42)
  })

  it('refuses what another method is set by, and a dimension that there is not', async () => {
    const wrong = await say('map', run, '--method', 'umap', '--x', '1')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('--x: expected --method pca | raw, received --method umap')
    const few = await say('cluster', run, '--method', 'hdbscan', '--count', '3')
    expect(few.stderr).toContain('--count: expected --method kmeans | gmm')
    const beyond = await say('map', run, '--method', 'raw', '--x', '70')
    expect(beyond.stderr).toContain('dimension 70 of 3')
    const far = await say('map', run, '--method', 'pca', '--x', '64')
    expect(far.code).toBe(2)
    expect(far.stderr).toContain('--x: expected 0–63, received 64')
    const none = await say('map', run, '--method', 'raw', '--y', '3')
    expect(none.code).toBe(1)
    expect(none.stderr).toContain('dimension 3 of 3')
    expect((await say('map', run, '--method', 'tsne')).stderr).toContain(
      '--method: expected pca | umap | raw | pixels, received tsne',
    )
  })
})

describe('darkroom neighbours', () => {
  it('lists them with label and distance', async () => {
    const { stdout } = await say('neighbours', run, `${images}#5`, '-k', '4')
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).toMatch(/^images\.idx\.gz#\d+ +[01] +\d\.\d{4}$/)
    const distances = lines.map((line) => Number(line.split(/ +/)[2]))
    expect(distances).toEqual(distances.toSorted((a, b) => a - b))
  })
})

describe('darkroom cluster', () => {
  it('says sizes and agreement, and as JSON the cluster of every item', async () => {
    const { stdout } = await say('cluster', run, '--method', 'gmm', '--count', '2')
    expect(stdout).toMatch(/40 items in 2 clusters, 0 in none\. Sizes: \d+, \d+/)
    expect(stdout).toMatch(/Silhouette .*\nAgreement with the labels: NMI \d\.\d{4}, ARI -?\d\.\d{4}/)
    const json = await say('cluster', run, '--count', '3', '--json')
    const done = eventsOf(json.stdout).at(-1)
    if (done?.event !== 'done' || done.result.type !== 'cluster') throw new Error(json.stdout)
    expect(Array.isArray(done.result.clusters.of)).toBe(true)
    expect(done.result.clusters.of).toHaveLength(40)
  })

  it('speaks Korean', async () => {
    const { stdout } = await say('cluster', run, '--method', 'hdbscan', '--smallest', '5', '--lang', 'ko')
    expect(stdout).toContain('항목 40개')
  })

  it('says so where there are none', async () => {
    const { stdout } = await say('cluster', run, '--method', 'hdbscan', '--smallest', '40')
    expect(stdout).toBe(
      '40 items, and no clusters: nowhere do they lie so close together. Try a smaller --smallest, or --method kmeans.\n',
    )
  })
})
