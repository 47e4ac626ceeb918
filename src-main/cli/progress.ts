import type { Progress } from '../contract/jobs.ts'
import type { Cli } from './context.ts'
import { byteSize, duration, fitWidth, printable } from './text.ts'

const barColumns = 24
/** Milliseconds between two lines of progress where there is no terminal to redraw. */
const plainInterval = 10_000

/** What the progress of a job counts. */
export type ProgressUnit = 'images' | 'items' | 'steps' | 'bytes'

export interface ProgressLine {
  show(progress: Progress): void
  /** Takes the line away, so that something else can be printed. */
  clear(): void
}

/** Progress on the error stream: one line that is redrawn on a terminal, now and then a line anywhere else. */
export function createProgressLine(cli: Cli, unit: ProgressUnit, now = Date.now): ProgressLine {
  const { stderr } = cli.host
  let shown = false
  let lastLine = now()

  const amount = (value: number): string | number => (unit === 'bytes' ? byteSize(value) : value)
  const facts = (progress: Progress): string =>
    [
      progress.step !== undefined && cli.text(`staging.${progress.step}`),
      cli.text(`progress.${unit}`, { done: amount(progress.done), total: amount(progress.total) }),
      progress.megapixelsPerSecond !== undefined &&
        cli.text('progress.rate', { rate: progress.megapixelsPerSecond.toFixed(2) }),
      progress.secondsLeft !== null && cli.text('progress.left', { time: duration(progress.secondsLeft) }),
      progress.current !== undefined && printable(progress.current),
    ]
      .filter(Boolean)
      .join(' · ')

  if (stderr.isTTY !== true)
    return {
      show(progress) {
        if (now() - lastLine < plainInterval) return
        lastLine = now()
        cli.note(facts(progress))
      },
      clear: () => undefined,
    }
  return {
    show(progress) {
      const filled = Math.round((barColumns * progress.done) / Math.max(1, progress.total))
      const bar = '█'.repeat(filled) + '░'.repeat(barColumns - filled)
      // One column stays free: a full line would wrap on some terminals.
      stderr.write(`\r\x1b[K${fitWidth(`${bar} ${facts(progress)}`, (stderr.columns ?? 80) - 1)}`)
      shown = true
    },
    clear() {
      if (shown) stderr.write('\r\x1b[K')
      shown = false
    },
  }
}
