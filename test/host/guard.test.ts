import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { engineArguments, type Engine, type EngineEvent } from '../../src-main/contract/engine.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import { openGrants, type Grants } from '../../src-main/host/grants.ts'
import { guardEngine } from '../../src-main/host/guard.ts'
import { fakeEngine } from '../support/fake-engine.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
const out = () => temporary('granted', 'out')
const good = () => temporary('granted', 'a.png')
const bad = () => temporary('elsewhere', 'secret.png')
const settings = (change: Partial<DenoiseSettings> = {}) => DenoiseSettings.parse(change)
const item = (source: string, output: string | null, out: string | null = null) => ({
  source,
  output,
  settings: settings({ out }),
})

let grants: Grants
/** Names of the methods that reached the engine. */
let reached: string[]
let tell: (event: EngineEvent) => void
let engine: Engine

beforeEach(async () => {
  await mkdir(temporary('granted'), { recursive: true })
  grants = await openGrants([temporary('granted')])
  reached = []
  const results: Record<string, unknown> = {
    models: [{ file: temporary('models', 'm.onnx') }],
    addModel: { file: temporary('models', 'added.onnx') },
    renameModel: { file: temporary('models', 'renamed.onnx') },
    recipes: [{ file: temporary('assets', 'recipes', 'vae.json') }],
    runs: [{ path: temporary('runs', 'listed') }],
    renameRun: { path: temporary('runs', 'renamed') },
    jobs: [{ run: temporary('runs', 'trained') }, { run: null }],
    queue: {
      items: [
        item(
          temporary('elsewhere', 'kept.png'),
          temporary('cleaned', 'may', 'kept.png'),
          temporary('cleaned'),
        ),
      ],
    },
  }
  const methods = Object.keys(engineArguments).map((name): [string, unknown] => [
    name,
    () => {
      reached.push(name)
      return Promise.resolve(results[name])
    },
  ])
  engine = guardEngine(
    fakeEngine({
      ...Object.fromEntries(methods),
      subscribe: (listener: typeof tell) => {
        tell = listener
        return () => undefined
      },
    }),
    grants,
  )
})

type Call = () => Promise<unknown>
const page = (path: string) => ({ path, page: 0 })
const place = { level: 0, column: 0, row: 0 }
const region = { x: 0, y: 0, width: 8, height: 8 }

const goodData = () => ({ sources: [good()] })
/** Where a path may stand in data. */
const dataPlaces = {
  'data.sources': (path: string) => ({ sources: [good(), path] }),
  'data.labels': (path: string) => ({ sources: [good()], labels: path }),
}

