import type { Engine } from '../contract/engine.ts'
import { toErrorDetail } from '../contract/errors.ts'
import type { JobEvent, JobInput } from '../contract/jobs.ts'
import type { Cli } from './context.ts'
import { exitCodes, signalExitCodes } from './exit-codes.ts'
import { createPresenter, type Presentation } from './present.ts'

type StopSignal = keyof typeof signalExitCodes
const stopSignals = Object.keys(signalExitCodes) as StopSignal[]

export interface JobPresentation extends Presentation {
  /** What else is to be said at an event. */
  onEvent?: (event: JobEvent, engine: Engine) => Promise<void>
}

/**
 * Runs one job to its end and returns the exit code. A first Ctrl-C (or SIGTERM, SIGHUP) asks the job to stop at the next safe
 * point; a second ends the process.
 */
export async function runJob(cli: Cli, job: JobInput, presentation: JobPresentation): Promise<number> {
  const engine = cli.openEngine()
  const present = createPresenter(cli, presentation)
  // What is said of one event takes its time; those after it wait for their turn.
  let said = Promise.resolve()
  const state: { id: string | null; stoppedBy: StopSignal | null } = { id: null, stoppedBy: null }

  const ended = new Promise<JobEvent>((resolve) => {
    engine.subscribe((event) => {
      if (!('id' in event)) return
      said = said.then(async () => {
        present(event)
        await presentation.onEvent?.(event, engine).catch((thrown: unknown) => {
          cli.complain(toErrorDetail(thrown), thrown)
        })
      })
      if (event.event === 'done' || event.event === 'failed' || event.event === 'cancelled') resolve(event)
    })
  })
  const stop = (signal: NodeJS.Signals): void => {
    const known = stopSignals.find((one) => one === signal)!
    if (state.stoppedBy !== null) return cli.host.exit(signalExitCodes[known])
    state.stoppedBy = known
    if (!presentation.quiet) {
      const key = job.type === 'train' ? 'progress.stopping-training' : 'progress.stopping'
      cli.note(cli.text(key))
    }
    if (state.id !== null) void engine.stop(state.id)
  }
  for (const signal of stopSignals) cli.host.signals.on(signal, stop)
  try {
    state.id = await engine.start(job)
    if (state.stoppedBy !== null) await engine.stop(state.id)
    const last = await ended
    await said
    return exitCodeOf(last, state.stoppedBy)
  } finally {
    for (const signal of stopSignals) cli.host.signals.off(signal, stop)
    await engine.close()
  }
}

function exitCodeOf(last: JobEvent, stoppedBy: StopSignal | null): number {
  if (last.event === 'cancelled' && stoppedBy !== null) return signalExitCodes[stoppedBy]
  if (last.event === 'failed')
    return last.error.code === 'argument-invalid' ? exitCodes.usage : exitCodes.failed
  const failed = last.event === 'done' && last.result.type === 'denoise' && last.result.failed > 0
  return failed || last.event === 'cancelled' ? exitCodes.failed : exitCodes.done
}
