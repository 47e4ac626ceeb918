import { runJob } from '../../bench/support.ts'
import type { Engine } from '../../src-main/contract/engine.ts'
import type { JobInput, JobResult } from '../../src-main/contract/jobs.ts'

/** Some kinds of jobs share a kind of result. */
type ResultOf<Type, Result = JobResult> = Result extends { type: infer Types }
  ? Type extends Types
    ? Result
    : never
  : never

/** What a job ends with. @throws what else it ended with */
export async function resultOf<Type extends JobResult['type']>(
  engine: Engine,
  job: JobInput & { type: Type },
): Promise<ResultOf<Type>> {
  const last = await runJob(engine, job)
  if (last.event !== 'done') throw new Error(JSON.stringify(last))
  return last.result as ResultOf<Type>
}

/** The plain data of what a job failed with. @throws where it did not fail */
export async function failureOf(engine: Engine, job: JobInput): Promise<object> {
  const last = await runJob(engine, job)
  if (last.event !== 'failed') throw new Error(`ended with ${last.event}`)
  return last.error
}
