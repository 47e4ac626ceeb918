import type { JobResult } from '../../contract/jobs.ts'
import type { StageNativeJob, StagingStep } from '../../contract/native.ts'
import { reportOf, tryNative } from '../backend/trial.ts'
import { hasNvidiaDriver } from '../staging/offer.ts'
import { kindOf } from '../staging/pins.ts'
import { stage } from '../staging/stage.ts'
import { nativeFolder } from '../storage/home.ts'
import type { JobContext } from './context.ts'

/** Seconds of downloading before the time left can be told. */
const firstEstimate = 2

/**
 * Puts the native engine into the program's own folder and has it pass its self-test, or not. An engine that is there already is only
 * tested.
 * @throws as `stage`
 */
export async function stageNative(job: StageNativeJob, context: JobContext): Promise<JobResult> {
  const { home, signal, emit } = context
  let step: StagingStep = 'download'
  let [done, total] = [0, 0]
  let began = { file: '', at: 0, bytes: 0 }
  const tell = (secondsLeft: number | null, current?: string): void =>
    emit({
      event: 'progress',
      progress: { done, total, secondsLeft, step, ...(current !== undefined && { current }) },
    })
  const install = await stage(nativeFolder(home), kindOf(job.cuda), {
    ...{ force: job.force, signal },
    onBytes(bytes, all, { file }) {
      ;[done, total] = [bytes, all]
      // Each file anew: the small ones take their time with other things than bytes.
      if (began.file !== file) began = { file, at: performance.now(), bytes }
      const seconds = (performance.now() - began.at) / 1000
      const rate = (bytes - began.bytes) / seconds
      tell(seconds > firstEstimate && rate > 0 ? (all - bytes) / rate : null, file)
    },
    onStep(next) {
      step = next
      if (next !== 'download') done = total
      tell(null)
    },
  })
  const { version, cuda, folder } = install
  if (cuda && !(await hasNvidiaDriver())) emit({ event: 'warned', warning: 'native.no-card' })
  const trial = await tryNative({ home, anew: true })
  return { type: 'stage-native', staged: { version, cuda, folder }, selfTest: reportOf(trial) }
}
