import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { z } from 'zod'
import type {
  AnalysisSheetQuestion,
  AnalysisSummary,
  AnomalyItem,
  AnomalyItemQuestion,
  AnomalyScores,
  LabelAnswer,
  LabelQuestion,
  Predictions,
} from '../contract/analysis.ts'
import { DarkroomError } from '../contract/errors.ts'
import type { EncodedImage } from '../contract/preview.ts'
import { detectorSummary } from './anomaly/detector.ts'
import { createScoreQuestions } from './anomaly/questions.ts'
import { classifierSummary } from './classify/classifier.ts'
import { createClassifyQuestions } from './classify/questions.ts'
import type { QuestionContext } from './question-context.ts'
import { analysesFolder, analysisKind, type AnalysisKind } from './storage/analysis-folders.ts'

/** The detectors and classifiers there are, and questions on what they found. */
export interface Analyses {
  list(): Promise<AnalysisSummary[]>
  summary(path: string): Promise<AnalysisSummary>
  remove(path: string): Promise<void>
  scores(id: string): Promise<AnomalyScores>
  item(question: z.output<typeof AnomalyItemQuestion>): Promise<AnomalyItem>
  predictions(id: string): Promise<Predictions>
  sheet(question: z.output<typeof AnalysisSheetQuestion>): Promise<EncodedImage>
  askLabels(question: z.output<typeof LabelQuestion>): Promise<LabelAnswer>
  close(): Promise<void>
}

const summaries: Record<AnalysisKind, (path: string) => Promise<AnalysisSummary>> = {
  detector: detectorSummary,
  classifier: classifierSummary,
}

/** @throws analysis-unreadable */
async function summaryOf(path: string): Promise<AnalysisSummary> {
  const folder = resolve(path)
  const kind = await analysisKind(folder)
  if (kind === null) throw new DarkroomError('analysis-unreadable', { file: folder })
  return summaries[kind](folder)
}

export function createAnalyses(context: QuestionContext): Analyses {
  const { home } = context
  const scores = createScoreQuestions(context)
  const classify = createClassifyQuestions(context)
  return {
    async list() {
      const folder = analysesFolder(home)
      const names = await readdir(folder).catch(() => [])
      // One that cannot be read is left out, as a folder of anything else.
      const found = await Promise.all(names.map((name) => summaryOf(join(folder, name)).catch(() => null)))
      return found.filter((one) => one !== null).sort((a, b) => (a.at < b.at ? 1 : -1))
    },
    summary: summaryOf,
    async remove(path) {
      const folder = resolve(path)
      if ((await analysisKind(folder)) === null)
        throw new DarkroomError('analysis-unreadable', { file: folder })
      await rm(folder, { recursive: true })
    },
    scores: (id) => scores.scores(id),
    item: (question) => scores.item(question),
    predictions: (id) => classify.predictions(id),
    sheet: (question) =>
      question.id.startsWith('scores-') ? scores.sheet(question) : classify.sheet(question),
    askLabels: (question) => classify.askLabels(question),
    async close() {
      await scores.close()
      await classify.close()
    },
  }
}
