import type { AnalysisResult } from '../contract/analysis-jobs.ts'
import type { Cli } from './context.ts'
import { anomalyFitLines, anomalyScoreLines } from './present-anomaly.ts'
import { classifyFitLines, classifyPredictLines } from './present-classify.ts'

/** What a detector or a classifier was made of, or found. */
export function analysisLines(cli: Cli, result: AnalysisResult): string[] {
  switch (result.type) {
    case 'anomaly-fit':
      return anomalyFitLines(cli, result)
    case 'anomaly-score':
      return anomalyScoreLines(cli, result)
    case 'classify-fit':
      return classifyFitLines(cli, result)
    case 'classify-predict':
      return classifyPredictLines(cli, result)
  }
}
