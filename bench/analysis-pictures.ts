/**
 * The pictures of `docs/analysis.md`, into `docs/pictures/analysis`, of what its commands made:
 *
 *   npx tsx bench/analysis-pictures.ts [--heartbeats <detector>] [--tiles <detector>] [--labels <table of bench/labels.ts>]
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import type { AnalysisResult } from '../src-main/contract/analysis-jobs.ts'
import type { AnalysisSheetQuestion, AnomalyScores } from '../src-main/contract/analysis.ts'
import { readDetector } from '../src-main/engine/anomaly/detector.ts'
import { createEngine } from '../src-main/engine/engine.ts'
import { histograms } from './analysis/histograms.ts'
import { labelCurve } from './analysis/label-curve.ts'
import { root, runJob } from './support.ts'

const { values: options } = parseArgs({
  options: { heartbeats: { type: 'string' }, tiles: { type: 'string' }, labels: { type: 'string' } },
})
const out = join(root, 'docs/pictures/analysis')
/** Side of a picture of a tile. */
const cell = 112

const home = await mkdtemp(join(tmpdir(), 'darkroom-'))
const engine = createEngine({ home, onError: console.error })
await mkdir(out, { recursive: true })
if (options.heartbeats !== undefined)
  await writeFile(join(out, 'heartbeats.svg'), histograms(await scoresOf(options.heartbeats)))
if (options.tiles !== undefined) await writeFile(join(out, 'tiles.png'), await heatSheet(options.tiles))
if (options.labels !== undefined)
  await writeFile(join(out, 'labels.svg'), labelCurve(await readFile(options.labels, 'utf8')))
await engine.close()
await rm(home, { recursive: true })

/** Of the test part of what a detector was fitted on. */
async function scoresOf(folder: string): Promise<AnomalyScores> {
  const { detector } = await readDetector(resolve(folder))
  const ended = await runJob(engine, {
    ...{ type: 'anomaly-score', detector: resolve(folder), data: detector.data, split: 'test' },
  })
  if (ended.event !== 'done') throw new Error(JSON.stringify(ended))
  return engine.anomalyScores((ended.result as AnalysisResult & { type: 'anomaly-score' }).scores)
}

/** Of each kind the image of the highest score and that of the middle one; below them what the network makes of them, and their heat maps. */
async function heatSheet(folder: string): Promise<Buffer> {
  const { id, scores, labels } = await scoresOf(folder)
  if (labels === null) throw new Error(`${folder} was fitted without labels`)
  const indexes = labels.names.flatMap((_, label) => {
    const own = Array.from(scores.keys())
      .filter((i) => labels.of[i] === label)
      .sort((a, b) => scores[b]! - scores[a]!)
    return own.length === 0 ? [] : [own[0]!, own[own.length >> 1]!]
  })
  console.log(`columns of tiles.png: ${labels.names.join(', ')}; of each the highest and the middle score`)
  const question = { id, indexes, cell, columns: indexes.length }
  const sheet = (what: AnalysisSheetQuestion['what']) =>
    engine.analysisSheet({ ...question, ...(what !== undefined && { what }) })
  const lines = [await sheet('sample'), await sheet('reconstruction'), await sheet('heat')]
  return sharp({
    create: { width: lines[0]!.width, height: cell * lines.length, channels: 3, background: '#242424' },
  })
    .composite(lines.map(({ bytes }, i) => ({ input: Buffer.from(bytes), left: 0, top: i * cell })))
    .png({ compressionLevel: 9 })
    .toBuffer()
}
