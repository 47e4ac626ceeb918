import type { AnalysisResult } from '../contract/analysis-jobs.ts'
import type { Cli } from './context.ts'

/** What a detector or a classifier was made of, or found. */
export function analysisLines(_cli: Cli, result: AnalysisResult): string[] {
  return [result.type]
}
