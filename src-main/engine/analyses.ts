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
import type { Backend } from './backend/backend.ts'

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

export interface AnalysesOptions {
  /** The program's own folder. */
  home: string
  openBackend: () => Promise<Backend>
}

export function createAnalyses(_: AnalysesOptions): Analyses {
  const missing = (): Promise<never> => Promise.reject(new DarkroomError('analysis-unreadable'))
  return {
    list: () => Promise.resolve([]),
    summary: missing,
    remove: missing,
    scores: missing,
    item: missing,
    predictions: missing,
    sheet: missing,
    askLabels: missing,
    close: () => Promise.resolve(),
  }
}
