import type { JobContext } from '../jobs/context.ts'

type Stepping = Pick<JobContext, 'signal' | 'pause'>

/** Between two pieces of work. @throws the reason of the signal where the job is to stop */
export const pausing =
  ({ signal, pause }: Stepping) =>
  async (): Promise<void> => {
    signal.throwIfAborted()
    await pause()
  }

/** The same, and tells how many of `total` are done, where that is news. @throws as `pausing` */
export function stepping(
  context: Stepping & Pick<JobContext, 'emit'>,
  total: number,
): (done: number) => Promise<void> {
  const pause = pausing(context)
  let told = -1
  return (done) => {
    if (done !== told) context.emit({ event: 'progress', progress: { done, total, secondsLeft: null } })
    told = done
    return pause()
  }
}
