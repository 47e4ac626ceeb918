import { Recipe } from '../../src-main/contract/recipe.ts'
import type { HistoryRow, RunDetail, RunSummary } from '../../src-main/contract/runs.ts'

export const recipe: Recipe = Recipe.parse({
  version: 2,
  name: 'undercomplete',
  data: { type: 'images' },
  model: {
    type: 'autoencoder',
    encoder: { layers: [{ type: 'dense', units: 128 }], latentDim: 64 },
    decoder: {},
  },
  loss: { type: 'mse' },
  optimizer: { rate: 0.001 },
  batch: 128,
  epochs: 10,
})

/** One row of a synthetic history: the loss falls as 1 / step. */
export const historyRow = (step: number, changes: Partial<HistoryRow> = {}): HistoryRow => ({
  step,
  epoch: step / 100,
  stage: 'train',
  rate: 0.001,
  stepMs: 2,
  samplesPerSecond: 64_000,
  memory: 3e8,
  seconds: step / 500,
  training: { loss: 10 / step, reconstruction: 9 / step },
  validation: step % 100 === 0 ? { loss: 11 / step, psnr: 20 } : null,
  ...changes,
})

export const historyRows = (from: number, to: number, by = 1): HistoryRow[] =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => historyRow(from + index * by))

export const runSummary = (path: string, changes: Partial<RunSummary> = {}): RunSummary => ({
  path,
  title: path.slice(1),
  state: 'stopped',
  recipe: recipe.name,
  model: 'autoencoder',
  data: 'clothes.idx.gz',
  step: 100,
  steps: 1000,
  validation: { loss: 0.11 },
  changedAt: '2026-11-01T10:00:00.000Z',
  error: null,
  warnings: [],
  ...changes,
})

export const runDetail = (
  path: string,
  history: HistoryRow[],
  changes: Partial<RunDetail> = {},
): RunDetail => ({
  summary: runSummary(path),
  info: {
    version: 2,
    product: '1.2.3',
    recipe,
    data: {
      sources: ['/data/clothes.idx.gz'],
      labels: null,
      kind: 'idx',
      items: 1000,
      shape: [28, 28, 1],
      sha256: 'ab'.repeat(32),
      labelNames: null,
      scaling: null,
      skipped: [],
      skippedCount: 0,
    },
    split: { training: 800, validation: 100, test: 100, stratified: false, sha256: 'cd'.repeat(32) },
    parameters: 109_968,
    startFrom: null,
    sessions: [],
    finished: null,
  },
  history,
  layers: [{ name: 'code', kind: 'dense 64 relu', output: [64], parameters: 50_240 }],
  previews: ['step-000100.png'],
  previewRows: ['input', 'output'],
  ...changes,
})
