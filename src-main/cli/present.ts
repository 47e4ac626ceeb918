import type { DenoiseRow, EvaluateRow, JobEvent, JobResult, TrainRow } from '../contract/jobs.ts'
import { isMessageKey } from '../contract/messages/messages.ts'
import type { Cli } from './context.ts'
import { createProgressLine } from './progress.ts'
import { duration } from './text.ts'

export interface Presentation {
  /** Every event as one JSON line on the standard output, and nothing else there. */
  json: boolean
  /** Errors only. */
  quiet: boolean
  /** What the progress counts. */
  unit: 'images' | 'steps'
}

/** Shows the events of a job: results on the standard output, progress and trouble on the error stream. */
export function createPresenter(cli: Cli, { json, quiet, unit }: Presentation): (event: JobEvent) => void {
  const progressLine = createProgressLine(cli, unit)
  const say = (...lines: string[]): void => {
    if (!quiet && !json) lines.forEach(cli.out)
  }
  return (event) => {
    if (json) cli.host.stdout.write(`${JSON.stringify(event)}\n`)
    if (event.event === 'progress') {
      if (!quiet && !json) progressLine.show(event.progress)
      return
    }
    progressLine.clear()
    switch (event.event) {
      case 'denoised':
        if (event.row.error) cli.complain(event.row.error)
        say(...denoisedLines(cli, event.row))
        if (!quiet && !json) for (const line of warningLines(cli, event.row)) cli.note(line)
        return
      case 'evaluated':
        return say(evaluatedLine(cli, event.row))
      case 'trained':
        return say(...trainedLines(cli, event.row))
      case 'done':
        return say(resultLine(cli, event.result))
      case 'failed':
        return cli.complain(event.error)
      case 'cancelled':
        if (!quiet && !json) cli.note(cli.text('result.cancelled'))
    }
  }
}

/** What is worth a line of its own: the rows of a plan. Files that were cleaned are counted by the progress. */
function denoisedLines(cli: Cli, { status, source, output }: DenoiseRow): string[] {
  if (status === 'planned') return [`${source} → ${output ?? ''}`]
  if (status === 'skipped' || status === 'ignored') return [cli.text(`row.${status}`, { source })]
  return []
}

const warningLines = (cli: Cli, { source, warnings }: DenoiseRow): string[] =>
  (warnings ?? []).map((key) => `${source}: ${isMessageKey(key) ? cli.text(key) : key}`)

const decibel = (value: number): string => value.toFixed(2)
const similarity = (value: number): string => value.toFixed(4)

const quality = (row: { noisyPsnr: number; psnr: number; noisySsim: number; ssim: number }) => ({
  noisyPsnr: decibel(row.noisyPsnr),
  psnr: decibel(row.psnr),
  noisySsim: similarity(row.noisySsim),
  ssim: similarity(row.ssim),
})

const evaluatedLine = (cli: Cli, row: EvaluateRow): string =>
  cli.text('row.evaluate', { file: row.file, sigma: row.sigma.toFixed(1), ...quality(row) })

function trainedLines(cli: Cli, row: TrainRow): string[] {
  const facts = {
    step: row.step,
    loss: row.loss.toPrecision(4),
    rate: row.rate.toPrecision(3),
    stepMs: row.stepMs.toFixed(0),
  }
  const validation = Object.entries(row.psnr ?? {}).map(([sigma, value]) =>
    cli.text('row.train-psnr', { sigma, psnr: decibel(value) }),
  )
  return [cli.text('row.train', facts), ...validation.map((line) => `  ${line}`)]
}

function resultLine(cli: Cli, result: JobResult): string {
  switch (result.type) {
    case 'denoise': {
      const { done, skipped, ignored, failed, planned, seconds, megapixels } = result
      if (planned > 0) return cli.text('result.plan', { planned, skipped, ignored, failed })
      const rate = (seconds > 0 ? megapixels / seconds : 0).toFixed(2)
      return cli.text('result.denoise', { done, skipped, ignored, failed, time: duration(seconds), rate })
    }
    case 'train':
      return cli.text('result.train', { steps: result.steps, model: result.model })
    case 'evaluate':
      return cli.text('result.evaluate', {
        images: result.images,
        seconds: result.secondsPerImage.toFixed(2),
        ...quality(result),
      })
    case 'export':
      return cli.text('result.export', { file: result.file })
  }
}