/** Every place of the contract where a path may stand, by what is put there. */
const calls: [string, (path: string) => Call][] = [
  ['addModel.file', (path) => () => engine.addModel({ file: path })],
  ['denoise.sources', (path) => () => engine.start({ type: 'denoise', sources: [good(), path], out: out() })],
  ['denoise.out', (path) => () => engine.start({ type: 'denoise', sources: [good()], out: path })],
  [
    'denoise.model',
    (path) => () => engine.start({ type: 'denoise', sources: [good()], out: out(), model: path }),
  ],
  [
    'denoise.report',
    (path) => () => engine.start({ type: 'denoise', sources: [good()], out: out(), report: path }),
  ],
  ...Object.entries(dataPlaces).map(([name, data]): [string, (path: string) => Call] => [
    `train.${name}`,
    (path) => () => engine.start({ type: 'train', data: data(path), recipe: 'vae', out: out() }),
  ]),
  ['train.out', (path) => () => engine.start({ type: 'train', data: goodData(), recipe: 'vae', out: path })],
  [
    'train.recipe',
    (path) => () => engine.start({ type: 'train', data: goodData(), recipe: path, out: out() }),
  ],
  [
    'train.startFrom',
    (path) => () =>
      engine.start({ type: 'train', data: goodData(), recipe: 'vae', out: out(), startFrom: path }),
  ],
  ...Object.entries(dataPlaces).flatMap(([name, data]): [string, (path: string) => Call][] => [
    [`inspect.${name}`, (path) => () => engine.start({ type: 'inspect', data: data(path) })],
    [`dataPage.${name}`, (path) => () => engine.dataPage({ data: data(path) })],
    [
      `reconstruct.${name}`,
      (path) => () => engine.start({ type: 'reconstruct', run: good(), data: data(path), out: out() }),
    ],
    [
      `evaluate-run.${name}`,
      (path) => () => engine.start({ type: 'evaluate-run', run: good(), data: data(path) }),
    ],
  ]),
  [
    'reconstruct.run',
    (path) => () => engine.start({ type: 'reconstruct', run: path, data: goodData(), out: out() }),
  ],
  [
    'reconstruct.out',
    (path) => () => engine.start({ type: 'reconstruct', run: good(), data: goodData(), out: path }),
  ],
  ['evaluate-run.run', (path) => () => engine.start({ type: 'evaluate-run', run: path, data: goodData() })],
  ['archive.run', (path) => () => engine.start({ type: 'archive', run: path, out: out() })],
  ['archive.out', (path) => () => engine.start({ type: 'archive', run: good(), out: path })],
  ['import-run.file', (path) => () => engine.start({ type: 'import-run', file: path })],
  ['import-run.out', (path) => () => engine.start({ type: 'import-run', file: good(), out: path })],
  ['describeRecipe.recipe', (path) => () => engine.describeRecipe({ recipe: path })],
  ['runs', (path) => () => engine.runs(path)],
  ['run', (path) => () => engine.run(path)],
  ['runPicture.run', (path) => () => engine.runPicture({ run: path, name: 'step-1.png' })],
  ['renameRun', (path) => () => engine.renameRun(path, 'Mine')],
  ['deleteRun', (path) => () => engine.deleteRun(path)],
  ['evaluate.folder', (path) => () => engine.start({ type: 'evaluate', model: 'photo', folder: path })],
  ['evaluate.model', (path) => () => engine.start({ type: 'evaluate', model: path, folder: good() })],
  [
    'evaluate.reference',
    (path) => () => engine.start({ type: 'evaluate', model: 'photo', folder: good(), reference: path }),
  ],
  ['export.model', (path) => () => engine.start({ type: 'export', model: path, out: out() })],
  ['export.out', (path) => () => engine.start({ type: 'export', model: 'photo', out: path })],
  ['add.sources', (path) => () => engine.changeQueue({ type: 'add', sources: [path], settings: settings() })],
  [
    'add.settings.out',
    (path) => () => engine.changeQueue({ type: 'add', sources: [good()], settings: settings({ out: path }) }),
  ],
  [
    'add.settings.model',
    (path) => () =>
      engine.changeQueue({ type: 'add', sources: [good()], settings: settings({ model: path }) }),
  ],
  [
    'change.settings.out',
    (path) => () => engine.changeQueue({ type: 'change', ids: 'all', settings: { out: path } }),
  ],
  [
    'change.settings.model',
    (path) => () => engine.changeQueue({ type: 'change', ids: 'all', settings: { model: path } }),
  ],
  ['outputFor.source', (path) => () => engine.outputFor({ source: path, settings: settings() })],
  [
    'outputFor.settings.out',
    (path) => () => engine.outputFor({ source: good(), settings: settings({ out: path }) }),
  ],
  ['thumbnail.path', (path) => () => engine.thumbnail({ path, side: 64 })],
  ['preview.path', (path) => () => engine.preview(page(path))],
  ['screenImage.path', (path) => () => engine.screenImage(page(path))],
  ['previewTile.path', (path) => () => engine.previewTile({ ...page(path), ...place, denoise: null })],
  [
    'previewTile.model',
    (path) => () =>
      engine.previewTile({ ...page(good()), ...place, denoise: { model: path, sigma: 'auto' } }),
  ],
  [
    'residual.path',
    (path) => () => engine.residual({ ...page(path), region, denoise: { model: 'photo', sigma: 'auto' } }),
  ],
  [
    'residual.model',
    (path) => () => engine.residual({ ...page(good()), region, denoise: { model: path, sigma: 'auto' } }),
  ],
]

