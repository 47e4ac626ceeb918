import type { Progress } from '../../contract/jobs.ts'

/** Seconds of work before a rate is worth telling. */
const firstEstimate = 1

/**
 * Turns finished work into progress: rate and time left follow the megapixels, because files differ in size.
 * @param total files in all, and their megapixels; looked at anew each time, for they may change while the work goes on.
 * @param now a clock in milliseconds.
 */
export function createMeter(total: Readonly<{ files: number; megapixels: number }>, now: () => number) {
  const started = now()
  let files = 0
  let megapixels = 0
  return {
    /** Books one file, done or failed. */
    finish(fileMegapixels: number): void {
      files++
      megapixels += fileMegapixels
    },
    seconds: (): number => (now() - started) / 1000,
    /** @param partly megapixels of the file that is being worked on that are done already. */
    progress(partly: number, current?: string): Progress {
      const seconds = (now() - started) / 1000
      const done = megapixels + partly
      const rate = seconds > 0 ? done / seconds : 0
      const known = seconds >= firstEstimate && rate > 0
      return {
        done: files,
        total: total.files,
        secondsLeft: known ? Math.max(0, total.megapixels - done) / rate : null,
        ...(known ? { megapixelsPerSecond: rate } : {}),
        ...(current === undefined ? {} : { current }),
      }
    },
  }
}
