import { spawnSync } from 'node:child_process'
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnalysisResult } from '../../../src-main/contract/analysis-jobs.ts'
import type { JobInput, JobResult } from '../../../src-main/contract/jobs.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { readSelfDescription } from '../../../src-main/engine/storage/provenance.ts'
import { readSafetensors } from '../../../src-main/engine/storage/safetensors.ts'
import { idxBytes, writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { autoencoder, dense } from '../../support/recipes.ts'
import { waves, writeRecipe } from '../../support/trainings.ts'
import { failureOf, resultOf } from '../../support/jobs.ts'

const temporary = temporaryFolder()
const count = 120
const images = (): string => temporary('data', 'images.idx.gz')
const labels = (name = 'labels'): string => temporary('data', `${name}.idx.gz`)
const runOf = (name: string): string => temporary('runs', name)
let engine: ReturnType<typeof createEngine>

type ResultOf<Type extends AnalysisResult['type']> = Extract<AnalysisResult, { type: Type }>

/** Pictures of 8×8 pixels that are bright on the left, on the right, or at the top, with noise. */
function kinds(): Buffer {
  const random = createRandom(3)
  const values = Array.from({ length: count }, (_, i) =>
    Array.from({ length: 64 }, (_, at) => {
      const [x, y] = [at % 8, at >> 3]
      const isBright = [x < 4, x >= 4, y < 4][i % 3]!
      return Math.round((isBright ? 180 : 40) + 60 * random.uniform())
    }),
  )
  return idxBytes([count, 8, 8], values.flat())
}

beforeAll(async () => {
  engine = createEngine({ threads: 1, home: temporary('home') })
  await writeData(images(), kinds())
  const label = (name: string, of: (i: number) => number, length = count): Promise<string> =>
    writeData(
      labels(name),
      idxBytes(
        [length],
        Array.from({ length }, (_, i) => of(i)),
      ),
    )
  await label('labels', (i) => i % 3)
  await label('one', () => 7)
  await label('short', (i) => i % 3, count - 1)
  // The third kind has one item, which is not in the training part of every split.
  await label('rare', (i) => (i === 5 ? 2 : i % 2))
  await label('strange', (i) => 50 + (i % 3))
  const encoder = { layers: [dense(16)], latentDim: 4, activation: 'linear' }
  const recipe = await writeRecipe(temporary('kinds.json'), {
    ...{ model: { type: 'autoencoder', encoder, decoder: {} }, epochs: 8 },
  })
  const variational = await writeRecipe(temporary('vae.json'), {
    ...{ loss: { type: 'bce' }, penalties: [{ type: 'kl', weight: 0.01 }], epochs: 6 },
    model: autoencoder([dense(8)], 3, { variational: true }),
  })
  const gan = await writeRecipe(temporary('gan.json'), {
    model: {
      ...{ type: 'gan', latentDim: 4 },
      ...{ generator: { layers: [dense(8)] }, discriminator: { layers: [dense(8)] } },
    },
    loss: { type: 'adversarial' },
  })
  const rows = await writeRecipe(temporary('rows.json'), { data: { type: 'rows', scale: 'column' } })
  const table = await writeData(temporary('data', 'waves.csv'), waves(40))
  await train(recipe, 'plain', { sources: [images()], labels: null })
  await train(variational, 'vae', { sources: [images()], labels: labels() })
  await train(gan, 'gan', { sources: [images()], labels: null })
  await train(rows, 'rows', { sources: [table], labels: 'column:kind' })
}, 120_000)
afterAll(() => engine.close())

const train = (recipe: string, run: string, data: object): Promise<JobResult> =>
  resultOf(engine, { type: 'train', recipe, out: runOf(run), data } as JobInput)

type FitInput = Extract<JobInput, { type: 'classify-fit' }>
type PredictInput = Extract<JobInput, { type: 'classify-predict' }>
const fitJob = (out: string, changes: Partial<FitInput> = {}): FitInput => ({
  ...{ type: 'classify-fit', run: runOf('plain'), data: { sources: [images()], labels: labels() } },
  ...{ out: temporary(out), hidden: 16, ...changes },
})
const fit = async (out: string, changes: Partial<FitInput> = {}): Promise<ResultOf<'classify-fit'>> =>
  resultOf(engine, fitJob(out, changes))
const predictJob = (classifier: string, changes: Partial<PredictInput> = {}): PredictInput => ({
  ...{ type: 'classify-predict', classifier: temporary(classifier) },
  ...{ data: { sources: [images()], labels: labels() }, ...changes },
})
const predict = async (
  classifier: string,
  changes: Partial<PredictInput> = {},
): Promise<ResultOf<'classify-predict'>> => resultOf(engine, predictJob(classifier, changes))
const weightsOf = async (classifier: string) =>
  (await readSafetensors(join(temporary(classifier), 'head.safetensors'))).tensors

describe('a classifier', () => {
  it('knows classes from a few labels, by an encoder that saw none, and works wherever it is moved to', async () => {
    const made = await fit('moved-before', { labelsPerClass: 3, seed: 4 })
    expect(made).toMatchObject({ classes: ['0', '1', '2'], labels: 9, figures: { items: 12 } })
    await rename(temporary('moved-before'), temporary('moved'))
    const { summary } = await predict('moved')
    // The test part of the run's data, which was split without labels.
    expect(summary.items).toBe(12)
    expect(summary.figures!.accuracy).toBeGreaterThan(0.8)
    expect((await predict('moved', { split: 'all' })).summary.items).toBe(count)
    expect((await readdir(temporary('moved'))).sort()).toEqual(['classifier.json', 'head.safetensors', 'run'])
  })

  it('is the same for the same seed, and another for another one', async () => {
    await fit('first', { labelsPerClass: 2 })
    await fit('again', { labelsPerClass: 2 })
    await fit('other', { labelsPerClass: 2, seed: 1 })
    const [first, again, other] = await Promise.all(['first', 'again', 'other'].map(weightsOf))
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('learns from labels given by hand, and from its own predictions on the others', async () => {
    const labelled = Array.from({ length: 6 }, (_, i) => ({
      index: i,
      label: ['left', 'right', 'top'][i % 3]!,
    }))
    const data = { sources: [images()], labels: null }
    const made = await fit('by-hand', { data, labelled, selfTrain: true })
    expect(made).toMatchObject({ classes: ['left', 'right', 'top'] })
    // Those of the six that are in the training part.
    expect(made.labels).toBeLessThanOrEqual(6)
    const about = JSON.parse(await readFile(join(temporary('by-hand'), 'classifier.json'), 'utf8')) as object
    expect(about).toMatchObject({ labels: made.labels, fineTuned: 0 })
    expect((about as { pseudoLabels: number }).pseudoLabels).toBeGreaterThan(20)
    // Those that the run has learned beside have other names, and do not count.
    const other = await fit('by-hand-alone', { run: runOf('vae'), data, labelled })
    expect(other).toMatchObject({ classes: ['left', 'right', 'top'], figures: null })
    expect(await engine.analysis(temporary('by-hand-alone'))).toMatchObject({ source: data })
    expect((await predict('by-hand-alone', { data })).summary).toMatchObject({ figures: null })
  })

  it('trains as many of the last layers of the encoder as were asked for, and takes zMean of a variational one', async () => {
    await fit('tuned', { run: runOf('vae'), fineTune: 1 })
    const tuned = await weightsOf('tuned')
    const names = Object.keys(tuned).filter((name) => !name.startsWith('head.'))
    expect(names.sort()).toEqual(['zMean.bias', 'zMean.kernel'])
    const run = await readSafetensors(join(runOf('vae'), 'model/weights.safetensors'))
    expect(tuned['zMean.kernel']).not.toEqual(run.tensors['zMean.kernel'])
    expect((await predict('tuned')).summary.figures!.accuracy).toBeGreaterThan(0.8)
    await fit('tuned-whole', { run: runOf('vae'), fineTune: 9 })
    expect(Object.keys(await weightsOf('tuned-whole'))).toContain('encoder.0.kernel')
    expect(await engine.analysis(temporary('tuned-whole'))).toMatchObject({ isFineTuned: true })
  })

  it('takes rows of a table', async () => {
    const data = { sources: [temporary('data', 'waves.csv')], labels: 'column:kind' }
    expect(await fit('rows', { run: runOf('rows'), data })).toMatchObject({ classes: ['even', 'odd'] })
    const { summary, files } = await predict('rows', { data, split: 'all', mistakes: temporary('rows.png') })
    expect(summary).toMatchObject({ items: 40, figures: { items: 40 } })
    expect(files).toEqual([temporary('rows.png')])
  })

  it('goes into the program’s own folder where nothing is said, and is listed', async () => {
    const { classifier } = await fit('unused', { out: null })
    expect(await engine.analyses()).toMatchObject([
      {
        ...{ kind: 'classifier', path: classifier, run: 'plain', data: 'images.idx.gz', labels: 96 },
        ...{ classes: ['0', '1', '2'], isFineTuned: false, input: [8, 8, 1] },
      },
    ])
    await engine.deleteAnalysis(classifier)
    expect(await engine.analyses()).toEqual([])
  })
})

describe('predictions', () => {
  beforeAll(() => fit('few', { labelsPerClass: 1, seed: 2 }))

  it('are written as CSV and JSON with how they were made', async () => {
    const [csv, json] = [temporary('p.csv'), temporary('p.json')]
    const { files } = await predict('few', { out: csv })
    expect(files).toEqual([csv, `${csv}.json`])
    const [head, first] = (await readFile(csv, 'utf8')).split('\n')
    expect(head).toBe('name,label,probability,0,1,2,truth')
    const cells = first!.split(',')
    const shares = cells.slice(3, 6).map(Number)
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    expect(Math.max(...shares)).toBe(Number(cells[2]))
    expect(shares.indexOf(Number(cells[2]))).toBe(Number(cells[1]))
    expect(await readSelfDescription(csv)).toMatchObject({
      job: { type: 'classify-predict', classifier: temporary('few'), out: csv },
      run: { title: 'plain' },
    })
    await predict('few', { out: json, data: { sources: [images()], labels: null } })
    const written = JSON.parse(await readFile(json, 'utf8')) as { list: object[]; figures: unknown }
    expect(written).toMatchObject({ items: 12, figures: null })
    expect(Object.keys(written.list[0]!)).toEqual(['name', 'label', 'probability', 'probabilities'])
    expect(await failureOf(engine, predictJob('few', { out: csv }))).toMatchObject({ code: 'file-exists' })
  })

  it('show the most confident mistakes, and say what each line is', async () => {
    // Against labels that are another class's every mistake is one.
    const turned = labels('turned')
    await writeData(
      turned,
      idxBytes(
        [count],
        Array.from({ length: count }, (_, i) => (i + 1) % 3),
      ),
    )
    const mistakes = temporary('mistakes.png')
    const data = { sources: [images()], labels: turned }
    const { summary, lines } = await predict('few', { data, mistakes, split: 'all' })
    expect(summary.figures!.accuracy).toBeLessThan(0.5)
    expect(lines!.length).toBeGreaterThan(1)
    expect(lines![0]).toMatch(/^[012]: [012] [01]\.\d\d, /)
    const sure = lines![0]!.match(/\d\.\d\d/g)!.map(Number)
    expect(sure).toEqual([...sure].sort((a, b) => b - a))
    expect(await readSelfDescription(mistakes)).toMatchObject({ lines, job: { mistakes } })
    expect((await sharp(await readFile(mistakes)).metadata()).width).toBeGreaterThan(96 * 12)
  })

  it('are answered again, with pictures of items', async () => {
    const { predictions, summary } = await predict('few')
    const found = await engine.predictions(predictions)
    expect(found).toMatchObject({ id: predictions, summary, classes: ['0', '1', '2'] })
    expect(found.probabilities).toHaveLength(36)
    expect(found.truth).toHaveLength(12)
    const sheet = await engine.analysisSheet({ id: predictions, indexes: [3, 1, 2], cell: 32, columns: 2 })
    expect(sheet).toMatchObject({ width: 64, height: 64 })
    expect((await sharp(sheet.bytes).metadata()).width).toBe(64)
    const again = { id: predictions, indexes: [0], what: 'reconstruction' as const }
    expect((await engine.analysisSheet(again)).width).toBe(64)
    await expect(engine.analysisSheet({ ...again, what: 'heat' })).rejects.toThrow(/sample \| reconstruction/)
    await expect(engine.analysisSheet({ ...again, indexes: [12] })).rejects.toThrow(/from 0 to 11/)
    await expect(engine.predictions(`predictions-${'0'.repeat(32)}`)).rejects.toThrow('file-not-found')
  })
})

describe('labelling on a map', () => {
  let map: string
  beforeAll(async () => {
    const spec = { run: runOf('plain'), method: { type: 'pca' } } as const
    ;({ map } = await resultOf(engine, { type: 'map', spec }))
  })
  const classes = ['left', 'right', 'top']

  it('begins with items that stand for the others', async () => {
    const answer = await engine.askLabels({ map, classes: [], labels: [], count: 6 })
    expect(answer).toMatchObject({ predicted: null, confidence: null, accuracy: null })
    expect(new Set(answer.next).size).toBe(6)
    // All three kinds are among them.
    expect(new Set(answer.next.map((item) => item % 3))).toEqual(new Set([0, 1, 2]))
    expect(await engine.askLabels({ map, classes: [], labels: [], count: 6 })).toEqual(answer)
    // One class says nothing of the others yet.
    const one = await engine.askLabels({ map, classes, labels: [[0, 0]], count: 200 })
    expect(one.predicted).toBeNull()
    expect(one.next).toHaveLength(count - 1)
    expect(one.next).not.toContain(0)
  })

  it('goes on with items that the head is unsure of, and says how good it is', async () => {
    const labelOf = (item: number): [number, number] => [item, item % 3]
    const few = await engine.askLabels({ map, classes, labels: [0, 1, 2].map(labelOf), count: 8 })
    expect(few.accuracy).toBeNull()
    expect(few.predicted).toHaveLength(count)
    const right = [...few.predicted!].filter((label, item) => label === item % 3).length
    expect(right / count).toBeGreaterThan(0.8)
    expect(few.next.some((item) => item < 3)).toBe(false)
    const labelled = Array.from({ length: 12 }, (_, item) => labelOf(item))
    const more = await engine.askLabels({ map, classes, labels: labelled, count: 8 })
    // With many labels half of what is proposed is such that the head is unsure of: of two one.
    const most = Array.from({ length: 90 }, (_, item) => labelOf(item))
    const sure = await engine.askLabels({ map, classes, labels: most, count: 2 })
    const confidence = (item: number): number => sure.confidence![item]!
    const free = Array.from({ length: 30 }, (_, i) => 90 + i).sort((a, b) => confidence(a) - confidence(b))
    expect(sure.next.some((item) => free.slice(0, 15).includes(item))).toBe(true)
    const { value, low, high } = more.accuracy!
    expect(value).toBeGreaterThan(0.7)
    expect(low).toBeLessThan(value)
    expect(high).toBeGreaterThan(value * 0.99)
  })

  it('refuses items and classes that there are not', async () => {
    const ask = (labels: [number, number][]) => engine.askLabels({ map, classes, labels })
    await expect(ask([[count, 0]])).rejects.toThrow(/items from 0 to 119, classes from 0 to 2/)
    await expect(ask([[0, 3]])).rejects.toThrow(/received 0, 3/)
  })
})

describe('bad input', () => {
  it.each([
    ['labels that are too few', 'short', {}, '120 labels, one for each item'],
    ['one class', 'one', {}, 'labels of at least two classes among the items to learn from'],
    ['no labels', null, {}, 'labels of some items'],
    ['a class with too few labels', 'rare', { labelsPerClass: 2 }, 'at least 2 labels of each class'],
    [
      ...(['a label of an item that there is not', null] as const),
      ...([{ labelled: [{ index: 120, label: 'x' }] }, 'labels of items from 0 to 119'] as const),
    ],
  ] as const)('is refused: %s', async (_, name, changes, expected) => {
    const data = { sources: [images()], labels: name && labels(name) }
    const job = { ...fitJob('never', { data }), ...changes } as FitInput
    expect(await failureOf(engine, job)).toMatchObject({ code: 'labels-unusable', expected })
    expect(await readdir(temporary())).not.toContain('never')
  })

  it('a class with one item is learned from that one', async () => {
    const {
      classes,
      single,
      labels: learned,
    } = await fit('rare', {
      data: { sources: [images()], labels: labels('rare') },
      labelled: [{ index: 6, label: '9' }],
    })
    expect(learned).toBe(96)
    expect(single).toEqual(['2', '9'])
    expect(classes.slice(0, 2)).toEqual(['0', '1'])
  })

  it('is refused: data of another shape, a run without an encoder, an output that is there', async () => {
    const wide = await writeData(temporary('data', 'wide.csv'), waves(40, 9))
    expect(
      await failureOf(
        engine,
        fitJob('never', { run: runOf('rows'), data: { sources: [wide], labels: 'column:kind' } }),
      ),
    ).toMatchObject({ code: 'data-unsuitable' })
    expect(await failureOf(engine, fitJob('never', { run: runOf('gan') }))).toMatchObject({
      code: 'model-without-encoder',
    })
    await writeFile(temporary('there'), '')
    expect(await failureOf(engine, fitJob('there'))).toMatchObject({ code: 'file-exists' })
    expect(await failureOf(engine, fitJob('there', { overwrite: true }))).toMatchObject({
      code: 'file-exists',
    })
  })

  it('is refused: labels of other classes, mistakes without labels, another ending', async () => {
    await fit('good', { labelsPerClass: 1 })
    const strange = { sources: [images()], labels: labels('strange') }
    expect(await failureOf(engine, predictJob('good', { data: strange }))).toMatchObject({
      ...{ code: 'labels-unusable', received: '50, 51, 52', expected: 'classes of the classifier: 0, 1, 2' },
    })
    const none = { sources: [images()], labels: null }
    expect(
      await failureOf(engine, predictJob('good', { data: none, mistakes: temporary('never.png') })),
    ).toMatchObject({ code: 'labels-unusable' })
    for (const changes of [{ out: temporary('p.xlsx') }, { mistakes: temporary('p.jpg') }])
      expect(await failureOf(engine, predictJob('good', changes))).toMatchObject({ code: 'argument-invalid' })
  })

  it.each([
    ['nothing in it', (folder: string) => rm(join(folder, 'classifier.json'))],
    [
      'a description that is cut off',
      (folder: string) => writeFile(join(folder, 'classifier.json'), '{"dark'),
    ],
    ['no weights', (folder: string) => rm(join(folder, 'head.safetensors'))],
    [
      'weights of another head',
      (folder: string) => cp(join(temporary('rows'), 'head.safetensors'), join(folder, 'head.safetensors')),
    ],
    ['no run', (folder: string) => rm(join(folder, 'run'), { recursive: true })],
  ])('is refused: a classifier with %s', async (name, damage) => {
    const folder = `damaged ${name}`
    await cp(temporary('good'), temporary(folder), { recursive: true })
    await damage(temporary(folder))
    expect(await failureOf(engine, predictJob(folder))).toMatchObject({ code: 'analysis-unreadable' })
  })
})

const python = process.env['DARKROOM_PYTHON'] ?? 'python3'
const hasSklearn = spawnSync(python, ['-c', 'import sklearn']).status === 0
if (!hasSklearn)
  console.warn(
    `SKIPPED: codes as features for scikit-learn. ${python} lacks bench/python/requirements-tests.txt; set DARKROOM_PYTHON to one that has it.`,
  )

/** As the docs show them: from a table, and from an array. */
async function snippets(): Promise<Record<string, string>> {
  const docs = await readFile(new URL('../../../docs/analysis.md', import.meta.url), 'utf8')
  const [csv, npy, ...others] = [...docs.matchAll(/```python\n(.*?)```/gs)].map((block) => block[1]!)
  expect(others).toEqual([])
  return { csv: csv!, npy: npy! }
}

describe.skipIf(!hasSklearn)('codes are features for scikit-learn', () => {
  it.each(['csv', 'npy'])('from a .%s file', async (ending) => {
    const snippet = (await snippets())[ending]!
    const out = temporary(`codes.${ending}`)
    const data = { sources: [images()], labels: labels() }
    await resultOf(engine, { type: 'encode', run: runOf('vae'), data, out })
    const { stdout, stderr } = spawnSync(python, ['-c', snippet, out], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(Number(stdout)).toBeGreaterThan(0.8)
  })
})