describe('a guarded engine', () => {
  it.each(calls)('takes a granted path as %s and refuses another', async (_, call) => {
    await expect(call(bad())()).rejects.toMatchObject({ detail: { code: 'path-not-granted', file: bad() } })
    expect(reached).toEqual([])
    await call(good())()
    expect(reached).toHaveLength(1)
  })

  it.each(calls)('refuses tricks as %s', async (_, call) => {
    const tricks = [
      `${temporary('granted')}/../elsewhere/secret.png`,
      'photo/../../secret.onnx',
      './photo',
      'secret.onnx',
      '~/secret.onnx',
      'run-/../../x',
    ]
    for (const trick of tricks) {
      await expect(call(trick)(), trick).rejects.toMatchObject({ detail: { code: 'path-not-granted' } })
    }
    expect(reached).toEqual([])
  })

  it('takes what names no file: ids of models, names of recipes, an output folder that is not said', async () => {
    const recipe = 'photo-denoiser'
    const startFrom = 'run-My run'
    await engine.start({ type: 'train', data: goodData(), recipe, out: out(), startFrom })
    await engine.start({ type: 'train', out: null, resume: true })
    for (const labels of ['folders', 'column:0', 'column:/etc/label', null])
      await engine.dataPage({ data: { sources: [good()], labels } })
    await engine.runs(null)
    await engine.describeRecipe({ recipe })
    await engine.changeQueue({ type: 'change', ids: 'all', settings: { out: null, model: 'night-photos-2' } })
    await engine.changeQueue({ type: 'save', ids: ['1'] })
    await engine.changeQueue({ type: 'clear-done' })
    const pages = new Array(4).fill('dataPage') as string[]
    const changes = new Array(3).fill('changeQueue') as string[]
    expect(reached).toEqual(['start', 'start', ...pages, 'runs', 'describeRecipe', ...changes])
  })

  it('lets pictures be used that the queue holds', async () => {
    const kept = temporary('elsewhere', 'kept.png')
    await expect(engine.preview(page(kept))).rejects.toThrow('path-not-granted')
    await engine.queue()
    await engine.preview(page(kept))
    await engine.thumbnail({ path: temporary('cleaned', 'may', 'kept.png'), side: 64 })
    await expect(engine.preview(page(temporary('cleaned', 'other.png')))).rejects.toThrow('path-not-granted')
    await expect(engine.preview(page(bad()))).rejects.toThrow('path-not-granted')
  })

  it.each(['cleaned', 'cleaned/may'])(
    'lets be written to %s, where the queue writes, and not read',
    async (name) => {
      await engine.queue()
      const folder = temporary(name)
      await engine.changeQueue({ type: 'change', ids: 'all', settings: { out: folder } })
      await engine.changeQueue({ type: 'add', sources: [good()], settings: settings({ out: folder }) })
      await engine.outputFor({ source: good(), settings: settings({ out: folder }) })
      reached = []
      const readings: Call[] = [
        () => engine.changeQueue({ type: 'add', sources: [folder], settings: settings() }),
        () => engine.start({ type: 'denoise', sources: [folder], out: out() }),
        () => engine.start({ type: 'train', data: { sources: [folder] }, recipe: 'vae', out: out() }),
        () => engine.start({ type: 'evaluate', model: 'photo', folder }),
        () => engine.start({ type: 'export', model: folder, out: out() }),
      ]
      for (const reading of readings) await expect(reading()).rejects.toThrow('path-not-granted')
      expect(reached).toEqual([])
    },
  )

  it('lets files be used that events tell of', async () => {
    const events: EngineEvent[] = []
    engine.subscribe((event) => events.push(event))
    const names = ['q.png', 'r.png', 'run', 'm.onnx', 'e.onnx', 'begun', 's.png', 'a.zip', 'imported']
    const paths = names.map((name) => temporary('told', name))
    const [queued, row, run, model, exported, begun, sheet, archive, imported] = paths as [
      ...[string, string, string, string, string],
      ...[string, string, string, string],
    ]
    const change = { items: [item(queued, null)], removed: [], paused: false, progress: null }
    const told = [
      { event: 'queue', change },
      { id: '1', event: 'denoised', row: { source: good(), output: row, status: 'done' } },
      { id: '1', event: 'began', run: begun },
      { id: '1', event: 'done', result: { type: 'train', steps: 1, run, model, validation: {} } },
      { id: '1', event: 'done', result: { type: 'export', file: exported } },
      { id: '1', event: 'done', result: { type: 'reconstruct', items: 1, files: [sheet] } },
      { id: '1', event: 'done', result: { type: 'archive', file: archive, bytes: 1 } },
      { id: '1', event: 'done', result: { type: 'import-run', run: imported } },
      { event: 'models' },
    ] as unknown as EngineEvent[]
    for (const path of paths) await expect(engine.preview(page(path))).rejects.toThrow('path-not-granted')
    for (const event of told) tell(event)
    for (const path of paths) await engine.preview(page(path))
    expect(events).toEqual(told)
  })

  it('lets a model’s file be exported that the engine listed', async () => {
    await engine.models()
    await engine.addModel({ file: good() })
    await engine.renameModel('m', 'M')
    for (const name of ['m', 'added', 'renamed'])
      await engine.start({
        type: 'export',
        model: temporary('models', `${name}.onnx`),
        out: join(out(), name),
      })
    expect(reached.filter((name) => name === 'start')).toHaveLength(3)
  })

  it('lets runs be used that the engine listed or trains, and recipes that come with it', async () => {
    await engine.runs(null)
    await engine.renameRun(good(), 'Mine')
    await engine.jobs()
    await engine.recipes()
    reached = []
    for (const name of ['listed', 'renamed', 'trained']) await engine.run(temporary('runs', name))
    await engine.describeRecipe({ recipe: temporary('assets', 'recipes', 'vae.json') })
    await expect(engine.run(temporary('runs', 'other'))).rejects.toThrow('path-not-granted')
    expect(reached).toEqual(['run', 'run', 'run', 'describeRecipe'])
  })

  it('does not close the engine', async () => {
    await engine.close()
    expect(reached).toEqual([])
  })
})
