import type { z } from 'zod'
import type {
  AnalysisSheetQuestion,
  AnomalyItem,
  AnomalyItemQuestion,
  AnomalyScores,
} from '../../contract/analysis.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { EncodedImage } from '../../contract/preview.ts'
import { undoScaling } from '../data/scaling.ts'
import { createCache } from '../preview/cache.ts'
import type { QuestionContext } from '../question-context.ts'
import { analysisVersion } from '../storage/analysis-folders.ts'
import { framePng, type Frame } from '../storage/frames.ts'
import { gridPng, rangeOf, type Cell } from '../storage/sheet.ts'
import { readDetector, type OpenDetector } from './detector.ts'
import { judged, type Judged } from './judge.ts'
import { openJudge, type OpenJudge } from './open.ts'
import { fitted, picturesOf, withHeat } from './pictures.ts'
import { readScores, type StoredScores } from './score-store.ts'

/** Answers the window's questions about scores. What was scored stays open for a while. */
export interface ScoreQuestions {
  scores(id: string): Promise<AnomalyScores>
  item(question: z.output<typeof AnomalyItemQuestion>): Promise<AnomalyItem>
  sheet(question: z.output<typeof AnalysisSheetQuestion>): Promise<EncodedImage>
  close(): Promise<void>
}

interface OpenScores {
  stored: StoredScores
  open: OpenDetector
  judge: OpenJudge
  /** Of the detector when it was opened. */
  version: number
}

const mostOpen = 2
/** Side of the picture of one item, about: small ones are enlarged, large ones stay. */
const itemSide = { least: 160, most: 1024 }
const background = [36, 36, 36] as const
const gap = 2

export function createScoreQuestions({ home, backend, signal, inTurn }: QuestionContext): ScoreQuestions {
  const context = { home, signal, pause: () => Promise.resolve(), emit: () => undefined }
  const cache = createCache<OpenScores>({
    limit: mostOpen,
    weigh: () => 1,
    isCurrent: async ({ open, version }) => (await analysisVersion(open.path, 'detector')) === version,
    drop: ({ judge }) => judge.close(),
  })

  const openScores = (id: string): Promise<OpenScores> =>
    cache.get(id, async () => {
      const stored = await readScores(home, id)
      const path = stored.summary.detector
      const version = await analysisVersion(path, 'detector')
      const open = await readDetector(path)
      const how = { kind: open.detector.score, whitening: open.whitening }
      const judge = await openJudge(open.run, stored.data, how, { ...context, backend: await backend() })
      if (judge.data.dataset.samplesSha256 === stored.sha256) return { stored, open, judge, version }
      await judge.close()
      throw new DarkroomError('file-not-found', { file: id, expected: 'the data that were scored' })
    })

  /** What a detector makes of items, in their order. */
  async function look({ stored, judge }: OpenScores, indexes: number[]): Promise<Judged[]> {
    const wrong = indexes.find((index) => index >= stored.units.length)
    if (wrong !== undefined)
      throw new DarkroomError('argument-invalid', {
        file: stored.id,
        expected: `an item from 0 to ${stored.units.length - 1}`,
        received: `${wrong}`,
      })
    const found: Judged[] = []
    for await (const one of judged(
      judge,
      indexes.map((index) => stored.units[index]!),
      context,
    ))
      found.push(one)
    return found
  }

  async function itemOf(index: number, opened: OpenScores): Promise<AnomalyItem> {
    const { stored, open } = opened
    const [one] = await look(opened, [index])
    const pictures = picturesOf(one!, stored.heatScale)
    const { labels } = stored
    return {
      ...{ name: stored.names[index]!, score: stored.scores[index]!, percentile: stored.percentiles[index]! },
      label: labels?.names[labels.of[index]!] ?? null,
      sample: await encoded(sized(pictures.sample)),
      reconstruction: await encoded(sized(pictures.reconstruction)),
      heat: pictures.heat && (await encoded(sized(pictures.heat))),
      curves: one!.shape.length === 1 ? curvesOf(one!, open) : null,
    }
  }

  return {
    scores: async (id) => shown(await readScores(home, id)),
    item: ({ id, index }) => inTurn(async () => itemOf(index, await openScores(id))),
    sheet: ({ id, indexes, cell, columns, what }) =>
      inTurn(async () => {
        const opened = await openScores(id)
        const found = await look(opened, indexes)
        return sheetOf(found, opened.stored.heatScale, { cell, columns, what })
      }),
    close: () => cache.clear(),
  }
}

/** Without what only the engine needs. */
function shown(stored: StoredScores): AnomalyScores {
  const { id, summary, data, names, scores, percentiles, truth, labels } = stored
  const { calibration, hasHeat, heatScale } = stored
  return {
    ...{ id, summary, data, names, scores, percentiles, truth, labels },
    ...{ calibration, hasHeat, heatScale },
  }
}

function sized(frame: Frame): Frame {
  const longest = Math.max(frame.width, frame.height)
  if (longest < itemSide.least) return fitted(frame, itemSide.least)
  return longest > itemSide.most ? fitted(frame, itemSide.most) : frame
}

async function encoded(frame: Frame): Promise<EncodedImage> {
  const { width, height } = frame
  return { bytes: await framePng(frame), type: 'image/png', width, height }
}

/** In the data's own unit. */
function curvesOf({ sample, reconstruction, shape }: Judged, { run }: OpenDetector): AnomalyItem['curves'] {
  const { recipe, data } = run.info
  const rows = recipe.data.type === 'rows' ? (recipe.data.window?.length ?? 1) : 1
  const own = (values: Float32Array): number[] =>
    Array.from(data.scaling === null ? values : undoScaling(values, data.scaling))
  // A row is one curve; a window has one for each of its columns.
  const columns = rows === 1 ? 1 : shape[0]! / rows
  return { sample: own(sample), reconstruction: own(reconstruction), columns }
}

async function sheetOf(
  items: Judged[],
  scale: [number, number],
  { cell, columns, what }: Pick<z.output<typeof AnalysisSheetQuestion>, 'cell' | 'columns' | 'what'>,
): Promise<EncodedImage> {
  const side = cell - gap
  const values = items.map((one) => (what === 'reconstruction' ? one.reconstruction : one.sample))
  const isRows = items[0]!.shape.length === 1
  const cells = items.map((one, i): Cell => {
    if (isRows) return { curve: values[i]! }
    const pictures = picturesOf(one, scale)
    const { width, height, data } = fitted(what === 'heat' ? withHeat(pictures) : pictures[what], side)
    return { width, height, channels: 4, data }
  })
  const lines: Cell[][] = []
  for (let from = 0; from < cells.length; from += columns) lines.push(cells.slice(from, from + columns))
  const bytes = await gridPng(lines, {
    ...{ width: side, height: side, gap, edge: gap / 2, background, limit: Infinity },
    range: isRows ? rangeOf(values) : [0, 1],
  })
  const width = cell * Math.min(columns, cells.length)
  return { bytes, type: 'image/png', width, height: cell * lines.length }
}
