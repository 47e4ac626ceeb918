import type { AnalysisSummary } from '../../../src-main/contract/analysis.ts'
import type { DataReport, DataSource, SplitName } from '../../../src-main/contract/dataset.ts'
import { toErrorDetail, type ErrorDetail } from '../../../src-main/contract/errors.ts'
import type { Link } from '../../state/connection.svelte.ts'
import type { JobWatch } from '../../state/run-job.ts'
import { createWork, type Work } from '../../state/work.svelte.ts'
import { createDataChoice, type DataChoice } from '../train/setup/data/data-choice.svelte.ts'

/** A detector or a classifier that is applied to data: those it was made with, or others. */
export interface Applied<Analysis, Input, Result> {
  /** Null until it is known. */
  readonly analysis: Analysis | null
  /** Why nothing can be done with it. */
  readonly error: ErrorDetail | null

  /** Other data than those that it was made with. */
  readonly data: DataChoice
  /** Whether it is applied to those that it was made with. */
  readonly isOwn: boolean
  /** Which part of its own. */
  split: SplitName
  takeOwn(): void
  chooseData(source: DataSource): Promise<void>
  chooseLabels(labels: string | null): Promise<void>
  /** As it would be started now; null while something is missing. */
  readonly job: Input | null
  readonly work: Work
  start(): Promise<void>

  /** The last one; it stays while another is made. */
  readonly result: Result | null
  /** What it was made by: exports ask for the same. */
  readonly madeBy: Input | null
}

/** Data that a job is asked for: a split of its own, or others as a whole. */
export interface AskedData {
  data: DataSource
  split: SplitName | null
}

/** What is peculiar to one kind of analysis. */
interface Application<Kind extends AnalysisSummary['kind'], Input, Result> {
  kind: Kind
  /** @param report what was found in other data; null for its own. @returns null where something is missing */
  jobOf: (data: AskedData, report: DataReport | null) => Input | null
  /** Runs the job. @returns the id of what came of it */
  run: (input: Input, watch: JobWatch) => Promise<string>
  /** What came of a job. @throws where the engine has not kept it */
  find: (id: string) => Promise<Result>
  /** Other data or other labels were looked through. */
  onlook?: (analysis: AnalysisOf<Kind> | null, report: DataReport | null) => void
  /** There is something new to look at. */
  onresult: (result: Result) => void
}

type AnalysisOf<Kind> = Extract<AnalysisSummary, { kind: Kind }>

/** @param path folder of the analysis */
export function createApplied<Kind extends AnalysisSummary['kind'], Input, Result extends { id: string }>(
  link: Link,
  path: string,
  { kind, jobOf, run, find, onlook, onresult }: Application<Kind, Input, Result>,
): Applied<AnalysisOf<Kind>, Input, Result> {
  let analysis = $state.raw<AnalysisOf<Kind> | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  const data = createDataChoice(link)
  let split = $state<SplitName>('test')
  const work = createWork()
  let result = $state.raw<Result | null>(null)
  let madeBy = $state.raw<Input | null>(null)

  async function read(): Promise<void> {
    try {
      const found = await link.engine.analysis(path)
      if (found.kind === kind) [analysis, error] = [found as AnalysisOf<Kind>, null]
      else error = { code: 'analysis-unreadable', file: path }
    } catch (thrown) {
      error = toErrorDetail(thrown)
    }
  }
  link.onReady(() => {
    void read()
    const [shown, by] = [result, madeBy]
    // A new engine may not have kept it: it is made again, the same.
    if (shown !== null && by !== null)
      find(shown.id).catch(() => {
        if (result === shown) void make(by)
      })
  })

  const job = $derived.by((): Input | null => {
    if (analysis === null || data.isLooking) return null
    const { source, report } = data
    if (source === null) return jobOf({ data: analysis.source, split }, null)
    if (report === null || report.items === 0 || report.words !== null) return null
    return jobOf({ data: source, split: null }, report)
  })

  async function make(input: Input): Promise<void> {
    const made = await work.run(async (watch) => find(await run(input, watch)))
    if (made === null) return
    const isSame = madeBy === input
    ;[result, madeBy] = [made, input]
    if (!isSame) onresult(made)
  }

  return {
    get analysis() {
      return analysis
    },
    get error() {
      return error
    },
    data,
    get isOwn() {
      return data.source === null
    },
    get split() {
      return split
    },
    set split(next) {
      split = next
    },
    takeOwn: () => data.clear(),
    async chooseData(source) {
      await data.choose(source)
      onlook?.(analysis, data.report)
    },
    async chooseLabels(labels) {
      await data.setLabels(labels)
      onlook?.(analysis, data.report)
    },
    get job() {
      return job
    },
    work,
    async start() {
      if (job !== null) await make(job)
    },
    get result() {
      return result
    },
    get madeBy() {
      return madeBy
    },
  }
}
